"""How long an exported model takes for one video."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from keras_attend_fusion.export.runtime import ExportedModel


def latency(
    exported: ExportedModel, features: dict[str, Any], runs: int = 30
) -> dict[str, float]:
    """Milliseconds a call, after three calls that do not count.

    Args:
        exported: the exported model.
        features: what it is called with; one video for the latency of one.
        runs: calls that are timed.

    Returns:
        `p50_ms` and `p95_ms`.
    """
    for _ in range(3):
        exported(features)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        exported(features)
        times.append(1000.0 * (time.perf_counter() - start))
    return {
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
    }
