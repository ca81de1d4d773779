"""Whether what a saved evaluator holds can have come of its scores."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.exact import videos
from keras_attend_fusion.metrics.exact.threads import in_threads
from keras_attend_fusion.metrics.exact.videos import Videos
from keras_attend_fusion.metrics.inputs import as_top

_AT_A_TIME = 2**21  # scores that are worked on together
_BLANK = {"top_classes": -1, "top_scores": -np.inf, "top_hits": False}
_MOST_CLASSES = 2**31 - 1  # what int32 indices tell apart


class SavedCheck:
    """Computes again what is kept of videos, and compares.

    Every score of the videos has to be given to `block`, in order, or `tops`
    called where the best scores alone were kept; and `end` after that.

    Args:
        kept: what was kept of the videos, in arrays of the right dtypes.
        num_classes: how many classes there are.
        top_k: how many best scores a video has at most.

    Attributes:
        kept: the same, without what fills up tops beyond `num_classes`,
            which earlier versions kept.

    Raises:
        ValueError: in each method too, what was kept is not consistent.
    """

    def __init__(self, kept: Videos, num_classes: int, top_k: int) -> None:
        self.num_classes = num_classes
        self.top_k = top_k
        self._done = 0  # videos that were compared
        self._left_out = -np.inf
        count = kept.label_counts.size
        _require(num_classes <= _MOST_CLASSES, "num_classes")
        _require(kept.label_counts.shape == (count,), "the shape of its labels")
        _require(kept.perr.shape == (count,), "the shape of perr")
        _require(((kept.perr >= 0) & (kept.perr <= 1)).all(), "perr")
        _require(
            kept.left_out.ndim == 1 and 0 < kept.left_out.size <= count,
            "the number of batches",
        )
        self.kept = _without_filling(kept, top_k, min(top_k, num_classes))
        self._ends = self._check_labels()

    def _check_labels(self) -> np.ndarray:
        """Returns where the labels of each video end, after a 0."""
        counts, classes = self.kept.label_counts, self.kept.label_classes
        _require((counts >= 0).all(), "the number of labels")
        ends = np.cumsum(np.insert(counts.astype("int64"), 0, 0))
        _require(classes.shape == (ends[-1],), "the number of labels")
        _require(
            self.kept.label_scores.shape == classes.shape,
            "the number of labels' scores",
        )
        inside = (classes >= 0) & (classes < self.num_classes)
        _require(inside.all(), "a label")
        keys = self.kept.label_rows * self.num_classes + classes
        _require((np.diff(keys) > 0).all(), "the order of labels")
        return ends

    def block(self, scores: np.ndarray) -> None:
        """Compares with all scores of the next videos, (classes, videos)."""
        _require(
            scores.ndim == 2 and len(scores) == self.num_classes,
            "the shape of scores",
        )
        first, count = self._done, scores.shape[1]
        _require(
            first + count <= self.kept.label_counts.size, "the number of scores"
        )

        def compare(start: int) -> float:
            stop = min(start + self._step, count)
            kept = self._some(first + start, first + stop)
            part = np.ascontiguousarray(scores[:, start:stop].T)
            _require(np.isfinite(part).all(), "a score")
            _require_no_minus_zero(part)
            labels = np.zeros(part.shape, bool)
            labels[kept.label_rows, kept.label_classes] = True
            computed = videos.from_scores(part, labels, self.top_k, False)
            _compare(kept, computed, np.full(len(part), True))
            return float(computed.left_out.max())

        left_out = in_threads(compare, range(0, count, self._step))
        self._left_out = max([self._left_out, *left_out])
        self._done += count

    def tops(self) -> None:
        """Compares with the best scores, which are all that was kept."""
        count = self.kept.label_counts.size

        def compare(start: int) -> None:
            kept = self._some(start, min(start + self._step, count))
            _require_no_minus_zero(kept.top_scores)
            classes, scores = as_top(
                kept.top_classes, kept.top_scores, self.num_classes
            )
            computed = videos.from_top(
                classes,
                scores,
                kept.label_rows,
                kept.label_classes,
                self.num_classes,
                self.top_k,
            )
            # With more labels than entries, hits below those counted too.
            full = kept.label_counts <= computed.top_classes.shape[1]
            _compare(kept, computed, full)
            hits = np.rint(kept.perr * kept.label_counts)
            shares = hits / np.maximum(kept.label_counts, 1)
            _require(np.array_equal(kept.perr, shares), "perr")
            _require((kept.perr >= computed.perr).all(), "perr")

        in_threads(compare, range(0, count, self._step))
        self._done = count

    def end(self) -> None:
        """Compares what all videos together have."""
        _require(
            self._done == self.kept.label_counts.size, "the number of scores"
        )
        _require(self.kept.left_out.max() == self._left_out, "a score left out")

    @property
    def _step(self) -> int:
        return max(1, _AT_A_TIME // self.num_classes)

    def _some(self, start: int, stop: int) -> Videos:
        """What was kept of some videos."""
        rows = slice(start, stop)
        labels = slice(self._ends[start], self._ends[stop])
        kept = self.kept
        return Videos(
            kept.top_classes[rows],
            kept.top_scores[rows],
            kept.top_hits[rows],
            kept.label_counts[rows],
            kept.perr[rows],
            kept.label_classes[labels],
            kept.label_scores[labels],
            kept.left_out,
        )


def _without_filling(kept: Videos, top_k: int, width: int) -> Videos:
    """Tops of `width` entries: all that videos can have."""
    shape = kept.top_classes.shape
    count = kept.label_counts.size
    _require(shape in ((count, width), (count, top_k)), "the shape of tops")
    cut = {}
    for name, blank in _BLANK.items():
        array = getattr(kept, name)
        _require(array.shape == shape, f"the shape of {name}")
        _require((array[:, width:] == blank).all(), name)
        cut[name] = array[:, :width]
    return kept._replace(**cut)


def _compare(kept: Videos, computed: Videos, sure: np.ndarray) -> None:
    """Compares all that belongs to single videos; `perr` where `sure`."""
    for name in ("top_classes", "top_scores", "top_hits", "label_scores"):
        same = np.array_equal(getattr(kept, name), getattr(computed, name))
        _require(same, name)
    _require(np.array_equal(kept.perr[sure], computed.perr[sure]), "perr")


def _require_no_minus_zero(scores: np.ndarray) -> None:
    """-0.0 sorts below 0.0 where scores are sorted by their bits."""
    _require(not (np.signbit(scores) & (scores == 0)).any(), "a score")


def _require(holds: bool | np.bool_, subject: str) -> None:
    if not holds:
        raise ValueError(f"{subject} cannot be right")
