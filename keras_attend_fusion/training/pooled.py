"""Scoring a model with several processes, each on its share."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras

from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.training.processes import (
    Processes,
    exchange,
    on_this_process,
)
from keras_attend_fusion.training.scoring import score

PIECE = 1 << 25  # bytes that each process sends at a time


def copied(model: keras.Model) -> keras.Model:
    """A model of this process alone, with random weights."""
    with on_this_process():
        return keras.models.clone_model(model)


def pooled_score(
    model: keras.Model, share: Iterable[Any], processes: Processes
) -> tuple[Evaluator | None, dict[str, Any]]:
    """As `score`, and its metrics, of what all processes have a share of.

    Args:
        model: a model of this process alone, the same in each.
        share: what this process scores.
        processes: all of them; each calls this.

    Returns:
        The evaluator of all shares, in the first process alone, and the
        metrics, in each.
    """
    with on_this_process():
        evaluator = score(model, share)
    if processes.count == 1:
        return evaluator, evaluator.result()
    with tempfile.TemporaryDirectory() as folder:
        _gather(evaluator, Path(folder), processes)
    metrics = evaluator.result() if processes.first else {}
    metrics = json.loads(exchange(json.dumps(metrics).encode(), processes)[0])
    return (evaluator if processes.first else None), metrics


def _gather(evaluator: Evaluator, folder: Path, processes: Processes) -> None:
    """Adds to the first process's evaluator what the others have."""
    mine = folder / "mine.npz"
    evaluator.save(mine)
    with mine.open("rb") as file:
        while any(pieces := exchange(file.read(PIECE), processes)):
            if processes.first:
                for index, piece in enumerate(pieces[1:], 1):
                    with (folder / f"{index}.npz").open("ab") as other:
                        other.write(piece)
    if processes.first:
        for index in range(1, processes.count):
            evaluator.merge(Evaluator.load(folder / f"{index}.npz"))
