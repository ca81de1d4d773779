"""A real tf.data service: a dispatcher and two workers in another process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from keras_attend_fusion import data
from tests.data import records

SERVICE = """
import tensorflow as tf
service = tf.data.experimental.service
dispatcher = service.DispatchServer()
workers = [
    service.WorkerServer(
        service.WorkerConfig(
            dispatcher_address=dispatcher.target.split("://")[1],
            heartbeat_interval_ms=100,
        )
    )
    for _ in range(2)
]
print(dispatcher.target, flush=True)
dispatcher.join()
"""


@pytest.fixture
def service():
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield process.stdout.readline().strip()
    process.kill()
    process.communicate()


def test_two_workers_read_every_video_once(tmp_path, service):
    for shard in range(6):
        made = [records.video(f"{shard}-{i}") for i in range(10)]
        records.write(tmp_path / f"{shard}", made)
    load = data.load(
        str(tmp_path / "*"),
        batch_size=4,
        shuffle=True,
        with_id=True,
        service=service,
    )
    for _ in range(2):
        seen = [
            one.decode()
            for features, _ in load.as_numpy_iterator()
            for one in features["id"]
        ]
        expected = [f"{shard}-{i}" for shard in range(6) for i in range(10)]
        assert sorted(seen) == expected


@pytest.mark.parametrize(
    "other", [{"on_corrupt": "skip"}, {"process": (0, 2)}, {"cache": "memory"}]
)
def test_what_does_not_go_with_a_service(tmp_path, other):
    path = records.write(tmp_path / "a", [records.video()])
    with pytest.raises(ValueError, match="leave out"):
        data.load(path, service="grpc://localhost:1", **other)
