"""What the benchmark prints and writes; how long it takes is not tested."""

from __future__ import annotations

import pytest

from keras_attend_fusion.cli.benchmarks import train
from tests.cli.runs import read_json

SMALL = ["--preset=mobile", "--classes=30", "--batch-size=8", "--steps=2"]


@pytest.mark.parametrize("level", ["video", "frame"])
def test_steps_and_their_waits(command, tmp_path, level):
    report = tmp_path / "report.json"
    flags = [*SMALL, f"--level={level}", "--videos=20", f"--json={report}"]
    answer = command("benchmark", "train", *flags)
    assert answer.status == 0, answer.error
    found = read_json(report)
    assert (found["level"], found["batch_size"]) == (level, 8)
    assert 0.0 <= found["waiting_share"] < 1.0
    assert f"{found['videos_a_second']:.1f}" in answer.out
    assert found["products_seconds"] > 0.0
    assert f"{found['products_share']:.0%} of the step" in answer.out
    assert f"{found['waiting_share']:.1%} of the time" in answer.out


def test_a_slow_input_is_seen(monkeypatch):
    class Model:
        def train_on_batch(self, features, labels):
            now[0] += 1.0

    def batches():
        while True:
            now[0] += 3.0
            yield None, None

    now = [0.0]
    monkeypatch.setattr(train.time, "perf_counter", lambda: now[0])
    times = train._steps(Model(), batches(), 5, lambda done: None, 0)
    assert times == [(3.0, 1.0)] * (5 - train.WARM_UP)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--preset=huge"], "attend_fusion comes as base, small"),
        (["--videos=4"], "4 videos are less than a batch of 8"),
    ],
)
def test_what_does_not_fit(command, flags, message):
    answer = command("benchmark", "train", *SMALL, "--level=video", *flags)
    assert answer.status in (1, 2)
    assert message in answer.error
