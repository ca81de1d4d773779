"""What the benchmark prints and writes; how long it takes is not tested."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.cli.benchmarks import metrics
from tests.cli.runs import read_json


def test_the_exact_evaluator_beside_a_copy(command, tmp_path):
    report = tmp_path / "report.json"
    flags = ["--videos=700", "--classes=40", f"--json={report}"]
    answer = command("benchmark", "metrics", *flags, "--repeats=1")
    assert answer.status == 0
    assert answer.error == ""
    assert answer.out.startswith("700 videos, 40 classes, fastest of 1:\n")
    found = read_json(report)
    assert (found["videos"], found["classes"]) == (700, 40)
    copy, every, top = found["rows"]
    for row in (copy, every, top):
        assert row["what"] in answer.out
        assert f"{row['update']:.3f} s" in answer.out
    scores = 700 * 40 * 4
    assert copy["kept"] == scores
    assert every["kept"] >= scores
    assert every["peak"] >= every["kept"] > top["kept"]
    assert all(row["result"] > 0.0 for row in (every, top))


def test_the_made_up_scores_are_like_real_ones():
    rng = np.random.default_rng(0)
    scores, labels = metrics.made_up(500, 400, rng)
    assert scores.dtype == np.float32
    assert 0.0 <= scores.min() <= scores.max() <= 1.0
    assert np.median(scores) < 0.01
    assert 2.5 < labels.sum(axis=1).mean() <= 3.0
    assert scores[labels == 1].mean() > 20 * scores[labels == 0].mean()
    first, last = labels[:, :40].sum(), labels[:, -40:].sum()
    assert first > 5 * last
