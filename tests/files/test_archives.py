"""ZIP archives that are made to fill the memory."""

from __future__ import annotations

import struct
import zipfile

import pytest

from keras_attend_fusion.files import archives, open_archive, read_member


def archive_of(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path):
    with pytest.raises(ValueError) as caught, open_archive(path):
        pass
    assert str(caught.value).startswith(f"{path} ")
    return str(caught.value)


def test_members_are_read(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"a": b"x" * 1000, "b": b""})
    with open_archive(path) as archive:
        assert read_member(archive, "a", 1000) == b"x" * 1000
        with pytest.raises(ValueError, match="a holds 1,000 bytes, expected 9"):
            read_member(archive, "a", 999)


def test_what_unpacks_to_far_more_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALLOWANCE", 1 << 20)
    path = archive_of(tmp_path / "a.zip", {"a": bytes(2 << 20)})
    assert "unpacks to 2,097,152, expected " in refused(path)
    parts = {str(i): bytes(300_000) for i in range(9)}
    assert "unpacks to 2,700,000" in refused(
        archive_of(tmp_path / "b.zip", parts)
    )
    stored = {"a": bytes(2 << 20)}
    path = archive_of(tmp_path / "c.zip", stored, zipfile.ZIP_STORED)
    with open_archive(path) as archive:
        assert len(read_member(archive, "a", 2 << 20)) == 2 << 20


def test_a_size_that_is_listed_too_small_is_not_believed(tmp_path):
    path = archive_of(tmp_path / "a.zip", {"a": bytes(1 << 20)})
    content = bytearray(path.read_bytes())
    listed = content.rfind(b"PK\x01\x02")
    content[listed + 24 : listed + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    with (
        open_archive(path) as archive,
        pytest.raises(ValueError, match="a cannot be read: "),
    ):
        read_member(archive, "a", 100)


@pytest.mark.parametrize("end_64", [False, True])
def test_a_list_of_members_without_end_is_not_read(tmp_path, end_64):
    listed = (1 << 40) if end_64 else (1 << 31)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 99, 0, 0)
    if end_64:
        record = struct.pack(
            "<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, listed, 0
        )
        locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1)
        end = record + locator + end
    else:
        end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, listed, 0, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(100) + end)
    assert f"a list of members of {listed:,} bytes" in refused(path)


def test_a_crowd_of_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    path = archive_of(tmp_path / "a.zip", dict.fromkeys("abcd", b""))
    assert "has 4 members, expected 3 at most" in refused(path)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"no archive"])
def test_what_is_not_an_archive(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert "is a damaged ZIP archive" in refused(path)
