"""The threshold of F1 that a run froze, and whose it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.values import read_metrics

WEIGHTS = "weights"  # key of the fingerprint in metrics.json


def fingerprint(model: Any) -> str:
    """A short hash of a model's weights, whatever their names and order."""
    from keras import ops

    hashes = []
    for weight in model.weights:
        value = ops.convert_to_numpy(weight)
        hasher = hashlib.blake2b(str(value.shape).encode(), digest_size=16)
        hasher.update(value.tobytes())
        hashes.append(hasher.digest())
    return hashlib.blake2b(b"".join(sorted(hashes)), digest_size=8).hexdigest()


def frozen(path: str, model: Any) -> tuple[float | None, str]:
    """The threshold in a run's metrics.json, and where it is from.

    None if there is none, as beside a bare `.keras` file. A metrics.json
    that does not say of which weights it is, as earlier versions wrote, is
    taken unless it gives another count of parameters.

    Raises:
        ValueError: if the metrics are those of another model, or not what
            `train` writes.
    """
    known = read_metrics(path)
    threshold = known.get("threshold")
    if threshold is None:
        return None, ""
    source = "picked on the validation videos of the training run"
    if WEIGHTS in known:
        name = "the weights"
        recorded, current = known[WEIGHTS], fingerprint(model)
    else:
        name, current = "parameters", model.count_params()
        recorded = known.get("parameters", current)
        source += f", if {run_folder.METRICS} is of this model (it is too old "
        source += "to tell)"
    if recorded != current:
        raise ArgumentError(
            f"{Path(path) / run_folder.METRICS} is of another model ({name} "
            f"{recorded}, those of {run_folder.MODEL} are {current}), so its "
            f"threshold {threshold} says nothing here: pass `threshold`=…, or "
            f"put the {run_folder.METRICS} back that train wrote with this "
            "model"
        )
    return threshold, source
