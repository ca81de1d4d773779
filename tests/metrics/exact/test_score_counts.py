from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from keras_attend_fusion.metrics.exact.score_counts import ScoreCounts


def counted(scores: np.ndarray, labels: np.ndarray) -> ScoreCounts:
    parts = np.array_split(scores, 3)
    return ScoreCounts(lambda: parts, np.sort(scores[labels]))


def spread(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, 100, 4000)  # over many buckets, of both signs


def narrow(rng: np.random.Generator) -> np.ndarray:
    return 0.5 + rng.random(4000) / 2000  # within one bucket


def tied(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(-3, 4, 4000) / 4


@pytest.mark.parametrize("kind", [spread, narrow, tied])
@pytest.mark.parametrize("seed", range(4))
def test_against_trying_every_score(
    kind: Callable[[np.random.Generator], np.ndarray], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = kind(rng).astype("float32") + np.float32(0)
    # Hardly better than chance, so that many buckets stay likely.
    labels = rng.random(4000) < 0.2 + 0.1 * seed * (scores > scores.mean())
    tried = np.unique(scores[labels])[::-1]
    chosen = [(scores >= threshold) for threshold in tried]
    f1 = [2 * (c & labels).sum() / (c.sum() + labels.sum()) for c in chosen]
    best = tried[int(np.argmax(f1))]  # the highest of equals
    counts = counted(scores, labels)
    assert counts.best_threshold() == best
    lower = scores[scores < best]
    expected = lower.max() if lower.size else -np.inf
    assert counts.next_lower(float(best)) == expected


def test_the_next_lower_score_may_be_far_away() -> None:
    scores = np.array([-2.0, 0.75, 0.75], "float32")
    counts = counted(scores, np.array([False, True, True]))
    assert counts.next_lower(0.75) == -2.0
    assert counts.next_lower(-2.0) == -np.inf


def test_more_likely_buckets_than_are_counted_at_once() -> None:
    # Every score is a hit, so the lowest threshold is best, among 200 buckets
    # that all could be.
    scores = (2.0 ** np.arange(-100, 100)).astype("float32")
    counts = counted(scores, np.ones(200, bool))
    assert counts.best_threshold() == scores[0]
