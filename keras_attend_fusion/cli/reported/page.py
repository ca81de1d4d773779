"""A run on one page of HTML that asks for nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import resources
from string import Template
from typing import Any

from keras_attend_fusion.cli.export_card import RUNTIMES
from keras_attend_fusion.cli.reported import of_run, of_videos
from keras_attend_fusion.cli.reported.charts import table
from keras_attend_fusion.cli.reported.of_run import NONE, number
from keras_attend_fusion.cli.reported.run import Run
from keras_attend_fusion.cli.reported.videos import Found


@dataclass(frozen=True)
class Report:
    """All that a page tells.

    Attributes:
        run: The run folder.
        baselines: Rows to compare it with; empty for none.
        source: The file that they are from.
        data: The glob of labelled videos; empty for none.
        found: What the model says of them.
        shards: What their shards hold, as `data.inspect` tells.
        threshold_source: Where the threshold of F1 on them is from.
        export: What `export` measured; empty for none.
    """

    run: Run
    baselines: Sequence[dict[str, Any]] = ()
    source: str = ""
    data: str = ""
    found: Found | None = None
    shards: Sequence[Any] = ()
    threshold_source: str = ""
    export: dict[str, Any] = field(default_factory=dict)


def render(report: Report) -> str:
    """The page, whole."""
    run, found = report.run, report.found
    parts = {
        "Metrics": of_run.scores(run, found.metrics if found else None)
        + _threshold(report),
    }
    if report.baselines:
        parts["Beside the baselines"] = of_run.against(
            run, report.baselines, report.source
        )
    parts["Training"] = of_run.curves(run) + of_run.settings(run)
    if found:
        parts["Classes"] = of_videos.classes(found.classes)
        parts["Calibration"] = of_videos.calibration(found.calibration)
        parts["Hardest videos"] = of_videos.hardest(found.hardest)
        parts["Data"] = (
            f"<p><code>{escape(report.data)}</code></p>"
            + of_videos.data(report.shards, found)
        )
    if report.export:
        parts["Exported files"] = _export(report.export)
    return Template(_file("reported", "page.html")).substitute(
        css=_file("explained", "page.css") + _file("reported", "page.css"),
        name=escape(run.name),
        what=_what(run),
        contents="".join(
            f'<li><a href="#{_anchor(title)}">{title}</a></li>'
            for title in parts
        ),
        sections="".join(
            f'<section aria-labelledby="{_anchor(title)}">'
            f'<h2 id="{_anchor(title)}">{title}</h2>{content}</section>'
            for title, content in parts.items()
        ),
    )


def _file(folder: str, name: str) -> str:
    place = resources.files(f"keras_attend_fusion.cli.{folder}")
    return (place / name).read_text(encoding="utf-8")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _what(run: Run) -> str:
    """The run in a sentence or two."""
    config, metrics = run.config, run.metrics
    model = " ".join(str(config.get(key, "")) for key in ("model", "preset"))
    facts = [f"<strong>{escape(model.strip())}</strong>"]
    if "level" in config:
        facts.append(f"{escape(str(config['level']))} level")
    examples = "segments" if config.get("segments") else "videos"
    for source, key, words in (
        (config, "num_classes", _classes(config)),
        (metrics, "parameters", "parameters"),
        (config, "train_videos", f"{examples} to train on"),
    ):
        if key in source:
            facts.append(f"{number(source[key])} {words}")
    if "seconds" in metrics:
        facts.append(f"trained in {metrics['seconds']:,.0f} s")
    text = f"<p>{' · '.join(facts)}</p>"
    best, done = run.best, len(run.history)
    if best:
        text += (
            f"<p>Epoch {best['epoch']:.0f} of {done} has the highest "
            f"validation GAP@20, {best['val_gap_at_20']:.4f}.</p>"
        )
    if not metrics:
        text += (
            f"<p><strong>The training has not come to its end:</strong> {done} "
            f"of {number(config.get('epochs', NONE))} epochs are done.</p>"
        )
    return text


def _classes(config: Mapping[str, Any]) -> str:
    chosen = config.get("classes")
    return (
        "classes" if not chosen else f"classes, {len(chosen)} of them learned"
    )


def _threshold(report: Report) -> str:
    if report.found is None:
        return ""
    value = report.found.metrics["threshold"]
    return (
        f"<p>On the videos of <code>--data</code> F1 is at the threshold "
        f"{value:.4f}, {escape(report.threshold_source)}.</p>"
    )


def _export(report: dict[str, Any]) -> str:
    """Size, difference and latency of each file."""
    heads = ["File", "Runs on", "MB", "Largest difference", "GAP@20", "F1"]
    heads += ["ms, 1 thread", "ms, 2 threads", "First result, ms", "Peak MB"]
    rows = []
    for one in report["files"]:
        two = one.get("two_threads") or {}
        rows.append(
            [
                f"<code>{escape(one['file'])}</code>",
                escape(RUNTIMES.get(one.get("format", ""), NONE)),
                _float(one.get("bytes"), ".1f", 1e6),
                _float(one.get("max_difference"), ".1e"),
                _float(one.get("gap_at_20"), ".4f"),
                _float(one.get("f1_micro"), ".4f"),
                _float(one.get("p50_ms"), ".2f"),
                _float(two.get("p50_ms"), ".2f"),
                _float(one.get("first_ms"), ".0f"),
                _float(one.get("peak_mb"), ".0f"),
            ]
        )
    return table(heads, rows, "Exported files") + (
        "<p><small>Differences are the largest of any score from the Keras "
        "model’s. Latency is the median of one video in a process without "
        "Keras, on the machine that exported; GAP@20 and F1 are there if "
        "export was given <code>--data</code>.</small></p>"
    )


def _float(value: Any, form: str, unit: float = 1.0) -> str:
    if not isinstance(value, (int, float)):
        return NONE
    return f"{value / unit:{form}}"
