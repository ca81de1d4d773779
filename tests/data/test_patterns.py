"""Patterns as a shell reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data import patterns
from keras_attend_fusion.data.patterns import braces, split_patterns


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Makes empty files in the working directory, which is also the home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def make(*names):
        for name in names:
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return make


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a", ["a"]),
        ("{a,b}c", ["ac", "bc"]),
        ("x{a,b{1,2},}y", ["xay", "xb1y", "xb2y", "xy"]),
        ("{a,b}{c,d}", ["ac", "ad", "bc", "bd"]),
        ("{a}{b,c}", ["{a}b", "{a}c"]),
        ("{}{a", ["{}{a"]),
        ("a},{b,c", ["a},{b,c"]),
        ("{08..11}", ["08", "09", "10", "11"]),
        ("{2..0}{x,y}", ["2x", "2y", "1x", "1y", "0x", "0y"]),
    ],
)
def test_braces(pattern, expected):
    assert braces(pattern) == expected


def test_braces_that_multiply():
    with pytest.raises(data.NoShardsError, match="more than 100000 names"):
        braces("{a,b}" * 40)
    with pytest.raises(data.NoShardsError, match="a range too long"):
        braces("{0..999999999}")


def test_expand_knows_braces_and_the_home_folder(files):
    files("s/train1", "s/train2", "s/test1", "s/test{x,y}")
    home = str(Path.cwd())
    assert data.list_shards("s/{test,train}1") == ["s/test1", "s/train1"]
    assert data.list_shards("s/t*{2,1}") == ["s/train2", "s/test1", "s/train1"]
    assert data.list_shards("s/test{x,y}") == ["s/test{x,y}"]
    assert data.list_shards("~/s/train*") == [
        f"{home}/s/train1",
        f"{home}/s/train2",
    ]
    with pytest.raises(data.NoShardsError, match="s/none1 matches no file"):
        data.list_shards("s/{test,none}1")


def test_split_takes_commas_of_names_for_such(files):
    files("co,mma/a", "co,mma/b", "x", "y", "z,", "1,2,3/t", "s/{k,l}1")
    for text, expected in {
        "x": ["x"],
        " x , y ": ["x", "y"],
        "x,,y,": ["x", "y"],
        "co,mma/*": ["co,mma/*"],
        "x,co,mma/{a,b},y": ["x", "co,mma/{a,b}", "y"],
        "1,2,3/t,co,mma/a,z,": ["1,2,3/t", "co,mma/a", "z,"],
        "~/co,mma/*,x": ["~/co,mma/*", "x"],
        "co,mma": ["co,mma"],
        "s/{k,l}1,x": ["s/{k,l}1", "x"],
        "": [],
        " , ": [],
    }.items():
        assert split_patterns(text) == expected, text


def test_split_leaves_addresses_whole(files):
    files("x")
    for text, expected in {
        "http://h/a?x=1,2": ["http://h/a?x=1,2"],
        "https://h/a?x=1,2&y,http://h/b": ["https://h/a?x=1,2&y", "http://h/b"],
        "http://h/a?k=1,2,x": ["http://h/a?k=1,2", "x"],
        "x,http://h/{a,b}": ["x", "http://h/{a,b}"],
    }.items():
        assert split_patterns(text) == expected, text


def test_split_asks_no_server_about_addresses_alone(monkeypatch):
    monkeypatch.setattr(patterns, "_names", pytest.fail)
    text = "gs://b/a*, s3://b/c*,http://h/d,gs://b/e"
    assert split_patterns(text) == [w.strip() for w in text.split(",")]


def test_what_names_nothing_is_named_whole(files):
    files("x")
    assert split_patterns("co,mma/*") == ["co,mma/*"]
    assert split_patterns("co,mma/*,x,none") == ["co,mma/*", "x", "none"]
    with pytest.raises(data.NoShardsError, match="matches no file, neither"):
        data.list_shards(split_patterns("co,mma/*,x"))


def test_folders_are_not_shards(files):
    files("a.tfrecord/part", "b.tfrecord/part")
    with pytest.raises(data.NoShardsError, match="matches folders alone"):
        data.list_shards("*.tfrecord")
    with pytest.raises(data.NoShardsError, match="is a folder: give a glob"):
        data.list_shards("a.tfrecord")


def test_paths_of_every_type(files):
    files("a", "b")
    assert data.list_shards(b"a") == ["a"]
    assert data.list_shards([b"a", Path("b"), "a"]) == ["a", "b"]
    assert data.list_shards(path for path in ("b", "a")) == ["b", "a"]
    for wrong in (5, None, [3], ["a", None], 2.5):
        with pytest.raises(ValueError, match=r"str, bytes or os\.PathLike"):
            data.list_shards(wrong)
    with pytest.raises(ValueError, match="a path is empty"):
        data.list_shards("")


def test_lists_as_windows_writes_them(files, tmp_path):
    files("é 1", "b,c", "d")
    text = '# shards\r\n\r\n"é 1"\r\nb,c\r\n~/d\r\n'
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32"):
        marked = "\ufeff" + text if encoding == "utf-16-le" else text
        Path("list.txt").write_bytes(marked.encode(encoding))
        assert data.list_shards("list.txt") == ["é 1", "b,c", f"{tmp_path}/d"]
    Path("list.txt").write_bytes(b"\xff\x00\x81")
    with pytest.raises(ValueError, match=r"list\.txt is not UTF-8 text"):
        data.list_shards("~/list.txt")
