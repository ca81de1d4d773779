"""A training that is killed, or runs out of disk, ends as any other."""

from __future__ import annotations

import contextlib
import csv
import json
import resource
import shutil
import signal
import subprocess

import pytest

from keras_attend_fusion import data, training
from keras_attend_fusion.cli.main import main
from keras_attend_fusion.training.checkpoints import epochs_in
from tests.cli import runs


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A very small video-level set: three steps of 16 an epoch."""
    folder = tmp_path_factory.mktemp("few") / "shards"
    data.synthesize(folder, "video", 40, 1, runs.CLASSES)
    return folder


@pytest.fixture(scope="module")
def dropping(tmp_path_factory):
    """Flags of a small model that draws random numbers, and averages."""
    settings = {
        "model": "early_fusion",
        "preset": "small",
        "arguments": {"units": 256},
        "epochs": 8,
        "batch_size": 16,
        "dtype_policy": "float32",
        "ema": 0.5,
    }
    path = tmp_path_factory.mktemp("config") / "config.json"
    path.write_text(json.dumps(settings))
    return [f"--config={path}"]


def dropping_flags(few, out, dropping):
    globs = [f"--{name}={few}/{name}-*" for name in ("train", "validate")]
    return ["train", *globs, f"--out={out}", "--resume", *dropping]


@pytest.fixture(scope="module")
def whole(few, dropping, tmp_path_factory):
    """What a training leaves that nothing interrupts."""
    out = tmp_path_factory.mktemp("whole") / "run"
    assert main(dropping_flags(few, out, dropping)) == 0
    return without_seconds(out)


def without_seconds(out):
    """The epochs, and the scores with the fingerprint of the weights."""
    with (out / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    metrics = runs.read_json(out / "metrics.json")
    for one in (metrics, *rows):
        del one["seconds"]
    return rows, metrics


@pytest.mark.parametrize("moment", ["after", "within"])
def test_a_killed_run_ends_as_if_nothing_had_been(
    few, command, tmp_path, dropping, whole, moment
):
    """After a checkpoint, and while one is written: bit for bit."""
    out = tmp_path / "run"
    flags = dropping_flags(few, out, dropping)
    status, _, error = runs.shell(*flags, killed=moment)
    assert status == -signal.SIGKILL, error
    assert not (out / "model.keras").exists()
    done = epochs_in(out / "checkpoints")[-1][0]
    assert done == (2 if moment == "after" else 1)
    unfinished = list(out.glob("checkpoints/.*.epoch-0002.keras"))
    assert len(unfinished) == (moment == "within")
    answer = command(*flags)
    assert answer.status == 0
    assert f"Epoch {done + 1}/8" in answer.out
    assert f"Epoch {done}/8" not in answer.out
    assert without_seconds(out) == whole
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == [
        "best.keras",
        "epoch-0008.keras",
    ]


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own, which root alone can mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=99m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def full_disk(disk, left):
    """Fills a disk but for some bytes."""
    with (disk / "filler").open("wb") as file:
        file.write(bytes(shutil.disk_usage(disk).free - left))
    try:
        yield
    finally:
        (disk / "filler").unlink()


@contextlib.contextmanager
def limited_files(size):
    """Lets no file grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# Room for nothing; for the history, but not for a checkpoint.
@pytest.mark.parametrize("left", [0, 1_000_000])
@pytest.mark.parametrize("kind", ["disk", "limit"])
def test_a_full_disk_leaves_the_last_checkpoint(
    few,
    command,
    fails,
    monkeypatch,
    request,
    dropping,
    whole,
    tmp_path,
    kind,
    left,
):
    folder = request.getfixturevalue("disk") if kind == "disk" else tmp_path
    out = folder / "run"
    flags = dropping_flags(few, out, dropping)
    save = training.Checkpoints.on_epoch_end

    def without_space(self, epoch, logs):
        with contextlib.ExitStack() as stack:
            if epoch + 1 == 3 and kind == "disk":
                stack.enter_context(full_disk(folder, left))
            elif epoch + 1 == 3:
                stack.enter_context(limited_files(left))
            save(self, epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(training.Checkpoints, "on_epoch_end", without_space)
        line = fails(*flags)
    expected = "No space left" if kind == "disk" else "File too large"
    assert f"writing {out}: [Errno" in line
    assert expected in line
    assert "; --resume goes on after epoch 2, once that is mended" in line
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == [
        "best.keras",
        "epoch-0002.keras",
    ]
    assert command(*flags).status == 0
    assert without_seconds(out) == whole
