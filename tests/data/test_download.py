"""A partition from a real server."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data.downloads import retry
from tests.data.file_server import serving

PARTITION = "2/video/train"
FILES = {f"train{i:02d}.tfrecord": b"%03d" % i * 40_000 for i in range(4)}
FIRST, SECOND, THIRD, FOURTH = FILES
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server():
    with serving() as files:
        files.hold(PARTITION, FILES)
        yield files


@pytest.fixture
def get(server, tmp_path):
    """Downloads all files; other arguments may be given."""

    def run(**options):
        given = {"server": server.address, "retries": 1, "timeout": 60.0}
        return data.download(PARTITION, tmp_path / "out", **given | options)

    return run


def held(tmp_path):
    return {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}


def test_all_files_come(get, tmp_path):
    report = get()
    assert held(tmp_path) == FILES
    assert report.as_dict() == {
        "partition": PARTITION,
        "out": str(tmp_path / "out"),
        "shard": (1, 1),
        "listed": 4,
        "there": [],
        "downloaded": list(FILES),
        "failed": {},
        "bytes": 480_000,
    }


def test_fractions_share_out_the_files(get, server, tmp_path):
    first, second = (get(shard=(x, 2)).downloaded for x in (1, 2))
    assert first
    assert second
    assert sorted(first + second) == list(FILES)
    assert all(len(server.gets(name)) == 1 for name in FILES)


def test_what_is_there_is_left_alone(get, server, tmp_path):
    get()
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").iterdir()}
    server.log.clear()
    report = get()
    assert report.there == list(FILES)
    assert report.downloaded == []
    assert [one.path for one in server.log] == [
        "/2/download_plans/video_train.json"
    ]
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_file_with_a_wrong_sum_is_replaced(get, server, tmp_path):
    get()
    (tmp_path / "out" / SECOND).write_bytes(b"old")
    server.log.clear()
    report = get()
    assert report.downloaded == [SECOND]
    assert held(tmp_path) == FILES


def test_so_many_at_once(get, server):
    together = threading.Barrier(4, timeout=60)
    server.sent = lambda path, n: (
        "train0" in path and n < 20_000 and (together.wait())
    )
    get(parallel=4)
    assert not together.broken


def test_progress_in_bytes(get, server, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{FIRST}.part").write_bytes(FILES[FIRST][:70_000])
    server.fail(FIRST, ignore_range=True)
    # Long enough for a look at a file that has begun anew.
    server.sent = lambda _, sent: sent < 20_000 and time.sleep(0.25)
    seen = []
    get(parallel=1, progress=lambda *now: seen.append(now))
    done = [one for one, _ in seen]
    assert done == sorted(done)
    assert done[0] >= 70_000
    assert seen[-1] == (480_000, 480_000)


@pytest.mark.parametrize(
    "fault", [{"no_length": True}, {"status": 403}, {"hang": True}]
)
def test_sizes_that_are_not_told(get, server, tmp_path, fault):
    server.fail(SECOND, method="HEAD", **fault)
    seen = []
    get(progress=lambda *now: seen.append(now), timeout=1.5)
    assert seen[-1] == (480_000, None)
    assert held(tmp_path) == FILES


def test_one_bad_file_keeps_no_other_from_coming(get, server, tmp_path):
    server.fail(FIRST, status=404)
    server.fail(THIRD, hang=True)
    with pytest.raises(data.DownloadError) as caught:
        get(parallel=1, timeout=1.5)
    message = str(caught.value)
    assert message.startswith(
        f"2 of 4 files failed, the first is {FIRST}: {server.address}/"
        f"{PARTITION}/{FIRST}: status 404 Not Found; "
    )
    report = caught.value.report
    assert report.downloaded == [SECOND, FOURTH]
    assert list(report.failed) == [FIRST, THIRD]
    assert "timed out (tried 2 times)" in report.failed[THIRD]
    assert held(tmp_path) == {name: FILES[name] for name in (SECOND, FOURTH)}


def test_a_plan_that_was_saved(get, server, tmp_path):
    saved = tmp_path / "plan.json"
    address = "/2/download_plans/video_train.json"
    saved.write_bytes(server.files.pop(address))
    get(plan=str(saved))
    assert held(tmp_path) == FILES


def test_a_plan_elsewhere(get, server, tmp_path):
    address = "/2/download_plans/video_train.json"
    server.files["/mine"] = server.files.pop(address)
    get(plan=f"{server.address}/mine")
    assert held(tmp_path) == FILES


def test_the_plan_is_tried_again_too(get, server, tmp_path):
    server.fail("video_train.json", status=503, times=1)
    get()
    assert held(tmp_path) == FILES


def test_a_plan_that_is_not_there(get, server, tmp_path):
    server.fail("video_train.json", status=404)
    with pytest.raises(data.DownloadError, match=r"video_train\.json: .* 404"):
        get()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../a", "/a", "b/a", "C:a", "..", ""])
def test_a_plan_that_leads_elsewhere_transfers_nothing(
    get, server, tmp_path, name
):
    server.hold(PARTITION, {**FILES, name: b"x"})
    with pytest.raises(data.DownloadError, match="refused"):
        get()
    assert len(server.log) == 1
    assert not (tmp_path / "out").exists()


def test_too_little_space(get, server, tmp_path, monkeypatch):
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: Usage(9, 9, free=479_999)
    )
    with pytest.raises(data.DownloadError) as caught:
        get()
    assert "480000 bytes are needed, 479999 are free" in str(caught.value)
    assert {one.method for one in server.log[1:]} == {"HEAD"}
    assert not (tmp_path / "out").exists()


def test_what_came_before_needs_no_space(get, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{FIRST}.part").write_bytes(FILES[FIRST][:1])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: Usage(9, 9, free=479_999)
    )
    get()
    assert held(tmp_path) == FILES


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="no device is always full"
)
def test_a_disk_that_fills_up(get, server, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / SECOND).write_bytes(b"old")
    os.symlink("/dev/full", out / f"{SECOND}.part")
    (out / f"{THIRD}.part").write_bytes(FILES[THIRD][:100])
    with pytest.raises(data.DownloadError) as caught:
        get(parallel=1)
    left = 3 * 120_000 - 100
    assert f"no space is left: {left} bytes are still" in str(caught.value)
    assert server.gets(THIRD) == server.gets(FOURTH) == []
    assert (out / FIRST).read_bytes() == FILES[FIRST]
    assert (out / SECOND).read_bytes() == b"old"
    assert (out / f"{THIRD}.part").read_bytes() == FILES[THIRD][:100]


def test_a_file_in_place_of_the_folder(get, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(NotADirectoryError, match="out is a file: name a fold"):
        get()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mirror": "x"},
        {"shard": (2, 1)},
        {"server": "x"},
        {"parallel": 0},
        {"retries": -1},
        {"timeout": 0.0},
    ],
)
def test_arguments_out_of_range(get, server, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"^{name} "):
        get(**wrong)
    assert server.log == []


def test_importing_it_needs_no_http_library(monkeypatch):
    package = "keras_attend_fusion.data.downloads"
    for name in [one for one in sys.modules if one.startswith(package)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "requests", None)
    importlib.import_module(f"{package}.download")
    with pytest.raises(ImportError, match="requests"):
        importlib.import_module(f"{package}.client")
