"""Which errors are one line, and which are faults of ours."""

from __future__ import annotations

import os

from keras_attend_fusion.cli.errors import describe
from tests.cli import runs


def test_what_the_user_can_mend_is_one_line():
    assert describe(ValueError("a flag")) == "a flag"
    assert "nope" in describe(FileNotFoundError(2, "No such file", "nope"))
    assert describe(MemoryError()) == "not enough memory"
    error = MemoryError("Unable to allocate 9 GiB")
    assert describe(error) == "not enough memory: Unable to allocate 9 GiB"


def test_names_in_errors_cannot_steer_a_terminal():
    error = ValueError("the class\n 'a\x1b[2J\u202eb' is\tunknown")
    assert describe(error) == "the class 'a\\x1b[2J\\u202eb' is unknown"
    missing = FileNotFoundError(2, "No such file", "a\udcff\x07")
    assert describe(missing).isprintable()


def test_a_fault_of_ours_is_none():
    assert describe(KeyError("x")) is None


def test_a_package_that_is_not_installed_is_one_line():
    error = ModuleNotFoundError("No module named 'jax'", name="jax.numpy")
    assert describe(error) == (
        "No module named 'jax': pip install \"keras-attend-fusion[jax]\""
    )
    assert describe(ImportError("pip install this\nand that")) == (
        "pip install this"
    )


def test_a_module_of_ours_that_is_not_there_is_a_fault_of_ours():
    name = "keras_attend_fusion.nothing"
    assert describe(ModuleNotFoundError(name, name=name)) is None


def test_a_backend_that_is_not_installed_is_one_line(tmp_path):
    (tmp_path / "jax.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'jax'\", name='jax')"
    )
    status, out, error = runs.shell(
        "evaluate",
        "--model=nope",
        "--data=nope",
        backend="jax",
        variables={"PYTHONPATH": f"{tmp_path}{os.pathsep}{runs.ROOT}"},
    )
    assert (status, out) == (1, "")
    (line,) = error.splitlines()
    assert line.startswith("attend-fusion")
    assert "No module named 'jax'" in line
