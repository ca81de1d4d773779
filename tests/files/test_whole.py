"""Files and folders that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keras_attend_fusion.files import beside


def names(folder: Path) -> list[str]:
    """What a folder holds, hidden files included."""
    return sorted(os.listdir(folder))


def test_a_file_appears_at_the_end_and_not_before(tmp_path):
    out = tmp_path / "deep" / "er" / "out.txt"
    with beside(out) as unfinished:
        unfinished.write_text("half")
        assert unfinished.parent == out.parent
        assert not out.exists()
        unfinished.write_text("whole")
    assert out.read_text() == "whole"
    assert names(out.parent) == ["out.txt"]


def test_the_suffix_stays(tmp_path):
    with beside(tmp_path / "a.keras") as unfinished:
        assert unfinished.suffix == ".keras"
        assert unfinished.name.startswith(".")
        unfinished.touch()


def test_a_folder_appears_at_the_end(tmp_path):
    with beside(tmp_path / "out") as unfinished:
        unfinished.mkdir()
        (unfinished / "a").write_text("1")
        assert names(tmp_path) == [unfinished.name]
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["a"]


def test_an_earlier_file_is_replaced(tmp_path):
    (tmp_path / "out").write_text("old")
    with beside(tmp_path / "out") as unfinished:
        unfinished.write_text("new")
        assert (tmp_path / "out").read_text() == "old"
    assert (tmp_path / "out").read_text() == "new"
    assert names(tmp_path) == ["out"]


def test_an_earlier_folder_is_replaced_whole(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("old")
    with beside(tmp_path / "out") as unfinished:
        unfinished.mkdir()
        (unfinished / "new").write_text("new")
        assert names(tmp_path / "out") == ["old"]
    assert names(tmp_path / "out") == ["new"]
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("earlier", [False, True])
def test_what_ends_the_block_early_leaves_the_earlier_one(
    tmp_path, error, kind, earlier
):
    out = tmp_path / "out"
    if earlier and kind == "folder":
        out.mkdir()
        (out / "old").write_text("old")
    elif earlier:
        out.write_text("old")

    def write():
        with beside(out) as unfinished:
            if kind == "folder":
                unfinished.mkdir()
                (unfinished / "new").write_text("half")
            else:
                unfinished.write_text("half")
            raise error("early")

    with pytest.raises(error, match="early"):
        write()
    assert names(tmp_path) == (["out"] if earlier else [])
    if earlier and kind == "folder":
        assert names(out) == ["old"]
    elif earlier:
        assert out.read_text() == "old"


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("old")
    with (
        pytest.raises(IsADirectoryError, match="out is a folder: name a file"),
        beside(tmp_path / "out") as unfinished,
    ):
        unfinished.write_text("new")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["precious"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    (tmp_path / "out").write_text("old")
    with (
        pytest.raises(NotADirectoryError),
        beside(tmp_path / "out") as unfinished,
    ):
        unfinished.mkdir()
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out").read_text() == "old"


@pytest.mark.parametrize("step", [1, 2])
def test_an_interrupt_while_folders_are_swapped_leaves_the_old_one(
    tmp_path, monkeypatch, step
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("old")
    real, calls = os.replace, []

    def interrupted(source, target):
        calls.append(source)
        if len(calls) == step:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", interrupted)

    def write():
        with beside(out) as unfinished:
            unfinished.mkdir()

    with pytest.raises(KeyboardInterrupt):
        write()
    assert names(tmp_path) == ["out"]
    assert names(out) == ["old"]
