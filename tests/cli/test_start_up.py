"""Help and mistyped words are answered before any library is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from keras_attend_fusion.cli.main import SUBCOMMANDS
from tests.cli import runs

# Runs command lines one after another as the entry point would, and prints
# for each its status, what it wrote, and the libraries that it was the first
# to load.
RUNNER = """
import contextlib, io, json, sys
import attend_fusion

SLOW = {"keras", "tensorflow", "jax", "torch", "numpy", "matplotlib"}
SLOW.add("keras_tuner")
answers = []
for words in json.loads(sys.argv[1]):
    sys.argv[1:] = words
    before = set(sys.modules)
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            attend_fusion.run()
        except SystemExit as end:
            status = end.code
    loaded = sorted(SLOW & (set(sys.modules) - before))
    answers.append([status, out.getvalue(), error.getvalue(), loaded])
print(json.dumps(answers))
"""
QUICK = [
    *(["--version"], ["--help"], ["trian"]),
    *([name, "--help"] for name in SUBCOMMANDS),
    *([name, "--mistyped=1"] for name in SUBCOMMANDS),
    ["train", "--model=mistyped"],
]
READS = ["inspect", "nope"]  # shows that the test would notice


def is_help(words):
    return words[-1] in ("--help", "--version")


@pytest.fixture(scope="module")
def answers():
    path = os.pathsep.join([str(runs.ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, json.dumps([*QUICK, READS])],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = json.loads(done.stdout)
    return dict(zip(map(tuple, [*QUICK, READS]), lines, strict=True))


@pytest.mark.parametrize("words", QUICK, ids=" ".join)
def test_no_library_is_loaded(answers, words):
    status, out, error, loaded = answers[tuple(words)]
    assert loaded == []
    assert status == (0 if is_help(words) else 2)
    assert (out != "", error != "") == (is_help(words), not is_help(words))


def test_an_unknown_model_names_those_there_are(answers):
    error = answers["train", "--model=mistyped"][2]
    assert "attend_fusion, dbof, early_fusion, " in error


def test_a_subcommand_that_reads_shards_loads_them(answers):
    status, _, error, loaded = answers[tuple(READS)]
    assert {"keras", "numpy", "tensorflow"} <= set(loaded)
    assert status == 1
    assert error.startswith("attend-fusion inspect: No shards: nope")
