"""Score a trained model on labelled shards: GAP@20, mAP, Hit@1, PERR and F1,
exact, over the whole set. F1 uses the threshold that was picked on the
training run's validation videos, unless --threshold gives another."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.cli import run_folder, shards
from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    progress,
    required,
    table,
    write_json,
)
from keras_attend_fusion.cli.errors import UsageError

USAGE = "--model DIR --data GLOB [flags]"


def define(add: Flags) -> None:
    add.string("model", None, "folder that train wrote, or a .keras file")
    add.string("data", None, "glob of labelled shards, quoted")
    add.string("json", None, "write the metrics to this file too")
    add.number("threshold", None, "threshold of F1, from 0 to 1")
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model", "data")
    folder, data = flag["model"], flag["data"]
    threshold = flag["threshold"]
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise UsageError(f"--threshold is {threshold}: pass one from 0 to 1")
    model = run_folder.load_model(folder)
    source = "given"
    if threshold is None:
        known = run_folder.read_json(folder, run_folder.METRICS)
        threshold = known.get("threshold")
        source = "picked on the validation videos of the training run"
    if threshold is None:
        source = "picked on these videos, so F1 is optimistic"

    from keras_attend_fusion import training

    reader = shards.Shards(flag)
    dataset = reader.load_for(model, data)
    with (
        reader.errors_for(model, data),
        progress("videos", reader.count(data)) as update,
    ):
        evaluator = training.score(model, dataset, update)
    metrics = evaluator.result(threshold=threshold)
    if not metrics["classes_with_positives"]:
        raise ValueError(
            f"--data {data}: no video has a label, so there is nothing to "
            "score: pass labelled shards, or use predict"
        )
    print(metrics_table(metrics))
    print(f"F1 at threshold {metrics['threshold']:.4f}, {source}.")
    if flag["json"]:
        write_json(flag["json"], metrics)
    return 0


def metrics_table(metrics: dict[str, Any]) -> str:
    """The metrics, one a line."""
    rows = []
    for name, value in metrics.items():
        rows.append(
            (name, f"{value:.5f}" if isinstance(value, float) else str(value))
        )
    return table(rows)
