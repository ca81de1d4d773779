from __future__ import annotations

import pytest

from keras_attend_fusion import data
from tests.data import records


def test_records_of_all_shards_are_counted(tmp_path):
    records.write(tmp_path / "a", [b"x" * 10, b"", b"z"])
    records.write(tmp_path / "b", [b"y"])
    (tmp_path / "c").touch()
    assert data.count(str(tmp_path / "*")) == 4


@pytest.mark.parametrize("size", [26 + 5, 26 + 16, 26 + 25])
def test_a_record_that_was_cut_does_not_count(tmp_path, size):
    path = records.write(tmp_path / "a", [b"x" * 10, b"y" * 10])
    records.cut(path, size)
    assert data.count(path, on_corrupt="skip") == 1
    with pytest.raises(data.CorruptRecordError, match="record 1 at byte 26"):
        data.count(path)


def test_a_corrupt_length_is_passed_over(tmp_path):
    path = records.write(tmp_path / "a", [b"x" * 10, b"y" * 10, b"z"])
    records.claim_length(path, 26, 10**15)
    assert data.count(path, on_corrupt="skip") == 2
    with pytest.raises(data.CorruptRecordError, match="record 1 at byte 26"):
        data.count(path)
