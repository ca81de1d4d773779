"""Shards behind a real HTTP server and a real S3 server, on loopback."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.data import remote
from tests.data import records
from tests.data.file_server import Fault, serving

HAS_IO = importlib.util.find_spec("tensorflow_io") is not None
HAS_S3 = HAS_IO and importlib.util.find_spec("moto") is not None
needs_io = pytest.mark.skipif(not HAS_IO, reason="tensorflow-io is not there")
NAMES = [f"{i:04d}" for i in range(40)]


@pytest.fixture(autouse=True)
def _afresh(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(remote, "SECONDS", 1.0)
    monkeypatch.setattr(remote, "_reached", set())
    from keras_attend_fusion.data.downloads import retry

    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)


def shards(folder, count=2):
    made = {}
    size = len(NAMES) // count
    for i in range(count):
        some = NAMES[i * size : (i + 1) * size]
        path = records.write(folder / f"{i}", [records.video(n) for n in some])
        made[f"train{i:02d}.tfrecord"] = path.read_bytes()
    return made


@pytest.fixture
def server(tmp_path):
    with serving() as files:
        files.hold("2/video/train", shards(tmp_path))
        yield files


def ids(pattern, **arguments):
    load = data.load(pattern, with_id=True, **arguments)
    return sorted(
        one.decode()
        for features, _ in load.as_numpy_iterator()
        for one in features["id"]
    )


@pytest.mark.skipif(HAS_IO, reason="tensorflow-io is there")
@pytest.mark.parametrize("path", ["s3://bucket/a*", "http://host/a.tfrecord"])
def test_without_the_extra_the_error_says_what_to_install(path):
    with pytest.raises(ValueError, match=r"keras-attend-fusion\[io\]") as error:
        data.load(path)
    assert str(error.value).startswith(path)


def test_a_local_list_of_shards(tmp_path):
    for name, content in shards(tmp_path).items():
        (tmp_path / name).write_bytes(content)
    listed = tmp_path / "list.txt"
    listed.write_text(
        f"# two shards\n\n{tmp_path}/train00.tfrecord\n{tmp_path}/train01*\n"
    )
    assert ids(listed) == NAMES
    listed.write_text("# none\n")
    with pytest.raises(ValueError, match="names no shard"):
        data.load(listed)


@needs_io
def test_addresses_a_list_of_them_and_a_plan(server, tmp_path):
    base = f"{server.address}/2/video/train"
    addresses = [f"{base}/train{i:02d}.tfrecord" for i in range(2)]
    assert ids(addresses) == NAMES
    assert any(one.range for one in server.log if one.method == "GET")
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join(addresses))
    assert ids(listed, shuffle=True) == NAMES
    server.files["/list.txt"] = listed.read_bytes()
    assert ids(f"{server.address}/list.txt") == NAMES
    plan = f"{server.address}/2/download_plans/video_train.json"
    assert ids(plan) == NAMES
    assert data.count(plan) == len(NAMES)
    assert sum(one.videos for one in data.inspect(plan)) == len(NAMES)
    assert ids(plan, on_corrupt="skip") == NAMES


@needs_io
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=403), "status 403"),
        (Fault(status=404), "status 404"),
        (Fault(status=503), "status 503"),
        (Fault(hang=True), "timed out|Read timed out"),
        (Fault(ignore_range=True), "sends whole files alone"),
    ],
)
def test_a_server_that_does_not_serve(server, fault, message):
    server.faults["/2/video/train/train01.tfrecord"] = [fault]
    plan = f"{server.address}/2/download_plans/video_train.json"
    with pytest.raises(ValueError, match=message) as error:
        data.load(plan)
    assert "train01.tfrecord" in str(error.value)
    assert "\n" not in str(error.value)


@needs_io
def test_a_damaged_shard_behind_an_address(server):
    path = "/2/video/train/train00.tfrecord"
    content = bytearray(server.files[path])
    content[len(content) // 2] ^= 0xFF
    server.files[path] = bytes(content)
    report = data.SkipReport()
    seen = ids(f"{server.address}{path}", on_corrupt="skip", report=report)
    assert len(seen) == len(NAMES) // 2 - 1
    assert report.count == 1


READ_S3 = """
    import json, os, sys
    from keras_attend_fusion import data

    pattern, none = sys.argv[1:]
    load = data.load(pattern, with_id=True, shuffle=True)
    ids = [
        one.decode()
        for features, _ in load.as_numpy_iterator()
        for one in features["id"]
    ]
    try:
        data.load(none)
        error = ""
    except ValueError as problem:
        error = str(problem)
    facts = {"ids": ids, "count": data.count(pattern), "error": error}
    print(json.dumps(facts), flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not HAS_S3, reason="tensorflow-io or moto is not there")
def test_a_glob_on_s3(tmp_path):
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        address = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "S3_ENDPOINT": address,
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        client.create_bucket(Bucket="shards")
        for name, content in shards(tmp_path).items():
            client.put_object(Bucket="shards", Key=f"v/{name}", Body=content)
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                textwrap.dedent(READ_S3),
                "s3://shards/v/train*",
                "s3://shards/v/nothing*",
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
    finally:
        server.stop()
    facts = json.loads(done.stdout.splitlines()[-1])
    assert sorted(facts["ids"]) == NAMES
    assert facts["count"] == len(NAMES)
    assert "s3://shards/v/nothing* matches no file" in facts["error"]
