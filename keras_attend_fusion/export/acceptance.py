"""What an exported file is measured by, and when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.export.quiet import quiet
from keras_attend_fusion.export.report import SHA256, digest_of
from keras_attend_fusion.files import bytes_of

Batches = list[dict[str, Any]]
# The metrics of a model on labelled videos, given its name and the threshold
# of F1; None for the best.
Score = Callable[[Any, str, float | None], dict[str, Any]]

# The largest difference from the Keras model's scores that is let through.
BOUNDS = {
    "none": 1e-5,
    "float16": 1e-3,
    "dynamic": 0.05,
    "int8": 0.25,
    "int4": 0.5,
}
# And how much lower GAP, F1 and accuracy may be, in units of 1, on enough
# videos.
LOSSES = {
    "none": 1e-4,
    "float16": 1e-3,
    "dynamic": 5e-3,
    "int8": 5e-3,
    "int4": 1e-2,
}
ENOUGH = 1000  # fewer videos tell too little to refuse a file
SCORES = ("gap_at_20", "f1_micro")
ACCURACY = "accuracy"  # which metrics have where each video has one label


class Proof:
    """Runs exported files beside the Keras model they came from.

    Args:
        model: the Keras model.
        threshold: that of F1; None for the Keras model's best.
        score: scores a model on labelled videos; None without them.

    Attributes:
        model: the Keras model in float32, as every export of it computes.
        keras: GAP and F1 of the Keras model in float32, its accuracy where
            each video has one label, the threshold and the number of videos;
            empty without labelled videos.
    """

    def __init__(
        self, model: Any, threshold: float | None, score: Score | None
    ) -> None:
        from keras_attend_fusion.export.float32 import as_float32

        self.model = as_float32(model)
        self.threshold = threshold
        self.score = score
        self.keras: dict[str, Any] = {}
        if score is not None:
            metrics = score(self.model, "Keras", threshold)
            self.threshold = metrics["threshold"]
            names = (*_scores_of(metrics), "threshold", "videos")
            self.keras = {name: metrics[name] for name in names}

    def of(
        self, path: Path, kind: str, videos: Batches | None = None
    ) -> dict[str, Any]:
        """Measures a file.

        Args:
            path: the file.
            kind: how its weights are stored, a key of `BOUNDS`.
            videos: what to compare the scores on; None for made-up videos.

        Raises:
            ValueError: if it says something else than the Keras model.
        """
        from keras_attend_fusion import export

        with quiet():  # LiteRT tells which delegate it made
            exported = export.load(path, num_threads=2)
            facts = export.parity(self.model, exported, batches=videos)
        if facts["max_difference"] > BOUNDS[kind]:
            raise ValueError(
                f"{path.name} differs from the Keras model by "
                f"{facts['max_difference']:.1e}, above {BOUNDS[kind]:.0e}: not "
                "exported"
            )
        if self.score is not None:
            facts |= self._checked(exported, kind, self.score)
        video = export.one_video(self.model)
        two = export.latency(path, video, num_threads=2)
        return {
            "file": path.name,
            "format": exported.format,
            "quantize": kind,
            "bytes": bytes_of(path),
            SHA256: digest_of(path),
            "inputs": {n: str(i.dtype) for n, i in exported.input.items()},
            **facts,
            **export.latency(path, video),
            "two_threads": {name: two[name] for name in ("p50_ms", "p95_ms")},
        }

    def _checked(
        self, exported: Any, kind: str, score: Score
    ) -> dict[str, float]:
        """GAP and F1 of an exported model on the labelled videos."""
        metrics = score(exported, exported.name, self.threshold)
        names = _scores_of(metrics)
        for name in names:
            loss = self.keras[name] - metrics[name]
            if loss > LOSSES[kind] and metrics["videos"] >= ENOUGH:
                raise ArgumentError(
                    f"{exported.name} has {name} {metrics[name]:.4f} on "
                    f"`data`, the Keras model {self.keras[name]:.4f}: a loss "
                    f"above {LOSSES[kind]:.4f}, so not exported"
                )
        return {name: metrics[name] for name in names}


def _scores_of(metrics: dict[str, Any]) -> tuple[str, ...]:
    return (*SCORES, ACCURACY) if ACCURACY in metrics else SCORES
