"""The room reads shards, and so runs on TensorFlow."""

from __future__ import annotations

import keras

from tests.cli.conftest import command as command
from tests.cli.conftest import video as video

if keras.backend.backend() != "tensorflow":
    collect_ignore_glob = ["test_*.py"]
