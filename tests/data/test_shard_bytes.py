"""Compressed shards, and shards that cannot be read."""

from __future__ import annotations

import gzip
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data import shard_bytes
from keras_attend_fusion.data.framing import masked_crc
from tests.data import records

PACK = {"GZIP": gzip.compress, "ZLIB": zlib.compress, "": bytes}


def pack(path, kind, made):
    """A shard of some records, compressed by hand."""
    records.write(path, made)
    path.write_bytes(PACK[kind](path.read_bytes()))
    return path


def ids(pattern, **arguments):
    load = data.load(pattern, with_id=True, **arguments)
    return [
        name.decode()
        for features, _ in load.as_numpy_iterator()
        for name in features["id"]
    ]


def videos(first, count=5):
    return [records.video(f"{i:04d}") for i in range(first, first + count)]


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_compressed_shards_are_read_like_plain_ones(tmp_path, kind):
    names = [f"{i:04d}" for i in range(15)]
    for number, packed in enumerate([kind, "", kind]):
        path = tmp_path / f"{number}.tfrecord"
        pack(path, packed, videos(5 * number))
    pattern = tmp_path / "*.tfrecord"
    assert sorted(ids(pattern, batch_size=4)) == names
    shuffled = ids(pattern, shuffle=True, seed=1)
    assert shuffled != names
    assert sorted(shuffled) == names
    assert sorted(ids(pattern, on_corrupt="skip")) == names
    assert sorted(ids(pattern, cache="memory")) == names
    shares = [ids(pattern, process=(i, 2)) for i in range(2)]
    assert [len(share) for share in shares] == [7, 8]
    assert sorted(shares[0] + shares[1]) == names
    assert data.count(pattern) == data.count(pattern, "skip") == 15
    assert data.count_batches(pattern, batch_size=4) == 4
    assert [stats.videos for stats in data.inspect(pattern)] == [5, 5, 5]
    assert data.find_corrupt_record(pattern) is None
    made = videos(0)
    starts = records.offsets(made)[:-1]
    walked = list(data.iter_records(tmp_path / "0.tfrecord"))
    assert walked == list(zip(starts, made, strict=True))


def test_compressed_frames_and_segments(tmp_path):
    made = [
        records.frames(
            "aaaa",
            rgb=70,
            audio=9,
            segment_start_times=[5],
            segment_labels=[1],
            segment_scores=[1.0],
        )
    ] * 3
    path = pack(tmp_path / "a.tfrecord.gz", "GZIP", made)
    ((features, _),) = data.load(path).as_numpy_iterator()
    assert features["rgb_mask"].sum(axis=1).tolist() == [70] * 3
    assert data.count_segments(path) == 3
    assert len(ids(path, bucket=True)) == 3


def test_a_gzip_file_of_several_parts(tmp_path):
    """As `cat a.gz b.gz` and parallel compressors write."""
    plain = records.write(tmp_path / "a", videos(0)).read_bytes()
    packed = b"".join(gzip.compress(plain[at : at + 999]) for at in (0, 999))
    packed += gzip.compress(plain[1998:])
    (tmp_path / "a").write_bytes(packed)
    assert ids(tmp_path / "a") == [f"{i:04d}" for i in range(5)]
    assert data.count(tmp_path / "a") == 5


@pytest.mark.parametrize(
    ("kind", "damage", "reason"),
    [
        (
            "GZIP",
            lambda packed: packed[:-40],
            "GZIP data is damaged: it is",
        ),
        ("GZIP", lambda packed: packed[:-6], "GZIP data is damaged: it is"),
        ("ZLIB", lambda packed: packed[:-3], "ZLIB data is damaged: it is"),
        (
            "GZIP",
            lambda packed: packed + b"more",
            "GZIP data is damaged",
        ),
        (
            "ZLIB",
            lambda packed: packed * 2,
            "ZLIB data is damaged: byte",
        ),
        (
            "GZIP",
            lambda packed: packed[:300] + bytes(300) + packed[600:],
            "GZIP data is damaged",
        ),
        (
            "GZIP",
            lambda packed: gzip.compress(b"VideoId,Labels\n" * 9),
            "in the inflated GZIP data: ",
        ),
    ],
)
def test_damaged_compression(tmp_path, kind, damage, reason):
    rng = np.random.default_rng(0)
    made = [
        records.video(f"{i:04d}", rgb=rng.standard_normal(1024).tolist())
        for i in range(4)
    ]
    bad = pack(tmp_path / "bad", kind, made)
    bad.write_bytes(damage(bad.read_bytes()))
    with pytest.raises(data.CorruptRecordError, match=reason) as raised:
        data.count(bad)
    assert str(bad) in str(raised.value)
    with pytest.raises(
        (data.CorruptRecordError, tf.errors.OpError), match=reason
    ):
        list(data.load(bad, "video"))
    assert reason in data.find_corrupt_record(bad, "video").reason
    report = data.SkipReport()
    records.write(tmp_path / "good", [records.video("good")])
    read = ids(
        [bad, tmp_path / "good"],
        level="video",
        on_corrupt="skip",
        report=report,
    )
    assert "good" in read
    assert set(read) <= {"good", "0000", "0001", "0002", "0003"}
    (entry,) = report.entries
    assert entry.path == str(bad)
    assert reason in entry.reason
    (stats,) = data.inspect(bad)
    assert stats.videos == len(read) - 1
    assert len(stats.corrupt) == 1


def test_compressed_shards_without_a_record(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b""))
    assert data.count(path) == 0
    with pytest.raises(tf.errors.OpError, match="the file is empty"):
        list(data.load(path, "video"))
    report = data.SkipReport()
    load = data.load(path, "video", on_corrupt="skip", report=report)
    assert list(load) == []
    assert "the file is empty" in report.entries[0].reason


def test_a_damaged_record_in_a_compressed_shard_costs_itself(tmp_path):
    made = videos(0)
    starts = records.offsets(made)
    for name, place in (("body", starts[2] + 60), ("length", starts[2] + 3)):
        path = records.write(tmp_path / name, made)
        records.flip(path, place)
        path.write_bytes(gzip.compress(path.read_bytes()))
        report = data.SkipReport()
        read = ids(path, on_corrupt="skip", report=report)
        assert read == ["0000", "0001", "0003", "0004"]
        (entry,) = report.entries
        assert (entry.offset, entry.bytes) == (starts[2], starts[3] - starts[2])
        assert "in the inflated GZIP data" in entry.reason
        assert data.find_corrupt_record(path).index == 2


def test_a_record_whose_length_looks_like_gzip_is_not(tmp_path):
    for start in (b"\x1f\x8b\x08", b"\x78\x9c\x01"):
        length = int.from_bytes(start, "little")
        path = records.write(tmp_path / start.hex(), [b"x" * length, b"y"])
        assert path.read_bytes().startswith(start)
        assert data.count(path) == 2
        records.claim_length(path, 0, length + 256**2 * 9)
        assert "GZIP" not in str(data.find_corrupt_record(path, "video"))
        assert "ZLIB" not in str(data.find_corrupt_record(path, "video"))


def test_a_bomb_does_not_fill_the_memory(tmp_path):
    """A few bytes that stand for a record of 4 GB, with a right checksum."""
    length = struct.pack("<Q", 1 << 32)
    check = masked_crc(np.frombuffer(length, np.uint8)[None]).tobytes()
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(length + check)
    zeros = bytes(1 << 20)
    packed += b"".join(packer.compress(zeros) for _ in range(100))
    path = tmp_path / "bomb"
    path.write_bytes(packed + packer.flush())
    assert path.stat().st_size < 1 << 18
    tracemalloc.start()
    with pytest.raises(data.CorruptRecordError, match=r"claims 4294967296 byt"):
        data.count(path)
    with pytest.raises(data.CorruptRecordError, match=r"claims 4294967296 byt"):
        data.load(path)
    report = data.SkipReport()
    assert ids(path, level="video", on_corrupt="skip", report=report) == []
    assert report.count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20


@pytest.mark.parametrize("start", shard_bytes.OTHERS)
def test_other_compressions_are_named(tmp_path, start):
    path = tmp_path / "a"
    path.write_bytes(start + bytes(range(100)))
    with pytest.raises(data.CorruptRecordError) as raised:
        data.count(path)
    name = shard_bytes.OTHERS[start]
    assert f"compressed with {name}, which is not read" in str(raised.value)


def unreadable(folder, kind):
    """A path that cannot be read as a shard."""
    path = folder / "b.tfrecord"
    if kind == "link":
        path.symlink_to("gone")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path)
    return path


REASONS = {
    "link": "it is a link to gone, which is not there",
    "fifo": "it is not a regular file",
    "device": "it is not a regular file",
    "loop": "cannot be read",
}


@pytest.mark.parametrize("kind", REASONS)
def test_shards_that_cannot_be_read(tmp_path, kind):
    bad = unreadable(tmp_path, kind)
    records.write(tmp_path / "a.tfrecord", videos(0))
    pattern = tmp_path / "*.tfrecord"
    for call in (
        data.load,
        data.count,
        data.load_segments,
        lambda pattern: data.count_batches(pattern, bucket=True),
        lambda pattern: data.load(pattern, process=(0, 2)),
    ):
        with pytest.raises(data.UnreadableShardError, match=REASONS[kind]):
            call(pattern)
    assert str(data.find_corrupt_record(pattern)).startswith(
        f"{bad}: cannot be read: "
    )
    for arguments in ({}, {"cache": str(tmp_path / "kept")}, {"shuffle": True}):
        report = data.SkipReport()
        read = ids(pattern, on_corrupt="skip", report=report, **arguments)
        assert len(read) == 5
        (entry,) = report.entries
        assert (entry.path, entry.bytes) == (str(bad), 0)
        assert REASONS[kind] in entry.reason
    assert data.count(pattern, "skip") == 5
    stats = data.inspect(pattern)
    assert [len(one.corrupt) for one in stats] == [0, 1]
    assert REASONS[kind] in stats[1].corrupt[0][1]


def test_a_shard_that_goes_after_it_was_listed(tmp_path):
    for name in "ab":
        records.write(tmp_path / name, videos(0))
    load = data.load(tmp_path / "*")
    report = data.SkipReport()
    skipping = data.load(tmp_path / "*", on_corrupt="skip", report=report)
    (tmp_path / "b").unlink()
    with pytest.raises(tf.errors.OpError, match="b: cannot be read: No such"):
        list(load)
    assert sum(len(labels) for _, labels in skipping) == 5
    assert [entry.path for entry in report.entries] == [str(tmp_path / "b")]


def test_names_that_are_not_utf_8(tmp_path):
    folder = os.fsencode(tmp_path)
    source = records.write(tmp_path / "a", videos(0))
    os.rename(source, folder + b"/\xff\xe9.tfrecord")
    for pattern in (folder + b"/*.tfrecord", tmp_path / "*.tfrecord"):
        for more in ({}, {"cache": "memory"}, {"on_corrupt": "skip"}):
            assert len(ids(pattern, **more)) == 5
    assert data.count(folder + b"/\xff\xe9.tfrecord") == 5
