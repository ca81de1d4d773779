"""Precision against recall as TensorBoard's tab of PR curves shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

THRESHOLDS = 201  # 0, 0.005, … 1: the plugin expects them evenly apart
TAG = "val_top_20/pr_curves"
TEXT = "All videos' 20 best scores pooled: the curve whose area GAP is."


def counts(
    ranked: np.ndarray, hits: np.ndarray, positives: int, pairs: int
) -> np.ndarray:
    """What the plugin expects of each threshold t, `score >= t` being a yes.

    Args:
        ranked: every score in the list, rising.
        hits: those of them whose label is 1, rising.
        positives: labels there are, in the list or not.
        pairs: of a video and a class, in the list or not.

    Returns:
        Float32, `(6, THRESHOLDS)`: true positives, false positives, true
        negatives, false negatives, precision (1 where nothing is predicted)
        and recall.
    """
    at = np.linspace(0, 1, THRESHOLDS, dtype="float32")
    predicted = ranked.size - np.searchsorted(ranked, at, "left")
    true_positives = hits.size - np.searchsorted(hits, at, "left")
    wrong, missed = predicted - true_positives, positives - true_positives
    nothing = predicted == 0
    rows = [
        true_positives,
        wrong,
        pairs - predicted - missed,
        missed,
        (true_positives + nothing) / (predicted + nothing),
        true_positives / max(positives, 1),
    ]
    return np.stack(rows).astype("float32")


def summary_value(evaluator: Any) -> Any:
    """The curve of an exact evaluator, as part of a TensorBoard summary."""
    all_ = evaluator.collected()
    pairs = all_.videos.label_counts.size * all_.num_classes
    ranked, hits = all_.pooled
    table = counts(ranked, hits, int(all_.positives.sum()), pairs)
    # `PrCurvePluginData`: its field 2, a varint, is the number of thresholds.
    content = bytes([2 << 3, 0x80 | THRESHOLDS & 0x7F, THRESHOLDS >> 7])
    plugin = tf.compat.v1.SummaryMetadata.PluginData(
        plugin_name="pr_curves", content=content
    )
    metadata = tf.compat.v1.SummaryMetadata(
        display_name=TAG, summary_description=TEXT, plugin_data=plugin
    )
    return tf.compat.v1.Summary.Value(
        tag=TAG, metadata=metadata, tensor=tf.make_tensor_proto(table)
    )
