"""The exact metrics, collected batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.metrics import saved, videos
from keras_attend_fusion.metrics.calibration import Calibration, calibration
from keras_attend_fusion.metrics.class_scores import ClassScores
from keras_attend_fusion.metrics.collected import Collected
from keras_attend_fusion.metrics.inputs import (
    as_label_lists,
    as_labels,
    as_scores,
    as_top,
    check_choice,
    check_count,
    check_pair,
    check_threshold,
)
from keras_attend_fusion.metrics.precision_recall import (
    PrecisionRecall,
    precision_recall,
)
from keras_attend_fusion.metrics.score_store import ScoreStore
from keras_attend_fusion.metrics.threads import in_threads
from keras_attend_fusion.metrics.videos import Videos

_AT_A_TIME = 2**21  # scores that are worked on together
_BINS = 15


class Evaluator:
    """Collects scores and labels; computes every metric over the whole set.

    `evaluate` says what each metric means. The videos may come in batches of
    any size and in any order, or be spread over several evaluators that are
    then merged: the result is the same to the last bit, because counts are
    integers and every sum of fractions is correctly rounded.

    Memory: with `ranking="all"` every score is kept as float32, videos ×
    classes × 4 bytes (89 MB for 5,758 videos of 3,862 classes), up to
    `memory` bytes of them in memory and the rest in a temporary file (where
    the environment variable TMPDIR says). With `ranking="top_20"` only each
    video's 20 best are kept: about 9 · 20 bytes a video, 200 MB for 1.1
    million. Labels take 8 bytes each. `result` needs about four times what
    is kept of the tops on top, for a while.

    Args:
        num_classes: how many scores each video has.
        top_k: how many of a video's best scores count for the metrics named
            after it; more than `num_classes` counts them all.
        ranking: `"all"`, or `"top_20"` (with the number that `top_k` is):
            there is then no `map`, and F1 counts as predicted only classes
            among a video's top k, as a file of the top k would.
        memory: bytes of scores that are held in memory.

    Raises:
        ValueError: `num_classes` or `top_k` is not an integer of at least 1,
            `memory` is below 0, or `ranking` is something else.

    Example:

    >>> evaluator = Evaluator(num_classes=3)
    >>> evaluator.update([[0.9, 0.2, 0.1]], [[1, 0, 0]])
    >>> evaluator.update([[0.3, 0.8, 0.4]], [[0, 1, 0]])
    >>> evaluator.result()["gap_at_20"]
    1.0
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
            labels: multi-hot 0 and 1 of the same shape, any dtype.

        Raises:
            ValueError: shapes that do not fit each other or `num_classes`,
                a NaN or infinite score, a label other than 0 and 1. Nothing
                is added then.
        """
        predictions, labels = check_pair(predictions, labels, self.num_classes)
        step = max(1, _AT_A_TIME // self.num_classes)

        def collect(start: int) -> tuple[Videos, np.ndarray | None]:
            scores = as_scores(predictions[start : start + step])
            part = videos.from_scores(
                scores,
                as_labels(labels[start : start + step]),
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
            scores: their scores, of the same shape; what stands beside a -1
                is not looked at. A video with more than `top_k` entries
                keeps its best.
            labels: for each video, a list of the classes it carries.

        Raises:
            ValueError: shapes that do not fit, a class out of range or twice
                in one video, a NaN or infinite score, an evaluator that
                ranks all scores. Nothing is added then.

        Example:

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
            some = slice(ends[start], ends[stop])
            counts = np.diff(ends[start : stop + 1])
            return videos.from_top(
                classes[start:stop],
                scores[start:stop],
                np.repeat(np.arange(stop - start), counts),
                label_classes[some],
                self.num_classes,
                self.top_k,
            )

        self._add(in_threads(collect, range(0, len(classes), step)))

    def merge(self, other: Evaluator) -> None:
        """Adds what another evaluator has collected; `other` is unchanged.

        Raises:
            ValueError: `other` has another `num_classes`, `top_k` or
                `ranking`, or is this evaluator itself.
        """
        if other is self:
            raise ValueError(
                "an evaluator was merged with itself, which would count "
                "every video twice; expected another one"
            )
        for name in ("num_classes", "top_k", "ranking"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise ValueError(
                    f"the other evaluator has {name}={theirs}; expected "
                    f"{mine}: merge evaluators made with the same arguments"
                )
        self._parts += other._parts
        if self._scores is not None and other._scores is not None:
            for block in other._scores.blocks():
                self._scores.append(block)

    def save(self, path: str | Path) -> None:
        """Writes all that was collected to an `.npz` file, whole or not.

        Example:

        >>> import tempfile
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
    def load(cls, path: str | Path) -> Evaluator:
        """The evaluator that `save` wrote, to go on with or to merge.

        Raises:
            ValueError: the file is not one that `save` wrote, or is cut.
        """
        arguments, part, blocks = saved.read(path)
        evaluator = cls(**arguments)
        evaluator._parts.append(part)
        for block in blocks:
            assert evaluator._scores is not None
            evaluator._scores.append(block)
        return evaluator

    def result(
        self, threshold: float | None = None, empty_classes: str = "drop"
    ) -> dict[str, float | int]:
        """Computes the metrics over everything collected so far.

        Args:
            threshold: applied as it is to the F1 scores; None picks the one
                with the best micro-averaged F1 on these very videos.
            empty_classes: `"drop"` or `"zero"`, as in `evaluate`.

        Returns:
            The dictionary that `evaluate` describes.

        Raises:
            ValueError: no video was collected, `threshold` is no finite
                number, or `empty_classes` is something else.
        """
        check_choice("empty_classes", empty_classes, "drop", "zero")
        threshold, all_ = self._threshold(threshold), self._collected()
        result: dict[str, float | int] = {
            **all_.rankings(empty_classes),
            **all_.f1(threshold, empty_classes),
            "threshold": threshold,
            "videos": all_.videos.label_counts.size,
            "classes_with_positives": int(np.count_nonzero(all_.positives)),
            **all_.at_k(),
        }
        if all_.are_probabilities:
            result["calibration_error"] = self.calibration().error
        return result

    def per_class(
        self,
        threshold: float | None = None,
        names: Mapping[int, str] | None = None,
    ) -> list[ClassScores]:
        """The scores of every class, by index.

        Args:
            threshold: as for `result`.
            names: the name of each class, of those that have one.

        Raises:
            ValueError: no video was collected, or `threshold` is no finite
                number.
        """
        return self._collected().per_class(
            self._threshold(threshold), names or {}
        )

    def precision_recall(self, points: int = 1000) -> PrecisionRecall:
        """The curve whose area GAP is: all videos' top k, pooled and ranked.

        Args:
            points: how many points it has at most.

        Raises:
            ValueError: no video was collected, or `points` is below 1.
        """
        all_ = self._collected()
        return precision_recall(
            *all_.pooled,
            int(all_.positives.sum()),
            check_count("points", points),
        )

    def calibration(self, bins: int = _BINS) -> Calibration:
        """Scores against shares of hits, over all videos' top k.

        Args:
            bins: how many bins of one width there are from 0 to 1.

        Raises:
            ValueError: no video was collected, a score is not within 0 and
                1, or `bins` is below 1.
        """
        all_ = self._collected()
        if not all_.are_probabilities:
            raise ValueError(
                "some scores are not within 0 and 1; expected probabilities: "
                "pass the sigmoid of logits"
            )
        return calibration(
            all_.entries(all_.videos.top_scores),
            all_.entries(all_.videos.top_hits),
            check_count("bins", bins),
        )

    def _threshold(self, threshold: float | None) -> float:
        if threshold is None:
            return self._collected().best_threshold()
        return check_threshold(threshold)

    def _collected(self) -> Collected:
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
