"""What the streaming metrics share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

Summary = dict[str, Any]  # tensors by name

_ROUNDING = 1e-3  # how far beyond 0..1 a probability may be rounded


class CountingMetric(keras.metrics.Metric, ABC):
    """A Keras metric whose state sums up videos in a fixed size.

    The state is a summary: tensors by name, of shapes that do not depend on
    how many videos were seen. A subclass says how to `summarise` a batch and
    how to `score` a summary. Summaries are combined by adding them up, both
    batch by batch and across metrics (`merge_state`), so neither the order
    of the videos nor how they are spread matters.

    Counts are integers, since float32 sums stop at 2^24: int64 on
    TensorFlow, which keeps those on the accelerator, and int32 on JAX and
    PyTorch, where no count may pass 2^31 - 1.

    A compiled graph cannot raise, so a video that holds a NaN or infinite
    score (or one outside 0..1, where a subclass needs probabilities) turns
    the result into NaN until the next reset.

    Args:
        name: the metric's name.
        dtype: as in `keras.metrics.Metric`.
        shapes: the shape of each count of the summary.
    """

    needs_probabilities = True

    def __init__(
        self, name: str, dtype: Any, shapes: dict[str, tuple[int, ...]]
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.state: Summary = {
            name: self.add_variable(shape, "zeros", dtype="int", name=name)
            for name, shape in {**shapes, "invalid": ()}.items()
        }

    @abstractmethod
    def summarise(self, labels: Any, scores: Any) -> Summary:
        """Summary of a batch: int32 labels, float32 scores, (videos, classes).

        The counts may be of any integer dtype.
        """

    @abstractmethod
    def score(self, summary: Summary) -> Any:
        """The metric's value, a float32 scalar, from a summary."""

    def combine(self, total: Summary, other: Summary) -> Summary:
        """Summary of the videos of both; the dtypes are those of `total`."""
        return {
            name: count + ops.cast(other[name], count.dtype)
            for name, count in total.items()
        }

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        labels, scores = as_batch(y_true, y_pred)
        valid = ops.isfinite(scores)
        scores = ops.where(valid, scores, 0.0)
        if self.needs_probabilities:
            inside = ops.abs(scores - 0.5) <= 0.5 + _ROUNDING
            valid = ops.logical_and(valid, inside)
        summary = self.summarise(labels, scores)
        videos = ops.logical_not(ops.all(valid, axis=1))
        summary["invalid"] = ops.sum(ops.cast(videos, "int32"))
        self._assign(self.combine(self._values(), summary))

    def result(self) -> Any:
        summary = self._values()
        nan = ops.full((), np.nan, dtype="float32")
        score = self.score(summary)
        return ops.where(ops.equal(summary["invalid"], 0), score, nan)

    def merge_state(self, metrics: Iterable[CountingMetric]) -> None:
        """Adds what other metrics of the same kind have seen to this one.

        For videos that several processes have scored; the others keep their
        state.

        Args:
            metrics: metrics of the same class and configuration (the name
                and dtype aside).

        Raises:
            ValueError: a metric of another class or configuration.
        """
        metrics = list(metrics)
        expected = self._kind()
        for metric in metrics:
            kind = metric._kind() if isinstance(metric, CountingMetric) else {}
            if kind != expected:
                raise ValueError(
                    f"metrics hold {metric!r} with {kind}; expected "
                    f"{expected}: merge metrics built with the same arguments"
                )
        for metric in metrics:
            self._assign(self.combine(self._values(), metric._values()))

    def _kind(self) -> dict[str, Any]:
        config = {"class": type(self).__name__, **self.get_config()}
        return {k: v for k, v in config.items() if k not in ("name", "dtype")}

    def _values(self) -> Summary:
        return {
            name: ops.convert_to_tensor(variable)
            for name, variable in self.state.items()
        }

    def _assign(self, summary: Summary) -> None:
        for name, variable in self.state.items():
            variable.assign(summary[name])


def as_batch(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Returns int32 labels (1 above 0.5) and float32 scores.

    Labels may be class indices, shape (videos,) or (videos, 1). The scores
    of a video whose index is out of range become NaN.

    Raises:
        ValueError: not two tensors of one shape (videos, classes).
    """
    y_true = ops.convert_to_tensor(y_true)
    y_pred = ops.cast(ops.convert_to_tensor(y_pred), "float32")
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    if len(pred) == 2 and _are_indices(true, pred):
        classes = ops.cast(ops.reshape(y_true, (-1, 1)), "int32")
        inside = ops.logical_and(classes >= 0, classes < pred[1])
        one_hot = ops.equal(classes, ops.arange(pred[1], dtype="int32"))
        scores = ops.where(inside, y_pred, float("nan"))
        return ops.cast(one_hot, "int32"), scores
    fits = len(true) == len(pred) == 2 and all(
        a == b or None in (a, b) for a, b in zip(true, pred, strict=True)
    )
    if not fits:
        raise ValueError(
            f"y_true has shape {true} and y_pred {pred}; expected the same "
            "shape (videos, classes): pass multi-hot labels, or class indices "
            "of shape (videos,)"
        )
    y_true = ops.cast(y_true, "float32")
    return ops.cast(y_true > 0.5, "int32"), y_pred


def _are_indices(true: tuple[Any, ...], pred: tuple[Any, ...]) -> bool:
    """Whether labels of a shape are class indices, for scores of another."""
    as_many = true[:1] == pred[:1] or None in (*true[:1], pred[0])
    rank_fits = len(true) == 1 or (len(true) == 2 and true[1] == 1 < pred[1])
    return bool(true) and as_many and rank_fits
