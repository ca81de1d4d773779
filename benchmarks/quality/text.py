"""What stands above the tables of the pages."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .rows import CURVE_ROWS, ROWS, row_of_job
from .tables import words

if TYPE_CHECKING:
    from .rows import Grid
    from .videos import Videos

Rows = list[dict[str, Any]]


def table_text(
    options: argparse.Namespace, videos: Videos, grid: Grid, rows: Rows
) -> str:
    """The text of `results.md`."""
    recipes = {words(r["recipe"]) for r in rows if r["group"] == "recipe"}
    added = ""
    if recipes:
        added = (
            f"\n- Group *recipe* adds, in the setting of the plain row: "
            f"{'; '.join(sorted(recipes))}."
        )
    own = bool(options.train or options.validate)
    halves = ["", ""] if own else [" (shards 0100–0109)", " (0110–0119)"]
    return f"""\
# Quality of the models

Written by `benchmarks.quality`; the numbers are in `results.json`.

![GAP against parameters](results.svg)

- {_counts(videos)} Features are rounded to 8 bits.
{_budget(grid, "GAP")}
- Group *plain* is one recipe for every model,
  `kaf.training.compile_model`.{added}
- Means and standard deviations are over the seeds.
- "F1, best threshold" is micro-averaged over all validation videos, at the
  threshold that is best for these same videos. "F1, frozen threshold" is that
  of their second half{halves[1]}, at the threshold that is best for the
  first{halves[0]}.
- GFLOPs count the matrix products of a forward pass, 2 a multiplication with
  its addition.
- Trained in {_machines(rows)}.

```sh
{command(options)}{_recipe_commands(options, rows)}
```"""


def _recipe_commands(options: argparse.Namespace, rows: Rows) -> str:
    """The commands that train the rows with soft targets, if there are any."""
    rows = [row for row in rows if row["recipe"].get("soft")]
    if options.recipe_rows or not rows:  # the command has them, or none
        return ""
    names = " ".join(map(row_of_job, rows))
    seeds = sorted({seed for row in rows for seed in row["seeds"]})
    with_soft = argparse.Namespace(**vars(options))
    with_soft.soft, with_soft.seeds = Path("soft.npy"), seeds
    return (
        f"\n{_soft_command(with_soft)}{command(with_soft)} --recipe-only "
        f"--recipe-rows {names}"
    )


def frames_text(
    options: argparse.Namespace, videos: Videos, grid: Grid, rows: Rows
) -> str:
    """The text of `frames.md`."""
    return f"""\
# Pooling methods on AudioSet

Written by `benchmarks.quality --frames`; the numbers are in `frames.json`.

- Clips of AudioSet's balanced training set: 1 to 10 seconds of 128 bytes, 527
  classes. MD5 of the video's id modulo 10 splits them: 0 and 1 validate, the
  others train. {_counts(videos)}
- The models differ in how they pool the seconds to one vector; the dense
  layer behind it is as wide as makes their parameters about equal.
{_budget(grid, "mAP")}
- Means and standard deviations are over the seeds.
- The frozen threshold is the best one of the clips with 0, applied to those
  with 1.
- Trained in {_machines(rows)}.

```sh
{command(options)}
```"""


def curve_text(options: argparse.Namespace, videos: Videos, rows: Rows) -> str:
    """The text of `learning_curve.md`."""
    return f"""\
# Learning curve

Written by `benchmarks.quality --curve`; the numbers are in
`learning_curve.json`.

![GAP and F1 against training videos](learning_curve.png)

- {_counts(videos)} A smaller share of those to train on lies within every
  larger one.
- Learning rate, dropout and weight decay are those that the table of all
  models chose. A share of the videos was trained for a third and for a ninth
  of the steps that all of them take, with a seed of its own, and the number
  of epochs with the better validation GAP was taken.
- Means and standard deviations are over the seeds.
- Trained in {_machines(rows)}.

```sh
{command(options)}
```"""


def ablation_text(
    options: argparse.Namespace, videos: Videos, rows: Rows
) -> str:
    """The text of `ablation.md`."""
    setting = words(rows[0]["setting"])
    return f"""\
# Ablation

Written by `benchmarks.quality --ablation`; the numbers are in
`ablation.json`.

- Attend-Fusion `base` with one part changed at a time, in the setting that the
  table of all models chose for it:
  {setting}.
  Where a part is taken out or put in, a width makes up for its parameters.
- {_counts(videos)}
- Trained in {_machines(rows)}.

```sh
{_soft_command(options)}{command(options)}
```"""


def _soft_command(options: argparse.Namespace) -> str:
    """The command that makes what --soft takes."""
    if not options.soft:
        return ""
    return (
        f"python -m benchmarks.quality --grid {Path(options.grid).name} "
        f"--rows attend_fusion:base --write-soft {options.soft.name}\n"
    )


def command(options: argparse.Namespace) -> str:
    """The command that writes this again, without a machine's paths."""
    parts = ["python -m benchmarks.quality"]
    parts += ["--curve"] if options.curve else []
    parts += ["--frames"] if options.frames else []
    parts += ["--ablation"] if options.ablation else []
    parts += [f"--grid {Path(options.grid).name}"]
    parts += [f"--batch-size {options.batch_size}"]
    parts += ["--seeds", *map(str, options.seeds)]
    if not {*(options.rows or ())} <= {*ROWS, *CURVE_ROWS}:
        parts += ["--rows", *options.rows]
    if options.recipe_rows:
        parts += ["--recipe-rows", *options.recipe_rows]
    if options.recipe:
        parts.append(f"--recipe '{options.recipe}'")
    if options.soft:
        parts.append(f"--soft {options.soft.name}")
    return " ".join(parts)


def _counts(videos: Videos) -> str:
    train = len(videos.train_rows())
    return f"{train:,} to train on, {len(videos.part) - train:,} to validate."


def _budget(grid: Grid, metric: str) -> str:
    first, *more = grid
    epochs = "/".join(sorted({f"{row['epochs']}" for row in first}))
    lines = [
        f"- Each row was tuned by {sum(map(len, grid))} trainings with a seed "
        f"of their own, the same for\n  all, judged by the validation {metric}"
        f": on the same videos that the table scores.\n  First {len(first)} "
        f"settings of {epochs} epochs:\n  {_words(first)}."
    ]
    lines += [
        f"  Then changes of the best:\n  {_words(stage)}." for stage in more
    ]
    lines.append("  The model after the last epoch is scored.")
    return "\n".join(lines)


def _words(settings: Rows) -> str:
    return "; ".join(words(row) for row in settings)


def _machines(rows: Rows) -> str:
    return "; ".join(sorted({name for row in rows for name in row["machines"]}))
