"""The rows of the JSON files, and the tables of the pages."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from keras_attend_fusion.files import beside, write_json

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
MAIN = ("gap_at_20", "map", "f1_micro_frozen")
MORE = ("hit_at_1", "perr", "f1_micro")


def summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation (n - 1) of each metric over the seeds.

    A training that lost its loss counts as 0 in every metric.
    """
    row: dict[str, Any] = {}
    for key in KEYS:
        values = [
            float((result["metrics"] or {}).get(key, 0)) for result in results
        ]
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
        "seeds": [result["job"]["seed"] for result in results],
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


def write_page(
    folder: Path, name: str, rows: list[dict[str, Any]], text: str, tables: str
) -> None:
    """Writes `name.json`, and `name.md` with `text` above the tables."""
    write_json(folder / f"{name}.json", rows)
    with beside(folder / f"{name}.md") as path:
        path.write_text(f"{text}\n\n{tables}\n")


def ranked(rows: list[dict[str, Any]], best: str) -> list[dict[str, Any]]:
    """The best rows first."""
    return sorted(rows, key=lambda row: -row[best]["mean"])


def model_tables(rows: list[dict[str, Any]]) -> str:
    """The tables of `results.md` and `frames.md`."""
    settings = [
        [
            _model(row),
            f"{row['flops'] / 1e9:.3f}",
            f"{row['learning_rate']:.2g}",
            f"{row['setting'].get('dropout', '–')}",
            f"{row['setting']['weight_decay']:g}",
            f"{row['setting']['epochs']}",
            f"{len(row['seeds'])}",
        ]
        for row in rows
    ]
    heads = ["model", "GFLOPs a video", "learning rate", "dropout"]
    heads += ["weight decay", "epochs", "seeds"]
    names = [[_model(row), f"{row['parameters']:,}"] for row in rows]
    scores = _score_tables(["model", "parameters"], names, rows)
    return scores + "\n\n" + _section("Cost and settings", heads, settings)


def ablation_tables(rows: list[dict[str, Any]]) -> str:
    """The tables of `ablation.md`."""
    names = [[row["part"], f"{row['parameters']:,}"] for row in rows]
    return _score_tables(["what is changed", "parameters"], names, rows)


def curve_tables(rows: list[dict[str, Any]]) -> str:
    """The tables of `learning_curve.md`."""
    trainings = []
    for row in rows:
        epochs, videos = row["setting"]["epochs"], row["videos_to_train"]
        batch = min(row["batch_size"], videos)
        trainings.append(
            [
                f"`{row['model']}`",
                f"`{row['preset']}`",
                f"{videos:,}",
                f"{epochs}",
                f"{videos // batch * epochs:,}",
                f"{len(row['seeds'])}",
            ]
        )
    heads = ["model", "preset", "training videos", "epochs", "steps", "seeds"]
    names = [[_model(row), f"{row['videos_to_train']:,}"] for row in rows]
    scores = _score_tables(["model", "training videos"], names, rows)
    return scores + "\n\n" + _section("Trainings", heads, trainings)


def _score_tables(
    heads: list[str], names: list[list[str]], rows: list[dict[str, Any]]
) -> str:
    """The scores in two tables, so that each is narrow enough to be read."""
    tables = []
    for title, keys in (("Scores", MAIN), ("More scores", MORE)):
        lines = [
            [*name, *(spread(row[key]) for key in keys)]
            for name, row in zip(names, rows, strict=True)
        ]
        shown = [*heads, *(SHOWN[key] for key in keys)]
        tables.append(_section(title, shown, lines))
    return "\n\n".join(tables)


def _section(title: str, heads: list[str], lines: list[list[str]]) -> str:
    """A table below a title; its numbers are set to the right."""
    kinds = [
        "---:" if all(line[place][:1].isdigit() for line in lines) else "---"
        for place in range(len(heads))
    ]
    return f"## {title}\n\n{markdown([heads, kinds, *lines])}"


def _model(row: dict[str, Any]) -> str:
    name = f"`{row['model']}` `{row['preset']}`"
    return f"{name}, recipe" if row["group"] == "recipe" else name


def markdown(lines: list[list[str]]) -> str:
    """The lines of a table, heads first."""
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(value: dict[str, float | None]) -> str:
    """Mean ± standard deviation, with spaces where no line breaks."""
    mean, std = value["mean"], value["std"]
    text = f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def words(values: dict[str, Any]) -> str:
    """Names and numbers in a line."""
    named = (f"{k.replace('_', ' ')} {v:g}" for k, v in values.items())
    return ", ".join(named)
