"""The trainings of `quality.py`: each done once, and kept."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quality_report import row_of, words, write_json

if TYPE_CHECKING:
    import numpy as np
    from quality_videos import Videos

TUNING_SEED = 1000  # so that no seed in the table was chosen for its luck
Job = dict[str, Any]


def settings(grid: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Every combination of a grid's axes."""
    combinations = itertools.product(*grid)
    return [{k: v for one in c for k, v in one.items()} for c in combinations]


class OutOfTime(Exception):
    """The next training would not end within --minutes."""


class Runs:
    """Finished trainings, and those that are still to be done."""

    def __init__(
        self,
        out: Path,
        videos: Videos,
        base: Job,
        minutes: float | None = None,
        soft: np.ndarray | None = None,
        train: bool = True,
    ) -> None:
        self.out, self.videos, self.base = out, videos, base
        self.soft, self.train = soft, train
        self.end = time.monotonic() + 60 * minutes if minutes else None
        self.longest: dict[str, float] = {}

    def get(self, row: str, seed: int, **changes: Any) -> dict[str, Any] | None:
        """What a training gave; None if it is not done and is not to be."""
        model, preset = row.split(":")
        job = {
            **self.base,
            "model": model,
            "preset": preset,
            "seed": seed,
            **changes,
        }
        text = json.dumps(job, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        path = self.out / f"{model}-{preset}-{job['group']}-{digest}.json"
        if path.is_file():
            return dict(json.loads(path.read_text()))
        if not self.train:
            return None
        expected = self.longest.get(row, 0.0)
        if self.end is not None and time.monotonic() + expected > self.end:
            raise OutOfTime
        from quality_fit import run

        result = run(job, self.videos, self.soft)
        write_json(path, result)
        self.longest[row] = max(expected, result["seconds"])
        metrics = result["metrics"] or {"gap_at_20": 0.0, "map": 0.0}
        print(
            f"{row} {job['group']} seed {seed}, {words(job['setting'])}, "
            f"{job['share']:.3f} of the videos: GAP {metrics['gap_at_20']:.4f},"
            f" mAP {metrics['map']:.4f}, {result['seconds']:.0f} s",
            flush=True,
        )
        return result

    def recipes(self) -> list[tuple[str, dict[str, Any]]]:
        """The rows of the group "recipe" that something was trained for."""
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for path in sorted(self.out.glob("*-recipe-*.json")):
            if path.name.startswith("."):
                continue  # a killed run left it unfinished
            job = json.loads(path.read_text())["job"]
            same = [job[k] == self.base[k] for k in ("data", "batch_size")]
            if all(same):
                names = ("group", "recipe", "soft_data")
                changes = {name: job[name] for name in names}
                row = f"{job['model']}:{job['preset']}"
                found.setdefault(json.dumps([row, changes]), (row, changes))
        return list(found.values())

    def best(
        self, row: str, choices: list[dict[str, Any]], key: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """The changes of a job with the highest score; all that was tried."""
        tried = [self.get(row, TUNING_SEED, **change) for change in choices]
        found = [one for one in tried if one is not None]
        if len(found) < len(choices):
            return None
        scores = [(one["metrics"] or {}).get(key, -1.0) for one in found]
        return choices[scores.index(max(scores))], found

    def seeds(
        self, row: str, seeds: list[int], change: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """What the trainings of a setting gave that there are."""
        results = [self.get(row, seed, **change) for seed in seeds]
        return [one for one in results if one is not None]


def table(
    runs: Runs,
    rows: list[str],
    grid: list[dict[str, Any]],
    seeds: list[int],
    key: str,
    **group: Any,
) -> list[dict[str, Any]]:
    """Tunes and trains rows; those finished as the table shows them."""
    finished = []
    choices = [{**group, "setting": setting} for setting in grid]
    for row in rows:
        best = runs.best(row, choices, key)
        results = runs.seeds(row, seeds, best[0]) if best else []
        if best and results:
            finished.append(row_of(results, best[1]))
    return finished


def curve(
    runs: Runs,
    rows: list[str],
    grid: list[dict[str, Any]],
    seeds: list[int],
    shares: list[float],
) -> list[dict[str, Any]]:
    """Scores by share of the training videos.

    The setting is the one of the table. With fewer videos it may take more
    epochs: 1, 3, 9 or 27 times as many, as long as no more steps come of it
    than with all videos, whichever has the best validation GAP.
    """
    found = []
    for row in rows:
        tuned = runs.best(row, [{"setting": one} for one in grid], "gap_at_20")
        if tuned is None:
            continue
        setting = tuned[0]["setting"]
        for share in shares:
            times = [n for n in (1, 3, 9, 27) if n <= round(1 / share)]
            choices = [
                {
                    "share": share,
                    "setting": {**setting, "epochs": n * setting["epochs"]},
                }
                for n in times
            ]
            best = tuned
            if len(choices) > 1:
                best = runs.best(row, choices, "gap_at_20")
            results = runs.seeds(row, seeds, best[0]) if best else []
            if best and results:
                count = len(runs.videos.train_rows(share))
                shown = {"share": share, "videos_to_train": count}
                found.append({**row_of(results, best[1]), **shown})
    return found
