"""Which model is best: all of them, tuned alike, on the same videos.

    export YT8M_DATA=folder      # yt8m_video/, and audioset/ for --frames
    python benchmarks/quality.py [--rows MODEL:PRESET …]
    python benchmarks/quality.py --curve
    python benchmarks/quality.py --ablation
    python benchmarks/quality.py --frames

Each row (a model in a preset) gets the same budget of tuning, stage by stage:
every setting of the first stage is trained once, with a seed of its own, and
judged by the GAP (by the mAP with --frames) on the validation videos; the
next stage tries changes of the best one. The setting that is best at the end
is then trained with each of the seeds, and the model after its last epoch is
scored.

Every finished training is a JSON file under --out, named after all that made
it what it is. A run that was killed goes on where it stopped; files that
another machine wrote into such a folder can be copied in; `--report` writes
the tables of all there is. At the end every training goes into
`docs/trainings.json` as well, which the next run knows again: take a model's
out of both when the model changes. To train where TensorFlow is not, or away
from the shards, `--write-arrays FILE.npz` writes them in a small file that
`--arrays` takes. KERAS_BACKEND chooses the backend.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import quality_videos
from quality_report import (
    ablation_tables,
    can_plot,
    curve_tables,
    model_tables,
    plot_curve,
    plot_sizes,
    ranked,
    write_page,
)
from quality_runs import Grid, OutOfTime, Runs, curve, table
from quality_text import (
    ablation_text,
    curve_text,
    frames_text,
    table_text,
)
from quality_videos import Videos

MILD = {"dropout": 0.2, "weight_decay": 0.02}
STRONG = {"dropout": 0.5, "weight_decay": 0.1}


def stages(epochs: int, *more: dict[str, Any]) -> Grid:
    """Tuning: first the learning rate, then `more` that may be better.

    `rate` is a factor: `kaf.training.default_learning_rate` knows the size.
    """
    rates = (0.5, 1.0, 2.0)
    return [[{"rate": r, **MILD, "epochs": epochs} for r in rates], list(more)]


# Every model has as many settings, and so as many trainings, to be tuned by.
GRIDS = {
    "full": stages(6, {"epochs": 12}, STRONG, {**STRONG, "epochs": 12}),
    "quick": stages(3, {"epochs": 6}, {**STRONG, "epochs": 6}),
}
ROWS = (
    "attend_fusion:base",
    "attend_fusion:small",
    "attend_fusion:mobile",
    "attend_fusion:audio",
    "attend_fusion:visual",
    "fully_connected:base",
    "fully_connected:normalized",
    "fully_connected:medium",
    "fully_connected:small",
    "fully_connected:audio",
    "fully_connected:visual",
    "early_fusion:base",
    "early_fusion:normalized",
    "residual:base",
    "residual_gating:base",
    "logistic:base",
    "mixture_of_experts:base",
    "dbof:base",
    "netvlad:base",
    "netvlad:medium",
    "nextvlad:base",
    "nextvlad:medium",
    "lstm:base",
)
CURVE_ROWS = ("attend_fusion:base", "fully_connected:base")
SHARES = (1 / 27, 1 / 9, 1 / 3, 1.0)


def known(rows: list[str]) -> list[str]:
    """Those rows that this version of the package can build."""
    from keras_attend_fusion import models

    found = []
    for row in rows:
        name, _, preset = row.partition(":")
        if name in models.names() and preset in models.presets(name):
            found.append(row)
        else:
            print(f"{row}: no such model or preset, left out", file=sys.stderr)
    return found


def read_videos(options: argparse.Namespace) -> Videos:
    """The arrays of --arrays, or those of the shards."""
    if options.arrays:
        return quality_videos.read(options.arrays)
    folder = Path(os.environ.get("YT8M_DATA", "."))
    if options.frames:
        from quality_clips import read_clips

        return read_clips(folder / "audioset" / "bal_train.tfrecord")
    return quality_videos.from_shards(
        options.train or f"{folder}/yt8m_video/validate00*.tfrecord",
        options.validate or f"{folder}/yt8m_video/validate01*.tfrecord",
    )


def main() -> None:
    options = _options()
    grid = GRIDS.get(options.grid)
    if grid is None:
        grid = json.loads(Path(options.grid).read_text())
    videos = read_videos(options)
    if options.write_arrays:
        videos.write(options.write_arrays)
        return
    base = {
        "level": "frame" if options.frames else "video",
        "group": "plain",
        "recipe": {},
        "batch_size": options.batch_size,
        "share": 1.0,
        "data": videos.fingerprint(),
    }
    soft, soft_data = None, None
    if options.soft:
        import numpy as np

        soft = np.load(options.soft, mmap_mode="r")
        soft_data = hashlib.sha256(options.soft.read_bytes()).hexdigest()[:16]
    runs = Runs(
        options.out,
        options.docs / "trainings.json",
        videos,
        base,
        options.minutes,
        soft,
        not options.report,
    )
    options.soft_data = soft_data
    work = _table
    for chosen in (_frames, _curve, _ablation):
        if getattr(options, chosen.__name__[1:]):
            work = chosen
    try:
        if options.write_soft:
            from quality_soft import write_soft

            rows = known(options.rows or ["attend_fusion:base"])
            write_soft(options.write_soft, runs, rows, grid)
            return
        work(runs, options, grid)
    except OutOfTime:
        print("Out of time: run again to go on.", flush=True)
        runs.train = False
        work(runs, options, grid)


def _table(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    rows, seeds = known(options.rows or list(ROWS)), options.seeds
    if not options.recipe_only:
        table(runs, rows, grid, seeds, "gap_at_20")
    recipe = json.loads(options.recipe) if options.recipe else {}
    changes = {"group": "recipe", "recipe": recipe, "soft_data": None}
    if options.soft:
        changes["recipe"] = {"soft": 0.5, **recipe}
        changes["soft_data"] = options.soft_data
    more = known(options.recipe_rows)
    table(runs, more, grid, seeds, "gap_at_20", **changes)
    # What there is of every row, whichever were asked for now.
    runs.train = False
    every = list(dict.fromkeys([*rows, *known(list(ROWS))]))
    found = table(runs, every, grid, seeds, "gap_at_20")
    for row, changes in runs.recipes():
        found += table(runs, [row], grid, seeds, "gap_at_20", **changes)
    if not found:
        print("No row is finished yet.")
        return
    text = table_text(options, runs.videos, grid, found)
    found = ranked(found, "gap_at_20")
    write_page(options.docs, "results", found, text, model_tables(found))
    runs.keep()
    if can_plot():
        plot_sizes(options.docs / "results.svg", found)
    print(f"Wrote {len(found)} rows to {options.docs}")


def _curve(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    rows, seeds = known(options.rows or list(CURVE_ROWS)), options.seeds
    curve(runs, rows, grid, seeds, list(SHARES))
    # What there is of every row, whichever were asked for now.
    runs.train = False
    every = list(dict.fromkeys([*rows, *known(list(CURVE_ROWS))]))
    found = curve(runs, every, grid, seeds, list(SHARES))
    if not found:
        print("No point of the curve is finished yet.")
        return
    text = curve_text(options, runs.videos, found)
    write_page(options.docs, "learning_curve", found, text, curve_tables(found))
    runs.keep()
    if can_plot():
        plot_curve(options.docs / "learning_curve.png", found)
    print(f"Wrote {len(found)} points to {options.docs}")


def _ablation(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    from quality_ablation import ablation

    found = ablation(runs, grid, options.seeds, options.soft_data)
    if not found:
        print("No part is finished yet.")
        return
    text = ablation_text(options, runs.videos, found)
    write_page(options.docs, "ablation", found, text, ablation_tables(found))
    runs.keep()
    print(f"Wrote {len(found)} parts to {options.docs}")


def _frames(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    from quality_clips import POOLINGS

    names = [row.partition(":")[0] for row in options.rows or POOLINGS]
    rows = [f"{name}:clip" for name in names if name in POOLINGS]
    found = table(runs, rows, grid, options.seeds, "map")
    if not found:
        print("No row is finished yet.")
        return
    text = frames_text(options, runs.videos, grid, found)
    found = ranked(found, "map")
    write_page(options.docs, "frames", found, text, model_tables(found))
    runs.keep()
    print(f"Wrote {len(found)} rows to {options.docs}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--rows", nargs="+", metavar="MODEL:PRESET", help="all by default")
    add("--seeds", nargs="+", type=int, default=[0, 1, 2])
    add("--grid", default="full", help=f"{', '.join(GRIDS)}, or a JSON file")
    add("--batch-size", type=int, default=512)
    add("--curve", action="store_true", help="by share of training videos")
    add("--ablation", action="store_true", help="Attend-Fusion part by part")
    add("--frames", action="store_true", help="poolings, on AudioSet's clips")
    add("--recipe-rows", nargs="+", default=[], metavar="MODEL:PRESET")
    add("--recipe", help="JSON of what quality_fit.fit takes; none by default")
    add("--recipe-only", action="store_true", help="train no plain row")
    add("--soft", type=Path, help="soft targets of --write-soft, for recipes")
    add("--write-soft", type=Path, metavar="FILE.npy")
    add("--train", help="glob of training shards, quoted")
    add("--validate", help="glob of validation shards, quoted")
    add("--arrays", type=Path, metavar="FILE.npz")
    add("--write-arrays", type=Path, metavar="FILE.npz")
    add("--out", type=Path, default=Path("runs/quality"))
    add("--docs", type=Path, default=Path(__file__).parents[1] / "docs")
    add("--minutes", type=float, help="start no training that ends later")
    add("--report", action="store_true", help="train nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
