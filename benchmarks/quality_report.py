"""Tables and plots of what `quality.py` trained."""

from __future__ import annotations

import importlib.util
import json
import statistics
from pathlib import Path
from typing import Any

from keras_attend_fusion.files import beside

# Those of every `metrics.json`, and F1 at the threshold of other videos.
KEYS = (
    "gap_at_20",
    "map",
    "map_top_20",
    "hit_at_1",
    "perr",
    "f1_micro",
    "f1_micro_frozen",
    "f1_macro",
    "f1_samples",
    "threshold",
    "threshold_frozen",
    "videos",
    "classes_with_positives",
)
SHOWN = {
    "gap_at_20": "GAP@20",
    "map": "mAP",
    "hit_at_1": "Hit@1",
    "perr": "PERR",
    "f1_micro": "F1, best threshold",
    "f1_micro_frozen": "F1, frozen threshold",
}


def summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation (n - 1) of each metric over the seeds.

    A training that lost its loss counts as 0 in every metric.
    """
    row: dict[str, Any] = {}
    for key in KEYS:
        values = [float((one["metrics"] or {}).get(key, 0)) for one in results]
        std = statistics.stdev(values) if len(values) > 1 else None
        row[key] = {"mean": statistics.fmean(values), "std": std}
    return row


def row_of(
    results: list[dict[str, Any]], tuned: list[dict[str, Any]]
) -> dict[str, Any]:
    """One row of `results.json`, from the runs of one row's seeds."""
    first = results[0]
    job = first["job"]
    return {
        **{name: job[name] for name in ("model", "preset", "level", "group")},
        "parameters": first["parameters"],
        "flops": first["flops"],
        "seeds": [one["job"]["seed"] for one in results],
        "setting": job["setting"],
        "learning_rate": first["learning_rate"],
        "recipe": job["recipe"],
        "batch_size": job["batch_size"],
        **summary(results),
        "trainings_to_tune": len(tuned),
        "machines": sorted(
            {
                f"{r['dtype_policy']} on {r['backend']}, {r['device']}"
                for r in [*results, *tuned]
            }
        ),
    }


def write_table(
    folder: Path, name: str, rows: list[dict[str, Any]], text: str, best: str
) -> None:
    """Writes `name.json` and `name.md`, best rows first, `text` above."""
    rows = sorted(rows, key=lambda row: -row[best]["mean"])
    write_json(folder / f"{name}.json", rows)
    heads = [
        "model",
        "preset",
        "group",
        "parameters",
        "GFLOPs a video",
        *SHOWN.values(),
        "learning rate",
        "dropout",
        "weight decay",
        "epochs",
        "seeds",
    ]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        setting = row["setting"]
        lines.append(
            [
                f"`{row['model']}`",
                f"`{row['preset']}`",
                row["group"],
                f"{row['parameters']:,}",
                f"{row['flops'] / 1e9:.3f}",
                *(spread(row[key]) for key in SHOWN),
                f"{row['learning_rate']:.2g}",
                f"{setting.get('dropout', '–')}",
                f"{setting['weight_decay']:g}",
                f"{setting['epochs']}",
                f"{len(row['seeds'])}",
            ]
        )
    with beside(folder / f"{name}.md") as path:
        path.write_text(f"{text}\n\n{markdown(lines)}\n")


def write_ablation(folder: Path, rows: list[dict[str, Any]], text: str) -> None:
    """Writes `ablation.json` and `ablation.md`, the whole model first."""
    write_json(folder / "ablation.json", rows)
    heads = ["what is changed", "parameters", *SHOWN.values(), "seeds"]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        scores = [spread(row[key]) for key in SHOWN]
        count = f"{row['parameters']:,}"
        lines.append([row["part"], count, *scores, f"{len(row['seeds'])}"])
    with beside(folder / "ablation.md") as path:
        path.write_text(f"{text}\n\n{markdown(lines)}\n")


def write_curve(folder: Path, rows: list[dict[str, Any]], text: str) -> None:
    """Writes `learning_curve.json` and `learning_curve.md`."""
    write_json(folder / "learning_curve.json", rows)
    heads = ["model", "preset", "training videos", "epochs", "steps"]
    heads += [*SHOWN.values(), "seeds"]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        epochs, videos = row["setting"]["epochs"], row["videos_to_train"]
        batch = min(row["batch_size"], videos)
        lines.append(
            [
                f"`{row['model']}`",
                f"`{row['preset']}`",
                f"{videos:,}",
                f"{epochs}",
                f"{videos // batch * epochs:,}",
                *(spread(row[key]) for key in SHOWN),
                f"{len(row['seeds'])}",
            ]
        )
    with beside(folder / "learning_curve.md") as path:
        path.write_text(f"{text}\n\n{markdown(lines)}\n")


def markdown(lines: list[list[str]]) -> str:
    """The lines of a table, heads first."""
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(value: dict[str, float | None]) -> str:
    """Mean ± standard deviation."""
    mean, std = value["mean"], value["std"]
    return f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"


def words(values: dict[str, Any]) -> str:
    """Names and numbers in a line."""
    named = (f"{k.replace('_', ' ')} {v:g}" for k, v in values.items())
    return ", ".join(named)


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON file, whole or not."""
    with beside(path) as unfinished:
        unfinished.write_text(json.dumps(value, indent=2) + "\n")


def can_plot() -> bool:
    """Whether matplotlib is there; says so if it is not."""
    there = importlib.util.find_spec("matplotlib") is not None
    if not there:
        print("No matplotlib: `--report` draws the plots where there is one.")
    return there


def plot_sizes(path: Path, rows: list[dict[str, Any]]) -> None:
    """GAP and F1 against parameters."""
    figure, axes = _figure()
    for axis, key in zip(axes, ("gap_at_20", "f1_micro_frozen"), strict=True):
        for group, marker in (("plain", "o"), ("recipe", "^")):
            some = [row for row in rows if row["group"] == group]
            if not some:
                continue
            axis.errorbar(
                [row["parameters"] / 1e6 for row in some],
                [row[key]["mean"] for row in some],
                [row[key]["std"] or 0 for row in some],
                fmt=marker,
                capsize=3,
                label=group,
            )
        axis.set(xscale="log", xlabel="million parameters", ylabel=SHOWN[key])
        axis.margins(x=0.3, y=0.1)
        axis.legend()
        points = {}
        for row in rows:
            name = f"{row['model']} {row['preset']}"
            name += " (recipe)" if row["group"] == "recipe" else ""
            points[name] = (row["parameters"] / 1e6, row[key]["mean"])
        _label(axis, points)
    _save(figure, path)


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
    taken = [Bbox.from_extents(x - 5, y - 5, x + 5, y + 5) for x, y in places]
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
                fontsize=7,
            )
            box = label.get_window_extent()
            free = inside.x0 < box.x0 and box.x1 < inside.x1
            if free and not any(box.overlaps(one) for one in taken):
                break
            label.remove()
        else:
            axis.add_artist(label)
        taken.append(box)


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
