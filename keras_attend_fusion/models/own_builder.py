"""Models of the user's own, built by a function that a name leads to."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import keras

from keras_attend_fusion.models.describe import (
    ModelDescription,
    describe,
    mask_of,
)
from keras_attend_fusion.models.inputs import (
    AUDIO_SIZE,
    RGB_SIZE,
    dtypes_of,
    ranges_of,
    sizes_of,
)

SIZES = ("rgb_size", "audio_size")
# A builder that does not take these may know by itself what it is for: what
# its model takes is checked.
CHECKED = ("modalities", "feature_dtype", "feature_range", "activation")


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

    The function is called with `num_classes`, `level`, `modalities` (the size
    of each, by name), the sizes one by one (`rgb_size`, `audio_size`, of
    another modality `text_size`), `feature_dtype`, `feature_range` and
    `activation`, as far as it takes them, and with what else is given. A size
    of None leaves picture or sound out. It returns a functional
    `keras.Model`:

    - inputs by name: `rgb` and `audio`, or one of them, or those of
      `modalities`; at video level float32 of shape `(batch, size)`; at frame
      level uint8 of shape `(batch, frames, size)`, each with a mask
      `rgb_mask`, `audio_mask` of shape `(batch, frames)`; other dtypes where
      `feature_dtype` says so.
    - output: scores from 0 to 1 of shape `(batch, num_classes)`.

    Raises:
        ValueError: There is no such function, it does not take what it is
            given, or its model is another.
    """
    builder = load_builder(name)
    wanted = _wanted(level, num_classes, overrides)
    sizes = {f"{key}_size": size for key, size in wanted.sizes.items()}
    given = {
        "num_classes": num_classes,
        "level": level,
        **dict.fromkeys(SIZES),
        **sizes,
        **overrides,
        "modalities": wanted.sizes,
    }
    parameters = inspect.signature(builder).parameters.values()
    arguments = {each.name for each in parameters}
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        # One of the two, for it may pass all on to a builder of this package.
        by_name = all(f"{key}_size" in SIZES for key in wanted.sizes)
        others = {"modalities"} if by_name else {*SIZES, *sizes}
        for key in others - arguments:
            given.pop(key, None)
    else:
        # What is asked for by name it has to take.
        given = {
            key: value
            for key, value in given.items()
            if key in arguments
            or (overrides.get(key) is not None and key not in CHECKED)
        }
        unknown = [key for key in given if key not in arguments]
        if unknown:
            raise ValueError(
                f"{name} takes {', '.join(sorted(arguments)) or 'nothing'}, "
                f"but {', '.join(unknown)} is to be passed: add it to the "
                "function's arguments"
            )
    model = builder(**given)
    _check(name, model, wanted)
    return model


def _wanted(
    level: str, num_classes: int, overrides: dict[str, Any]
) -> ModelDescription:
    """What a model has to take and to give."""
    sizes = sizes_of(
        overrides.get("rgb_size", RGB_SIZE),
        overrides.get("audio_size", AUDIO_SIZE),
        overrides.get("modalities"),
    )
    names = list(sizes)
    return ModelDescription(
        level,
        tuple(names),
        sizes,
        dtypes_of(names, level, overrides.get("feature_dtype")),
        num_classes,
        ranges_of(names, overrides.get("feature_range")),
        overrides.get("activation") or "sigmoid",
    )


def _check(name: str, model: Any, wanted: ModelDescription) -> None:
    """Raises `ValueError` unless a model takes what shards hold."""
    inputs = getattr(model, "input", None)
    if not isinstance(model, keras.Model) or not isinstance(inputs, dict):
        raise ValueError(
            f"{name} returned {type(model).__name__}: expected a functional "
            "keras.Model with a dict of inputs, such as "
            'keras.Model({"rgb": rgb, "audio": audio}, scores)'
        )
    taken = describe(model, f"{name} returned a model that")
    if (taken.level, taken.sizes, taken.dtypes) != (
        wanted.level,
        wanted.sizes,
        wanted.dtypes,
    ):
        raise ValueError(
            f"{name} returned a model that takes {_listed(taken)}; of these "
            f"{wanted.level}-level shards it has to take {_listed(wanted)}. "
            "`modalities` chooses which of them"
        )
    for modality, span in taken.ranges.items():
        if span != wanted.ranges[modality]:
            raise ValueError(
                f"{name} returned a model that dequantises {modality} from "
                f"{span}; in these shards bytes stand for "
                f"{wanted.ranges[modality]}: take `feature_range` as an "
                "argument and pass it to Dequantize"
            )
    if taken.num_classes != wanted.num_classes:
        raise ValueError(
            f"{name} returned a model with an output of shape "
            f"{tuple(getattr(model.output, 'shape', ()))}: expected (batch, "
            f"{wanted.num_classes}), a score a class"
        )
    if wanted.activation == "softmax" != taken.activation:
        raise ValueError(
            f"{name} returned a model whose last layer has no softmax, but "
            "each of these videos has exactly one class: end it with "
            'activation="softmax"'
        )


def _listed(taken: ModelDescription) -> str:
    """The inputs of a model, as text."""
    inputs = []
    for name, size in taken.sizes.items():
        frames = "frames, " if taken.level == "frame" else ""
        inputs.append(f"{name} (batch, {frames}{size}) {taken.dtypes[name]}")
        if frames:
            inputs.append(f"{mask_of(name)} (batch, frames)")
    return ", ".join(inputs)
