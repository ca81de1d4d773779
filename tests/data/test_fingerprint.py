from __future__ import annotations

import pytest

from keras_attend_fusion.data.fingerprint import difference, identity


@pytest.fixture
def shards(tmp_path):
    for name, size in (("a", 10), ("b", 5000)):
        (tmp_path / f"{name}.tfrecord").write_bytes(bytes(size))
    return tmp_path


def of(folder):
    return identity(f"{folder}/*.tfrecord")


def test_what_an_identity_holds(shards):
    found = of(shards)
    assert (found["shards"], found["bytes"]) == (2, 5010)
    assert difference(found, of(shards)) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda folder: (folder / "c.tfrecord").write_bytes(b"123"),
            "2 shards of 5,010 bytes, now it is 3 of 5,013",
        ),
        (
            lambda folder: (folder / "a.tfrecord").rename(
                folder / "z.tfrecord"
            ),
            "2 shards of 5,010 bytes, and as many now, but other names or",
        ),
        (
            lambda folder: (folder / "a.tfrecord").write_bytes(b"1234567890"),
            "2 shards of 5,010 bytes, and as many now, but other names or",
        ),
        (
            # Behind the first 4,096 bytes.
            lambda folder: (folder / "b.tfrecord").write_bytes(
                bytes(4500) + b"1" + bytes(499)
            ),
            "2 shards of 5,010 bytes, and as many now, but other names or",
        ),
    ],
)
def test_what_a_change_is_called(shards, change, expected):
    before = of(shards)
    change(shards)
    assert expected in difference(before, of(shards))


def test_an_identity_of_an_earlier_version_is_compared_by_what_it_has(shards):
    before = of(shards)
    del before["contents"]
    assert difference(before, of(shards)) is None
    (shards / "a.tfrecord").write_bytes(b"1234567890")
    assert "other names or contents" in difference(before, of(shards))


def test_names_with_commas_and_shards_that_cannot_be_read(shards, monkeypatch):
    monkeypatch.setenv("HOME", str(shards))
    folder = shards / "co,mma"
    folder.mkdir()
    (shards / "b.tfrecord").rename(folder / "b.tfrecord")
    found = identity("~/co,mma/*.tfrecord,~/{a,a}.tfrecord")
    assert (found["shards"], found["bytes"]) == (2, 5010)
    (folder / "c.tfrecord").symlink_to("gone")
    found = identity(f"{folder}/*")
    assert (found["shards"], found["bytes"]) == (2, 5000)
