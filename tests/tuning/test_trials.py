"""The trials of a folder, the best first."""

from __future__ import annotations

import json

from keras_attend_fusion.tuning import read_trials


def test_the_best_come_first_and_the_failed_last(tmp_path):
    results = [
        {"trial": "0", "status": "FAILED", "message": "lost"},
        {"trial": "1", "status": "COMPLETED", "score": 0.25},
        {"trial": "2", "status": "COMPLETED", "score": 0.5},
    ]
    for one in results:
        folder = tmp_path / f"trial_{one['trial']}"
        folder.mkdir()
        (folder / "result.json").write_text(json.dumps(one))
    (tmp_path / "trial_3").mkdir()  # has begun
    rows = read_trials(tmp_path, "score")
    assert [row["trial"] for row in rows] == ["2", "1", "0"]
