"""The room reads shards, and so runs on TensorFlow."""

from __future__ import annotations

import keras

if keras.backend.backend() != "tensorflow":
    collect_ignore_glob = ["test_*.py"]
