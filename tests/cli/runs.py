"""Small sets and trained runs that the tests of cli and export share."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_attend_fusion import data

CLASSES = 8
EPOCHS = {"video": 4, "frame": 4}
VIDEOS = {"video": 240, "frame": 128}
# A model that compiles in no time, where any will do.
QUICK = ("--model=fully_connected", "--preset=small")
ROOT = Path(__file__).parents[2]
ONE_MEMBER = Path(__file__).with_name("one_member.json")


def make_set(folder: Path, level: str) -> Path:
    """A synthetic set of a level, with few videos and classes."""
    data.synthesize(
        folder, level, videos=VIDEOS[level], shards=2, classes=CLASSES
    )
    return folder


def last_of_each(words: Sequence[str]) -> list[str]:
    """Words of which a flag that comes again replaces the earlier one.

    So that a test can vary the flags of another: the command refuses a flag
    that comes twice.
    """
    kept: dict[str, str] = {}
    for index, word in enumerate(words):
        is_flag = word.startswith("--") and "=" in word
        kept[word.split("=")[0] if is_flag else f"{index}"] = word
    return list(kept.values())


def train_flags(shards: Path, out: Path, *others: str) -> list[str]:
    """A small training on a set that `make_set` made.

    Its attend_fusion has one member: each is traced, and converted in an
    export, which takes longer than to train it.
    """
    own = any(word.startswith(("--model=", "--config=")) for word in others)
    return last_of_each(
        [
            "train",
            *([] if own else [f"--config={ONE_MEMBER}"]),
            f"--train={shards}/train-*",
            f"--validate={shards}/validate-*",
            f"--out={out}",
            "--preset=mobile",
            "--batch-size=16",
            "--dtype-policy=float32",
            *others,
        ]
    )


# The command, which kills itself after two epochs of its own: `after` the
# checkpoint, or `within` its writing.
KILLED = """
import os, signal, sys
import attend_fusion
from keras_attend_fusion import training
from keras_attend_fusion.training import checkpoints

moment = sys.argv.pop(1)

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

whole = training.Checkpoints.on_epoch_end
epochs = []

def on_epoch_end(self, epoch, logs):
    epochs.append(epoch)
    if (len(epochs), moment) == (2, "within"):
        checkpoints.add_history = kill
    whole(self, epoch, logs)
    if (len(epochs), moment) == (2, "after"):
        kill()

training.Checkpoints.on_epoch_end = on_epoch_end
attend_fusion.run()
"""


def spawn(
    *arguments: str,
    backend: str = "tensorflow",
    variables: dict[str, str] | None = None,
    killed: str = "",
    **options: object,
) -> subprocess.Popen[str]:
    """Starts `python -m attend_fusion …` as a user's shell would.

    With a moment of `KILLED` it kills itself then: whoever watches it from
    outside may come too late.
    """
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "KERAS_BACKEND": backend}
    environment |= variables or {}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    program = ["-c", KILLED, killed] if killed else ["-m", "attend_fusion"]
    return subprocess.Popen(
        [sys.executable, *program, *last_of_each(arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def shell(*arguments: str, **options: object) -> tuple[int, str, str]:
    """Runs the command to its end: status, standard output and error."""
    process = spawn(*arguments, **options)
    out, error = process.communicate(timeout=900)
    return process.returncode, out, error


@functools.cache
def predictions(trained: Any) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Ids, scores and labels of the validation videos, without the CLI."""
    path = trained.run / "model.keras"
    model = keras.saving.load_model(path, compile=False)
    load = data.load(
        trained.validate,
        batch_size=1000,
        num_classes=CLASSES,
        with_id=True,
    )
    ((features, labels),) = load.as_numpy_iterator()
    ids = [one.decode() for one in features.pop("id")]
    return ids, model.predict(features, verbose=0), labels


def read_json(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text())
