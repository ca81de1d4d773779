"""The threshold of F1 that a run froze, and whose it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import run_folder
from keras_attend_fusion.metrics.inputs import check_threshold

WEIGHTS = "weights"  # key of the fingerprint in metrics.json


def fingerprint(model: Any) -> str:
    """A short hash of a model's weights, whatever their names and order."""
    from keras import ops

    hashes = []
    for weight in model.weights:
        value = ops.convert_to_numpy(weight)
        one = hashlib.blake2b(str(value.shape).encode(), digest_size=16)
        one.update(value.tobytes())
        hashes.append(one.digest())
    return hashlib.blake2b(b"".join(sorted(hashes)), digest_size=8).hexdigest()


def frozen(path: str, model: Any) -> tuple[float | None, str]:
    """The threshold in a run's metrics.json, and where it is from.

    None if there is none, as beside a bare `.keras` file. A metrics.json
    that does not say of which weights it is, as earlier versions wrote, is
    taken unless it gives another count of parameters.

    Raises:
        ValueError: if the metrics are those of another model.
    """
    known = run_folder.read_json(path, run_folder.METRICS)
    threshold = known.get("threshold")
    if threshold is None:
        return None, ""
    check_threshold(threshold)
    source = "picked on the validation videos of the training run"
    if WEIGHTS in known:
        name, was, now = "the weights", known[WEIGHTS], fingerprint(model)
    else:
        count = model.count_params()
        name, was, now = "parameters", known.get("parameters", count), count
        source += f", if {run_folder.METRICS} is of this model (it is too old "
        source += "to tell)"
    if was != now:
        raise ValueError(
            f"{Path(path) / run_folder.METRICS} is of another model ({name} "
            f"{was}, those of {run_folder.MODEL} are {now}), so its threshold "
            f"{threshold} says nothing here: pass --threshold=…, or put the "
            f"{run_folder.METRICS} back that train wrote with this model"
        )
    return threshold, source
