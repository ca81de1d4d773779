"""Runs side by side on one page of HTML that asks for nothing else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.reports.html_charts import KINDS, line_chart
from keras_attend_fusion.reports.markup import folded, table
from keras_attend_fusion.reports.metric_names import name_of
from keras_attend_fusion.reports.page import page
from keras_attend_fusion.reports.run_record import BEST
from keras_attend_fusion.reports.run_sections import NONE, number
from keras_attend_fusion.reports.series import Line

if TYPE_CHECKING:
    from keras_attend_fusion.reports.comparison import Comparison

# Of the machine and the day, not of what was chosen.
CIRCUMSTANCES = ("versions.",)


def render(comparison: Comparison) -> str:
    """One page of HTML that asks for nothing else."""
    sections = {"Metrics": _metrics_table(comparison)}
    curves = _curves(comparison)
    if curves:
        sections["Training"] = curves
    sections["Settings that differ"] = _settings_table(comparison)
    names = " · ".join(
        f"<strong>{escape(n)}</strong>" for n in comparison.names
    )
    introduction = f"<p>{names}</p>" + "".join(
        f"<p><strong>Not comparable:</strong> {escape(line)}.</p>"
        for line in comparison.warnings
    )
    return page(
        title=f"{escape(', '.join(comparison.names))}: comparison",
        heading=f"Comparison of {len(comparison.runs)} runs",
        introduction=introduction,
        sections=sections,
        footer="Metrics are those of each run’s best epoch on its own "
        "validation videos, the best of a row in bold. Each is defined in "
        "docs/metrics.md of keras-attend-fusion.",
    )


def _heads(comparison: Comparison, first: str) -> list[str]:
    return [first, *(escape(name) for name in comparison.names)]


def _metrics_table(comparison: Comparison) -> str:
    rows = [
        [
            name_of(name),
            *(
                f"<strong>{_shown(value)}</strong>" if best else _shown(value)
                for value, best in zip(
                    values, comparison.best(name), strict=True
                )
            ),
        ]
        for name, values in comparison.metrics.items()
    ]
    rows += [
        [name, *map(_shown, values)]
        for name, values in comparison.facts.items()
    ]
    return table(_heads(comparison, "Metric"), rows, "Metrics")


def _curves(comparison: Comparison) -> str:
    """Validation GAP and training loss of each run, by epoch."""
    runs = [
        (name, run)
        for name, run in zip(comparison.names, comparison.runs, strict=True)
        if run.history
    ]
    if not runs:
        return ""
    left_out = ""
    if len(runs) > KINDS:
        runs.sort(key=lambda pair: -(pair[1].best or {}).get(BEST, 0.0))
        left_out = (
            f" The {KINDS} runs with the highest GAP@20; "
            f"{len(runs) - KINDS} more are in the tables alone."
        )
        runs = runs[:KINDS]
    charts = []
    for key, words, most in (
        (BEST, "GAP@20 on the validation videos.", 1.0),
        ("loss", "Loss on the training videos.", float("inf")),
    ):
        lines = [
            Line(
                name,
                [row["epoch"] for row in run.history],
                [row[key] for row in run.history],
                kind,
            )
            for kind, (name, run) in enumerate(runs)
            if key in run.history[0]
        ]
        if lines:
            charts.append(
                line_chart(
                    words + left_out,
                    lines,
                    x_name="epoch",
                    least=0.0,
                    most=most,
                    whole=True,
                )
            )
    return "".join(charts)


def _settings_table(comparison: Comparison) -> str:
    rows = [
        [
            escape(name),
            *(f'<span class="text">{_shown(v)}</span>' for v in values),
        ]
        for name, values in sorted(
            comparison.settings.items(),
            key=lambda item: item[0].startswith(CIRCUMSTANCES),
        )
    ]
    equal = [
        [escape(name), f'<span class="text">{_shown(value)}</span>']
        for name, value in comparison.equal_settings.items()
    ]
    text = "<p>All settings are equal.</p>"
    if rows:
        text = table(
            _heads(comparison, "Setting"), rows, "Settings that differ"
        )
    return text + folded(
        "Settings that are equal",
        table(["Setting", "Value"], equal, "Settings that are equal"),
    )


def _shown(value: Any) -> str:
    if value is None or value in ({}, []):
        return NONE
    return number(value)
