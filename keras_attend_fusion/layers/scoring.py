"""How the logits of classes become scores: each for itself, or one of all."""

from __future__ import annotations

from typing import Any

ACTIVATIONS = ("sigmoid", "softmax")


def scoring_activation(activation: Any, num_classes: int | None = None) -> str:
    """The name of what makes scores of logits, checked.

    Args:
        activation: "sigmoid" for classes that do not exclude each other,
            "softmax" where each example has exactly one.
        num_classes: how many classes there are, where that is known.

    Raises:
        ValueError: if it is neither, or a softmax of a single class, whose
            score would be 1 whatever came.

    Example:

    >>> scoring_activation("softmax")
    'softmax'
    """
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"activation is {activation!r}; pass one of {ACTIVATIONS}."
        )
    if activation == "softmax" and num_classes == 1:
        raise ValueError(
            "activation is 'softmax' for 1 class, whose score would always be "
            "1; pass 2 classes or more, or 'sigmoid'."
        )
    return str(activation)
