"""Servers that send too much, too slowly, or what is made to mislead."""

from __future__ import annotations

import gzip
import hashlib
import json
import time

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data.downloads import client as clients
from keras_attend_fusion.data.downloads import plan as plans
from keras_attend_fusion.data.downloads import retry
from keras_attend_fusion.data.downloads.client import Client
from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    TooMuchError,
    TooSlowError,
)
from keras_attend_fusion.data.downloads.fetch import Remote, fetch
from keras_attend_fusion.data.downloads.partition import Source, find_source
from keras_attend_fusion.data.downloads.plan import parse_plan, read_first
from keras_attend_fusion.data.downloads.plan_download import plan_download
from tests.data.file_server import serving

PARTITION = "2/video/validate"
BODY = bytes(range(256)) * 200
FIRST, SECOND = "validate00.tfrecord", "validate01.tfrecord"
FILES = {FIRST: BODY, SECOND: b"second"}
PLAN = "video_validate.json"
CERTIFICATE = "tests/data/loopback.pem"  # of a key that serves these tests
ENDLESS = {"endless": True, "no_length": True}


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
def remote(server, tmp_path):
    url = f"{server.address}/{PARTITION}/{FIRST}"
    return Remote(url, tmp_path / FIRST, hashlib.md5(BODY).hexdigest())


def get(remote, **options):
    given = {"retries": 1, "timeout": 1.0, **options}
    fetch(remote, Client(**given), lambda come: None)


def download(server, tmp_path):
    return data.download(
        PARTITION,
        tmp_path / "out",
        server=server.address,
        retries=0,
        timeout=60.0,
    )


def plan_of(server):
    return f"{server.address}/2/download_plans/{PLAN}"


@pytest.mark.parametrize(
    "header",
    [
        {"Content-Length": "9" * 5000},
        {"Content-Length": "-5"},
        {"Content-Length": "51200.0"},
        {"Content-Range": f"bytes 0-{'9' * 5000}/{'9' * 5000}"},
        {"Retry-After": "9" * 5000},
    ],
)
def test_a_header_that_is_no_number_stops_no_other_file(
    server, tmp_path, header
):
    for method in ("HEAD", "GET"):
        server.fail(FIRST, method=method, headers=header, no_length=True)
    assert download(server, tmp_path).downloaded == [FIRST, SECOND]


def test_sizes_that_no_shard_has_stop_no_other_file(server, tmp_path):
    absurd = {"Content-Length": str(10**15)}
    for method in ("HEAD", "GET"):
        server.fail(FIRST, method=method, headers=absurd, no_length=True)
    with pytest.raises(DownloadError) as caught:
        download(server, tmp_path)
    assert caught.value.report.downloaded == [SECOND]
    failure = caught.value.report.failed[FIRST]
    assert f"announces {10**15} bytes" in failure
    assert [one.name for one in (tmp_path / "out").iterdir()] == [SECOND]


@pytest.mark.parametrize(
    "fault",
    [ENDLESS, {"endless": True, "content_range": "bytes 0-51199/51200"}],
)
def test_an_endless_body_leaves_nothing(server, remote, fault):
    server.fail(FIRST, **{"headers": {"Content-Length": None}, **fault})
    with pytest.raises(TooMuchError, match=r"more than the \d+ bytes"):
        get(remote, most_bytes=1_000_000)
    assert list(remote.path.parent.iterdir()) == []
    assert len(server.gets(FIRST)) == 1


def test_an_endless_body_ends_at_the_size_that_was_told_before(
    server, tmp_path
):
    server.fail(FIRST, **ENDLESS, headers={"Content-Length": None})
    with pytest.raises(DownloadError) as caught:
        download(server, tmp_path)
    failure = caught.value.report.failed[FIRST]
    assert f"sends more than the {len(BODY)} bytes" in failure
    assert [one.name for one in (tmp_path / "out").iterdir()] == [SECOND]


def test_a_byte_now_and_then_is_too_slow(server, remote):
    server.fail(FIRST, pause=0.05)
    start = time.monotonic()
    with pytest.raises(DownloadError, match=r"fewer than 1000 a second.*2 tim"):
        get(remote)
    assert time.monotonic() - start < 60.0  # the whole takes 2560
    assert len(server.gets(FIRST)) == 2


def test_a_slow_line_is_waited_for(server, remote):
    server.sent = lambda path, sent: time.sleep(0.05)
    get(remote, least_rate=100_000.0)
    assert remote.path.read_bytes() == BODY


def test_no_least_rate_waits_for_every_byte(server, remote, monkeypatch):
    server.hold(PARTITION, {FIRST: b"slow!"})
    slow = Remote(remote.url, remote.path, hashlib.md5(b"slow!").hexdigest())
    server.fail(FIRST, pause=0.2)
    get(slow, least_rate=0.0)
    assert slow.path.read_bytes() == b"slow!"


def test_headers_byte_by_byte_are_too_slow(server, remote):
    server.fail(FIRST, slow_headers=True, pause=0.05)
    with pytest.raises(DownloadError, match="headers timed out"):
        get(remote, retries=0)


def test_a_file_takes_no_longer_than_it_may(server, remote):
    server.fail(FIRST, pause=0.01)
    with pytest.raises(DownloadError, match="the time that a file may take"):
        get(remote, least_rate=1.0, file_timeout=0.4)
    assert len(server.gets(FIRST)) == 1


def test_a_few_bytes_a_try_are_no_gain(server, remote):
    server.fail(FIRST, cut=10)
    with pytest.raises(DownloadError, match="tried 3 times"):
        get(remote, retries=2)


def test_a_plan_that_unpacks_to_more_than_can_be_is_not_read(
    server, monkeypatch
):
    monkeypatch.setattr(clients, "MOST_SMALL", 1 << 20)
    bomb = gzip.compress(bytes(20 << 20))
    server.fail(PLAN, body=bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(TooMuchError, match="more than the 1048576 bytes"):
        Client().read(plan_of(server))


def test_a_plan_that_is_compressed_is_read(server):
    text = server.files[f"/2/download_plans/{PLAN}"]
    packed = {"Content-Encoding": "gzip"}
    server.fail(PLAN, body=gzip.compress(text), headers=packed)
    assert Client().read(plan_of(server)) == text


def test_what_is_compressed_twice_is_refused(server):
    twice = {"Content-Encoding": "gzip, gzip"}
    server.fail(PLAN, headers=twice)
    with pytest.raises(DownloadError, match="compressed more than once"):
        Client(retries=0).read(plan_of(server))


def test_a_plan_that_drips_is_given_up(server):
    server.fail(PLAN, pause=0.05)
    with pytest.raises(TooSlowError, match="fewer than 1000 a second"):
        Client(timeout=1.0).read(plan_of(server), once=True)


def test_more_than_the_part_that_was_asked_for(server):
    server.fail(FIRST, content_range="bytes 0-9/51200")
    url = f"{server.address}/{PARTITION}/{FIRST}"
    with pytest.raises(TooMuchError, match="more than the 10 bytes"):
        Client().part(url, 0, 10)


@pytest.mark.parametrize("status", [404, 503])
def test_the_words_of_a_server_cannot_steer_a_terminal(server, remote, status):
    server.fail(FIRST, status=status, reason="\x1b[2J\x1b]0;hi\x07\x9b31m Fine")
    with pytest.raises(DownloadError) as caught:
        get(remote, retries=0)
    assert str(caught.value).isprintable()
    assert f"status {status} \\x1b[2J" in str(caught.value)


def test_redirects_are_followed(server, remote):
    server.files["/elsewhere"] = BODY
    server.fail(FIRST, redirect="/elsewhere")
    get(remote)
    assert remote.path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("file:///etc/passwd", "redirected to file:///etc/passwd"),
        ("ftp://127.0.0.1/a", "redirected to ftp://127.0.0.1/a"),
        ("http://[", "validate00.tfrecord: "),
        ("http://a\x1b[2Jb/", "validate00.tfrecord: "),
        ("", "more than 5 redirects"),  # to itself
    ],
)
def test_redirects_that_lead_nowhere(server, remote, target, message):
    server.fail(FIRST, redirect=target)
    with pytest.raises(DownloadError) as caught:
        get(remote, retries=0)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_body_of_a_redirect_is_not_read(server, remote):
    server.files["/elsewhere"] = BODY
    server.fail(FIRST, redirect="/elsewhere", endless=True)
    get(remote)
    assert remote.path.read_bytes() == BODY


@pytest.fixture
def secure(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    with serving(CERTIFICATE) as files:
        files.hold(PARTITION, FILES)
        yield files


def test_a_plan_comes_over_https_where_that_is_served(secure, server):
    listing = read_first([plan_of(secure), plan_of(server)], Client())
    assert listing.place == plan_of(secure)
    assert listing.note == ""
    assert list(listing.files) == [FIRST, SECOND]
    assert server.log == []


@pytest.mark.parametrize("fault", ["certificate", "404", "downgrade"])
def test_a_plan_over_plain_http_is_told_of(
    secure, server, tmp_path, monkeypatch, fault
):
    if fault == "certificate":
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    elif fault == "404":
        secure.fail(PLAN, status=404)
    else:
        secure.fail(PLAN, redirect=plan_of(server))
    source = Source(
        PARTITION,
        plan_of(secure),
        f"{server.address}/{PARTITION}",
        plan_of(server),
    )
    order = plan_download(
        source, tmp_path / "out", (1, 1), Client(timeout=60.0)
    )
    assert order.plan == plan_of(server)
    assert len(order.wanted) == 2
    assert order.note.startswith(
        f"the plan is from {plan_of(server)}, over plain HTTP, "
    )
    expected = {
        "certificate": "certificate verify failed",
        "404": "status 404",
        "downgrade": "redirected from HTTPS to plain HTTP",
    }
    assert expected[fault] in order.note


def test_the_default_plans_are_asked_for_over_https():
    source = find_source(PARTITION)
    assert [one.split(":")[0] for one in source.plans] == ["https", "http"]
    own = find_source(PARTITION, server="http://nas/yt8m")
    assert own.plans == [own.plan]
    assert own.plan.startswith("http://nas/yt8m/")


@pytest.mark.parametrize(
    "files",
    [
        {"a" * 201: "0" * 32},
        {"a" * 1_000_000: "0" * 32},
        {"a": "f" * 1_000_000},
        {"a\x1b[2J": "0" * 32},
    ],
)
def test_long_names_and_sums_are_refused_in_few_words(files):
    with pytest.raises(plans.PlanError) as caught:
        parse_plan(json.dumps({"files": files}), "here")
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def test_a_saved_plan_that_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "MOST_BYTES", 100)
    path = tmp_path / "plan.json"
    path.write_bytes(bytes(101))
    with pytest.raises(plans.PlanError, match="more than 100 bytes"):
        plans.read_plan(str(path), Client())


@pytest.mark.parametrize(
    "wrong",
    [{"least_rate": -1.0}, {"least_rate": float("nan")}, {"file_timeout": 0.0}],
)
def test_limits_out_of_range(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} is .*: pass"):
        Client(**wrong)
