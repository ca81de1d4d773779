"""One `.keras` file, the same scores under every backend."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.models import other_backend

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="run once, from the TensorFlow backend",
)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models and scores of TensorFlow, and of the others after their tests."""
    path = tmp_path_factory.mktemp("models")
    other_backend.save_and_predict(path, "tensorflow")
    return path


@pytest.mark.parametrize("other", ["jax", "torch"])
def test_a_saved_model_gives_the_same_scores(other: str, folder: Path) -> None:
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    command = [sys.executable, "-m", other_backend.__name__, str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            "KERAS_BACKEND": other,
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiled to run once
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for level in other_backend.LEVELS:
        written_here = np.load(folder / f"tensorflow-{level}.npy")
        read_there = np.load(folder / f"tensorflow-{level}-under-{other}.npy")
        np.testing.assert_allclose(read_there, written_here, atol=1e-4)
        written_there = np.load(folder / f"{other}-{level}.npy")
        read_here = other_backend.predict(folder, other, level)
        np.testing.assert_allclose(read_here, written_there, atol=1e-4)
        # Scores that are all alike would agree for no reason.
        assert np.ptp(written_here, axis=0).max() > 1e-2
