"""The command, against a real server."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import sys
import time
from collections import namedtuple

import pytest

from keras_attend_fusion.data.downloads import partition, retry
from keras_attend_fusion.data.downloads.partition import find_source
from tests.cli import runs
from tests.data.file_server import serving

PARTITION = "2/frame/validate"
FILES = {f"validate{i:02d}.tfrecord": b"%03d" % i * 100_000 for i in range(3)}
FIRST, SECOND, THIRD = FILES
BYTES = 900_000
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
def flags(server, tmp_path):
    return [
        "download",
        f"--partition={PARTITION}",
        f"--out={tmp_path / 'out'}",
        f"--server={server.address}",
        "--retries=1",
        "--timeout=60",
    ]


def held(tmp_path):
    return {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}


def test_download_and_again(flags, command, tmp_path):
    answer = command(*flags, f"--json={tmp_path / 'a.json'}")
    assert (answer.status, answer.error) == (0, "")
    assert answer.out == (
        f"{PARTITION}: 3 of 3 files chosen, 0 there already, 3 to download: "
        f"{BYTES} bytes\n"
        f"Wrote {tmp_path / 'out'}: 3 files, {BYTES} bytes, every MD5 sum is "
        "right\n"
    )
    assert held(tmp_path) == FILES
    report = json.loads((tmp_path / "a.json").read_text())
    assert report["downloaded"] == list(FILES)
    assert report["bytes"] == BYTES
    again = command(*flags)
    assert again.status == 0
    assert "3 there already, 0 to download: 0 bytes" in again.out


def test_a_fraction(flags, command, tmp_path):
    counts = [
        command(*flags, f"--shard={x},2", "--dry-run").out.count(".tfrecord: ")
        for x in (1, 2)
    ]
    assert sum(counts) == 3
    command(*flags, "--shard=1,2")
    assert len(held(tmp_path)) == counts[0]


def test_a_dry_run_fetches_nothing(flags, command, server, tmp_path):
    server.fail(SECOND, method="HEAD", no_length=True)
    answer = command(*flags, "--dry-run", f"--json={tmp_path / 'a.json'}")
    assert answer.status == 0
    assert "3 to download: unknown bytes\n" in answer.out
    assert f"\n  {FIRST}: 300000 bytes\n" in answer.out
    assert f"\n  {SECOND}: unknown bytes\n" in answer.out
    assert server.gets(FIRST) == []
    assert not (tmp_path / "out").exists()
    report = json.loads((tmp_path / "a.json").read_text())
    sizes = {FIRST: 300_000, SECOND: None, THIRD: 300_000}
    assert report["wanted"] == sizes
    assert report["bytes"] is None


def test_one_file_fails(flags, fails, server, tmp_path):
    server.fail(SECOND, status=403)
    line = fails(*flags, f"--json={tmp_path / 'a.json'}")
    assert f": 1 of 3 files failed, the first is {SECOND}: " in line
    assert f"{PARTITION}/{SECOND}: status 403 Forbidden; " in line
    assert sorted(held(tmp_path)) == [FIRST, THIRD]
    report = json.loads((tmp_path / "a.json").read_text())
    assert list(report["failed"]) == [SECOND]
    assert report["downloaded"] == [FIRST, THIRD]


def test_a_plan_over_plain_http_is_told_of(flags, command, server, monkeypatch):
    def find(partition, *others):
        source = find_source(partition, server=server.address)
        secure = source.plan.replace("http:", "https:")
        return dataclasses.replace(source, plan=secure, plain_plan=source.plan)

    monkeypatch.setattr(partition, "find_source", find)
    answer = command(*flags, "--dry-run")
    assert answer.status == 0
    (line,) = answer.error.splitlines()
    assert line.startswith(
        f"attend-fusion download: the plan is from {server.address}/2/"
    )
    assert "over plain HTTP" in line


def test_a_file_that_drips_fails(flags, fails, server, tmp_path):
    server.fail(SECOND, pause=0.1)
    line = fails(*flags, "--timeout=1", "--least-rate=500")
    assert f"the first is {SECOND}: " in line
    assert "in 1 s, fewer than 500 a second (tried 2 times)" in line
    assert {FIRST, THIRD} < set(held(tmp_path))


def test_too_little_space(flags, fails, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9, 0, 9))
    line = fails(*flags)
    assert f"{BYTES} bytes are needed, 9 are free" in line


def test_no_such_plan(flags, fails, tmp_path):
    missing = tmp_path / "nope.json"
    assert str(missing) in fails(*flags, f"--plan={missing}")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("--partition=2/video", "--partition is '2/video': pass one of 2/vid"),
        ("--mirror=x", "should be one of <us|eu|asia>"),
        ("--shard=3,2", "--shard is 3,2: pass X,Y with 1 <= X <= Y"),
        ("--shard=0,2", "--shard is 0,2: pass X,Y with 1 <= X <= Y"),
        ("--shard=1", "--shard is '1': pass X,Y with 1 <= X <= Y"),
        ("--shard=1,x", "--shard is '1,x': pass X,Y with 1 <= X <= Y"),
        ("--server=nas", "--server has to be a base address such as http"),
        ("--parallel=0", "--parallel=0: 0 is not"),
        ("--retries=-1", "--retries=-1: -1 is not"),
        ("--timeout=0", "--timeout is 0.0: pass seconds, more than 0"),
        ("--least-rate=-1", "--least-rate is -1.0: pass bytes a second"),
        ("--file-timeout=0", "--file-timeout is 0.0: pass seconds, more"),
        ("extra", "unexpected 'extra'"),
    ],
)
def test_wrong_usage(flags, fails, server, tmp_path, wrong, expected):
    line = fails(*flags, wrong, status=2)
    assert expected in line
    assert server.log == []
    assert not (tmp_path / "out").exists()


def test_missing_flags(fails):
    assert "missing --partition, --out" in fails("download", status=2)


def test_progress_on_a_terminal(flags, command, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    error = command(*flags).error
    assert "\rfiles looked at: 3 of 3\n" in error
    assert error.endswith(f"\rbytes: {BYTES} of {BYTES}\n")


def wait_for(part):
    """Waits until some of a file has come."""
    end = time.monotonic() + 120
    while not part.exists() or not part.stat().st_size:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_ctrl_c_leaves_parts_alone(flags, command, fails, server, tmp_path):
    part = tmp_path / "out" / f"{FIRST}.part"

    def interrupt(path, sent):
        if path.endswith(FIRST) and sent == 200_000:
            wait_for(part)
            os.kill(os.getpid(), signal.SIGINT)

    server.sent = interrupt
    server.fail(FIRST, stall=200_000, times=1)
    line = fails(*flags, "--parallel=1", "--timeout=2", status=130)
    assert line.endswith(": interrupted: the same command goes on from here")
    assert [one.name for one in (tmp_path / "out").iterdir()] == [part.name]
    come = part.stat().st_size
    server.sent = lambda *_: None
    assert command(*flags).status == 0
    assert server.gets(FIRST) == [None, f"bytes={come}-"]
    assert held(tmp_path) == FILES


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_command_is_resumed(flags, command, server, tmp_path):
    part = tmp_path / "out" / f"{SECOND}.part"
    server.fail(SECOND, stall=200_000, times=1)
    process = runs.spawn(*flags)
    wait_for(part)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "out" / SECOND).exists()
    come = part.stat().st_size
    assert command(*flags).status == 0
    assert server.gets(SECOND) == [None, f"bytes={come}-"]
    assert held(tmp_path) == FILES
