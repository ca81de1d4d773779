from __future__ import annotations

import itertools

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data.sharing import divide
from tests.data import records


@pytest.mark.parametrize("processes", [1, 2, 3, 4])
@pytest.mark.parametrize("sizes", [[7, 1, 0, 12], [5, 5, 5, 5], [1, 1, 1, 1]])
def test_pieces_are_even_and_cover_every_record_once(sizes, processes):
    paths = list("abcd")
    every = {
        (path, i)
        for path, size in zip(paths, sizes, strict=True)
        for i in range(size)
    }
    lengths, seen = [], []
    for index in range(processes):
        piece = [
            (one.path, one.first + i)
            for one in divide(paths, sizes, index, processes)
            for i in range(
                sizes[paths.index(one.path)] - one.first
                if one.records < 0
                else one.records
            )
        ]
        lengths.append(len(piece))
        seen += piece
    assert len(seen) == len(every)
    assert set(seen) == every
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("damaged", [False, True])
def test_processes_read_every_video_once(tmp_path, shuffle, damaged):
    number = itertools.count()
    for shard, size in enumerate([9, 2, 4, 6]):
        made = [records.video(f"{next(number):04d}") for _ in range(size)]
        path = records.write(tmp_path / f"{shard}", made)
        if damaged and shard in (0, 3):
            records.flip(path, records.offsets(made)[1] + 60)
    shares = []
    for index in range(3):
        load = data.load(
            str(tmp_path / "*"),
            process=(index, 3),
            shuffle=shuffle,
            with_id=True,
            on_corrupt="skip" if damaged else "error",
        )
        ids = [f["id"] for f, _ in load.as_numpy_iterator()]
        shares.append([int(one) for batch in ids for one in batch])
    seen = sorted(itertools.chain(*shares))
    lost = {1, 16} if damaged else set()
    assert seen == sorted(set(range(21)) - lost)
    if not damaged:
        assert [len(one) for one in shares] == [7, 7, 7]


@pytest.mark.parametrize(
    ("process", "message"),
    [
        ((2, 2), "index from 0 to 1"),
        ((-1, 2), "index from 0 to 1"),
        ((0, 0), "index from 0 to 0"),
        ((0, 3), "2 shards for 3 processes"),
    ],
)
def test_processes_that_can_not_share(tmp_path, process, message):
    for name in "ab":
        records.write(tmp_path / name, [records.video()])
    with pytest.raises(ValueError, match=message):
        data.load(str(tmp_path / "*"), process=process)
