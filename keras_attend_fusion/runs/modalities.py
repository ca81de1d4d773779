"""The modalities that a model is built for: those that its shards have."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.runs.settings import SettingError, split_words

OF_ALL = ("rgb_size", "audio_size")  # arguments of every builder
DTYPES = {"video": "float32", "frame": "uint8"}  # what builders take by default


def chosen(
    text: str | None, model: str, preset: str, schema: Any
) -> tuple[list[str], list[str]]:
    """The modalities to learn from, and the preset's that the schema lacks.

    Args:
        text: The setting `modalities`, if it is given.
        model: The model's name.
        preset: Its preset.
        schema: How records are laid out, if not as YouTube-8M's.

    Raises:
        SettingError: `modalities` names another than YouTube-8M's shards
            have, or than a preset of one modality takes.
        ArgumentError: The schema lacks one that `modalities` names, or the one
            that the preset takes.
    """
    takes = models.modalities(model, preset)
    names = None if text is None else split_words(text)
    usual = list(models.modalities(model))
    if schema is None or takes != usual:
        available = takes  # a preset of one modality takes no other
    else:
        available = list(schema.names)
    if names is not None and (
        not names or (schema is None and not set(names) <= set(takes))
    ):
        raise SettingError(
            f"`modalities` is {text!r}: {model} `preset`={preset} takes "
            f"{' and '.join(takes)}"
        )
    wanted = [name for name in available if names is None or name in names]
    if schema is None:
        return wanted, []
    taken = [name for name in wanted if name in schema.names]
    if not taken or (names is not None and not set(names) <= set(taken)):
        asks = f"{model} `preset`={preset} takes {' and '.join(takes)}"
        remedy = _presets_of(model, schema)
        if text is not None:
            asks = f"`modalities` is {text!r}"
            remedy = "name modalities of the schema"
        raise ArgumentError(
            f"`schema` has {' and '.join(schema.names)}, but {asks}: {remedy}"
        )
    lacking = [
        name
        for name in takes
        if name not in schema.names and (names is None or name in names)
    ]
    return taken, lacking


def _presets_of(model: str, schema: Any) -> str:
    """What to do about a preset that takes nothing of a schema."""
    usual = list(models.modalities(model))
    fit = [
        name
        for name in models.presets(model)
        if (takes := models.modalities(model, name)) == usual
        or set(takes) & set(schema.names)
    ]
    return f"pass `preset`={' or `preset`='.join(fit)}"


def headline(
    model: str, taken: list[str], lacking: list[str], preset: str
) -> str:
    """A line about what a model is built for; none if that is the usual."""
    if taken == models.modalities(model, preset):
        return ""
    line = f"{model} is built for {' and '.join(taken)}"
    if not lacking:
        return line
    alone = " alone" if len(taken) == 1 else ""
    return f"{line}{alone}: the schema has no {' and '.join(lacking)}"


def builder_arguments(
    model: str, preset: str, taken: list[str], schema: Any
) -> dict[str, Any]:
    """The arguments of a model's builder that its shards decide.

    Sizes, dtypes, ranges and the activation; only those that differ from
    what the builder takes by itself.

    Args:
        model: The model's name.
        preset: Its preset.
        taken: The modalities to learn from.
        schema: How records are laid out, if not as YouTube-8M's.
    """
    usual = [f"{name}_size" for name in taken]
    arguments: dict[str, Any] = {}
    if set(usual) <= set(OF_ALL):
        arguments = {
            f"{name}_size": None
            for name in models.modalities(model, preset)
            if name not in taken
        }
    if schema is None:
        return arguments
    sizes = {name: schema.sizes[name] for name in schema.names if name in taken}
    if set(usual) <= set(OF_ALL):
        arguments |= {f"{name}_size": size for name, size in sizes.items()}
    else:
        arguments["modalities"] = sizes
    dtypes = {
        name: dtype
        for name, dtype in schema.dtypes.items()
        if name in sizes and dtype != DTYPES[schema.level]
    }
    if dtypes:
        arguments["feature_dtype"] = dtypes
    ranges = {
        name: list(schema.ranges[name])
        for name in sizes
        if name in schema.ranges and schema.ranges[name] != (-2.0, 2.0)
    }
    if ranges:
        arguments["feature_range"] = ranges
    if schema.task == "single_label":
        arguments["activation"] = "softmax"
    return arguments
