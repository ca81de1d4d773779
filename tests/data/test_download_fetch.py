"""One file from a real server: retries, resumption, verification."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import threading
import time

import pytest

from keras_attend_fusion.data.downloads import retry
from keras_attend_fusion.data.downloads.client import Client
from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    StoppedError,
)
from keras_attend_fusion.data.downloads.fetch import Remote, fetch
from tests.data.file_server import closed_port, serving

BODY = bytes(range(256)) * 1000  # 256,000 bytes: several chunks.
NAME = "train00.tfrecord"


def md5(body):
    return hashlib.md5(body).hexdigest()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server():
    with serving() as files:
        files.hold("2/video/train", {NAME: BODY})
        yield files


@pytest.fixture
def remote(server, tmp_path):
    url = f"{server.address}/2/video/train/{NAME}"
    return Remote(url, tmp_path / NAME, md5(BODY))


@pytest.fixture
def client():
    return Client(retries=2, timeout=60.0)


@pytest.fixture
def impatient():
    """For a server that does not answer; on a busy machine, one that does."""
    return Client(retries=2, timeout=1.5)


def ignore(come):
    pass


def get(remote, client):
    """Fetches, and returns what was noted of the bytes that are there."""
    noted = []
    fetch(remote, client, noted.append)
    assert remote.path.read_bytes() == BODY
    assert not remote.part.exists()
    return noted


def test_a_file_comes_whole(server, remote, client):
    noted = get(remote, client)
    assert noted == sorted(noted)
    assert noted[-1] == len(BODY)
    assert len(noted) > 2
    assert server.gets(NAME) == [None]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_error_of_ours_is_one_at_once(server, remote, client, status):
    server.fail(NAME, status=status)
    with pytest.raises(DownloadError) as caught:
        fetch(remote, client, ignore)
    assert str(caught.value).startswith(f"{remote.url}: status {status} ")
    assert len(server.gets(NAME)) == 1
    assert list(remote.path.parent.iterdir()) == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_error_of_the_server_is_tried_again(server, remote, client, status):
    server.fail(NAME, status=status, times=2)
    get(remote, client)
    assert len(server.gets(NAME)) == 3


def test_but_not_for_ever(server, remote, client):
    server.fail(NAME, status=503)
    with pytest.raises(DownloadError, match=r"503 .*\(tried 3 times\)"):
        fetch(remote, client, ignore)
    assert len(server.gets(NAME)) == 3


def test_a_retry_after_is_waited_for(server, remote, client, monkeypatch):
    waits = []
    monkeypatch.setattr(client.stop, "wait", lambda s: waits.append(s))
    server.fail(NAME, status=429, times=1, retry_after="17")
    get(remote, client)
    assert waits == [17.0]


def test_a_server_that_does_not_answer(server, remote, impatient):
    server.fail(NAME, hang=True, times=1)
    get(remote, impatient)
    assert len(server.gets(NAME)) == 2


def test_a_server_that_stops_sending(server, remote, impatient):
    server.fail(NAME, stall=200_000, times=1)
    get(remote, impatient)
    assert server.gets(NAME) == [None, "bytes=200000-"]


def test_nobody_listens(remote, client):
    nowhere = dataclasses.replace(remote, url=f"{closed_port()}/a")
    with pytest.raises(DownloadError) as caught:
        fetch(nowhere, client, ignore)
    assert str(caught.value).startswith(f"{nowhere.url}: ")
    assert str(caught.value).endswith("Connection refused (tried 3 times)")


def test_a_cut_connection_is_resumed(server, remote, client):
    server.fail(NAME, cut=100_000, times=1)
    get(remote, client)
    assert server.gets(NAME) == [None, "bytes=100000-"]


def test_cuts_that_bring_it_forward_are_not_counted(server, remote, client):
    server.fail(NAME, cut=50_000)
    get(remote, client)
    starts = range(0, 256_000, 50_000)
    starts = [f"bytes={start}-" if start else None for start in starts]
    assert server.gets(NAME) == starts


def test_cuts_that_do_not_are(server, remote, client):
    server.fail(NAME, cut=50_000, ignore_range=True)
    with pytest.raises(DownloadError, match="tried 3 times"):
        fetch(remote, client, ignore)
    assert remote.part.read_bytes() == BODY[:50_000]


def test_a_part_is_resumed(server, remote, client):
    remote.part.write_bytes(BODY[:1000])
    noted = get(remote, client)
    assert server.gets(NAME) == ["bytes=1000-"]
    assert noted[0] > 1000


def test_a_server_that_ignores_ranges(server, remote, client):
    remote.part.write_bytes(BODY[:100_000])
    server.fail(NAME, ignore_range=True)
    noted = get(remote, client)
    assert server.gets(NAME) == ["bytes=100000-"]
    assert noted[0] < 100_000
    assert noted[-1] == len(BODY)


@pytest.mark.parametrize(
    "wrong", ["bytes 5-255999/256000", "bytes */256000", "items 1000-2/3", ""]
)
def test_a_wrong_range_is_not_added(server, remote, client, wrong):
    remote.part.write_bytes(BODY[:1000])
    server.fail(NAME, content_range=wrong, times=1)
    noted = get(remote, client)
    assert noted[0] < len(BODY)
    assert server.gets(NAME) == ["bytes=1000-", None]


def test_a_range_that_is_the_whole_is_used(server, remote, client):
    remote.part.write_bytes(BODY[:1000])
    server.fail(NAME, content_range="bytes 0-255999/256000", times=1)
    get(remote, client)
    assert server.gets(NAME) == ["bytes=1000-"]


def test_nothing_but_wrong_ranges(server, remote, client):
    server.fail(NAME, content_range="bytes 5-255999/256000")
    with pytest.raises(DownloadError, match="asked for the whole"):
        fetch(remote, client, ignore)


def test_a_whole_part_is_taken(server, remote, client):
    remote.part.write_bytes(BODY)
    get(remote, client)
    assert server.gets(NAME) == ["bytes=256000-"]


def test_a_part_that_is_too_long_is_thrown_away(server, remote, client):
    remote.part.write_bytes(BODY + b"more")
    get(remote, client)
    assert server.gets(NAME) == ["bytes=256004-", None]


def test_a_part_of_another_file_is_thrown_away(server, remote, client):
    remote.part.write_bytes(b"other" * 100)
    get(remote, client)
    assert server.gets(NAME) == ["bytes=500-", None]


def test_wrong_bytes_once(server, remote, client):
    server.fail(NAME, body=b"wrong", times=1)
    get(remote, client)
    assert server.gets(NAME) == [None, None]


def test_wrong_bytes_twice(server, remote, client):
    remote.path.write_bytes(b"old")
    server.fail(NAME, body=b"wrong")
    with pytest.raises(DownloadError) as caught:
        fetch(remote, client, ignore)
    assert md5(b"wrong") in str(caught.value)
    assert md5(BODY) in str(caught.value)
    assert server.gets(NAME) == [None, None]
    assert remote.path.read_bytes() == b"old"
    assert not remote.part.exists()


def test_what_lies_there_stays_until_the_new_one_is_whole(
    server, remote, client
):
    remote.path.write_bytes(b"old")
    there = []
    server.sent = lambda *_: there.append(remote.path.read_bytes())
    get(remote, client)
    assert set(there) == {b"old"}


def test_it_is_on_the_disk_before_it_is_put_in_place(
    remote, client, monkeypatch
):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def record(*arguments, name=name, real=real):
            calls.append(name)
            real(*arguments)

        monkeypatch.setattr(os, name, record)
    get(remote, client)
    assert calls == ["fsync", "replace"]


def test_a_length_that_is_not_told(server, remote, client):
    server.fail(NAME, no_length=True)
    get(remote, client)


@pytest.mark.parametrize("fault", [{}, {"status": 503}])
def test_stopping_leaves_the_part(server, remote, client, fault):
    remote.part.write_bytes(BODY[:1000])
    server.fail(NAME, **fault)
    client.stop.set()
    with pytest.raises(StoppedError):
        fetch(remote, client, ignore)
    assert remote.part.read_bytes() == BODY[:1000]


def test_a_wait_ends_when_it_is_stopped(server, remote, monkeypatch):
    monkeypatch.setattr(retry, "FIRST_WAIT", 60.0)
    client = Client(retries=2, timeout=60.0)
    server.fail(NAME, status=503)

    def stop_after_an_answer():
        while not server.gets(NAME):
            time.sleep(0.01)
        time.sleep(0.2)
        client.stop.set()

    thread = threading.Thread(target=stop_after_an_answer)
    thread.start()
    with pytest.raises(StoppedError):
        fetch(remote, client, ignore)
    thread.join()
    assert len(server.gets(NAME)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"retries": -1}, {"timeout": 0.0}, {"timeout": float("nan")}],
)
def test_arguments_out_of_range(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} is .*: pass"):
        Client(**wrong)
