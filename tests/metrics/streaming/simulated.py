"""Simulated videos, and a metric fed with them batch by batch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests import quick_jax as quick_jax


def some_videos(
    sharpness: float = 1.0, videos: int = 2000, classes: int = 500
) -> tuple[np.ndarray, np.ndarray]:
    """Sigmoid outputs of a fair model, and three labels a video."""
    rng = np.random.default_rng(5)
    labels = rng.random((videos, classes)) < 3 / classes
    logits = rng.normal(-6, 1.5, labels.shape)
    logits += 11 * labels * rng.random(labels.shape)
    scores = 1 / (1 + np.exp(-sharpness * logits))
    return scores.astype("float32"), labels.astype("float32")


def rare_classes(
    sharpness: float = 1.0, videos: int = 2000, classes: int = 3862
) -> tuple[np.ndarray, np.ndarray]:
    """As `some_videos`, but the nth class is as frequent as 1 / n."""
    rng = np.random.default_rng(6)
    share = 1 / np.arange(3, classes + 3)
    share = (3 * share / share.sum()).astype("float32")
    labels = rng.random((videos, classes), dtype="float32") < share
    logits = rng.standard_normal(labels.shape, dtype="float32") * 1.5
    logits += np.log(share) - 1.5
    gain = rng.standard_normal(np.count_nonzero(labels)) * 2.5 + 5
    logits[labels] += gain.astype("float32")
    scores = 1 / (1 + np.exp(-sharpness * logits))
    return scores.astype("float32"), labels.astype("float32")


def with_logits_of_8_bits(scores: np.ndarray) -> np.ndarray:
    """What a bfloat16 model leaves: its logits tie, its sigmoid is float32."""
    with np.errstate(divide="ignore"):
        logits = np.log(scores) - np.log1p(-scores)
    bits = logits.astype("float32").view("uint32") & 0xFFFF0000
    return 1 / (1 + np.exp(-bits.view("float32")))


def streamed(
    metric: keras.metrics.Metric, scores: Any, labels: Any, size: int = 500
) -> float:
    """The metric's result after batches of `size` videos."""
    for start in range(0, len(scores), size):
        end = start + size
        metric.update_state(labels[start:end], scores[start:end])
    return float(metric.result())
