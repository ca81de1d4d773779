"""Models of the user's own, built by a function that a name leads to."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import keras

from keras_attend_fusion.models.describe import MASK, MODALITIES, describe

# What a video's features are, where a builder does not say otherwise.
SIZES = {"rgb_size": 1024, "audio_size": 128}
DTYPES = {"video": "float32", "frame": "uint8"}


def is_own(name: str) -> bool:
    """Whether a name is `package.module:function`.

    Example:

    >>> is_own("my_package.my_module:build"), is_own("attend_fusion")
    (True, False)
    """
    return ":" in name


def name_of(builder: Callable[..., Any]) -> str:
    """The name that leads to a function, `package.module:function`.

    Raises:
        ValueError: None does: it is a lambda, or defined in a function.
    """
    module = getattr(builder, "__module__", None)
    name = getattr(builder, "__qualname__", None)
    text = f"{module}:{name}"
    try:
        same = load_builder(text) is builder
    except ValueError:
        same = False
    if not same:
        raise ValueError(
            f"{builder!r} cannot be found by a name: define it at the top "
            "level of a module, so that a run can say what built its model"
        )
    return text


def load_builder(name: str) -> Callable[..., Any]:
    """Imports the function that a name leads to.

    Raises:
        ValueError: The module cannot be imported, or has no such function.
    """
    module, _, attribute = name.partition(":")
    try:
        target: Any = importlib.import_module(module)
    except (ImportError, ValueError) as error:
        raise ValueError(
            f"model is {name!r}, but {module or 'its module'} cannot be "
            f"imported: {error}"
        ) from error
    for part in attribute.split("."):
        target = getattr(target, part, None)
    if not callable(target):
        raise ValueError(
            f"model is {name!r}, but {module} has no function {attribute!r}"
        )
    builder: Callable[..., Any] = target
    return builder


def build_own(
    name: str, level: str, num_classes: int, **overrides: Any
) -> keras.Model:
    """Builds a model by a function of the user's, and checks its inputs.

    The function is called with `num_classes`, `level`, `rgb_size` and
    `audio_size`, as far as it takes them, and with what else is given. A
    size of None leaves the modality out. It returns a functional
    `keras.Model`:

    - inputs by name: `rgb` and `audio`, or one of them; at video level
      float32 of shape `(batch, size)`; at frame level uint8 of shape
      `(batch, frames, size)`, each with a mask `rgb_mask`, `audio_mask` of
      shape `(batch, frames)`.
    - output: scores from 0 to 1 of shape `(batch, num_classes)`.

    Raises:
        ValueError: There is no such function, it does not take what it is
            given, or its model is another.
    """
    builder = load_builder(name)
    given = {"num_classes": num_classes, "level": level, **SIZES, **overrides}
    taken = inspect.signature(builder).parameters.values()
    if not any(each.kind is each.VAR_KEYWORD for each in taken):
        known = {each.name for each in taken}
        # A builder may know by itself what it is for: its inputs are checked
        # below. What is asked for by name it has to take.
        given = {
            key: value
            for key, value in given.items()
            if key in known or overrides.get(key) is not None
        }
        unknown = [key for key in given if key not in known]
        if unknown:
            raise ValueError(
                f"{name} takes {', '.join(sorted(known)) or 'nothing'}, but "
                f"{', '.join(unknown)} is to be passed: add it to the "
                "function's arguments"
            )
    model = builder(**given)
    sizes = {key: {**SIZES, **overrides}[key] for key in SIZES}
    _check(name, model, level, num_classes, sizes)
    return model


def _check(
    name: str,
    model: Any,
    level: str,
    num_classes: int,
    sizes: dict[str, int | None],
) -> None:
    """Raises `ValueError` unless a model takes what shards hold."""
    inputs = getattr(model, "input", None)
    if not isinstance(model, keras.Model) or not isinstance(inputs, dict):
        raise ValueError(
            f"{name} returned {type(model).__name__}: expected a functional "
            "keras.Model with a dict of inputs, such as "
            'keras.Model({"rgb": rgb, "audio": audio}, scores)'
        )
    taken = describe(model, f"{name} returned a model that")
    wanted = {
        modality: size
        for modality in MODALITIES
        if (size := sizes[f"{modality}_size"]) is not None
    }
    dtypes = dict.fromkeys(wanted, DTYPES[level])
    if (taken.level, taken.sizes, taken.dtypes) != (level, wanted, dtypes):
        raise ValueError(
            f"{name} returned a model that takes "
            f"{_listed(taken.level, taken.sizes, taken.dtypes)}; of these "
            f"{level}-level shards it has to take "
            f"{_listed(level, wanted, dtypes)}. "
            "`modalities` chooses one of them alone"
        )
    if taken.num_classes != num_classes:
        raise ValueError(
            f"{name} returned a model with an output of shape "
            f"{tuple(getattr(model.output, 'shape', ()))}: expected (batch, "
            f"{num_classes}), a score a class"
        )


def _listed(level: str, sizes: dict[str, int], dtypes: dict[str, str]) -> str:
    """The inputs of a model, as text."""
    inputs = []
    for name, size in sizes.items():
        frames = "frames, " if level == "frame" else ""
        inputs.append(f"{name} (batch, {frames}{size}) {dtypes[name]}")
        if frames:
            inputs.append(f"{name}{MASK} (batch, frames)")
    return ", ".join(inputs)
