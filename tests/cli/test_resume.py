"""Checkpoints that are not of the run that is to go on."""

from __future__ import annotations

import shutil

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.cli.main import main
from tests.cli import runs

MODELS = {
    "small": runs.QUICK,
    "logistic": ("--model=logistic", "--preset=base"),
}


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A very small video-level set."""
    folder = tmp_path_factory.mktemp("few") / "shards"
    data.synthesize(folder, "video", 16, 1, runs.CLASSES)
    return folder


@pytest.fixture(scope="module")
def done(few, tmp_path_factory):
    """A run of one epoch of each of two models."""
    folder = tmp_path_factory.mktemp("done")
    for name, flags in MODELS.items():
        train = runs.train_flags(few, folder / name, *flags, "--epochs=1")
        assert main(train) == 0
    return folder


EPOCH, BEST = "checkpoints/epoch-0001.keras", "checkpoints/best.keras"


@pytest.mark.parametrize(
    ("to", "source", "expected"),
    [
        (EPOCH, f"logistic/{EPOCH}", "is a checkpoint of another model: it"),
        (BEST, f"logistic/{BEST}", "is a checkpoint of another model: it"),
        # Without the optimiser's state: it would start again unseen.
        (EPOCH, "small/model.keras", "does not fit this training, its optimi"),
        (EPOCH, "small/metrics.json", "is no checkpoint, or was cut off"),
        (BEST, None, "is missing: put back the run's own"),
    ],
)
def test_a_checkpoint_of_another_model(
    few, done, fails, tmp_path, to, source, expected
):
    out = tmp_path / "run"
    shutil.copytree(done / "small", out)
    (out / to).unlink()
    if source:
        shutil.copy(done / source, out / to)
    before = sorted(path.name for path in out.rglob("*"))
    line = fails(
        *runs.train_flags(few, out, *runs.QUICK, "--epochs=1", "--resume")
    )
    assert f"{out / to} {expected}" in line
    assert "train afresh into another folder" in line
    assert sorted(path.name for path in out.rglob("*")) == before


def test_what_each_of_two_models_is(few, done, fails, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(done / "small", out)
    shutil.copy(done / "logistic" / EPOCH, out / EPOCH)
    line = fails(
        *runs.train_flags(few, out, *runs.QUICK, "--epochs=1", "--resume")
    )
    parameters = (1024 + 128 + 1) * runs.CLASSES
    assert f"holds logistic with {parameters:,} parameters" in line
    assert "but this run trains fully_connected with" in line
