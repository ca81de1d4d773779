"""What a model takes, told from its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras

from keras_attend_fusion.layers import Dequantize

MASK = "_mask"
# Keys beside the features in a batch, and what models call all together.
RESERVED = ("id", "labels", "start", "joint")


def is_mask(name: str) -> bool:
    """Whether an input is the mask of a modality's frames.

    Example:

    >>> is_mask("rgb_mask"), is_mask("rgb")
    (True, False)
    """
    return name.endswith(MASK)


def mask_of(modality: str) -> str:
    """The name of the mask of a modality's frames.

    Example:

    >>> mask_of("text")
    'text_mask'
    """
    return f"{modality}{MASK}"


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
        ranges: The least and the greatest value that the bytes of a modality
            stand for, of those that it takes as bytes and dequantises.
        activation: "softmax" if its scores are those of classes that exclude
            each other, else "sigmoid".
    """

    level: str
    modalities: tuple[str, ...]
    sizes: dict[str, int]
    dtypes: dict[str, str]
    num_classes: int | None
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    activation: str = "sigmoid"


def describe(model: Any, what: str = "The model") -> ModelDescription:
    """Tells what a model takes from its inputs.

    Args:
        model: A functional `keras.Model` with inputs by name, as
            `models.build` makes it, or one that `export.load` loaded, whose
            ranges and activation are those of its facts.
        what: What stands before "takes" in an error.

    Raises:
        ValueError: Its inputs are not one modality or more, of any names but
            `id`, `labels`, `start` and `joint`, `(batch, size)` each; or
            `(batch, frames, size)`, with a mask each, whose name ends in
            `_mask`: `rgb` and `rgb_mask`.

    Example:

    >>> from keras_attend_fusion.models import build
    >>> taken = describe(build("logistic", level="frame", num_classes=3))
    >>> taken.level, taken.modalities, taken.sizes["rgb"]
    ('frame', ('rgb', 'audio'), 1024)
    >>> taken.dtypes["rgb"], taken.ranges["rgb"]
    ('uint8', (-2.0, 2.0))
    >>> taken.num_classes, taken.activation
    (3, 'sigmoid')
    """
    inputs = getattr(model, "input", None)
    inputs = inputs if isinstance(inputs, dict) else {}
    modalities = tuple(name for name in inputs if not is_mask(name))
    masks = {name for name in inputs if is_mask(name)}
    framed = bool(masks)
    if (
        not modalities
        or set(modalities) & set(RESERVED)
        or (framed and masks != {mask_of(name) for name in modalities})
        or any(len(inputs[n].shape) != 2 + framed for n in modalities)
        or any(inputs[n].shape[-1] is None for n in modalities)
        or any(len(inputs[n].shape) != 2 for n in masks)
    ):
        taken = ", ".join(f"{n} {tuple(x.shape)}" for n, x in inputs.items())
        raise ValueError(
            f"{what} takes {taken or 'no inputs by name'}: expected one "
            "modality or more, such as rgb and audio, (batch, size) each; or "
            "(batch, frames, size), with a mask each, such as rgb_mask and "
            "audio_mask, (batch, frames)"
        )
    output = getattr(model, "output_shape", None)
    scores = isinstance(output, tuple) and len(output) == 2 and output[-1]
    dtypes = {name: str(inputs[name].dtype) for name in modalities}
    ranges = ranges_of(model)
    return ModelDescription(
        "frame" if framed else "video",
        modalities,
        {name: int(inputs[name].shape[-1]) for name in modalities},
        dtypes,
        int(output[-1]) if isinstance(output, tuple) and scores else None,
        {
            name: ranges[name]
            for name in modalities
            if name in ranges and dtypes[name] == "uint8"
        },
        activation_of(model),
    )


def ranges_of(model: Any) -> dict[str, tuple[float, float]]:
    """The range of each input that a `Dequantize` layer of a model takes.

    Of an exported model, that of its facts.
    """
    facts = getattr(model, "facts", None)
    if isinstance(facts, dict):
        return {
            name: (span["min_value"], span["max_value"])
            for name, fact in facts.get("inputs", {}).items()
            if (span := fact.get("dequantize")) is not None
        }
    ranges = {}
    for layer in getattr(model, "layers", ()):
        if isinstance(layer, Dequantize):
            for node in layer._inbound_nodes:  # one for each call
                for tensor in node.input_tensors:
                    ranges[tensor.name] = (layer.min_value, layer.max_value)
    return ranges


def activation_of(model: Any) -> str:
    """What makes a model's scores of logits: "softmax", or else "sigmoid".

    Told by the layer that gives the model's output; of an exported model, by
    its facts.

    Example:

    >>> scores = keras.layers.Dense(3, activation="softmax")
    >>> activation_of(keras.Sequential([keras.Input((4,)), scores]))
    'softmax'
    """
    facts = getattr(model, "facts", None)
    if isinstance(facts, dict):
        return str(facts.get("activation", "sigmoid"))
    last = _last_layer(model)
    if isinstance(last, keras.Model):
        return activation_of(last)
    activation = getattr(last, "activation", None)
    name = getattr(activation, "__name__", activation)
    softmax = name == "softmax" or type(last).__name__ == "Softmax"
    return "softmax" if softmax else "sigmoid"


def _last_layer(model: Any) -> Any:
    """What gives a model's only output; None if that cannot be told.

    A cast to float32, which is a linear activation, is passed over.
    """
    if isinstance(model, keras.Sequential):
        return model.layers[-1] if model.layers else None
    outputs: Any = getattr(model, "outputs", None) or ()
    if len(outputs) != 1:
        return None
    tensor: Any = outputs[0]
    while True:
        history: Any = getattr(tensor, "_keras_history", None)
        layer: Any = getattr(history, "operation", None)
        linear = isinstance(layer, keras.layers.Activation) and (
            layer.activation is keras.activations.linear
        )
        if not linear:
            return layer
        tensor = layer._inbound_nodes[history.node_index].input_tensors[0]
