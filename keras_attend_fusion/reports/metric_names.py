"""What metrics are called on the pages and in the plots."""

from __future__ import annotations

from html import escape

NAMES = {
    "gap_at_20": "GAP@20",
    "map": "mAP",
    "map_top_20": "mAP of each video’s top 20",
    "hit_at_1": "Hit@1",
    "perr": "PERR",
    "f1_micro": "F1 (micro)",
    "f1_macro": "F1 (macro)",
    "f1_samples": "F1 (by video)",
    "threshold": "threshold of F1",
    "videos": "videos",
    "classes_with_positives": "classes with a label",
    "calibration_error": "calibration error",
}


def name_of(key: str) -> str:
    """What a metric is called, HTML.

    >>> name_of("hit_at_1"), name_of("precision_at_5")
    ('Hit@1', 'precision at 5')
    """
    return NAMES.get(key, escape(key.replace("_", " ")))
