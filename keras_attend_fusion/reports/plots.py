"""Plots of an evaluation, from arrays alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_attend_fusion.metrics import Calibration
from keras_attend_fusion.reports import figures
from keras_attend_fusion.reports.series import Line, calibration_lines

# Colours that colour-blind people tell apart (Okabe and Ito).
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
KINDS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", ":"))  # of lines
WHOLE = (-0.02, 1.02)  # an axis of shares, whose ends are not cut


@figures.styled
def precision_recall(
    precision: np.ndarray,
    recall: np.ndarray,
    threshold: np.ndarray,
    *,
    top_k: int,
    average: float,
    chosen: float,
) -> Any:
    """The curve of the pooled list.

    Args:
        precision: shape (points,).
        recall: the same shape, rising.
        threshold: the same shape, falling.
        top_k: how many of a video's classes are in the list.
        average: the area under the curve, GAP.
        chosen: the threshold of F1, marked on the curve.
    """
    figure, axes = figures.make(
        f"Precision and recall of every video's top {top_k}, pooled",
        f"GAP@{top_k} {average:.4f}",
    )
    mark = "o-" if len(recall) == 1 else "-"  # a line of one point is none
    axes.plot(recall, precision, mark, color=BLUE, linewidth=2)
    axes.fill_between(recall, precision, color=BLUE, alpha=0.08)
    last = int(np.count_nonzero(threshold >= np.float32(chosen))) - 1
    if last >= 0:
        x, y = recall[last], precision[last]
        axes.plot(
            x,
            y,
            "o",
            color=ORANGE,
            markersize=9,
            label=f"threshold of F1, {chosen:.4f}:\n"
            f"precision {y:.3f}, recall {x:.3f}",
        )
        axes.legend(loc="lower left")
    axes.set(
        xlabel="Recall (share of all labels that are found)",
        ylabel="Precision (share of predictions that are right)",
        xlim=WHOLE,
        ylim=WHOLE,
    )
    return figure


@figures.styled
def class_frequency(
    positives: np.ndarray, precision: np.ndarray, ranking: str
) -> Any:
    """Average precision of each class against how frequent it is.

    Args:
        positives: videos that carry the class, at least 1, shape (classes,).
        precision: the class's average precision, the same shape.
        ranking: which scores are ranked, in words.
    """
    figure, axes = figures.make(
        "Average precision of each class by its frequency",
        f"{_count(len(positives), 'class', 'classes')} with a label, mean "
        f"{precision.mean():.4f}, {ranking}",
    )
    many = len(positives) > 100  # which cover each other
    dots = {"s": 14 if many else 40, "alpha": 0.3 if many else 0.7}
    dots["linewidths"] = 0
    axes.scatter(positives, precision, color=BLUE, label="one class", **dots)
    x, median = running_median(positives, precision)
    label = "median of classes up to 1.5 × rarer or more frequent"
    axes.plot(x, median, color=ORANGE, linewidth=2.5, label=label)
    axes.set_xscale("log")
    axes.set(
        xlabel="Videos that carry the class (log scale)",
        ylabel="Average precision",
        ylim=WHOLE,
    )
    legend = figure.legend(loc="outside lower center", ncols=2)
    for handle in legend.legend_handles:
        handle.set_alpha(1)
    return figure


def running_median(
    x: np.ndarray, y: np.ndarray, factor: float = 1.5
) -> tuple[np.ndarray, np.ndarray]:
    """At each distinct x, the median y of points within a factor of x.

    Example:

    >>> running_median(np.array([1, 1, 10]), np.array([0.0, 0.5, 1.0]))
    (array([ 1, 10]), array([0.25, 1.  ]))
    """
    places = np.unique(x)
    near = [y[(x <= p * factor) & (x >= p / factor)] for p in places]
    return places, np.array([np.median(values) for values in near])


@figures.styled
def calibration(curve: Calibration, *, top_k: int) -> Any:
    """A reliability diagram over a histogram of the scores.

    Args:
        curve: predictions, divided by score into bins.
        top_k: how many of a video's classes are looked at.
    """
    bins = len(curve.predictions)
    figure, (upper, lower) = figures.make(
        f"Calibration of every video's top {top_k}",
        f"expected calibration error {curve.error:.4f}, "
        f"{_count(bins, 'bin', 'bins')}",
        nrows=2,
        sharex=True,
        height_ratios=(3, 1),
    )
    perfect, model = calibration_lines(curve)
    upper.plot(
        perfect.x,
        perfect.y,
        "--",
        color=figures.GREY,
        linewidth=1,
        label=perfect.name,
    )
    _plot(upper, model)
    upper.set(ylabel="Share of hits", xlim=WHOLE, ylim=WHOLE)
    upper.legend(loc="upper left")
    edges = np.linspace(0, 1, bins + 1)
    lower.bar(
        edges[:-1],
        curve.predictions,
        width=np.diff(edges),
        align="edge",
        color=BLUE,
        edgecolor="white",
        linewidth=0.5,
    )
    lower.set(xlabel="Score", ylabel="Predictions\n(log scale)", yscale="log")
    lower.set_ylim(bottom=0.5)
    return figure


@figures.styled
def training_curves(loss: Line, scores: Sequence[Line]) -> Any:
    """The loss, and the scores on validation videos, by epoch.

    Args:
        loss: on the training videos.
        scores: on the validation videos, if there are any.
    """
    from matplotlib.ticker import MaxNLocator

    figure, (left, right) = figures.make(
        "Training curves", "", ncols=2, figsize=(9, 4)
    )
    _plot(left, loss, color=PURPLE)
    left.set(title="Loss on training videos", ylabel="Loss")
    for line in scores:
        _plot(right, line)
    right.set(title="Scores on validation videos", ylabel="Score (0 to 1)")
    if right.lines:
        right.legend(loc="best")
    for axes in (left, right):
        values = [line.get_ydata() for line in axes.lines]
        if not any(np.isfinite(heights).any() for heights in values):
            axes.text(
                0.5,
                0.5,
                "no finite value",
                ha="center",
                transform=axes.transAxes,
            )
            axes.set_yticks([])
        axes.set(xlabel="Epoch", xlim=(min(loss.x) - 0.5, max(loss.x) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return figure


def _plot(axes: Any, line: Line, **style: Any) -> None:
    """A line in the style of its kind."""
    color, marker, dashes = KINDS[line.kind % len(KINDS)]
    axes.plot(
        line.x,
        line.y,
        dashes,
        marker=marker if line.has_dots else "",
        **{"color": color, "label": line.name, **style},
    )


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"


@figures.styled
def trials(
    scores: Sequence[float], parameters: Sequence[int], score: str
) -> Any:
    """The scores of a search, in order and by the size of the model.

    Args:
        scores: those of the trials, in the order of their numbers.
        parameters: the parameters of their models.
        score: what they are, such as "GAP@20".
    """
    from matplotlib.ticker import MaxNLocator

    figure, (left, right) = figures.make(
        "Trials of the search",
        f"best {score} {max(scores):.4f}",
        ncols=2,
        figsize=(9, 4),
        sharey=True,
    )
    numbers = range(1, len(scores) + 1)
    left.plot(numbers, scores, "o", color=BLUE, label="one trial")
    best = np.maximum.accumulate(np.asarray(scores))
    left.step(numbers, best, where="post", color=ORANGE, label="best so far")
    left.set(xlabel="Trial", ylabel=f"{score} on validation videos")
    left.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    left.legend(loc="best")
    right.plot(np.asarray(parameters) / 1e6, scores, "o", color=BLUE)
    right.set(xlabel="Parameters (millions)")
    return figure
