from __future__ import annotations

import pytest

from keras_attend_fusion import data
from tests.data import records

LENGTHS = [3, 59, 60, 61, 120, 121, 180, 299, 300, 10, 200, 70]


def shard(folder):
    made = [
        records.frames(f"{i:04d}", rgb=n, audio=n)
        for i, n in enumerate(LENGTHS)
    ]
    return records.write(folder / "a", made)


@pytest.mark.parametrize("drop_remainder", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_short_videos_are_padded_little(tmp_path, batch_size, drop_remainder):
    path = shard(tmp_path)
    arguments = {
        "batch_size": batch_size,
        "drop_remainder": drop_remainder,
        "bucket": True,
    }
    seen = []
    load = data.load(path, with_id=True, **arguments)
    count = 0
    for features, _ in load.as_numpy_iterator():
        width = features["rgb"].shape[1]
        frames = features["rgb_mask"].sum(axis=1)
        assert width - 60 < min(frames) <= max(frames) <= width
        seen += features["id"].tolist()
        count += 1
    assert count == data.count_batches(path, **arguments)
    assert len(seen) == len(set(seen))
    if not drop_remainder:
        assert sorted(seen) == [b"%04d" % i for i in range(len(LENGTHS))]


def test_batches_are_counted_without_buckets_too(tmp_path):
    path = shard(tmp_path)
    for size, whole, all_of_them in ((5, 2, 3), (6, 2, 2), (20, 0, 1)):
        assert data.count_batches(path, batch_size=size) == all_of_them
        drop = data.count_batches(path, batch_size=size, drop_remainder=True)
        assert drop == whole


def test_buckets_of_videos_longer_than_300_frames(tmp_path):
    made = [
        records.frames(f"{n:04d}", rgb=n, audio=n) for n in (290, 310, 410, 430)
    ]
    path = records.write(tmp_path / "a", made)
    long = data.Schema("frame", data.FRAME.modalities, max_frames=600)
    for arguments, widths in (
        ({}, [300]),
        ({"max_frames": 480}, [300, 360, 420, 480]),
        ({"schema": long}, [300, 360, 420, 480]),
    ):
        load = data.load(path, bucket=True, **arguments)
        shapes = sorted(f["rgb"].shape[1] for f, _ in load.as_numpy_iterator())
        assert shapes == widths
        count = data.count_batches(path, bucket=True, **arguments)
        assert count == len(widths)


def test_videos_without_frames_have_no_buckets(tmp_path):
    path = records.write(tmp_path / "a", [records.video()])
    with pytest.raises(ValueError, match="bucket is for frames"):
        data.load(path, bucket=True)
