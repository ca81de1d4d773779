"""The modalities that a model is built for: those that its shards have."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.runs.settings import SettingError, split_words


def chosen(
    text: str | None, model: str, preset: str, schema: Any
) -> tuple[list[str], list[str]]:
    """The modalities to learn from, and those that the schema lacks.

    Args:
        text: What `modalities` says, if it is given.
        model: The model's name.
        preset: Its preset.
        schema: How records are laid out, if not as YouTube-8M's.

    Raises:
        SettingError: `modalities` names another than the preset takes.
        ArgumentError: `schema` lacks one that `modalities` names, or all.
    """
    takes = models.modalities(model, preset)
    wanted = takes
    if text is not None:
        names = split_words(text)
        if not names or not set(names) <= set(takes):
            raise SettingError(
                f"`modalities` is {text!r}: {model} `preset`={preset} takes "
                f"{' and '.join(takes)}"
            )
        wanted = [name for name in takes if name in names]
    if schema is None:
        return wanted, []
    taken = [name for name in wanted if name in schema.names]
    lacking = [name for name in wanted if name not in schema.names]
    if not taken or (lacking and text is not None):
        asks = f"{model} `preset`={preset} takes {' and '.join(takes)}"
        remedy = _presets_of(model, schema)
        if text is not None:
            asks = f"`modalities` is {text!r}"
            remedy = "name modalities of the schema"
        raise ArgumentError(
            f"`schema` has {' and '.join(schema.names)}, but {asks}: {remedy}"
        )
    return taken, lacking


def _presets_of(model: str, schema: Any) -> str:
    """What to do about a preset that takes nothing of a schema."""
    fit = [
        name
        for name in models.presets(model)
        if set(models.modalities(model, name)) & set(schema.names)
    ]
    if not fit:
        return "name the modalities of the schema rgb and audio"
    return f"pass `preset`={' or `preset`='.join(fit)}"


def sizes(
    model: str, preset: str, taken: list[str], schema: Any
) -> dict[str, int | None]:
    """The builder's arguments that tell sizes; None leaves a modality out."""
    arguments: dict[str, int | None] = {
        f"{name}_size": None
        for name in models.modalities(model, preset)
        if name not in taken
    }
    if schema is not None:
        for modality in schema.modalities:
            if modality.name in taken:
                arguments[f"{modality.name}_size"] = modality.size
    return arguments
