"""A classifier whose classes are spread over devices."""

from __future__ import annotations

import keras

KERNEL, BIAS = "(.*/)?classifier/kernel", "(.*/)?classifier/bias"


def classifier_parallel(ways: int) -> keras.distribution.ModelParallel:
    """Each device holds the scores' weights of some classes; the rest, all.

    The devices stand in rows of `ways`. A batch is cut into as many parts as
    there are rows; in a row each device has all other weights and one of
    `ways` equal parts of every classifier: `(hidden, num_classes / ways)` of
    its kernel, with what the optimiser keeps of it. Losses and gradients are
    those of one device, up to rounding. For many classes over a small trunk;
    3862 = 2 · 1931 can be halved alone.

    Args:
        ways: Into how many parts to cut; it divides the number of devices,
            and of classes.

    Returns:
        What to hand to `keras.distribution.set_distribution`, before the
        model is built.

    Raises:
        ValueError: `ways` does not divide the number of devices, or the
            backend is PyTorch, which has no layouts.

    Example:

    >>> layout = classifier_parallel(ways=1)
    >>> layout.num_model_replicas == len(keras.distribution.list_devices())
    True

    Reference:
        - [Megatron-LM](https://arxiv.org/abs/1909.08053), where matrices are
          cut into columns.
    """
    if keras.backend.backend() == "torch":
        raise ValueError(
            "classifier_parallel is for JAX, but the Keras backend is torch: "
            "set KERAS_BACKEND=jax."
        )
    devices = keras.distribution.list_devices()
    if ways < 1 or len(devices) % ways:
        raise ValueError(
            f"classifier_parallel got ways={ways} for {len(devices)} devices: "
            "pass a number that divides them."
        )
    mesh = keras.distribution.DeviceMesh(
        (len(devices) // ways, ways), ["batch", "classes"], devices
    )
    layout = keras.distribution.LayoutMap(mesh)
    layout[KERNEL] = (None, "classes")
    layout[BIAS] = ("classes",)
    return keras.distribution.ModelParallel(
        layout_map=layout, batch_dim_name="batch", auto_shard_dataset=False
    )
