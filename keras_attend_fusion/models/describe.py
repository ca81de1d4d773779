"""What a model takes, told from its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MODALITIES = ("rgb", "audio")
MASK = "_mask"


@dataclass(frozen=True)
class ModelDescription:
    """What a model takes and gives.

    Attributes:
        level: "video" or "frame".
        modalities: Names of those it takes, in the order of its inputs.
        sizes: Values of a vector of each.
        dtypes: Of each: bytes ("uint8") or values.
        num_classes: The scores it gives of a video; None if its output is
            not of shape `(batch, classes)`.
    """

    level: str
    modalities: tuple[str, ...]
    sizes: dict[str, int]
    dtypes: dict[str, str]
    num_classes: int | None


def describe(model: Any, what: str = "The model") -> ModelDescription:
    """Tells what a model takes from its inputs.

    Args:
        model: A functional `keras.Model` with inputs by name, as
            `models.build` makes it, or one that `export.load` loaded.
        what: What stands before "takes" in an error.

    Raises:
        ValueError: Its inputs are not `rgb` and `audio`, or one of them,
            `(batch, size)` each; or `(batch, frames, size)`, with a mask
            `rgb_mask`, `audio_mask` each.

    Example:

    >>> from keras_attend_fusion.models import build
    >>> found = describe(build("logistic", level="frame", num_classes=3))
    >>> found.level, sorted(found.modalities), found.sizes["rgb"]
    ('frame', ['audio', 'rgb'], 1024)
    >>> found.dtypes["rgb"], found.num_classes
    ('uint8', 3)
    """
    inputs = getattr(model, "input", None)
    inputs = inputs if isinstance(inputs, dict) else {}
    modalities = tuple(name for name in inputs if name in MODALITIES)
    masks = {f"{name}{MASK}" for name in modalities}
    framed = set(inputs) != set(modalities)
    if (
        not modalities
        or (framed and set(inputs) != {*modalities, *masks})
        or any(len(inputs[n].shape) != 2 + framed for n in modalities)
        or any(len(inputs[n].shape) != 2 for n in masks if n in inputs)
    ):
        taken = ", ".join(f"{n} {tuple(x.shape)}" for n, x in inputs.items())
        raise ValueError(
            f"{what} takes {taken or 'no inputs by name'}: expected rgb and "
            "audio or one of them, with rgb_mask and audio_mask if they are "
            "of frames"
        )
    output = getattr(model, "output_shape", None)
    scores = isinstance(output, tuple) and len(output) == 2 and output[-1]
    return ModelDescription(
        "frame" if framed else "video",
        modalities,
        {name: int(inputs[name].shape[-1]) for name in modalities},
        {name: str(inputs[name].dtype) for name in modalities},
        int(output[-1]) if isinstance(output, tuple) and scores else None,
    )
