"""One set and one trained run a level, made once; and the command itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import keras
import pytest

from keras_attend_fusion.cli.main import main
from tests.cli import runs

if keras.backend.backend() != "tensorflow":
    collect_ignore_glob = ["test_*.py"]


class Answer(NamedTuple):
    """What the command left: its status and what it printed."""

    status: int
    out: str
    error: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs the command in this process."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        words = runs.last_of_each([str(word) for word in arguments])
        status = main(words)
        return Answer(status, *capsys.readouterr())

    return run


@pytest.fixture
def fails(command: Callable[..., Answer]) -> Callable[..., str]:
    """Runs the command, which must fail in one line; returns that line."""

    def run(*arguments: object, status: int = 1) -> str:
        answer = command(*arguments)
        lines = answer.error.splitlines()
        assert answer.status == status, answer
        assert len(lines) == 1, answer.error
        assert lines[0].startswith(f"attend-fusion {arguments[0]}: ")
        return lines[0]

    return run


class Trained(NamedTuple):
    """A set of shards, and the folder of a run on it."""

    level: str
    shards: Path
    run: Path

    @property
    def validate(self) -> str:
        """The glob of the validation shards."""
        return f"{self.shards}/validate-*"


def _trained(level: str, factory: pytest.TempPathFactory) -> Trained:
    folder = factory.mktemp(level)
    shards = runs.make_set(folder / "shards", level)
    flags = runs.train_flags(
        shards, folder / "run", f"--epochs={runs.EPOCHS[level]}"
    )
    assert main(flags) == 0
    return Trained(level, shards, folder / "run")


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A video-level set and a run on it."""
    return _trained("video", tmp_path_factory)


@pytest.fixture(scope="session")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A frame-level set and a run on it."""
    return _trained("frame", tmp_path_factory)


@pytest.fixture(params=["video", "frame"])
def trained(request: pytest.FixtureRequest) -> Trained:
    """The run of either level."""
    return request.getfixturevalue(request.param)
