"""What the benchmark prints and writes; how long it takes is not tested."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.cli.benchmarks import input as benchmark
from tests.cli.runs import read_json


@pytest.mark.parametrize("level", ["video", "frame"])
def test_every_way_is_timed(command, tmp_path, level):
    report = tmp_path / "report.json"
    answer = command(
        "benchmark",
        "input",
        f"--level={level}",
        "--videos=20",
        "--classes=30",
        "--batch-size=8",
        "--repeats=1",
        f"--json={report}",
    )
    assert answer.status == 0, answer.error
    found = read_json(report)
    assert (found["level"], found["videos"]) == (level, 20)
    ways = ["bare", "float", "ours"] + ["buckets"] * (level == "frame")
    assert [row["way"] for row in found["rows"]] == ways
    bare, slow = found["rows"][:2]
    assert bare["of_limit"] == slow["of_float"] == 1.0
    for row in found["rows"]:
        assert row["videos_a_second"] > 0
        assert f"{row['videos_a_second']:.0f}" in answer.out


@pytest.mark.parametrize("level", ["video", "frame"])
def test_the_ways_deliver_the_same(tmp_path, level):
    data.synthesize(
        tmp_path / "s", level, 12, shards=1, classes=4, seconds=(3, 9)
    )
    paths = data.list_shards(f"{tmp_path}/s/train-*")
    (float_batch,) = benchmark.DATASETS["float"](paths, level, 12, 4)
    (our_batch,) = benchmark.DATASETS["ours"](paths, level, 12, 4)
    np.testing.assert_array_equal(float_batch[1], our_batch[1])
    for name in ("rgb", "audio"):
        ours = our_batch[0][name].numpy()
        theirs = float_batch[0][name].numpy()
        if level == "frame":
            there = our_batch[0][f"{name}_mask"].numpy()
            ours = ours * (4 / 255) + (4 / 512 - 2)
            ours = np.where(there[..., None], ours, 0.0)
            theirs = theirs[:, : ours.shape[1]]
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_given_shards_are_read(command, tmp_path):
    data.synthesize(tmp_path / "s", "video", 12, shards=1, classes=4)
    glob = f"--data={tmp_path}/s/train-*"
    answer = command("benchmark", "input", glob, "--repeats=1")
    assert answer.status == 0, answer.error
    assert answer.out.startswith("video level, 12 videos, ")
