"""Flags of several processes that cannot be what was meant."""

from __future__ import annotations

import pytest

THREE = ("--coordinator=127.0.0.1:1", "--num-processes=2", "--process-id=1")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (THREE[:1], "need --num-processes (KERAS_DISTRIBUTION_NUM_PROCESSES)"),
        (THREE[1:], "need --coordinator (KERAS_DISTRIBUTION_JOB_ADDRESSES)"),
        ((*THREE, "--process-id=2"), "--process-id is 2, but --num-processes"),
        ((*THREE, "--coordinator=here"), "'here': pass host:port"),
        ((*THREE, "--dry-run"), "several processes train without --dry-run"),
        ((*THREE, "--bucket"), "several processes train without --bucket"),
    ],
)
def test_flags_that_do_not_go_together(fails, tmp_path, given, expected):
    needed = ("--train=a", "--validate=b", f"--out={tmp_path}/run")
    assert expected in fails("train", *needed, *given, status=2)


def test_a_backend_without_processes(fails, tmp_path):
    needed = ("--train=a", "--validate=b", f"--out={tmp_path}/run")
    line = fails("train", *needed, *THREE)
    assert "several processes train on JAX alone: set KERAS_BACKEND=jax" in line


def test_the_environment_says_it_too(fails, tmp_path, monkeypatch):
    needed = ("--train=a", "--validate=b", f"--out={tmp_path}/run")
    monkeypatch.setenv("KERAS_DISTRIBUTION_JOB_ADDRESSES", "a:1,b:1")
    monkeypatch.setenv("KERAS_DISTRIBUTION_PROCESS_ID", "1")
    monkeypatch.setenv("KERAS_DISTRIBUTION_NUM_PROCESSES", "two")
    line = fails("train", *needed, status=2)
    assert "KERAS_DISTRIBUTION_NUM_PROCESSES is 'two'" in line
    assert "set KERAS_BACKEND=jax" in fails("train", *needed, THREE[1])
