"""Keeping the best segments of every class."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest

from keras_attend_fusion.predictions import best_segments
from keras_attend_fusion.predictions.best_segments import BestSegments


def written(best):
    file = io.StringIO()
    best.write(file)
    header, *rows = file.getvalue().splitlines()
    assert header == "Class,Segments"
    return rows


def test_best_first_then_by_id_then_by_start():
    best = BestSegments([4, 7], top=4, most=100)
    first = best.add_videos(["b", "a"])
    assert first == 0
    videos, starts = np.array([0, 0, 1, 1, 1]), np.array([0, 5, 0, 5, 10])
    scores = np.array([[1, 5], [2, 5], [3, 5], [2, 5], [4, 5]], "float32")
    best.add(scores, videos, starts)
    assert written(best) == ["4,a:10 a:0 a:5 b:5", "7,a:0 a:5 a:10 b:0"]
    assert (best.videos, best.segments) == (2, 5)


@pytest.mark.parametrize("room", [1, 3, 8192])
@pytest.mark.parametrize("levels", [2, 1000])
def test_the_order_and_the_room_do_not_matter(monkeypatch, room, levels):
    """Against a plain sort; `levels` of 2 makes most scores equal."""
    monkeypatch.setattr(best_segments, "ROOM", room)
    rng = np.random.default_rng(0)
    ids = [f"v{i:02d}" for i in range(12)]
    classes, top, windows = [1, 5, 9], 6, 4
    shape = (len(ids), windows, 3)
    scores = (rng.integers(levels, size=shape) / levels).astype("float32")
    expected = []
    for c, index in enumerate(classes):
        ranked = sorted(
            itertools.product(range(len(ids)), range(windows)),
            key=lambda at, c=c: (-scores[at][c], ids[at[0]], at[1]),
        )
        names = [f"{ids[v]}:{5 * w}" for v, w in ranked[:top]]
        expected.append(f"{index}," + " ".join(names))
    for order in (np.arange(12), np.arange(12)[::-1], rng.permutation(12)):
        best = BestSegments(classes, top, most=12 * windows)
        assert best._scores.shape[1] <= top + room
        for part in np.array_split(order, 5):
            first = best.add_videos([ids[i] for i in part])
            best.add(
                scores[part].reshape(-1, 3),
                first + np.repeat(np.arange(len(part)), windows),
                np.tile(np.arange(windows) * 5, len(part)),
            )
        assert written(best) == expected


def test_the_memory_does_not_grow():
    best = BestSegments([0], top=100, most=10**9)
    held = best._scores.nbytes + best._numbers.nbytes
    assert held == 8 * (100 + best_segments.ROOM)
    best.add_videos(["a"])
    for _ in range(4):
        scores = np.zeros((9000, 1), "float32")
        best.add(scores, np.zeros(9000, int), np.zeros(9000, int))
    assert best._scores.nbytes + best._numbers.nbytes == held
    assert best.segments == 36_000


def test_an_id_that_would_break_the_file():
    best = BestSegments([0], top=1, most=1)
    with pytest.raises(ValueError, match="the video id 'a b' holds a space"):
        best.add_videos(["a b"])


def test_more_videos_than_numbers(monkeypatch):
    monkeypatch.setattr(best_segments, "MOST_VIDEOS", 2)
    best = BestSegments([0], top=1, most=1)
    best.add_videos(["a", "b"])
    with pytest.raises(ValueError, match="more than 2 videos: predict the"):
        best.add_videos(["c"])


def test_segments_of_long_videos():
    """A start of 9 bits more would be of another video."""
    best = BestSegments([0], top=9, most=100, seconds=3600)
    first = best.add_videos(["a", "b"])
    starts = np.array([0, 515, 3595, 512])
    scores = np.array([[4], [3], [2], [1]], "float32")
    best.add(scores, first + np.array([0, 0, 0, 1]), starts)
    assert written(best) == ["0,a:0 a:515 a:3595 b:512"]
