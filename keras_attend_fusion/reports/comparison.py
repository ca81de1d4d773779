"""Runs side by side: settings that differ, metrics, curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import new_file
from keras_attend_fusion.files import writing
from keras_attend_fusion.reports.comparison_html import render
from keras_attend_fusion.reports.run_record import read_run
from keras_attend_fusion.reports.run_sections import FACTS, NONE, flat
from keras_attend_fusion.runs.run import Run as TrainedRun
from keras_attend_fusion.runs.settings import SettingError

LOWER_IS_BETTER = ("calibration_error",)
NOT_RANKED = ("threshold", "videos", "classes_with_positives")


@dataclass(frozen=True)
class Comparison:
    """Runs side by side; `compare` makes one.

    Attributes:
        names: What each run is called.
        runs: What each left in its folder: `config`, `metrics`, `history`.
    """

    names: list[str]
    runs: list[Any]

    @cached_property
    def settings(self) -> dict[str, list[Any]]:
        """The settings that differ: the value of each run, None without."""
        return {
            name: values
            for name, values in self._settings.items()
            if any(value != values[0] for value in values)
        }

    @property
    def equal_settings(self) -> dict[str, Any]:
        """The settings that all runs share."""
        return {
            name: values[0]
            for name, values in self._settings.items()
            if name not in self.settings
        }

    @cached_property
    def _settings(self) -> dict[str, list[Any]]:
        configs = [dict(flat(run.config)) for run in self.runs]
        names = dict.fromkeys(name for config in configs for name in config)
        return {
            name: [config.get(name) for config in configs] for name in names
        }

    @cached_property
    def metrics(self) -> dict[str, list[Any]]:
        """The metrics of each run, None without."""
        names = dict.fromkeys(n for run in self.runs for n in run.metrics)
        return {
            name: [run.metrics.get(name) for run in self.runs]
            for name in names
            if name not in FACTS
        }

    @cached_property
    def facts(self) -> dict[str, list[Any]]:
        """Parameters, seconds and epochs of each run."""
        return {
            "parameters": [run.metrics.get("parameters") for run in self.runs],
            "seconds": [
                round(run.metrics["seconds"])
                if "seconds" in run.metrics
                else None
                for run in self.runs
            ],
            "epochs": [len(run.history) for run in self.runs],
            "best epoch": [
                None if run.best is None else int(run.best["epoch"])
                for run in self.runs
            ],
        }

    @property
    def warnings(self) -> list[str]:
        """Why the metrics are not to be compared; empty where they are."""
        lines = []
        for name in ("level", "num_classes", "classes"):
            if name in self.settings:
                lines.append(f"{name} differs")
        if any(name.startswith("shards.validate") for name in self.settings):
            lines.append("the validation shards differ")
        videos = self.metrics.get("videos", [])
        if len({value for value in videos if value is not None}) > 1:
            lines.append("the numbers of validation videos differ")
        unfinished = [
            name
            for name, run in zip(self.names, self.runs, strict=True)
            if not run.metrics
        ]
        if unfinished:
            lines.append(f"{', '.join(unfinished)}: the training has not ended")
        return lines

    def best(self, metric: str) -> list[bool]:
        """For each run, whether no other has a better value of a metric."""
        values = self.metrics[metric]
        numbers = [value for value in values if isinstance(value, int | float)]
        if metric in NOT_RANKED or len(set(numbers)) < 2:
            return [False] * len(values)
        pick = min if metric in LOWER_IS_BETTER else max
        return [value == pick(numbers) for value in values]

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "runs": self.names,
            "settings": self.settings,
            "metrics": self.metrics,
            "facts": self.facts,
            "warnings": self.warnings,
        }

    def __str__(self) -> str:
        """Tables of text: metrics, facts and the settings that differ."""
        lines = _text(["", *self.names], self.metrics | self.facts)
        lines += ["", "Settings that differ:" if self.settings else ""]
        if self.settings:
            lines += _text(["", *self.names], self.settings)
        else:
            lines[-1] = "All settings are equal."
        lines += [f"Not comparable: {line}." for line in self.warnings]
        return "\n".join(lines)

    def page(self) -> str:
        """One page of HTML that asks for nothing else."""
        return render(self)


def compare(
    runs: Sequence[str | Path | TrainedRun], out: str | Path | None = None
) -> Comparison:
    """Puts runs side by side.

    Args:
        runs: Two or more, or the folders that `train` wrote.
        out: Optional HTML file to write: a page with tables and curves that
            needs no network.

    Returns:
        A `Comparison`: `settings` that differ, `metrics`, `facts`,
        `warnings`; `print` shows it as tables.

    Raises:
        ValueError: There are fewer than two folders, one is not a run folder
            or comes twice, or `out` exists or does not end in `.html`.

    Example:

    >>> try:
    ...     compare(["run"])
    ... except ValueError as error:
    ...     print(error)
    compare takes two run folders or more, got 1
    """
    folders = [
        run.folder if isinstance(run, TrainedRun) else Path(run) for run in runs
    ]
    if len(folders) < 2:
        raise ValueError(
            f"compare takes two run folders or more, got {len(folders)}"
        )
    places = [folder.resolve() for folder in folders]
    for index, place in enumerate(places):
        if place in places[:index]:
            raise ValueError(f"{folders[index]} comes twice: pass each once")
    if out is not None:
        if Path(out).suffix != ".html":
            raise SettingError(f"`out` is {out}: it has to end in .html")
        new_file(out)
    comparison = Comparison(
        _names(places), [read_run(str(folder)) for folder in folders]
    )
    if out is not None:
        with writing(out) as file:
            file.write(comparison.page())
    return comparison


def _names(places: Sequence[Path]) -> list[str]:
    """The shortest ends of paths that tell them apart."""
    for count in range(1, max(len(place.parts) for place in places) + 1):
        names = ["/".join(place.parts[-count:]) for place in places]
        if len(set(names)) == len(names):
            return names
    return [str(place) for place in places]


def _plain(value: Any) -> str:
    if value is None or value in ({}, []):
        return NONE
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def _text(heads: list[str], rows: dict[str, list[Any]]) -> list[str]:
    """Columns, each as wide as its longest entry."""
    cells = [heads]
    cells += [[name, *map(_plain, row)] for name, row in rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]
