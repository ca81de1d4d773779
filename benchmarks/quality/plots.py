"""The plots of the pages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from keras_attend_fusion.files import beside
from keras_attend_fusion.reports import figures
from keras_attend_fusion.reports.plots import BLUE, ORANGE

from .tables import SHOWN


def can_plot() -> bool:
    """Whether matplotlib is there; says so if it is not."""
    installed = importlib.util.find_spec("matplotlib") is not None
    if not installed:
        print("No matplotlib: `--report` draws the plots where there is one.")
    return installed


@figures.styled
def plot_sizes(path: Path, rows: list[dict[str, Any]]) -> None:
    """GAP against parameters; bars are standard deviations over seeds."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    figure, axis = figures.make("Score against size", "", figsize=(8.0, 5.4))
    key = "gap_at_20"
    for group, marker, color in (("plain", "o", BLUE), ("recipe", "^", ORANGE)):
        some = [row for row in rows if row["group"] == group]
        if not some:
            continue
        axis.errorbar(
            [row["parameters"] / 1e6 for row in some],
            [row[key]["mean"] for row in some],
            [row[key]["std"] or 0 for row in some],
            fmt=marker,
            color=color,
            capsize=3,
            label=group,
        )
    axis.set(
        xscale="log",
        xlabel="Parameters (millions, log scale)",
        ylabel=f"{SHOWN[key]} on the validation videos",
    )
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axis.margins(x=0.25, y=0.1)
    axis.legend(loc="lower right")
    points = {}
    for row in rows:
        name = f"{row['model']} {row['preset']}"
        name += " (recipe)" if row["group"] == "recipe" else ""
        points[name] = (row["parameters"] / 1e6, row[key]["mean"])
    figure.draw_without_rendering()  # lays it out: labels go by its pixels
    _label(axis, points)
    figures.save(figure, path)


# Where a label may stand about its point: (x, y) in points of print.
PLACES = (
    (8, 0),
    (-8, 0),
    (0, 11),
    (0, -11),
    *((x, y) for y in (9, -9, 18, -18, 27, -27) for x in (8, -8)),
)


def _label(axis: Any, points: dict[str, tuple[float, float]]) -> None:
    """Writes names beside points, where nothing else is yet."""
    from matplotlib.transforms import Bbox

    places = axis.transData.transform(list(points.values()))
    occupied = [
        Bbox.from_extents(x - 6, y - 6, x + 6, y + 6) for x, y in places
    ]
    inside = axis.get_window_extent()
    for text, point in points.items():
        for x, y in (*PLACES, PLACES[0]):  # the first, if none is free
            label = axis.annotate(
                text,
                point,
                xytext=(x, y),
                textcoords="offset points",
                ha="left" if x > 0 else "right" if x < 0 else "center",
                va="center",
                fontsize=8,
            )
            box = label.get_window_extent()
            free = inside.x0 < box.x0 and box.x1 < inside.x1
            if free and not any(box.overlaps(other) for other in occupied):
                break
            label.remove()
        else:
            axis.add_artist(label)
        occupied.append(box)


def plot_curve(path: Path, rows: list[dict[str, Any]]) -> None:
    """GAP and F1 against the number of training videos."""
    figure, axes = _figure()
    for axis, key in zip(axes, ("gap_at_20", "f1_micro_frozen"), strict=True):
        for name in dict.fromkeys((r["model"], r["preset"]) for r in rows):
            some = [r for r in rows if (r["model"], r["preset"]) == name]
            some.sort(key=lambda row: row["videos_to_train"])
            axis.errorbar(
                [row["videos_to_train"] for row in some],
                [row[key]["mean"] for row in some],
                [row[key]["std"] or 0 for row in some],
                fmt="o-",
                capsize=3,
                label=" ".join(name),
            )
        axis.set(xscale="log", xlabel="training videos", ylabel=SHOWN[key])
        axis.legend()
    _save(figure, path)


def _figure() -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot.subplots(1, 2, figsize=(13, 5))


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    with beside(path) as unfinished:
        figure.savefig(unfinished, dpi=110, metadata={"Software": None})
