from __future__ import annotations

import pytest

from keras_attend_fusion import data
from tests.data import records


def test_expand_sorts_a_glob(tmp_path):
    for name in ("b.tfrecord", "a.tfrecord", "c.txt"):
        (tmp_path / name).touch()
    found = data.list_shards(str(tmp_path / "*.tfrecord"))
    assert found == [
        str(tmp_path / "a.tfrecord"),
        str(tmp_path / "b.tfrecord"),
    ]


def test_expand_takes_paths_and_lists_and_drops_repeats(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).touch()
    found = data.list_shards([tmp_path / "b", str(tmp_path / "*")])
    assert found == [str(tmp_path / "b"), str(tmp_path / "a")]


def test_expand_takes_a_name_that_looks_like_a_glob(tmp_path):
    path = tmp_path / "a[1].tfrecord"
    path.touch()
    assert data.list_shards(path) == [str(path)]


def test_expand_names_the_pattern_that_matches_nothing(tmp_path):
    pattern = str(tmp_path / "none*.tfrecord")
    with pytest.raises(data.NoShardsError, match=r"none\*.tfrecord matches no"):
        data.list_shards(pattern)
    with pytest.raises(ValueError, match="list of patterns is empty"):
        data.list_shards([])


def test_expand_asks_for_a_glob_when_given_a_folder(tmp_path):
    with pytest.raises(data.NoShardsError, match=r"a folder: give a glob"):
        data.list_shards(tmp_path)


def test_walk_yields_offsets_and_records(tmp_path):
    path = records.write(tmp_path / "a", [b"x" * 10, b"", b"z"])
    # A record takes 16 bytes and its own.
    assert list(data.iter_records(path)) == [
        (0, b"x" * 10),
        (26, b""),
        (42, b"z"),
    ]


def test_walk_stops_at_a_wrong_checksum(tmp_path):
    path = records.write(tmp_path / "a", [b"x" * 10, b"y" * 10, b"z"])
    records.flip(path, 26 + 12)
    walking = data.iter_records(path)
    assert next(walking) == (0, b"x" * 10)
    with pytest.raises(data.CorruptRecordError) as caught:
        next(walking)
    error = caught.value
    assert (error.path, error.offset, error.index) == (str(path), 26, 1)
    assert "checksum does not match" in error.reason
    assert f"{path}: record 1 at byte 26: its checksum" in str(error)


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (26 + 5, "truncated: 5 bytes left"),
        (26 + 20, "it claims 10 bytes, 4 are left"),
    ],
)
def test_walk_stops_where_a_file_is_cut(tmp_path, size, reason):
    path = records.write(tmp_path / "a", [b"x" * 10, b"y" * 10])
    records.cut(path, size)
    with pytest.raises(data.CorruptRecordError, match=reason) as caught:
        list(data.iter_records(path))
    assert caught.value.offset == 26


def test_walk_stops_at_a_corrupt_length(tmp_path):
    path = records.write(tmp_path / "a", [b"x" * 10, b"y" * 10])
    records.claim_length(path, 26, 10**15)
    with pytest.raises(data.CorruptRecordError, match="length is corrupt"):
        list(data.iter_records(path))


def test_walk_refuses_an_empty_file(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(data.CorruptRecordError, match="the file is empty"):
        list(data.iter_records(tmp_path / "a"))


def test_walk_goes_on_behind_what_is_broken(tmp_path):
    made = [bytes([65 + i]) * (10 + i) for i in range(6)]
    path = records.write(tmp_path / "a", made)
    starts = records.offsets(made)
    records.flip(path, starts[1] + 14)  # in a record
    records.flip(path, starts[3] + 2)  # in a length
    records.flip(path, starts[4] + 9)  # in a length's checksum
    seen = []
    walking = data.iter_records(path, lambda *broken: seen.append(broken))
    assert list(walking) == [(starts[i], made[i]) for i in (0, 2, 5)]
    assert [(error.offset, after) for error, after in seen] == [
        (starts[1], starts[2]),
        (starts[3], starts[5]),
    ]
    assert [error.index for error, _ in seen] == [1, 2]
