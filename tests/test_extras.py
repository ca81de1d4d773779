"""Packages that are not installed, named with the extra that brings them."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from keras_attend_fusion import extras

PROJECT = tomllib.loads(
    (Path(__file__).parents[1] / "pyproject.toml").read_text()
)["project"]
MODULES = {"keras-tuner": "keras_tuner", "scikit-learn": "sklearn"}


def floor(name: str) -> tuple[int, ...]:
    """The oldest version of a dependency that is allowed."""
    (text,) = (
        line.removeprefix(f"{name}>=")
        for line in PROJECT["dependencies"]
        if line.startswith(f"{name}>=")
    )
    return tuple(int(part) for part in text.split("."))


def test_every_package_of_an_extra_is_known_by_it() -> None:
    for extra in ("jax", "torch", "tune", "litert", "onnx", "plot", "parquet"):
        for line in PROJECT["optional-dependencies"][extra]:
            name = re.split("[>=]", line)[0]
            module = MODULES.get(name, name.replace("-", "_"))
            assert extras.EXTRAS[module] == extra


@pytest.mark.parametrize("name", ["onnxruntime", "matplotlib.figure"])
def test_a_package_that_is_not_installed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = name.split(".")[0]
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(extras.MissingPackageError) as caught:
        extras.require(name, "This needs it")
    assert str(caught.value) == (
        f"This needs it, which is not installed: {extras.install(package)}"
    )


def test_older_versions_that_let_crafted_input_through_are_not_allowed() -> (
    None
):
    assert floor("keras") >= (3, 11, 3)
    assert floor("requests") >= (2, 32, 4)
    assert floor("urllib3") >= (2, 6)  # bounds what it unpacks
