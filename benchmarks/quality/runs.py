"""The trainings: each of them once, its result in a file."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.files import beside, write_json

from .rows import Grid, model_and_preset, row_of_job
from .tables import row_of, words

if TYPE_CHECKING:
    import numpy as np

    from .videos import Videos

TUNING_SEED = 1000  # so that no seed in the table was chosen for its luck
Job = dict[str, Any]


def digest(job: Job) -> str:
    """A name for all that makes a training what it is."""
    text = json.dumps(job, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class OutOfTime(Exception):
    """The next training would not end within --minutes."""


class Runs:
    """Finished trainings, and those that are still to be done.

    Each training that ends is a file in the folder `out`; all of them
    are in the file `archive`, too, once `keep` has written it.
    """

    def __init__(
        self,
        out: Path,
        archive: Path,
        videos: Videos,
        base: Job,
        minutes: float | None = None,
        soft: np.ndarray | None = None,
        train: bool = True,
    ) -> None:
        self.out, self.archive = out, archive
        self.videos, self.base = videos, base
        self.soft, self.train = soft, train
        self.end = time.monotonic() + 60 * minutes if minutes else None
        self.longest: dict[str, float] = {}
        results = json.loads(archive.read_text()) if archive.is_file() else []
        # A killed run leaves unfinished files, which start with a dot.
        for path in sorted(out.glob("[!.]*.json")):
            results.append(json.loads(path.read_text()))
        self.finished = {digest(result["job"]): result for result in results}

    def keep(self) -> None:
        """Writes every training that is known, one a line."""
        trainings = [self.finished[name] for name in sorted(self.finished)]
        lines = ",\n".join(json.dumps(result) for result in trainings)
        with beside(self.archive) as path:
            path.write_text(f"[\n{lines}\n]\n")

    def get(self, row: str, seed: int, **changes: Any) -> dict[str, Any] | None:
        """What a training gave; None if it is not done and is not to be."""
        model, preset = model_and_preset(row)
        job = {
            **self.base,
            "model": model,
            "preset": preset,
            "seed": seed,
            **changes,
        }
        name = digest(job)
        if name in self.finished or not self.train:
            return self.finished.get(name)
        expected = self.longest.get(row, 0.0)
        if self.end is not None and time.monotonic() + expected > self.end:
            raise OutOfTime
        from .fit import run

        result = run(job, self.videos, self.soft)
        start = f"{model}-{preset}".replace(":", ".")
        file = f"{start}-{job['group']}-{name}.json"
        write_json(self.out / file, result)
        self.finished[name] = result
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
        rows: dict[str, tuple[str, dict[str, Any]]] = {}
        for result in self.finished.values():
            job = result["job"]
            if job["group"] != "recipe":
                continue
            same = [job[k] == self.base[k] for k in ("data", "batch_size")]
            if all(same):
                names = ("group", "recipe", "soft_data")
                changes = {name: job[name] for name in names}
                row = row_of_job(job)
                rows.setdefault(json.dumps([row, changes]), (row, changes))
        return list(rows.values())

    def best(
        self, row: str, choices: list[dict[str, Any]], key: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """The changes of a job with the highest score; all that was tried."""
        tried = [self.get(row, TUNING_SEED, **change) for change in choices]
        results = [result for result in tried if result is not None]
        if len(results) < len(choices):
            return None
        scores = [
            (result["metrics"] or {}).get(key, -1.0) for result in results
        ]
        return choices[scores.index(max(scores))], results

    def tuned(
        self, row: str, grid: Grid, key: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """The best changes after every stage; all that was tried."""
        best: dict[str, Any] = {"setting": {}}
        tried: list[dict[str, Any]] = []
        for stage in grid:
            choices = [
                {"setting": {**best["setting"], **change}} for change in stage
            ]
            if tried:  # the best so far is trained already, and may stay
                choices.insert(0, best)
            results = self.best(row, choices, key)
            if results is None:
                return None
            best = results[0]
            tried += results[1][1:] if tried else results[1]
        return best, tried

    def seeds(
        self, row: str, seeds: list[int], change: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """What the trainings of a setting gave that there are."""
        results = [self.get(row, seed, **change) for seed in seeds]
        return [result for result in results if result is not None]


def table(
    runs: Runs,
    rows: list[str],
    grid: Grid,
    seeds: list[int],
    key: str,
    **group: Any,
) -> list[dict[str, Any]]:
    """Tunes and trains rows; those finished as the table shows them.

    `group` is what the jobs of a recipe have besides; they are trained in the
    setting that is best without it.
    """
    finished = []
    for row in rows:
        best = runs.tuned(row, grid, key)
        change = {**best[0], **group} if best else {}
        results = runs.seeds(row, seeds, change) if best else []
        if best and results:
            finished.append(row_of(results, best[1]))
    return finished


def curve(
    runs: Runs,
    rows: list[str],
    grid: Grid,
    seeds: list[int],
    shares: list[float],
) -> list[dict[str, Any]]:
    """Scores by share of the training videos.

    The setting is the one of the table, but for the epochs: fewer videos are
    seen as often as makes a third, or a ninth, of the steps that all of them
    take, whichever has the better validation GAP.
    """
    points = []
    for row in rows:
        tuned = runs.tuned(row, grid, "gap_at_20")
        if tuned is None:
            continue
        setting = tuned[0]["setting"]
        for share in shares:
            best = tuned
            if share < 1:
                epochs = [setting["epochs"] / share / n for n in (9, 3)]
                choices = [
                    {
                        "share": share,
                        "setting": {**setting, "epochs": max(1, round(n))},
                    }
                    for n in epochs
                ]
                best = runs.best(row, choices, "gap_at_20")
            results = runs.seeds(row, seeds, best[0]) if best else []
            if best and results:
                count = len(runs.videos.train_rows(share))
                shown = {"share": share, "videos_to_train": count}
                points.append({**row_of(results, best[1]), **shown})
    return points
