"""Checkpoints that are not of the run that is to go on."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.cli.main import main
from tests.cli import runs
from tests.data import records

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
        (EPOCH, "small/metrics.json", "is not a checkpoint, or was cut off"),
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


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda out: (out / "history.csv").write_text(""),
            "history.csv has 0 rows, but epoch-0001.keras is of epoch 1: rem",
        ),
        (
            lambda out: shutil.copy(out / EPOCH, out / EPOCH.replace("1", "9")),
            "epoch-0009.keras is not of this run, which has 1 epochs: remove",
        ),
        (
            lambda out: records.flip(out / EPOCH, 20_000),
            f"{EPOCH} is not a checkpoint, or was cut off: put back",
        ),
    ],
)
def test_a_folder_that_something_changed(
    few, done, fails, tmp_path, change, expected
):
    out = tmp_path / "run"
    shutil.copytree(done / "small", out)
    change(out)
    line = fails(
        *runs.train_flags(few, out, *runs.QUICK, "--epochs=1", "--resume")
    )
    assert expected in line


def test_a_history_that_is_missing(few, done, command, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(done / "small", out)
    before = (out / "history.csv").read_bytes()
    (out / "history.csv").unlink()
    flags = runs.train_flags(few, out, *runs.QUICK, "--epochs=1", "--resume")
    answer = command(*flags)
    assert answer.status == 0
    assert "history.csv is missing: written again from epoch-0001.keras" in (
        answer.out
    )
    assert (out / "history.csv").read_bytes() == before


def test_a_run_of_an_earlier_version(few, done, command, tmp_path):
    """Its checkpoints have no history, and its shards no digest."""
    out = tmp_path / "run"
    shutil.copytree(done / "small", out)
    for path in (out / EPOCH, out / BEST):
        with zipfile.ZipFile(path) as file:
            members = {name: file.read(name) for name in file.namelist()}
        del members["history.csv"]
        with zipfile.ZipFile(path, "w") as file:
            for name, content in members.items():
                file.writestr(name, content)
    config = runs.read_json(out / "config.json")
    whole = config["shards"]["train"].pop("contents")
    (out / "config.json").write_text(json.dumps(config))
    flags = runs.train_flags(few, out, *runs.QUICK, "--epochs=1", "--resume")
    for again in (
        False,
        True,
    ):  # the second time with what the first one has added
        answer = command(*flags)
        assert answer.status == 0, answer.error
        said = "names, sizes and first bytes are compared of the shards to tr"
        assert (said in answer.out) == (not again)
    config = runs.read_json(out / "config.json")
    assert config["shards"]["train"]["contents"] == whole


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
