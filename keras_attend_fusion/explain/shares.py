"""How much of a decision is each modality's."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

LEAST = 1e-7  # as far from 0 and 1 as float32 scores can be told from them


def logit(scores: np.ndarray) -> np.ndarray:
    """`log(s / (1 - s))`, with `s` kept `LEAST` away from 0 and 1."""
    s = np.clip(np.asarray(scores, "float64"), LEAST, 1.0 - LEAST)
    return np.log(s) - np.log1p(-s)


def subsets(modalities: Sequence[str]) -> list[frozenset[str]]:
    """Every set of modalities, from none to all.

    Example:

    >>> [sorted(chosen) for chosen in subsets(["rgb", "audio"])]
    [[], ['rgb'], ['audio'], ['audio', 'rgb']]
    """
    return [
        frozenset(chosen)
        for count in range(len(modalities) + 1)
        for chosen in itertools.combinations(modalities, count)
    ]


def contributions(
    scores: Mapping[frozenset[str], np.ndarray], modalities: Sequence[str]
) -> np.ndarray:
    """What each modality adds to each class's logit (its Shapley value).

    `φ_m = Σ_S |S|! (n − |S| − 1)! / n! · (z_{S ∪ m} − z_S)` over the sets `S`
    of the other modalities, with `z_S` the logit of the score with those
    alone: what `m` adds, averaged over all orders in which the modalities
    can be added.

    Args:
        scores: those with each of the `subsets` alone, all of one shape.
        modalities: the names of all `n` of them.

    Returns:
        That shape and `(n,)`. They sum to the logit with all less that with
        nothing.

    Example:

    >>> half, much = np.array([0.5]), np.array([0.9])
    >>> names = ["rgb", "audio"]
    >>> picture_does = dict(zip(subsets(names), [half, much, half, much]))
    >>> contributions(picture_does, names).round(3).tolist()
    [[2.197, 0.0]]
    """
    z = {chosen: logit(values) for chosen, values in scores.items()}
    count = len(modalities)
    parts = []
    for modality in modalities:
        part = np.zeros_like(z[frozenset()])
        for others in subsets([m for m in modalities if m != modality]):
            size = len(others)
            weight = math.factorial(size) * math.factorial(count - size - 1)
            added = z[others | {modality}] - z[others]
            part = part + added * weight / math.factorial(count)
        parts.append(part)
    return np.stack(parts, axis=-1)


def shares(parts: np.ndarray) -> np.ndarray:
    """Parts above 0 over their sum on the last axis; NaN if there is none.

    Example:

    >>> shares(np.array([[3.0, 1.0], [2.0, -5.0], [-1.0, 0.0]])).tolist()
    [[0.75, 0.25], [1.0, 0.0], [nan, nan]]
    """
    speaking = np.maximum(parts, 0.0)
    total = speaking.sum(axis=-1, keepdims=True)
    divisor = np.where(total > 0, total, np.nan)
    return (speaking / divisor).astype("float32")
