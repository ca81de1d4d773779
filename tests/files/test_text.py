"""Text files, plain and gzipped."""

from __future__ import annotations

import gzip

import pytest

from keras_attend_fusion.files import form, read_text, reading, writing

TEXT = "first, “second”\nthird\r\n"


def test_the_suffix_before_gz_says_the_form():
    names = ["a.csv", "b/a.csv.gz", "a.gz", "a", "a.tar.jsonl.gz", ".csv"]
    expected = [".csv", ".csv", "", "", ".jsonl", ""]
    assert [form(name) for name in names] == expected


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_what_is_written_is_read(tmp_path, name):
    path = tmp_path / name
    with writing(path) as file:
        file.write(TEXT)
    with reading(path) as file:
        assert file.read() == TEXT
    raw = path.read_bytes()
    whole = gzip.decompress(raw) if name.endswith("gz") else raw
    assert whole == TEXT.encode()


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_an_error_leaves_what_was_there(tmp_path, name):
    path = tmp_path / name
    path.write_text("precious")

    def interrupted():
        with writing(path) as file:
            file.write(TEXT)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_text_with_a_byte_order_mark(tmp_path, encoding):
    (tmp_path / "a").write_text(TEXT, encoding, newline="")
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT.encode(encoding)))
    for name in ("a", "a.gz"):
        with reading(tmp_path / name) as file:
            assert file.read() == TEXT
    assert read_text(tmp_path / "a") == TEXT


def test_an_empty_file_is_empty_text(tmp_path):
    (tmp_path / "a").touch()
    assert read_text(tmp_path / "a") == ""


def test_a_text_that_is_too_large_is_not_read(tmp_path):
    (tmp_path / "a").write_text("1234")
    assert read_text(tmp_path / "a", most_bytes=4) == "1234"
    with pytest.raises(ValueError, match="a holds more than 3 bytes"):
        read_text(tmp_path / "a", most_bytes=3)


def test_text_cut_within_a_character(tmp_path):
    (tmp_path / "a").write_bytes("é".encode("utf-16")[:-1])
    with pytest.raises(ValueError, match="a is not UTF-16 text"):
        read_text(tmp_path / "a")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"Index\n\xff\xfe", "a.csv is not UTF-8 text"),
        ("a.csv.gz", b"Index\n1\n", "a.csv.gz is not gzipped"),
        ("a.csv.gz", gzip.compress(b"\xff"), "a.csv.gz is not UTF-8 text"),
        ("a.csv.gz", gzip.compress(b"x" * 99)[:-9], "a.csv.gz is cut off or"),
        (
            "a.csv.gz",
            gzip.compress(b"x", mtime=0)[:10] + b"\xff" * 20,
            "a.csv.gz is cut off or damaged",
        ),
    ],
)
def test_what_is_no_text(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with (
        pytest.raises(ValueError, match=expected),
        reading(tmp_path / name) as file,
    ):
        file.read()
