"""Names of unfinished files, and whose they are."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from keras_attend_fusion.files import beside, remove_unfinished, unfinished
from tests.files.test_whole import names

LONG = "é" * 122 + "名.csv.gz"  # 254 bytes


def left_by(
    path: Path, host: str | None = None, pid: int | None = None
) -> Path:
    """An unfinished file of a process, by default one that has ended."""
    name = unfinished.reserve(path)
    unfinished._live.discard(str(name))
    start = name.name[:17]
    host, pid = host or start[1:5], pid or 2**22 + 1  # above what Linux gives
    name = name.with_name(f".{host}{pid:08x}{start[13:]}{name.name[17:]}")
    name.write_text("half")
    return name


@pytest.mark.parametrize("name", [LONG, "x" * 255, "a." + "y" * 253, "a"])
def test_a_name_of_any_length(tmp_path, name):
    with beside(tmp_path / name) as path:
        assert len(os.fsencode(path.name)) <= 255
        assert path.name.endswith(name[-9:])
        path.write_text("x")
    assert names(tmp_path) == [name]
    left_by(tmp_path / name)
    assert len(names(tmp_path)) == 2
    remove_unfinished(tmp_path / name)
    assert names(tmp_path) == [name]


def test_a_name_that_is_too_long_itself(tmp_path):
    with (
        pytest.raises(OSError, match="File name too long"),
        beside(tmp_path / ("x" * 256)),
    ):
        pass


def test_a_folder_of_a_long_name_is_replaced(tmp_path):
    for content in ("old", "new"):
        with beside(tmp_path / LONG) as path:
            path.mkdir()
            (path / content).touch()
    assert names(tmp_path) == [LONG]
    assert names(tmp_path / LONG) == ["new"]


def test_what_others_write_now_stays(tmp_path):
    out = tmp_path / "epoch-0001.keras"
    with beside(out) as own:
        own.write_text("whole")
        other = left_by(out, pid=os.getppid())
        abroad = left_by(out, host="fade" if own.name[1:5] != "fade" else "ca")
        remove_unfinished(tmp_path / "*.keras")
        assert {own, other, abroad} == set(tmp_path.iterdir())
        day = time.time() - 25 * 3600
        os.utime(abroad, (day, day))
        remove_unfinished(tmp_path / "*.keras")
        assert {own, other} == set(tmp_path.iterdir())
    assert out.read_text() == "whole"


def test_what_a_killed_process_left_goes(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "run").symlink_to("out")
    left = [
        left_by(tmp_path / "out" / "config.json"),
        left_by(tmp_path / "out" / "config.json", pid=os.getpid()),
        tmp_path / "out" / ".0123abcd.config.json",
        left_by(tmp_path / "out" / "metrics.json"),
    ]
    left[2].mkdir()
    (left[2] / "part").touch()
    (tmp_path / "out" / ".config.json").touch()  # not of these
    remove_unfinished(tmp_path / "run" / "config.json")
    assert names(tmp_path / "out") == sorted([".config.json", left[3].name])


def test_what_a_link_led_to_goes(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "p.csv").symlink_to("data/0a1b")
    left_by(tmp_path / "data" / "p.csv")
    remove_unfinished(tmp_path / "p.csv")
    assert names(tmp_path / "data") == []
