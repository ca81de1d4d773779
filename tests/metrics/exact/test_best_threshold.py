from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.metrics.exact.best_threshold import best_threshold


def best(hits: np.ndarray, scores: np.ndarray, known: int = 99) -> float:
    """The best threshold, of whose scores so many of the best are known."""
    hits, scores = np.sort(hits.astype("float32")), scores.astype("float32")
    ordered = np.sort(scores)[::-1]
    left_out = float(ordered[known]) if known < scores.size else -np.inf
    halves = np.array_split(scores, 2)
    ranked = ordered[:known][::-1]
    return best_threshold(hits, ranked, left_out, lambda: halves)


@pytest.mark.parametrize("known", [0, 1, 3, 5, 99])
def test_best_threshold_weighs_hits_against_predictions(known: int) -> None:
    # Ranked: .9 hit, .8 miss, .7 hit, .6 miss, .5 miss, .4 miss, .3 hit.
    # F1 at .9: 2/(1+3) = 1/2; at .7: 4/(3+3) = 2/3; at .3: 6/(7+3) = 3/5.
    # Halfway to the next lower score.
    hits = np.array([0.9, 0.7, 0.3])
    scores = np.array([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    assert best(hits, scores, known) == pytest.approx(0.65)


def test_equal_scores_are_predicted_together() -> None:
    # .5 is one hit and three misses: F1 at .9 is 2/(1+2) = 2/3, at .5 it is
    # 4/(5+2) = 4/7. Were the tied hit taken alone it would be 4/(2+2) = 1.
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.5])
    assert best(np.array([0.9, 0.5]), scores) == pytest.approx(0.7)


def test_the_highest_of_equally_good_thresholds_is_taken() -> None:
    # At .9: 2/(1+2) = 2/3. At .6: 4/(4+2) = 2/3.
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    assert best(np.array([0.9, 0.6]), scores) == pytest.approx(0.85)


def test_the_lowest_score_has_nothing_below_it() -> None:
    assert best(np.array([0.5]), np.array([0.5, 0.5])) == 0.5


def test_neighbouring_floats_have_no_middle() -> None:
    high = np.float32(0.5)
    low = np.nextafter(high, np.float32(0))
    threshold = best(np.array([high]), np.array([high, low]))
    assert np.float32(threshold) == high


def test_no_positive_gives_one_half() -> None:
    assert best(np.array([]), np.array([0.1])) == 0.5


@pytest.mark.parametrize("known", [0, 7, 30, 99])
@pytest.mark.parametrize("seed", range(20))
def test_best_threshold_is_best_among_all_scores(seed: int, known: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 30, 60) / 30
    labels = rng.random(60) < 0.3 + 0.3 * scores

    def f1(threshold: float) -> float:
        chosen = scores >= threshold
        return 2 * (chosen & labels).sum() / (chosen.sum() + labels.sum())

    tried = sorted(set(scores), reverse=True)
    top = max(tried, key=f1)
    lower = max((t for t in tried if t < top), default=top)
    assert best(scores[labels], scores, known) == pytest.approx(
        (top + lower) / 2
    )
