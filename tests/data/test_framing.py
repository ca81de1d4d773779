from __future__ import annotations

import struct

import numpy as np
import pytest

from keras_attend_fusion.data import framing
from tests.data import records


def test_the_checksum_is_that_of_tensorflow(tmp_path):
    made = [b"", b"a", b"0123456789" * 7]
    path = records.write(tmp_path / "a", made)
    data = path.read_bytes()
    for start, record in zip(records.offsets(made), made, strict=False):
        length, check = struct.unpack("<QI", data[start : start + 12])
        assert length == len(record)
        header = np.frombuffer(data[start : start + 8], np.uint8)
        assert framing.masked_crc(header[None]) == [check]


def test_every_header_is_found(tmp_path):
    made = [b"x" * n for n in (0, 3, 500, 70_000, 1)]
    path = records.write(tmp_path / "a", made)
    data = path.read_bytes()
    starts = records.offsets(made)
    found = framing.valid_headers(data, 0, len(data))
    assert found == (starts[:-1], starts[1:])
    # What does not fit in the file any more is none.
    cut = framing.valid_headers(data, 0, len(data) - 1)
    assert cut == (starts[:-2], starts[1:-1])
    assert framing.valid_headers(data[:11], 0, len(data)) == ([], [])


@pytest.mark.parametrize("window", [12, 100, 1 << 20])
def test_reading_goes_on_at_the_next_header(tmp_path, monkeypatch, window):
    monkeypatch.setattr(framing, "WINDOW", window)
    made = [b"x" * 40, b"y" * 300, b"z" * 20]
    path = records.write(tmp_path / "a", made)
    first, second, third, size = records.offsets(made)

    def following(offset):
        with framing.opened(str(path)) as read:
            return framing.next_record(read, offset, size)

    assert following(first) == second
    records.flip(path, second + 1)
    assert following(second) == third
    records.flip(path, third + 1)
    assert following(second) == size
    assert following(third) == size


def test_a_record_within_a_record_does_not_end_it(tmp_path):
    """A sound header is gone by; what is inside is not looked at."""
    inner = records.write(tmp_path / "inner", [b"trap"]).read_bytes()
    path = records.write(tmp_path / "a", [inner * 3, b"next"])
    records.flip(path, 20)
    size = path.stat().st_size
    with framing.opened(str(path)) as read:
        after = framing.next_record(read, 0, size)
    assert after == 16 + 3 * len(inner)


def test_a_file_of_another_scheme_is_read_as_well(tmp_path):
    path = records.write(tmp_path / "a", [b"0123456789"])
    for name in (str(path), f"file://{path}"):
        with framing.opened(name) as read:
            assert read(14, 3) == b"234"
            assert read(0, 100) == path.read_bytes()
            assert read(100, 3) == b""
