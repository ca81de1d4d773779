"""Reports that are made without a model."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np

from keras_attend_fusion.metrics import Calibration, ClassScores
from keras_attend_fusion.reports.hardest_videos import Found, Guess, HardVideo
from keras_attend_fusion.reports.run_html import Report
from keras_attend_fusion.reports.run_record import Run

HOSTILE = '</style><script>document.title = "owned"</script><b>$x'


def run(**changes: Any) -> Run:
    """A run of three epochs, of which the second is the best."""
    told: dict[str, Any] = {
        "name": "a<b>",
        "config": {
            "model": "attend_fusion",
            "preset": "mobile",
            "level": "video",
            "num_classes": 3,
            "train_videos": 1200,
            "epochs": 3,
            "train": HOSTILE,
            "sizes": {},
            "versions": {"keras": "3"},
        },
        "metrics": {
            "gap_at_20": 0.75,
            "f1_micro": 0.5,
            "videos": 40,
            "parameters": 12345,
            "seconds": 61.0,
        },
        "history": [
            epoch(1, 4.0, 0.25),
            epoch(2, 2.0, 0.75),
            epoch(3, 1.0, 0.5),
        ],
    }
    return Run(**{**told, **changes})


def epoch(number: int, loss: float, gap: float) -> dict[str, float]:
    return {
        "epoch": float(number),
        "loss": loss,
        "val_gap_at_20": gap,
        "val_hit_at_1": gap / 2,
    }


def scores(index: int, name: str, positives: int, found: float) -> ClassScores:
    return ClassScores(
        index, name, positives, positives, found, found, 0.5, 0.25, 1 / 3
    )


def found(**changes: Any) -> Found:
    """What a model of three classes says of forty videos."""
    told: dict[str, Any] = {
        "metrics": {"gap_at_20": 0.7, "threshold": 0.5, "videos": 40},
        "classes": [
            scores(0, HOSTILE, 4, 0.25),
            scores(1, "Car & boat", 12, 0.75),
            scores(2, "", 3, 0.5),
        ],
        "calibration": Calibration(
            np.array([0.2, np.nan, 0.8]),
            np.array([0.1, np.nan, 0.9]),
            np.array([30, 0, 10]),
        ),
        "hardest": [
            HardVideo(
                "<i>id</i>",
                0.125,
                [Guess(HOSTILE, 0.001, 3, True)],
                2,
                [Guess("Dog", 0.9, 1, False), Guess("Cat", 0.8, 2, True)],
            )
        ],
        "label_counts": Counter({0: 1, 1: 30, 2: 8, 25: 1}),
    }
    return Found(**{**told, **changes})


def shard(**changes: Any) -> SimpleNamespace:
    """As `data.ShardStats`, which needs TensorFlow."""
    told = {
        "bytes": 2_000_000,
        "videos": 40,
        "frames_min": 30,
        "frames_mean": 45.0,
        "frames_max": 60,
        "without_labels": 1,
        "without": {"rgb": 0, "audio": 2},
        "duplicate_audio": 0,
        "corrupt": [(12, "bad")],
    }
    return SimpleNamespace(**{**told, **changes})


EXPORT = {
    "files": [
        {
            "file": "model.tflite",
            "format": "litert",
            "bytes": 2_500_000,
            "max_difference": 1.5e-6,
            "p50_ms": 1.25,
            "two_threads": {"p50_ms": 0.75},
            "first_ms": 81.2,
            "peak_mb": None,
        }
    ]
}
BASELINES = [
    {
        "model": "logistic",
        "preset": "base",
        "level": "video",
        "gap_at_20": {"mean": 0.65, "std": 0.001},
        "videos": {"mean": 5758.0},
    },
    {"model": HOSTILE, "gap_at_20": 0.5},
]


def whole() -> Report:
    """A report with every part."""
    return Report(
        run(),
        baselines=BASELINES,
        source="results.json",
        data=HOSTILE,
        found=found(),
        shards=[shard(), shard(videos=10, frames_mean=30.0)],
        threshold_source="given",
        export=EXPORT,
    )
