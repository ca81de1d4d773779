"""A run on one page of HTML that asks for nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from keras_attend_fusion.export.readme import RUNTIMES
from keras_attend_fusion.reports import run_sections as of_run
from keras_attend_fusion.reports import video_sections as of_videos
from keras_attend_fusion.reports.hardest_videos import Found
from keras_attend_fusion.reports.markup import table
from keras_attend_fusion.reports.page import page
from keras_attend_fusion.reports.run_record import Run
from keras_attend_fusion.reports.run_sections import NONE, number


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
    run, evaluation = report.run, report.found
    parts = {
        "Metrics": of_run.scores(
            run, evaluation.metrics if evaluation else None
        )
        + _threshold(report),
    }
    if report.baselines:
        parts["Comparison with baselines"] = of_run.against(
            run, report.baselines, report.source
        )
    parts["Training"] = of_run.curves(run) + of_run.settings(run)
    if evaluation:
        parts["Classes"] = of_videos.classes(evaluation.classes)
        parts["Calibration"] = of_videos.calibration(evaluation.calibration)
        parts["Hardest videos"] = of_videos.hardest(evaluation.hardest)
        parts["Data"] = (
            f"<p><code>{escape(report.data)}</code></p>"
            + of_videos.data(report.shards, evaluation)
        )
    if report.export:
        parts["Exported files"] = _export(report.export)
    return page(
        title=f"{escape(run.name)}: training report",
        heading=f"Training report: {escape(run.name)}",
        introduction=_what(run),
        sections=parts,
        footer="Average precision of a video: the mean over its labels of h / "
        "n, where n classes score as high as the label or higher, and h of "
        "them are labels. Every other number is defined in docs/metrics.md of "
        "keras-attend-fusion.",
    )


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
    best, epochs = run.best, len(run.history)
    if best:
        text += (
            f"<p>Epoch {best['epoch']:.0f} of {epochs} has the highest "
            f"validation GAP@20, {best['val_gap_at_20']:.4f}.</p>"
        )
    if not metrics:
        text += (
            "<p><strong>The training has not come to its end:</strong> "
            f"{epochs} of {number(config.get('epochs', NONE))} epochs are "
            "done.</p>"
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
    for entry in report["files"]:
        two_threads = entry.get("two_threads") or {}
        rows.append(
            [
                f"<code>{escape(entry['file'])}</code>",
                escape(RUNTIMES.get(entry.get("format", ""), NONE)),
                _float(entry.get("bytes"), ".1f", 1e6),
                _float(entry.get("max_difference"), ".1e"),
                _float(entry.get("gap_at_20"), ".4f"),
                _float(entry.get("f1_micro"), ".4f"),
                _float(entry.get("p50_ms"), ".2f"),
                _float(two_threads.get("p50_ms"), ".2f"),
                _float(entry.get("first_ms"), ".0f"),
                _float(entry.get("peak_mb"), ".0f"),
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
