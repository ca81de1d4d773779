"""Videos collected batch by batch, merged, saved and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

from keras_attend_fusion.metrics.exact import saved, videos
from keras_attend_fusion.metrics.exact.collected import Collected
from keras_attend_fusion.metrics.exact.saved_check import SavedCheck
from keras_attend_fusion.metrics.exact.score_store import ScoreStore
from keras_attend_fusion.metrics.exact.threads import in_threads
from keras_attend_fusion.metrics.exact.videos import Videos
from keras_attend_fusion.metrics.inputs import (
    as_label_lists,
    as_labels,
    as_scores,
    as_top,
    check_choice,
    check_count,
    check_mergeable,
    check_pair,
)

_AT_A_TIME = 2**21  # scores that are worked on together


class Collector:
    """What an `Evaluator` has seen, as far as its metrics need it.

    Args:
        num_classes: how many scores each video has.
        top_k: how many of a video's best scores are kept.
        ranking: `"all"` keeps every score as well, `"top_20"` (with the
            number that `top_k` is) no other.
        memory: bytes of scores that are held in memory.
    """

    def __init__(
        self,
        num_classes: int,
        top_k: int = 20,
        ranking: str = "all",
        memory: int = 2**31,
    ) -> None:
        self.num_classes = check_count("num_classes", num_classes)
        self.top_k = check_count("top_k", top_k)
        self.ranking = check_choice("ranking", ranking, "all", f"top_{top_k}")
        self.memory = check_count("memory", memory, least=0)
        self._parts: list[Videos] = []
        self._scores: ScoreStore | None = None
        if ranking == "all":
            self._scores = ScoreStore(self.num_classes, self.memory)

    def update(self, predictions: Any, labels: Any) -> None:
        """Adds a batch; the arrays are copied and may be reused.

        Args:
            predictions: scores, shape (videos, classes), higher is likelier.
                Any finite numbers, rounded to float32.
            labels: multi-hot 0 and 1 of the same shape, any dtype; or one
                class index a video, shape (videos,).

        Raises:
            ValueError: shapes that do not fit each other or `num_classes`,
                a NaN or infinite score, a label other than 0 and 1, a class
                index out of range. Nothing is added then.
        """
        predictions, labels = check_pair(
            predictions, labels, self.num_classes, sparse=True
        )
        step = max(1, _AT_A_TIME // self.num_classes)

        def collect(start: int) -> tuple[Videos, np.ndarray | None]:
            scores = as_scores(predictions[start : start + step])
            part = videos.from_scores(
                scores,
                as_labels(labels[start : start + step], self.num_classes),
                self.top_k,
                self._scores is None,
            )
            keep = self._scores is not None
            return part, np.ascontiguousarray(scores.T) if keep else None

        starts = range(0, len(predictions), step)
        collected = in_threads(collect, starts)
        self._add([part for part, _ in collected])
        for _, block in collected:
            if self._scores is not None and block is not None:
                self._scores.append(block)

    def update_top(self, classes: Any, scores: Any, labels: Any) -> None:
        """Adds videos of which the best scores alone are known.

        For an evaluator with `ranking="top_20"`: it scores a file that names
        the best classes of each video. What is not named is not predicted.

        Args:
            classes: indices of the classes named, shape (videos, k), in any
                order; -1 for no entry.
            scores: their scores, of the same shape; a score beside a -1
                is ignored. A video with more than `top_k` entries
                keeps its best.
            labels: for each video, a list of the classes it carries.

        Raises:
            ValueError: shapes that do not fit, a class out of range or twice
                in one video, a NaN or infinite score, an evaluator that
                ranks all scores. Nothing is added then.

        Example:

        >>> from keras_attend_fusion.metrics import Evaluator
        >>> evaluator = Evaluator(num_classes=9, top_k=2, ranking="top_2")
        >>> evaluator.update_top([[4, 7]], [[0.9, 0.2]], [[4]])
        >>> evaluator.result()["gap_at_2"]
        1.0
        """
        if self._scores is not None:
            raise ValueError(
                "update_top on an evaluator with ranking='all', which needs "
                "every score; expected "
                f"Evaluator(…, ranking='top_{self.top_k}')"
            )
        classes, scores = as_top(classes, scores, self.num_classes)
        ends, label_classes = as_label_lists(
            labels, len(classes), self.num_classes
        )
        step = max(1, _AT_A_TIME // self.num_classes)

        def collect(start: int) -> Videos:
            stop = min(start + step, len(classes))
            label_span = slice(ends[start], ends[stop])
            counts = np.diff(ends[start : stop + 1])
            return videos.from_top(
                classes[start:stop],
                scores[start:stop],
                np.repeat(np.arange(stop - start), counts),
                label_classes[label_span],
                self.num_classes,
                self.top_k,
            )

        self._add(in_threads(collect, range(0, len(classes), step)))

    def merge(self, other: Self) -> None:
        """Adds what another evaluator has collected; `other` is unchanged.

        Raises:
            ValueError: `other` is not an evaluator of this class, has another
                `num_classes`, `top_k` or `ranking`, or is this evaluator
                itself.
        """
        check_mergeable(self, other, "num_classes", "top_k", "ranking")
        self._parts += other._parts
        if self._scores is not None and other._scores is not None:
            for block in other._scores.blocks():
                self._scores.append(block)

    def save(self, path: str | Path) -> None:
        """Writes all that was collected to an `.npz` file, atomically.

        Example:

        >>> import tempfile
        >>> from keras_attend_fusion.metrics import Evaluator
        >>> evaluator = Evaluator(num_classes=2)
        >>> evaluator.update([[0.9, 0.2]], [[1, 0]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     evaluator.save(folder + "/first-half.npz")
        ...     again = Evaluator.load(folder + "/first-half.npz")
        >>> again.result() == evaluator.result()
        True
        """
        saved.write(
            path,
            {name: getattr(self, name) for name in saved.ARGUMENTS},
            self._all(),
            () if self._scores is None else self._scores.blocks(),
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The evaluator that `save` wrote, to go on with or to merge.

        What belongs to the scores and labels in the file is computed again
        and compared, so that a damaged file does not give other metrics.

        Raises:
            ValueError: the file is not one that `save` wrote, or was damaged.
        """
        with saved.reading(path) as state:
            evaluator = cls(**state.arguments)
            check = SavedCheck(
                state.videos, evaluator.num_classes, evaluator.top_k
            )
            for block in state.blocks:
                if evaluator._scores is None:
                    raise ValueError("its scores are not of its ranking")
                check.block(block)
                evaluator._scores.append(block)
            if evaluator._scores is None:
                check.tops()
            check.end()
            evaluator._parts.append(check.kept)
        return evaluator

    def collected(self) -> Collected:
        """All videos, ready to be scored.

        Raises:
            ValueError: no video was collected.
        """
        return Collected(
            self._all(), self._scores, self.num_classes, self.top_k
        )

    def _add(self, parts: list[Videos]) -> None:
        if parts:  # as one: many small arrays would leave memory in pieces
            self._parts.append(videos.joined(parts))

    def _all(self) -> Videos:
        """All videos in one part, which is kept in place of the others."""
        if not sum(part.label_counts.size for part in self._parts):
            raise ValueError(
                "there are no videos to score; expected at least one: check "
                "that the data is not empty"
            )
        if len(self._parts) > 1:
            self._parts = [videos.joined(self._parts)]
        return self._parts[0]
