"""Scoring a model with several processes, each on its share."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import keras

from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.training.processes import (
    Processes,
    all_gather_bytes,
    on_this_process,
)
from keras_attend_fusion.training.scoring import score

PIECE = 1 << 25  # bytes that each process sends at a time


def copied(model: keras.Model) -> keras.Model:
    """A model of this process alone, with random weights."""
    with on_this_process():
        return keras.models.clone_model(model)


def score_across_processes(
    model: keras.Model,
    share: Any,
    processes: Processes,
    batch_size: int = 32,
    steps: int | None = None,
) -> tuple[Evaluator | None, dict[str, Any]]:
    """As `score`, and its metrics, of what all processes have a share of.

    Args:
        model: a model of this process alone, the same in each.
        share: what this process scores, as for `score`.
        processes: all of them; each calls this.
        batch_size: as for `score`.
        steps: as for `score`.

    Returns:
        The evaluator of all shares, in the first process alone, and the
        metrics, in each.

    Raises:
        ValueError: No video of any share has a label.
    """
    with on_this_process():
        evaluator = score(model, share, batch_size=batch_size, steps=steps)
    if processes.count == 1:
        return evaluator, _require_labels(evaluator.result())
    with tempfile.TemporaryDirectory() as folder:
        _gather(evaluator, Path(folder), processes)
    metrics = evaluator.result() if processes.first else {}
    metrics = json.loads(
        all_gather_bytes(json.dumps(metrics).encode(), processes)[0]
    )
    _require_labels(metrics)
    return (evaluator if processes.first else None), metrics


def _require_labels(metrics: dict[str, Any]) -> dict[str, Any]:
    """Raises `ValueError` where every score is 0 because nothing counts."""
    if not metrics["classes_with_positives"]:
        raise ValueError(
            f"None of the {metrics['videos']} validation videos has a label, "
            "so there is nothing to score: pass labelled ones."
        )
    return metrics


def _gather(evaluator: Evaluator, folder: Path, processes: Processes) -> None:
    """Adds to the first process's evaluator what the others have."""
    path = folder / "mine.npz"
    evaluator.save(path)
    with path.open("rb") as file:
        while any(pieces := all_gather_bytes(file.read(PIECE), processes)):
            if processes.first:
                for index, piece in enumerate(pieces[1:], 1):
                    with (folder / f"{index}.npz").open("ab") as other:
                        other.write(piece)
    if processes.first:
        for index in range(1, processes.count):
            evaluator.merge(Evaluator.load(folder / f"{index}.npz"))
