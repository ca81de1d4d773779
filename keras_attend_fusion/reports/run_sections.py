"""The parts of the page that the run folder fills: scores, curves, settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from keras_attend_fusion.reports.html_charts import line_chart
from keras_attend_fusion.reports.markup import folded, table
from keras_attend_fusion.reports.metric_names import name_of
from keras_attend_fusion.reports.run_record import Run, mean_of, spread_of
from keras_attend_fusion.reports.series import Line, loss_line, score_lines

COMPARED = ("gap_at_20", "map", "hit_at_1", "perr", "f1_micro")
FACTS = ("parameters", "seconds", "weights")  # of the run, not of its scores
NONE = "–"


def number(value: Any) -> str:
    """A number as it is shown; anything else as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return escape(str(value))
    if isinstance(value, int):
        return f"{value:,}"
    return decimal(value) if math.isfinite(value) else NONE


def decimal(value: float) -> str:
    """Four decimals, or three digits of what would be 0.0000.

    >>> decimal(0.25), decimal(0.000012)
    ('0.2500', '1.2e-05')
    """
    return f"{value:.3g}" if 0 < abs(value) < 5e-4 else f"{value:.4f}"


def scores(run: Run, seen: dict[str, Any] | None) -> str:
    """The metrics of the validation videos, and those of `--data` beside."""
    if not run.metrics and seen is None:
        return "<p>There are none before the training has come to its end.</p>"
    columns = {"Validation of the run": run.metrics}
    if seen is not None:
        columns["The videos of <code>--data</code>"] = seen
    columns = {head: values for head, values in columns.items() if values}
    keys = dict.fromkeys(key for values in columns.values() for key in values)
    rows = [
        [name_of(key), *(number(v.get(key, NONE)) for v in columns.values())]
        for key in keys
        if key not in FACTS
    ]
    return table(["Metric", *columns], rows, "Metrics")


def against(run: Run, rows: Sequence[dict[str, Any]], source: str) -> str:
    """The run above the baselines of a file."""
    keys = [
        key
        for key in COMPARED
        if any(mean_of(row.get(key)) is not None for row in rows)
    ]
    heads = ["Model", "Parameters", *(name_of(key) for key in keys)]
    label = " ".join(
        str(run.config.get(key, "")) for key in ("model", "preset")
    )
    own_row = [f"<strong>this run</strong>, {escape(label.strip())}"]
    own_row.append(number(run.metrics.get("parameters", NONE)))
    own_row += [
        f"<strong>{_score(run.metrics.get(key))}</strong>" for key in keys
    ]
    others = [
        [
            escape(_baseline(row)),
            number(row.get("parameters", NONE)),
            *(_score(row.get(key)) for key in keys),
        ]
        for row in rows
    ]
    return (
        f"<p>{_comparable(run, rows)} From <code>{escape(source)}</code>.</p>"
        + table(heads, [own_row, *others], "This run and the baselines")
    )


def _baseline(row: dict[str, Any]) -> str:
    parts = [row["model"], *(row.get(key) for key in ("preset", "group"))]
    if row.get("level"):
        parts.append(f"{row['level']} level")
    return ", ".join(str(part) for part in parts if part)


def _score(value: Any) -> str:
    mean, spread = mean_of(value), spread_of(value)
    if mean is None:
        return NONE
    return f"{mean:.4f}" + (f" <small>± {spread:.4f}</small>" if spread else "")


def _comparable(run: Run, rows: Sequence[dict[str, Any]]) -> str:
    """Whether the scores are of as many videos, in words."""
    own_count = run.metrics.get("videos")
    means = [mean_of(row.get("videos")) for row in rows]
    baseline_counts = sorted({count for count in means if count is not None})
    if (
        own_count is not None
        and baseline_counts
        and baseline_counts != [own_count]
    ):
        counts = " and ".join(f"{count:,.0f}" for count in baseline_counts)
        return (
            f"<strong>Not comparable:</strong> the baselines were scored on "
            f"{counts} videos, this run on {own_count:,}."
        )
    return (
        "To be compared only if trained and scored on the same videos; ± is "
        "the standard deviation over seeds."
    )


def curves(run: Run) -> str:
    """Loss and validation scores by epoch, and all of them as a table."""
    if not run.history:
        return "<p>No epoch is done yet.</p>"
    loss, lines = loss_line(run.history), score_lines(run.history)
    parts = [
        line_chart(
            f"Loss on the training videos: {_ends(loss)}.",
            [loss],
            x_name="epoch",
            least=0.0,
            whole=True,
        )
    ]
    if lines:
        words = ", ".join(
            f"{line.name} {line.y[0]:.4f}"
            if len(line.y) == 1
            else f"{line.name} from {line.y[0]:.4f} to {line.y[-1]:.4f}"
            for line in lines
        )
        parts.append(
            line_chart(
                f"Scores on the validation videos: {words}.",
                lines,
                x_name="epoch",
                least=0.0,
                most=1.0,
                whole=True,
            )
        )
    heads = [_column(key) for key in run.history[0]]
    rows = [
        [f"{row['epoch']:.0f}", *(number(row[k]) for k in row if k != "epoch")]
        for row in run.history
    ]
    parts.append(folded("Every epoch", table(heads, rows, "Every epoch")))
    return "".join(parts)


def _ends(line: Line) -> str:
    """The first and the last value of a curve, in words."""
    points = list(zip(line.x, line.y, strict=True))
    return ", ".join(
        f"{decimal(value)} after epoch {epoch:.0f}"
        for epoch, value in dict.fromkeys((points[0], points[-1]))
    )


def _column(key: str) -> str:
    if key.startswith("val_"):
        return f"{name_of(key.removeprefix('val_'))}, validation"
    return name_of(key)


def settings(run: Run) -> str:
    """Every setting of config.json."""
    rows = [
        [escape(key), f'<span class="text">{_value(value)}</span>']
        for key, value in flat(run.config)
    ]
    return folded(
        "Every setting", table(["Setting", "Value"], rows, "Settings")
    )


def flat(config: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Every setting by its path, such as `versions.keras`."""
    flattened: list[tuple[str, Any]] = []
    for key, value in config.items():
        if isinstance(value, dict) and value:
            flattened += flat(value, f"{prefix}{key}.")
        else:
            flattened.append((f"{prefix}{key}", value))
    return flattened


def _value(value: Any) -> str:
    if value is None or value in ({}, []):
        return "none"
    return escape(str(value))
