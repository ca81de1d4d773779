"""Every metric of the videos that an evaluator has collected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from keras_attend_fusion.metrics.exact.average_precision import (
    ClassRanking,
    at_or_above,
    average_precision,
    mean_over_classes,
)
from keras_attend_fusion.metrics.exact.best_threshold import best_threshold
from keras_attend_fusion.metrics.exact.calibration import (
    Calibration,
    calibration,
)
from keras_attend_fusion.metrics.exact.class_scores import ClassScores
from keras_attend_fusion.metrics.exact.f1 import f1_scores
from keras_attend_fusion.metrics.exact.score_store import ScoreStore
from keras_attend_fusion.metrics.exact.threads import in_threads
from keras_attend_fusion.metrics.exact.videos import Videos
from keras_attend_fusion.metrics.inputs import check_threshold

_FEW = 6  # hits that are counted one by one, as that is quicker than sorting
TOP_ACCURACY = 5  # the k of the second accuracy


@dataclass(frozen=True)
class Collected:
    """Videos, and what the metrics need to know of them.

    Attributes:
        videos: all of them.
        store: all of their scores; None where only the top k count.
        num_classes: how many classes there are.
        top_k: how many best scores a video has at most.
    """

    videos: Videos
    store: ScoreStore | None
    num_classes: int
    top_k: int

    @cached_property
    def positives(self) -> np.ndarray:
        """How many videos carry each class."""
        labels = self.videos.label_classes
        return np.bincount(labels, minlength=self.num_classes)

    @cached_property
    def pooled(self) -> tuple[np.ndarray, np.ndarray]:
        """Every video's top k scores in one rising list; those of hits."""
        scores = self.videos.top_scores
        return (
            np.sort(self.entries(scores)),
            np.sort(scores[self.videos.top_hits]),
        )

    def entries(self, of_top: np.ndarray) -> np.ndarray:
        """What belongs to the top k in one list, without what fills up."""
        filled = self.videos.top_classes >= 0
        return of_top.ravel() if filled.all() else of_top[filled]

    @property
    def are_probabilities(self) -> bool:
        """Whether all scores of the top k are within 0 and 1."""
        ranked = self.pooled[0]
        return not ranked.size or bool(ranked[0] >= 0 and ranked[-1] <= 1)

    def calibration(self, bins: int) -> Calibration:
        """Scores against shares of hits, over all videos' top k."""
        return calibration(
            self.entries(self.videos.top_scores),
            self.entries(self.videos.top_hits),
            bins,
        )

    def threshold(self, given: float | None) -> float:
        """The one given, or the one with the best micro-averaged F1."""
        if given is not None:
            return check_threshold(given)
        all_, store = self.videos, self.store
        return best_threshold(
            np.sort(all_.label_scores[all_.label_scores > -np.inf]),
            self.pooled[0],
            float(all_.left_out.max()),
            lambda: () if store is None else (s for _, _, s in store.slabs()),
        )

    def rankings(self, empty_classes: str) -> dict[str, float]:
        """GAP, both forms of mAP, Hit@1 and PERR."""
        all_, count = self.videos, self.videos.label_counts.size
        total = int(self.positives.sum())
        result = {
            f"gap_at_{self.top_k}": average_precision(*self.pooled, total)
        }
        if self.store is not None:
            result["map"] = mean_over_classes(
                self.average_precisions(self.store), empty_classes
            )
        result[f"map_top_{self.top_k}"] = mean_over_classes(
            self.top_average_precisions(), empty_classes
        )
        result["hit_at_1"] = int(np.count_nonzero(all_.top_hits[:, 0])) / count
        result["perr"] = math.fsum(all_.perr.tolist()) / count
        return result

    def accuracy(self) -> dict[str, float]:
        """Accuracy and top-5 accuracy where every video has one label."""
        hits, counts = self.videos.top_hits, self.videos.label_counts
        if not (counts == 1).all():
            return {}
        shares = {"accuracy": 1}
        if self.top_k >= TOP_ACCURACY and self.num_classes > TOP_ACCURACY:
            shares[f"top_{TOP_ACCURACY}_accuracy"] = TOP_ACCURACY
        return {
            name: int(np.count_nonzero(hits[:, :k])) / counts.size
            for name, k in shares.items()
        }

    def f1(self, threshold: float, empty_classes: str) -> dict[str, float]:
        """The three averages of F1."""
        positives = self.positives
        hits, video_hits = self._hits(threshold)
        predicted, video_predicted = self._predicted(threshold)
        of_classes = f1_scores(hits, predicted, positives)
        of_classes[positives == 0] = np.nan
        of_videos = f1_scores(
            video_hits, video_predicted, self.videos.label_counts
        )
        micro = f1_scores(hits.sum(), predicted.sum(), positives.sum())
        return {
            "f1_micro": float(micro),
            "f1_macro": mean_over_classes(of_classes, empty_classes),
            "f1_samples": math.fsum(of_videos.tolist()) / of_videos.size,
        }

    def at_k(self) -> dict[str, float]:
        """Precision and recall of each video's k best, for several k."""
        counts = self.videos.label_counts
        labelled = counts > 0
        precision, recall = {}, {}
        for k in [k for k in (1, 5) if k < self.top_k] + [self.top_k]:
            hits = self.videos.top_hits[:, :k].sum(axis=1)
            entries = min(k, self.num_classes) * hits.size
            precision[f"precision_at_{k}"] = int(hits.sum()) / entries
            shares = (hits[labelled] / counts[labelled]).tolist()
            recall[f"recall_at_{k}"] = math.fsum(shares) / max(len(shares), 1)
        return precision | recall

    def per_class(
        self, threshold: float, names: Mapping[int, str]
    ) -> list[ClassScores]:
        """The scores of every class, by index."""
        hits = self._hits(threshold)[0]
        predicted = self._predicted(threshold)[0]
        whole: list[float | None] = [None] * self.num_classes
        if self.store is not None:
            whole = _or_none(self.average_precisions(self.store))
        columns = zip(
            range(self.num_classes),
            [names.get(index) for index in range(self.num_classes)],
            self.positives.tolist(),
            predicted.tolist(),
            whole,
            _or_none(self.top_average_precisions()),
            (hits / np.maximum(predicted, 1)).tolist(),
            (hits / np.maximum(self.positives, 1)).tolist(),
            f1_scores(hits, predicted, self.positives).tolist(),
            strict=True,
        )
        return [ClassScores(*column) for column in columns]

    def average_precisions(self, store: ScoreStore) -> np.ndarray:
        """Of each class, over all scores; NaN for one without positives."""
        all_ = self.videos
        ranking = ClassRanking(
            all_.label_classes, all_.label_scores, self.positives
        )
        entries = np.zeros(ranking.scores.size, "int64")

        def rank(classes: tuple[int, int]) -> None:
            for index, column in enumerate(store.read(*classes), classes[0]):
                hits = ranking.of_class(index)
                entries[hits] = _entries_of(column, ranking.scores[hits])

        in_threads(rank, store.ranges())
        return ranking.average_precisions(entries)

    def top_average_precisions(self) -> np.ndarray:
        """Of each class, over the scores that made a video's top k."""
        all_ = self.videos
        hits = all_.top_hits
        ranking = ClassRanking(
            all_.top_classes[hits], all_.top_scores[hits], self.positives
        )
        entries = ranking.entries_among(
            self.entries(all_.top_classes), self.entries(all_.top_scores)
        )
        return ranking.average_precisions(entries)

    def _hits(self, threshold: float) -> tuple[np.ndarray, np.ndarray]:
        """How many labels of each class are predicted, and of each video."""
        all_ = self.videos
        predicted = all_.label_scores >= np.float32(threshold)
        return (
            np.bincount(
                all_.label_classes[predicted], minlength=self.num_classes
            ),
            np.bincount(
                all_.label_rows[predicted], minlength=all_.label_counts.size
            ),
        )

    def _predicted(self, threshold: float) -> tuple[np.ndarray, np.ndarray]:
        """How often each class is predicted, and how many in each video."""
        all_, cut = self.videos, np.float32(threshold)
        if self.store is None or cut > all_.left_out.max():
            chosen = all_.top_scores >= cut  # nothing else reaches the cut
            of_classes = np.bincount(
                all_.top_classes[chosen], minlength=self.num_classes
            )
            return of_classes, np.count_nonzero(chosen, axis=1)
        of_classes = np.zeros(self.num_classes, "int64")
        of_videos = np.zeros(all_.label_counts.size, "int64")
        for classes, rows, scores in self.store.slabs():
            chosen = scores >= cut
            of_classes[classes] += np.count_nonzero(chosen, axis=1)
            of_videos[rows] += np.count_nonzero(chosen, axis=0)
        return of_classes, of_videos


def _entries_of(scores: np.ndarray, hits: np.ndarray) -> np.ndarray | list:
    """For each hit, how many scores are as high or higher."""
    if hits.size <= _FEW:
        return [np.count_nonzero(scores >= hit) for hit in hits]
    scores.sort()
    return at_or_above(scores, hits)


def _or_none(values: np.ndarray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
