"""Where a model's random numbers stand, kept inside its checkpoint."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

MEMBER = "random_state.json"  # of the .keras file, which is a zip


def add_random_state(model: keras.Model, path: Path) -> None:
    """Adds to a saved model which random numbers its dropout draws next.

    Keras leaves that out of a `.keras` file: dropout would draw the numbers
    of the first epoch again.
    """
    states = [
        ops.convert_to_numpy(variable).tolist() for variable in _states(model)
    ]
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(MEMBER, json.dumps(states))


def restore_random_state(model: keras.Model, path: Path) -> None:
    """Takes over what `add_random_state` added; nothing if it did not.

    Raises:
        ValueError: it is of a model with more or fewer random layers.
    """
    with zipfile.ZipFile(path) as file:
        if MEMBER not in file.namelist():
            return
        states = json.loads(file.read(MEMBER))
    for variable, stored in zip(_states(model), states, strict=True):
        variable.assign(np.array(stored, variable.dtype))


def _states(model: keras.Model) -> list[Any]:
    """The variables of a model's seed generators, in the order of layers."""
    # `weights` are without them and without the metrics' variables.
    return [
        variable
        for variable in model.variables
        if variable.name == "seed_generator_state"
    ]
