"""Arguments that are checked at the call, before anything is read."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data
from tests.data import records

WRONG = (2.0, True, "2", 0, -1, 2**70, None, np.float32(3), [3])


@pytest.fixture
def path(tmp_path):
    return records.write(tmp_path / "a", [records.frames()] * 3)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (data.load, "batch_size"),
        (data.load, "num_classes"),
        (data.load, "max_frames"),
        (data.load_segments, "batch_size"),
        (data.load_segments, "num_classes"),
        (data.count_segments, "max_frames"),
        (data.count_batches, "batch_size"),
        (data.find_corrupt_record, "num_classes"),
        (data.inspect, "num_classes"),
    ],
)
def test_integers(path, call, name):
    for value in WRONG:
        if value is None and (call, name) != (data.load, "batch_size"):
            continue  # stands for a default
        with pytest.raises(ValueError, match=f"^{name} has to be"):
            call(path, **{name: value})
    call(path, **{name: np.int64(7)})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": 1.5}, "seed has to be an integer, got 1.5"),
        ({"seed": 2**64}, "seed has to be at most"),
        ({"process": (0, 2.0)}, "number of processes has to be an integer"),
        ({"process": 3}, r"process has to be \(index, processes\), got 3"),
        ({"process": (0, 1, 2)}, r"process has to be \(index, processes\)"),
        ({"classes": [1, 2.0]}, "A class has to be an integer, got 2.0"),
        ({"classes": [True]}, "A class has to be an integer, got True"),
        ({"cache": True}, "cache has to be 'memory' or a path, got True"),
        ({"schema": "audioset"}, "schema has to be a kaf.data.Schema, got 'au"),
    ],
)
def test_others(path, arguments, message):
    with pytest.raises(ValueError, match=message):
        data.load(path, **arguments)


@pytest.mark.parametrize("call", [data.count, data.count_batches])
def test_on_corrupt_is_one_of_two(path, call):
    with pytest.raises(ValueError, match="'error' or 'skip', got 'drop'"):
        call(path, on_corrupt="drop")


@pytest.mark.parametrize("name", ["videos", "shards", "classes", "seed"])
def test_synthesize(tmp_path, name):
    for value in (4.0, True, "4"):
        with pytest.raises(ValueError, match=f"^{name} has to be an integer"):
            data.synthesize(tmp_path / "out", **{name: value})
    for seconds in ((3, 2), (2.0, 3), 5, (0, 1), (1, 10**9)):
        with pytest.raises(ValueError, match="seconds has to be"):
            data.synthesize(tmp_path / "out", seconds=seconds)
    assert not list(tmp_path.iterdir())
