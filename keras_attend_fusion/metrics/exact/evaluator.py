"""The exact metrics, collected batch by batch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from keras_attend_fusion.metrics.exact.calibration import Calibration
from keras_attend_fusion.metrics.exact.class_scores import ClassScores
from keras_attend_fusion.metrics.exact.collector import Collector
from keras_attend_fusion.metrics.exact.precision_recall import (
    PrecisionRecall,
    precision_recall,
)
from keras_attend_fusion.metrics.inputs import check_choice, check_count

_BINS = 15


class Evaluator(Collector):
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
            ValueError: no video was collected, `threshold` is not a finite
                number, or `empty_classes` is something else.
        """
        check_choice("empty_classes", empty_classes, "drop", "zero")
        all_ = self.collected()
        threshold = all_.threshold(threshold)
        result: dict[str, float | int] = {
            **all_.accuracy(),
            **all_.rankings(empty_classes),
            **all_.f1(threshold, empty_classes),
            "threshold": threshold,
            "videos": all_.videos.label_counts.size,
            "classes_with_positives": int(np.count_nonzero(all_.positives)),
            **all_.at_k(),
        }
        if all_.are_probabilities:
            result["calibration_error"] = all_.calibration(_BINS).error
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
            ValueError: no video was collected, or `threshold` is not a finite
                number.
        """
        all_ = self.collected()
        return all_.per_class(all_.threshold(threshold), names or {})

    def precision_recall(self, points: int = 1000) -> PrecisionRecall:
        """The curve whose area GAP is: all videos' top k, pooled and ranked.

        Args:
            points: how many points it has at most.

        Raises:
            ValueError: no video was collected, or `points` is below 1.
        """
        all_ = self.collected()
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
        all_ = self.collected()
        if not all_.are_probabilities:
            raise ValueError(
                "some scores are not within 0 and 1; expected probabilities: "
                "pass the sigmoid of logits"
            )
        return all_.calibration(check_count("bins", bins))
