"""How often each score occurs, without keeping or sorting the scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from keras_attend_fusion.metrics.exact.f1 import f1_scores
from keras_attend_fusion.metrics.exact.sort_keys import score_keys, scores_of

_BUCKETS = 2**16  # by the upper half of a score's 32 bits
_AT_ONCE = 64  # buckets whose scores are counted one by one in a pass


class ScoreCounts:
    """Counts of scores in 65,536 buckets, and exact ones inside a few.

    A float32 has 32 bits: those of one upper half form a bucket, and the
    lower half tells its scores apart. One pass over all scores counts the
    buckets; those where the best F1 can lie are then counted score by score,
    64 in a pass. Memory: 32 MB, however many scores there are.

    Args:
        every_score: gives every score, in any number of float32 arrays
            without -0.0.
        hits: the scores of all positives among them, rising, float32.

    Example:

    >>> scores = np.array([0.2, 0.6, 0.7, 0.9], dtype="float32")
    >>> counts = ScoreCounts(lambda: [scores], scores[[1, 3]])
    >>> round(counts.best_threshold(), 6)
    0.6
    """

    def __init__(
        self, every_score: Callable[[], Iterable[np.ndarray]], hits: np.ndarray
    ) -> None:
        self.every_score = every_score
        self.hits = score_keys(hits)
        self.coarse = np.zeros(_BUCKETS, "int64")
        for scores in every_score():
            buckets = score_keys(scores.ravel()) >> 16
            self.coarse += np.bincount(buckets, minlength=_BUCKETS)

    def best_threshold(self) -> float:
        """The score of a hit from which on micro-averaged F1 is highest."""
        positives = self.hits.size
        hits = np.bincount(self.hits >> 16, minlength=_BUCKETS)
        hits_above, predicted = _from_the_top(hits), _from_the_top(self.coarse)
        # In a bucket F1 is at most as if its hits came before its misses.
        bound = f1_scores(hits_above, predicted - self.coarse + hits, positives)
        least = f1_scores(hits_above, predicted, positives).max()
        likely = np.flatnonzero((hits > 0) & (bound >= least))
        likely = likely[np.argsort(-bound[likely], kind="stable")]
        best = (least, -1)
        for start in range(0, likely.size, _AT_ONCE):
            buckets = likely[start : start + _AT_ONCE]
            buckets = buckets[bound[buckets] >= best[0]]
            for bucket, counts in zip(
                buckets, self._fine(buckets), strict=True
            ):
                keys = np.unique(self.hits[self.hits >> 16 == bucket])
                higher = predicted[bucket] - self.coarse[bucket]
                values = f1_scores(
                    positives - np.searchsorted(self.hits, keys, "left"),
                    higher + _from_the_top(counts)[keys & 0xFFFF],
                    positives,
                )
                place = np.flatnonzero(values == values.max())[-1]
                best = max(best, (float(values[place]), int(keys[place])))
        return _score(best[1])

    def next_lower(self, score: float) -> float:
        """The highest score below one that occurs; -inf if there is none."""
        (key,) = score_keys(np.array([score], "float32")).tolist()
        bucket, place = divmod(key, _BUCKETS)
        below = np.flatnonzero(self._fine(np.array([bucket]))[0, :place])
        if below.size:
            return _score(bucket * _BUCKETS + int(below[-1]))
        lower = np.flatnonzero(self.coarse[:bucket])
        if not lower.size:
            return -np.inf
        counts = self._fine(lower[-1:])[0]
        return _score(int(lower[-1]) * _BUCKETS + int(counts.nonzero()[0][-1]))

    def _fine(self, buckets: np.ndarray) -> np.ndarray:
        """How often each score of some buckets occurs, (buckets, 2^16)."""
        places = np.full(_BUCKETS, -1, "int64")
        places[buckets] = np.arange(buckets.size) * _BUCKETS
        counts = np.zeros(buckets.size * _BUCKETS, "int64")
        for scores in self.every_score():
            keys = score_keys(scores.ravel())
            starts = places[keys >> 16]
            chosen = starts >= 0
            np.add.at(counts, starts[chosen] + (keys[chosen] & 0xFFFF), 1)
        return counts.reshape(buckets.size, _BUCKETS)


def _from_the_top(counts: np.ndarray) -> np.ndarray:
    """At each place, the sum from there to the end."""
    return np.cumsum(counts[::-1])[::-1]


def _score(key: int) -> float:
    return float(scores_of(np.array([key], "uint32"))[0])
