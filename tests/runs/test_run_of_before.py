"""Runs written before models took any modalities are read as they were.

`data/runs_before_any_modalities.tar.gz` was written by the code of just before:
`run`, two epochs of a small attend_fusion on the frames of `shard.tfrecord`,
laid out by `layout.json`; `cut`, a logistic that ended after the first epoch of
two; `whole`, the history and the metrics of the same without the end.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import keras
import pytest

from keras_attend_fusion import runs

ARCHIVE = Path(__file__).parent / "data/runs_before_any_modalities.tar.gz"


@pytest.fixture
def before(tmp_path, monkeypatch):
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_it_scores_the_same(before):
    run = runs.load("run")
    scores = run.evaluate("shard.tfrecord", batch_size=4)
    stored = metrics(before / "run")
    shared = [name for name in scores if name in stored]
    assert len(shared) > 10
    if keras.backend.backend() == "tensorflow":
        assert {n: scores[n] for n in shared} == {n: stored[n] for n in shared}
    assert run.schema.max_frames == 5
    assert run.settings.task is None


def test_it_is_resumed_to_the_same_end(before):
    """To the last bit where its first epoch was computed as here."""
    runs.train(
        train="shard.tfrecord",
        validate="shard.tfrecord",
        out="cut",
        schema="layout.json",
        num_classes=2,
        epochs=2,
        batch_size=4,
        dtype_policy="float32",
        model="logistic",
        resume=True,
    )
    expected, resumed = metrics(before / "whole"), metrics(before / "cut")
    for name, value in expected.items():
        if name not in ("seconds", "weights"):
            assert resumed[name] == pytest.approx(value, abs=1e-6), name
