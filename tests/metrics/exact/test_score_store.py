from __future__ import annotations

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion.metrics.exact.score_store import ScoreStore
from keras_attend_fusion.metrics.exact.threads import in_threads


def some_blocks() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.random((30, n), dtype="float32") for n in (4, 1, 0, 9, 2)]


def filled(memory: int) -> ScoreStore:
    store = ScoreStore(30, memory)
    for block in some_blocks():
        store.append(block)
    return store


# All in memory; some in a file and some not; each block in the file at once.
@pytest.mark.parametrize("memory", [10**9, 900, 0])
def test_what_was_added_is_read(memory: int) -> None:
    store, whole = filled(memory), np.concatenate(some_blocks(), axis=1)
    assert store.videos == 16
    np.testing.assert_array_equal(store.read(3, 20), whole[3:20])
    np.testing.assert_array_equal(
        np.concatenate(list(store.blocks()), axis=1), whole
    )
    pieced = np.zeros_like(whole)
    for classes, videos, scores in store.slabs():
        pieced[classes, videos] += scores
    np.testing.assert_array_equal(pieced, whole)
    ranges = store.ranges()
    assert [c for start, stop in ranges for c in range(start, stop)] == list(
        range(30)
    )


def test_what_is_read_may_be_overwritten() -> None:
    store = filled(10**9)
    store.read(0, 5)[:] = -1
    assert store.read(0, 5).min() >= 0


def test_threads_may_read_at_once() -> None:
    store, whole = filled(0), np.concatenate(some_blocks(), axis=1)

    def differs(start: int) -> bool:
        some = slice(start % 30, start % 30 + 1)
        return bool((store.read(some.start, some.stop) != whole[some]).any())

    assert not any(in_threads(differs, range(600)))


def test_a_copy_holds_the_same() -> None:
    store = filled(900)
    copy = pickle.loads(pickle.dumps(store))
    np.testing.assert_array_equal(copy.read(0, 30), store.read(0, 30))
    assert copy.videos == 16


def test_the_file_is_seen_by_nobody_and_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    store = filled(0)
    assert store.read(0, 1).size == 16
    del store
    assert not list(tmp_path.iterdir())
