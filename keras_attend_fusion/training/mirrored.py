"""Several devices of one host on TensorFlow, each with a copy of the model."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import keras

from keras_attend_fusion.layers import EnsembleMean
from keras_attend_fusion.private import private


def local_devices() -> list[str]:
    """TensorFlow's GPUs, or its CPU, which may be cut into virtual ones."""
    import tensorflow as tf

    config = tf.config
    devices = config.list_logical_devices("GPU")
    devices = devices or config.list_logical_devices("CPU")
    return [device.name for device in devices]


def mirror(devices: list[str]) -> None:
    """Has models that are built from here on train on all of these devices."""
    import tensorflow as tf

    tf.distribute.experimental_set_strategy(_strategy(tuple(devices)))


@functools.cache
def _strategy(devices: tuple[str, ...]) -> Any:
    """The only strategy of this process for some devices.

    The sums of a second one would use the keys of the first one's, and
    TensorFlow aborts them.
    """
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(devices))


def is_mirrored() -> bool:
    """Whether models train on several devices of TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.distribute.get_strategy().num_replicas_in_sync > 1)


@contextlib.contextmanager
def on_one_device() -> Iterator[None]:
    """Takes `mirror` back for what is built inside."""
    if not is_mirrored():
        yield
        return
    import tensorflow as tf

    before = tf.distribute.get_strategy()
    tf.distribute.experimental_set_strategy(None)
    try:
        yield
    finally:
        tf.distribute.experimental_set_strategy(before)


def over_the_whole_batch(model: keras.Model) -> None:
    """Makes a mirrored model's loss and statistics those of the whole batch.

    Normalisation takes the statistics of all devices together. Each device
    counts the loss that `EnsembleMean` adds once: Keras keeps what a layer
    adds in one list for all of them, so that later ones would count those of
    the earlier ones, too.

    Raises:
        UntriedVersionError: Keras has other private methods than those that
            have to be replaced.
    """
    for layer in _layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
        if isinstance(layer, EnsembleMean):
            layer.add_loss = _alone(layer)
    private(model, "_maybe_symbolic_build", "keras")  # which `fit` calls
    model._maybe_symbolic_build = _from_shapes(model)


def _layers(model: keras.Model) -> Any:
    """The model and all that is in it; `layers` lacks those of layers."""
    return private(model, "_flatten_layers", "keras")()


def _alone(layer: keras.Layer) -> Any:
    add = layer.add_loss
    clear = private(layer, "_clear_losses", "keras")

    def add_loss(loss: Any) -> None:
        clear()
        add(loss)

    return add_loss


def _from_shapes(model: keras.Model) -> Any:
    """Builds loss and optimiser from a model's shapes.

    Keras would take a batch, of which it averages bytes and masks over the
    devices, and fails.
    """

    build_from = private(model, "_symbolic_build", "keras")

    def build(iterator: Any = None, data_batch: Any = None) -> None:
        if isinstance(model, keras.Sequential):  # has neither by this name
            batch = (model.inputs[0], model.outputs[0])
        else:
            batch = (model.input, model.output)
        with model.distribute_strategy.scope():
            build_from(data_batch=batch)

    return build


@contextlib.contextmanager
def as_on_one_device(model: keras.Model) -> Iterator[None]:
    """A model as it is to be saved: JAX and PyTorch load it, too."""
    changed = [
        layer
        for layer in _layers(model)
        if getattr(layer, "synchronized", False)
    ]
    for layer in changed:
        layer.synchronized = False
    try:
        yield
    finally:
        for layer in changed:
            layer.synchronized = True
