"""How a model is compiled for training: loss, optimiser, schedule."""

from __future__ import annotations

import math

import keras

from keras_attend_fusion.models.describe import activation_of
from keras_attend_fusion.training.adamw import FusedAdamW
from keras_attend_fusion.training.classwise import ClasswiseCrossentropy
from keras_attend_fusion.training.mirrored import (
    is_mirrored,
    over_the_whole_batch,
)
from keras_attend_fusion.training.precision import default_jit_compile

WARMUP_SHARE = 0.05  # of all steps


def compile_model(
    model: keras.Model,
    total_steps: int,
    learning_rate: float | None = None,
    weight_decay: float = 0.02,
    jit_compile: bool | str | None = None,
    classwise_weights: bool = False,
    *,
    warm_up: float = WARMUP_SHARE,
    clip_norm: float | None = None,
    accumulate: int = 1,
    ema: float | None = None,
    steps_per_execution: int = 1,
) -> keras.Model:
    """Compiles a model with the project's training recipe.

    The loss is binary cross-entropy summed over classes and averaged over
    videos, or categorical cross-entropy averaged over videos where the
    model's last layer is a softmax; the optimiser AdamW, with no decay on
    biases and normalisation; the learning rate warms up over a share of the
    steps, then falls to zero along a cosine.

    Args:
        model: a model whose output is scores from 0 to 1. Its labels are
            multi-hot; one-hot where the scores are those of a softmax.
        total_steps: int, the steps of the whole training.
        learning_rate: optional float, the peak of the schedule; None takes
            `default_learning_rate`.
        weight_decay: float, AdamW's decay.
        jit_compile: as for `keras.Model.compile`; None chooses what is fast
            on this machine (`default_jit_compile`).
        classwise_weights: bool, whether batches come with weights of the
            shape of the labels, as `kaf.data.load_segments` gives them; the
            loss is then `ClasswiseCrossentropy`, on the same scale. Not with
            a softmax, whose classes are one question and not many.
        warm_up: float, the share of the steps over which the learning rate
            rises, from 0 to below 1.
        clip_norm: optional float, the most that the norm of all gradients
            together may be; larger ones are scaled down to it.
        accumulate: int, how many batches' mean gradient makes one update.
            `total_steps` counts batches.
        ema: optional float, the momentum of a running average of the
            weights, between 0 and 1, which the optimiser keeps beside them.
            The callback `AverageWeights` scores and saves it.
        steps_per_execution: int, steps that run at once before Python, with
            its callbacks, has its turn; 1 on PyTorch.

    Returns:
        The model.

    Raises:
        ValueError: if `steps_per_execution` is below 1, or above it on
            PyTorch, `total_steps` or `accumulate` is below 1,
            `learning_rate` or `clip_norm` is not above 0, `warm_up` is not
            from 0 to below 1, or `ema` not between 0 and 1; or `clip_norm`,
            `accumulate` or `steps_per_execution` is given where TensorFlow
            has several devices; or `classwise_weights` with a softmax.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    >>> type(compile_model(model, total_steps=100).optimizer).__name__
    'FusedAdamW'
    """
    loss, weight = _loss(model, classwise_weights)
    if learning_rate is None:
        learning_rate = default_learning_rate(model)
    if total_steps < 1 or learning_rate <= 0:
        raise ValueError(
            f"compile_model got total_steps={total_steps} and learning_rate="
            f"{learning_rate}; both must be above 0."
        )
    if steps_per_execution < 1 or (
        steps_per_execution > 1 and keras.backend.backend() == "torch"
    ):
        raise ValueError(
            f"compile_model got steps_per_execution={steps_per_execution}; "
            "expected 1 or more, and 1 on PyTorch."
        )
    if (
        not 0 <= warm_up < 1
        or accumulate < 1
        or (clip_norm is not None and clip_norm <= 0)
        or (ema is not None and not 0 < ema < 1)
    ):
        raise ValueError(
            f"compile_model got warm_up={warm_up}, clip_norm={clip_norm}, "
            f"accumulate={accumulate} and ema={ema}; expected a share from 0 "
            "to below 1, a norm above 0 or None, a number of batches, and a "
            "momentum between 0 and 1 or None."
        )
    if is_mirrored():
        if clip_norm is not None or accumulate > 1:
            raise ValueError(
                "clip_norm and accumulate go with one device on TensorFlow, "
                "which would clip and add up the gradients of each device "
                "before they are summed: leave them out, or train on JAX."
            )
        if steps_per_execution > 1:
            raise ValueError(
                f"steps_per_execution is {steps_per_execution}, but Keras "
                "runs one step at a time on several devices of TensorFlow: "
                "leave it out, or train on JAX."
            )
        over_the_whole_batch(model)
    optimizer = FusedAdamW(
        make_schedule(total_steps, learning_rate, warm_up),
        weight_decay=weight_decay,
        global_clipnorm=clip_norm,
        gradient_accumulation_steps=accumulate if accumulate > 1 else None,
        use_ema=ema is not None,
        ema_momentum=ema or 0.0,
    )
    optimizer.exclude_from_weight_decay(
        var_names=["bias", "gamma", "beta", "queries"]
    )
    model.compile(
        optimizer,
        loss=loss,
        loss_weights=weight,
        jit_compile=default_jit_compile()
        if jit_compile is None
        else jit_compile,
        steps_per_execution=steps_per_execution,
    )
    if keras.backend.backend() == "tensorflow" and not is_mirrored():
        # A traced step that makes the optimiser's variables is traced twice.
        model.optimizer.build(model.trainable_variables)
    return model


def _loss(
    model: keras.Model, classwise_weights: bool
) -> tuple[str | keras.losses.Loss, float]:
    """The loss that a model's scores ask for, and its factor."""
    if activation_of(model) == "softmax":
        if classwise_weights:
            raise ValueError(
                "classwise_weights are for classes that are rated one by one, "
                f"but the scores of '{model.name}' are those of a softmax: "
                'leave them out, or build the model with activation="sigmoid".'
            )
        return "categorical_crossentropy", 1.0
    # Keras averages over classes; one label in a thousand would leave
    # gradients near the optimiser's epsilon.
    weight = float(model.output_shape[-1])
    if classwise_weights:
        return ClasswiseCrossentropy(), weight
    return "binary_crossentropy", weight


def default_learning_rate(model: keras.Model) -> float:
    """The peak learning rate for a model of such layers.

    6 / sqrt(numbers in the largest kernel), rounded to two digits and at most
    0.004: the wider the layers, the smaller the steps that they bear. How
    many layers there are side by side does not matter. That is 0.0023 for
    Attend-Fusion `base` and 0.00073 for the fully connected late fusion of
    341M parameters, at 3862 classes.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    >>> default_learning_rate(model)
    0.004
    """
    sizes = [math.prod(weight.shape) for weight in model.trainable_weights]
    rate = 6.0 / math.sqrt(max(sizes, default=1))
    return float(f"{min(rate, 0.004):.1e}")


def make_schedule(
    total_steps: int,
    learning_rate: float,
    warm_up: float = WARMUP_SHARE,
    name: str = "CosineDecay",
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate of each step: up to a peak, then down to zero.

    Args:
        total_steps: int, the steps of the whole training.
        learning_rate: float, the peak.
        warm_up: float, the share of the steps over which it rises.
        name: name of the schedule.

    Example:

    >>> rates = make_schedule(total_steps=10, learning_rate=0.5, warm_up=0.4)
    >>> [round(float(rates(step)), 3) for step in (0, 4, 7, 10)]
    [0.125, 0.5, 0.25, 0.0]
    """
    rising = max(1, round(warm_up * total_steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / rising,
        decay_steps=max(1, total_steps - rising),
        warmup_target=learning_rate,
        warmup_steps=rising,
        name=name,
    )
