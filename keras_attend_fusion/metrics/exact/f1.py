"""F1 from counts."""

from __future__ import annotations

import numpy as np


def f1_scores(
    hits: np.ndarray, predicted: np.ndarray, positives: np.ndarray | int
) -> np.ndarray:
    """F1 = 2 · hits / (predicted + positives), element by element.

    Nothing predicted and nothing to find gives 0 (what scikit-learn calls
    `zero_division=0`).

    Args:
        hits: how many predicted entries are positive.
        predicted: how many entries are predicted.
        positives: how many entries are positive.

    Returns:
        float64 of the common shape.

    Example:

    >>> f1_scores(np.array([1, 0]), np.array([1, 0]), np.array([2, 0]))
    array([0.66666667, 0.        ])
    """
    return 2.0 * hits / np.maximum(predicted + positives, 1)
