"""The pages of `docs/`: what each trains, and what it writes."""

from __future__ import annotations

import argparse
import json

from .plots import can_plot, plot_curve, plot_sizes
from .rows import CURVE_ROWS, ROWS, SHARES, Grid, buildable
from .runs import Runs, curve, table
from .tables import (
    ablation_tables,
    curve_tables,
    model_tables,
    ranked,
    write_page,
)
from .text import ablation_text, curve_text, frames_text, table_text


def results_page(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    rows, seeds = buildable(options.rows or list(ROWS)), options.seeds
    if not options.recipe_only:
        table(runs, rows, grid, seeds, "gap_at_20")
    recipe = json.loads(options.recipe) if options.recipe else {}
    changes = {"group": "recipe", "recipe": recipe, "soft_data": None}
    if options.soft:
        changes["recipe"] = {"soft": 0.5, **recipe}
        changes["soft_data"] = options.soft_data
    more = buildable(options.recipe_rows)
    table(runs, more, grid, seeds, "gap_at_20", **changes)
    # What there is of every row, whichever were asked for now.
    runs.train = False
    every = list(dict.fromkeys([*rows, *buildable(list(ROWS))]))
    results = table(runs, every, grid, seeds, "gap_at_20")
    for row, changes in runs.recipes():
        results += table(runs, [row], grid, seeds, "gap_at_20", **changes)
    if not results:
        print("No row is finished yet.")
        return
    text = table_text(options, runs.videos, grid, results)
    results = ranked(results, "gap_at_20")
    write_page(options.docs, "results", results, text, model_tables(results))
    runs.keep()
    if can_plot():
        plot_sizes(options.docs / "results.svg", results)
    print(f"Wrote {len(results)} rows to {options.docs}")


def curve_page(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    rows, seeds = buildable(options.rows or list(CURVE_ROWS)), options.seeds
    curve(runs, rows, grid, seeds, list(SHARES))
    # What there is of every row, whichever were asked for now.
    runs.train = False
    every = list(dict.fromkeys([*rows, *buildable(list(CURVE_ROWS))]))
    results = curve(runs, every, grid, seeds, list(SHARES))
    if not results:
        print("No point of the curve is finished yet.")
        return
    text = curve_text(options, runs.videos, results)
    write_page(
        options.docs, "learning_curve", results, text, curve_tables(results)
    )
    runs.keep()
    if can_plot():
        plot_curve(options.docs / "learning_curve.png", results)
    print(f"Wrote {len(results)} points to {options.docs}")


def ablation_page(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    from .ablation import ablation

    results = ablation(runs, grid, options.seeds, options.soft_data)
    if not results:
        print("No part is finished yet.")
        return
    text = ablation_text(options, runs.videos, results)
    write_page(
        options.docs, "ablation", results, text, ablation_tables(results)
    )
    runs.keep()
    print(f"Wrote {len(results)} parts to {options.docs}")


def frames_page(runs: Runs, options: argparse.Namespace, grid: Grid) -> None:
    from .clips import POOLINGS

    names = [row.partition(":")[0] for row in options.rows or POOLINGS]
    rows = [f"{name}:clip" for name in names if name in POOLINGS]
    results = table(runs, rows, grid, options.seeds, "map")
    if not results:
        print("No row is finished yet.")
        return
    text = frames_text(options, runs.videos, grid, results)
    results = ranked(results, "map")
    write_page(options.docs, "frames", results, text, model_tables(results))
    runs.keep()
    print(f"Wrote {len(results)} rows to {options.docs}")
