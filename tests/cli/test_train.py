"""Going on after an interruption, and what a training refuses."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import time

import keras
import pytest
import tensorflow as tf

from keras_attend_fusion import data, training
from keras_attend_fusion.data import fingerprint as identity
from keras_attend_fusion.data.shards import iter_records
from tests.cli import runs
from tests.data import records

VIDEOS = 40  # three steps of 16 an epoch


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A very small video-level set."""
    folder = tmp_path_factory.mktemp("few") / "shards"
    data.synthesize(folder, "video", VIDEOS, 1, runs.CLASSES)
    return folder


def interrupt_after(monkeypatch, epoch):
    """Ctrl-C as soon as the checkpoint of an epoch is there."""
    whole = training.Checkpoints.on_epoch_end

    def interrupted(self, index, logs):
        whole(self, index, logs)
        if index + 1 == epoch:
            raise KeyboardInterrupt

    monkeypatch.setattr(training.Checkpoints, "on_epoch_end", interrupted)


def history(run):
    with (run / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_an_interrupted_run_goes_on(few, command, fails, tmp_path, monkeypatch):
    out = tmp_path / "run"
    flags = runs.train_flags(few, out, *runs.QUICK, "--epochs=2")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        answer = command(*flags)
    assert answer.status == 130
    assert answer.error == (
        "attend-fusion train: interrupted; --resume goes on after epoch 1\n"
    )
    assert not (out / "model.keras").exists()
    before = history(out)
    assert [row["epoch"] for row in before] == ["1"]

    assert "or go on with --resume" in fails(*flags)
    for change, expected in {
        "--preset=base": "preset 'small', now it is 'base'",
        "--epochs=3": "epochs 2, now it is 3",
        "--batch-size=8": "batch_size 16, now it is 8",
        "--learning-rate=0.5": "learning_rate 0.004, now it is 0.5",
        "--dtype-policy=mixed_float16": "dtype_policy 'float32', now it is",
        "--seed=1": "seed 0, now it is 1",
        "--num-classes=9": "num_classes 8, now it is 9",
        f"--train={few}/validate-*": "train_videos 40, now it is 10",
    }.items():
        line = fails(*flags, "--resume", change)
        assert f"{out} was trained with {expected}" in line
    assert json.loads((out / "config.json").read_text())["epochs"] == 2

    answer = command(*flags, "--resume")
    assert answer.status == 0
    assert "Epoch 2/2" in answer.out
    assert "Epoch 1/2" not in answer.out
    rows = history(out)
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert rows[0] == before[0]
    assert sorted(p.name for p in (out / "checkpoints").iterdir()) == [
        "best.keras",
        "epoch-0002.keras",
    ]
    last = keras.saving.load_model(out / "checkpoints" / "epoch-0002.keras")
    assert int(last.optimizer.iterations) == 2 * 3  # the schedule went on

    # Resuming what is done trains nothing more.
    metrics = json.loads((out / "metrics.json").read_text())
    answer = command(*flags, "--resume")
    assert answer.status == 0
    assert history(out) == rows
    again = json.loads((out / "metrics.json").read_text())
    for name in ("gap_at_20", "threshold", "videos"):
        assert again[name] == pytest.approx(metrics[name], abs=1e-6)


@pytest.mark.parametrize("left", [None, "unfinished"])
def test_resuming_nothing_starts(few, command, tmp_path, left):
    """The same command works in a loop, wherever it was killed first."""
    out = tmp_path / "run"
    if left:
        out.mkdir()
        (out / ".0123abcd.config.json").write_text("{")
    flags = runs.train_flags(few, out, *runs.QUICK, "--epochs=1")
    answer = command(*flags, "--resume")
    assert answer.status == 0, answer.error
    assert f"{out} holds no run to resume: training starts\n" in answer.out
    assert (out / "metrics.json").exists()
    assert not list(out.rglob(".*"))


def test_resuming_in_a_folder_of_other_things(few, fails, tmp_path):
    (tmp_path / "precious").touch()
    line = fails(*runs.train_flags(few, tmp_path, "--resume"))
    assert f"{tmp_path} exists and is not an empty folder" in line
    assert (tmp_path / "precious").exists()


def test_resuming_with_other_shards(few, command, fails, tmp_path):
    """As many videos as before, but not the same."""
    shards = tmp_path / "shards"
    shutil.copytree(few, shards)
    flags = runs.train_flags(shards, tmp_path / "run", *runs.QUICK)
    flags += ["--epochs=1", "--resume"]
    assert command(*flags).status == 0
    before = read_identity(shards)
    shutil.move(shards, tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", shards)
    assert read_identity(shards) == before
    assert command(*flags).status == 0
    # One label of the last record, with right checksums: sizes and the first
    # bytes are as before.
    (path,) = shards.glob("train-*")
    whole = path.read_bytes()
    stored = [record for _, record in iter_records(path)]
    example = tf.train.Example.FromString(stored[-1])
    labels = example.features.feature["labels"].int64_list.value
    labels[0] = (labels[0] + 1) % runs.CLASSES
    stored[-1] = example.SerializeToString(deterministic=True)
    records.write(path, stored)
    assert path.stat().st_size == len(whole)
    assert path.read_bytes()[:4096] == whole[:4096]
    assert "but other names or contents: resume with" in fails(*flags)
    shutil.rmtree(shards)
    data.synthesize(shards, "video", VIDEOS, 1, runs.CLASSES, seed=1)
    line = fails(*flags)
    assert f"{tmp_path / 'run'} was trained with --train of 1 shards of" in line
    assert "resume with the same, or train afresh" in line


def read_identity(shards):
    return identity.identity(f"{shards}/train-*")


def test_a_broken_config_is_not_resumed(few, fails, tmp_path):
    (tmp_path / "config.json").write_text("{")
    line = fails(*runs.train_flags(few, tmp_path, "--resume"))
    assert f"{tmp_path / 'config.json'} is not JSON" in line


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_an_out_that_exists_stays(few, fails, tmp_path, kind):
    out = tmp_path / "run"
    if kind == "file":
        out.write_text("precious")
    else:
        out.mkdir()
        (out / "precious").touch()
    line = fails(*runs.train_flags(few, out))
    assert f"{out} exists and is not an empty folder: remove it or" in line
    assert (
        out.read_text() == "precious" if kind == "file" else any(out.iterdir())
    )


@pytest.mark.parametrize("kind", ["new", "folder", "link"])
def test_an_error_before_a_checkpoint_leaves_nothing(
    few, fails, tmp_path, monkeypatch, kind
):
    """But a folder that existed, as it was."""

    def full(self, epoch, logs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training.Checkpoints, "on_epoch_end", full)
    out = tmp_path / "run"
    folder = tmp_path / "folder" if kind == "link" else out
    if kind != "new":
        folder.mkdir()
        folder.chmod(0o2750)
        before = folder.stat()
    if kind == "link":
        out.symlink_to(folder)
    line = fails(*runs.train_flags(few, out, *runs.QUICK, "--epochs=1"))
    assert line.endswith(f": writing {out}: [Errno 28] No space left on device")
    assert out.is_symlink() == (kind == "link")
    assert out.exists() == (kind != "new")
    if kind != "new":
        after = folder.stat()
        assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
        assert not any(folder.iterdir())


def test_a_loss_that_is_lost_says_what_to_do(few, fails, tmp_path):
    out = tmp_path / "run"
    line = fails(
        *runs.train_flags(few, out, *runs.QUICK, "--learning-rate=1e30")
    )
    assert "the loss is not a number at step" in line
    assert "lower learning rate" in line
    assert not out.exists()


def test_ctrl_c_before_the_first_checkpoint_leaves_nothing(
    few, fails, tmp_path
):
    """And whoever comes second, meanwhile, is told and touches nothing."""
    out = tmp_path / "run"
    process = runs.spawn(*runs.train_flags(few, out))
    deadline = time.monotonic() + 600
    while not (out / "config.json").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGSTOP)  # else it may end meanwhile
    for flags in ([], ["--resume"], ["--resume", "--seed=1"]):
        line = fails(*runs.train_flags(few, out, *flags))
        assert f"{out} is in use by process {process.pid} on " in line
    assert process.poll() is None
    assert (out / "config.json").exists()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    _, error = process.communicate(timeout=600)
    assert process.returncode == 130
    assert error == "attend-fusion train: interrupted\n"
    assert not out.exists()
