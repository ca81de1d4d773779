"""What an exported file is measured by, and when it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import shards
from keras_attend_fusion.cli.class_list import ClassList
from keras_attend_fusion.cli.common import Flags, progress
from keras_attend_fusion.cli.quiet import quiet
from keras_attend_fusion.cli.scored import evaluated
from keras_attend_fusion.files import bytes_of

Batches = list[dict[str, Any]]

# The largest difference from the Keras model's scores that is let through.
BOUNDS = {
    "none": 1e-5,
    "float16": 1e-3,
    "dynamic": 0.05,
    "int8": 0.25,
    "int4": 0.5,
}
# And how much lower GAP and F1 may be, in units of 1, on enough videos.
LOSSES = {
    "none": 1e-4,
    "float16": 1e-3,
    "dynamic": 5e-3,
    "int8": 5e-3,
    "int4": 1e-2,
}
ENOUGH = 1000  # fewer videos tell too little to refuse a file
SCORES = ("gap_at_20", "f1_micro")


class Proof:
    """Runs exported files beside the Keras model they came from.

    Args:
        model: the Keras model.
        threshold: that of F1; None for the Keras model's best on --data.
        flag: the flags, of which --data names labelled shards.
        classes: what the model scores.

    Attributes:
        model: the Keras model in float32, as every export of it computes.
        keras: GAP and F1 of the Keras model in float32, the threshold and
            the number of videos; empty without --data.
    """

    def __init__(
        self,
        model: Any,
        threshold: float | None,
        flag: Flags,
        classes: ClassList,
    ) -> None:
        from keras_attend_fusion.export.float32 import as_float32

        self.model, self.flag = as_float32(model), flag
        self.threshold = threshold
        self.classes = classes
        self.keras: dict[str, Any] = {}
        if flag["data"]:
            found = self._scores(self.model, "Keras")
            self.threshold = found["threshold"]
            names = (*SCORES, "threshold", "videos")
            self.keras = {name: found[name] for name in names}

    def of(
        self, path: Path, kind: str, videos: Batches | None = None
    ) -> dict[str, Any]:
        """Measures a file.

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
        if self.keras:
            facts |= self._checked(exported, kind)
        one = export.one_video(self.model)
        two = export.latency(path, one, num_threads=2)
        return {
            "file": path.name,
            "format": exported.format,
            "quantize": kind,
            "bytes": bytes_of(path),
            "inputs": {n: str(i.dtype) for n, i in exported.input.items()},
            **facts,
            **export.latency(path, one),
            "two_threads": {name: two[name] for name in ("p50_ms", "p95_ms")},
        }

    def _checked(self, exported: Any, kind: str) -> dict[str, float]:
        """GAP and F1 of an exported model on --data."""
        found = self._scores(exported, exported.name)
        for name in SCORES:
            loss = self.keras[name] - found[name]
            if loss > LOSSES[kind] and found["videos"] >= ENOUGH:
                raise ValueError(
                    f"{exported.name} has {name} {found[name]:.4f} on --data, "
                    f"the Keras model {self.keras[name]:.4f}: a loss above "
                    f"{LOSSES[kind]:.4f}, so not exported"
                )
        return {name: found[name] for name in SCORES}

    def _scores(self, model: Any, name: str) -> dict[str, Any]:
        text = self.flag["data"]
        reader = shards.Shards(self.flag, self.classes)
        dataset = reader.load_for(model, text)
        with (
            reader.errors_for(model, text),
            progress(f"videos, {name}", reader.count(text)) as update,
        ):
            evaluator = evaluated(model, dataset, update)
        found = evaluator.result(self.threshold)
        if not found["classes_with_positives"]:
            raise ValueError(f"--data {text}: no video has a label")
        return found
