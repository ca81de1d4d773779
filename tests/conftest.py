"""What every test shares: the real shards, and which tests need them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest

from keras_attend_fusion import training

training.keep_freed_memory()
# What is imported stays: looking for what nobody needs passes it over, and
# tracing models makes millions of objects that are looked at less often.
gc.freeze()
gc.set_threshold(10_000, 20, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("YT8M_DATA"):
        return
    skip = pytest.mark.skip(reason="YT8M_DATA does not name a folder")
    for item in items:
        if "real_data" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def _float32() -> Iterator[None]:
    """Training sets the process's precision; tests must not hand it on."""
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real shards; only for tests marked `real_data`."""
    return Path(os.environ["YT8M_DATA"])
