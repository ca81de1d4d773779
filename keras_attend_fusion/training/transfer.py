"""Starting a model from the weights of another."""

from __future__ import annotations

import keras


def transfer(model: keras.Model, source: keras.Model) -> list[str]:
    """Takes over the weights of a model of the same layers.

    Weights go by the names of their layers. One whose shape is another, as
    the classifier's for other classes, keeps what the model has.

    Args:
        model: The model to be trained.
        source: A trained one.

    Returns:
        The names of the weights that were not taken over.

    Raises:
        ValueError: None of the weights fits.

    Example:

    >>> def small(classes):
    ...     inputs = keras.Input((4,))
    ...     hidden = keras.layers.Dense(8, name="hidden")(inputs)
    ...     scores = keras.layers.Dense(classes, name="classifier")(hidden)
    ...     return keras.Model(inputs, scores)
    >>> transfer(small(3), small(5))
    ['classifier/kernel', 'classifier/bias']
    """
    trained = {weight.path: weight for weight in source.weights}
    left = []
    for weight in model.weights:
        same = trained.get(weight.path)
        if same is None or same.shape != weight.shape:
            left.append(weight.path)
        else:
            weight.assign(same)
    if len(left) == len(model.weights):
        raise ValueError(
            f"{source.name} has no weights that fit {model.name}: start from "
            "a model of the same name and preset."
        )
    return left
