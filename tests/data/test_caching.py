from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from keras_attend_fusion import data
from tests.data import records


def ids(dataset):
    return [
        one.decode()
        for features, _ in dataset.as_numpy_iterator()
        for one in features["id"]
    ]


@pytest.mark.parametrize("where", ["memory", "folder"])
def test_later_epochs_do_without_the_shards(tmp_path, where):
    made = [records.video(f"{i:04d}") for i in range(20)]
    path = records.write(tmp_path / "a", made)
    cache = "memory" if where == "memory" else tmp_path / "cache"
    load = data.load(path, cache=cache, shuffle=True, seed=1, with_id=True)
    first = ids(load)
    path.unlink()
    second = ids(load)
    assert sorted(first) == sorted(second) == [f"{i:04d}" for i in range(20)]
    assert first != second


def test_a_folder_outlives_the_run_and_knows_its_shards(tmp_path):
    cache = tmp_path / "cache"
    one = records.write(tmp_path / "a", [records.video("aaaa")])
    two = records.write(tmp_path / "b", [records.video("bbbb")])
    assert ids(data.load(one, cache=cache, with_id=True)) == ["aaaa"]
    (index,) = cache.glob("*.index")
    again = data.load(one, cache=cache, with_id=True)
    written = index.stat().st_mtime_ns
    assert ids(again) == ["aaaa"]
    assert index.stat().st_mtime_ns == written
    assert ids(data.load(two, cache=cache, with_id=True)) == ["bbbb"]
    # A shard that has changed is read again.
    records.write(one, [records.video("aaaa"), records.video("cccc")])
    assert ids(data.load(one, cache=cache, with_id=True)) == ["aaaa", "cccc"]


KILLED = """
import os, signal, sys
from keras_attend_fusion import data
reading = iter(data.load(sys.argv[1], batch_size=2, cache=sys.argv[2]))
next(reading)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_made_anew(tmp_path):
    cache = tmp_path / "cache"
    made = [records.video(f"{i:04d}") for i in range(20)]
    path = records.write(tmp_path / "a", made)
    words = [sys.executable, "-c", KILLED, str(path), str(cache)]
    killed = subprocess.run(words, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(cache.glob("*.lockfile"))
    assert len(ids(data.load(path, cache=cache, with_id=True))) == 20
    assert list(cache.glob("*.index"))
