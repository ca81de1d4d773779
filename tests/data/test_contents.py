"""What a digest of a shard's contents sees, and what it leaves out."""

from __future__ import annotations

import gzip
import os
import random

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data import contents
from keras_attend_fusion.data.contents import contents_digest
from tests.data import records

COUNT = 60


def rows(changed=None):
    """Records of one size; that of an index has other values."""
    return [bytes([i, i == changed]) * 500 for i in range(COUNT)]


@pytest.fixture
def shard(tmp_path):
    return records.write(tmp_path / "a.tfrecord", rows())


@pytest.mark.parametrize("changed", [0, 7, 31, COUNT - 1])
def test_a_change_in_any_record_is_seen(shard, changed):
    before, size = contents_digest(str(shard)), shard.stat().st_size
    records.write(shard, rows(changed))
    assert shard.stat().st_size == size
    assert contents_digest(str(shard)) != before


def test_another_order_of_the_same_records_is_seen(shard):
    before = contents_digest(str(shard))
    records.write(shard, rows()[::-1])
    assert contents_digest(str(shard)) != before


def test_a_copy_is_the_same(shard, tmp_path):
    copy = tmp_path / "copy.tfrecord"
    copy.write_bytes(shard.read_bytes())
    os.utime(copy, (1, 1))
    assert contents_digest(str(copy)) == contents_digest(str(shard))


def test_what_counting_found_is_taken(shard, monkeypatch):
    digests = {}
    assert data.count(shard, digests=digests) == COUNT
    expected = contents_digest(str(shard))
    monkeypatch.setattr(contents, "framing_digest", None)  # not walked again
    assert contents_digest(str(shard), digests) == expected


@pytest.mark.parametrize("broken", [0, COUNT // 2, COUNT - 1])
def test_a_damaged_shard_has_a_digest(shard, broken):
    before = contents_digest(str(shard))
    offset = records.offsets(rows())[broken]
    records.claim_length(shard, offset, 10**12)
    after = contents_digest(str(shard))
    assert after != before
    assert contents_digest(str(shard)) == after


@pytest.mark.parametrize("size", [0, 1, 11, 500, 4096, 40_000])
def test_whatever_a_file_holds(tmp_path, size):
    path = tmp_path / "a"
    path.write_bytes(bytes(size))
    assert contents_digest(str(path)) == contents_digest(str(path))


def test_a_compressed_shard_is_told_by_its_end(tmp_path):
    """Its last bytes are a checksum of all."""
    rng, path = random.Random(0), tmp_path / "a.tfrecord.gz"
    noise = bytearray(rng.randbytes(200_000))
    path.write_bytes(gzip.compress(bytes(noise), mtime=0))
    before, size = contents_digest(str(path)), path.stat().st_size
    noise[101_000] ^= 1
    path.write_bytes(gzip.compress(bytes(noise), mtime=0))
    assert path.stat().st_size == size
    assert contents_digest(str(path)) != before
