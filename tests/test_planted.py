"""benchmarks/planted.py: four models, and the table of what they find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_table_has_every_model_and_kind(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "benchmarks" / "planted.py")]
    words += ["--videos", "40", "--classes", "4", "--epochs", "1"]
    words += ["--seeds", "0", "1", "--docs", str(tmp_path)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KERAS_BACKEND": "tensorflow",
    }
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = json.loads((tmp_path / "planted.json").read_text())["rows"]
    assert [(row["pooling"], row["fusion"]) for row in rows] == [
        ("mean", "scores"),
        ("mean", "head"),
        ("attention", "scores"),
        ("attention", "head"),
    ]
    for row in rows:
        precision = row["average_precision"]
        assert list(precision) == ["visual", "audio", "both", "moment"]
        for values in precision.values():
            assert len(values) == 2
            assert all(0 < value <= 1 for value in values)
    text = (tmp_path / "planted.md").read_text()
    assert text.count("| mean |") == text.count("| attention |") == 2
    assert "--videos 40 --classes 4 --epochs 1 --learning-rate 0.003" in text
