"""From a model and some videos to the evidence behind its scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_attend_fusion.explain.attention import over_seconds
from keras_attend_fusion.explain.explanation import BOTH, Explanation
from keras_attend_fusion.explain.features import (
    checked,
    modalities_of,
    without,
)
from keras_attend_fusion.explain.occlusion import (
    occlude,
    present,
    window_sizes,
)
from keras_attend_fusion.explain.passes import run
from keras_attend_fusion.explain.shares import (
    contributions,
    shares,
    subsets,
)


def explain(
    model: Any,
    features: dict[str, Any],
    *,
    top_k: int = 5,
    window: int | None = None,
    batch_size: int = 32,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Says which seconds and which modalities scores rest on.

    A room beside `metrics`: it runs what `models` built, looks into
    `layers`' attention, and knows nothing of shards. `attend-fusion explain`
    makes a page of what it returns.

    **Attention** is that of `VisualAttention` and `AudioAttention`. A video
    has one, not one a class. Averaged over heads, pooling gives second `t`
    the weight `p_t`, and in what it pools second `t` attended to second `j`
    with the weight `A_tj`; half of `p_t` counts for `t` itself and half for
    what it attended to:

    ```
    a_j = Σ_t p_t (δ_tj + A_tj) / 2
    ```

    It shows where the model looked, which need not be what its scores rest
    on; occlusion does.

    **Shares** come from a run with each set of modalities alone: of picture
    and sound, four, with both, with either and with neither; of `n`
    modalities, `2^n`. With `z` the logit of a class's score, a modality's
    part is what it adds to the logit, averaged over all orders in which the
    modalities can be added (its Shapley value), `S` being any set of the
    others:

    ```
    φ_m = Σ_S |S|! (n − |S| − 1)! / n! · (z_{S ∪ m} − z_S)
    φ_rgb   = [(z_rgb − z_0) + (z − z_audio)] / 2        for n = 2
    φ_audio = [(z_audio − z_0) + (z − z_rgb)] / 2
    class_share_m = max(φ_m, 0) / Σ max(φ, 0)
    share_m       = Σ_c s_c max(φ_mc, 0) / Σ_m Σ_c s_c max(φ_mc, 0)
    ```

    The share of a video weighs each class `c` by its score `s_c`. Where
    either of two would do, both get half; so do they where it takes both;
    where it takes all of three, each gets a third.
    What speaks against a class counts as nothing. A model that never met a
    video without sound, or without anything, in training may say odd things
    of one, and the shares with it. Logits are cut off at ±16, where float32
    scores end.

    **Occlusion** is the change of a score when `window` seconds of every
    modality are masked out, the second in their middle (for an even
    `window`, the one behind it). By default that is a quarter of each
    video's own length, `min(max(seconds // 4, 1), 5)`: 1 second of a clip of
    5, 2 seconds of a clip of 10, 5 seconds of one of 20 or more. Of a video
    of one second, nothing is left. Evidence that comes twice, further apart
    than the window, hides itself: take one away and the other is still
    there. A score close to 1 hardly moves. A modality of one frame a video
    beside longer ones, such as the vector of a text, is of no second and
    stays.

    Memory is bounded by `batch_size`, apart from `features` and the result.

    Args:
        model: a functional model with inputs by name, as `models.build`
            makes them, of either level and of any modalities.
        features: what it takes, by name, as batches of `data.load` hold it;
            other names are left alone.
        top_k: int, for how many classes of each video to compute the
            occlusion, those of the highest scores.
        window: int, how many seconds are taken away at once, fewer than the
            shortest video has; None for a quarter of each video, 1 to 5.
        batch_size: int, how many videos, or copies of a video with seconds
            taken away, go through the model at a time.
        progress: called with how many of those copies are done, and how
            many there are.

    Returns:
        An `Explanation`, which documents the shapes.

    Raises:
        ValueError: if the model is not functional with inputs of these
            names, features are missing or of another kind (values for
            bytes, bytes for values), a number is below 1, or `window` is not
            shorter than each video.

    Example:

    >>> from keras_attend_fusion import models
    >>> model = models.build("logistic", num_classes=8)
    >>> features = {"rgb": np.ones((2, 1024)), "audio": np.ones((2, 128))}
    >>> explanation = explain(model, features, top_k=3)
    >>> explanation.scores.shape, explanation.top_classes.shape
    ((2, 8), (2, 3))
    >>> explanation.modalities, explanation.class_share.shape
    (('rgb', 'audio'), (2, 8, 2))

    References:
        - [Quantifying Attention Flow in Transformers](
          https://aclanthology.org/2020.acl-main.385/), whose rollout the
          attention follows.
        - [A Unified Approach to Interpreting Model Predictions](
          https://arxiv.org/abs/1705.07874) for Shapley values of a model.
        - [Visualizing and Understanding Convolutional Networks](
          https://arxiv.org/abs/1311.2901) for occlusion.
    """
    for name, value in (
        ("top_k", top_k),
        ("window", window),
        ("batch_size", batch_size),
    ):
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; pass 1 or more.")
    taken = modalities_of(model)
    arrays = checked(model, features)
    seconds = present(arrays).sum(axis=1)
    sizes = window_sizes(seconds, window)

    scores_with = {
        chosen: run(
            model,
            without(arrays, *(name for name in taken if name not in chosen)),
            batch_size,
        )
        for chosen in subsets(taken)
    }
    every = frozenset(taken)
    scores = scores_with[every]
    parts = contributions(scores_with, taken)
    if every < set(BOTH):  # the other's part is nothing
        absent = np.zeros_like(parts)
        parts = np.concatenate(
            [parts if name in taken else absent for name in BOTH], axis=-1
        )
        taken = list(BOTH)
    weighted = np.maximum(parts, 0.0) * scores[..., None]
    classes = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
    attention = over_seconds(model, arrays, batch_size)
    occlusion = occlude(
        model, arrays, scores, classes, sizes, batch_size, progress
    )
    return Explanation(
        scores=scores,
        top_classes=classes,
        attention=attention,
        without={
            name: scores_with[every - {name}] for name in taken if name in every
        },
        share=shares(weighted.sum(axis=1)),
        class_share=shares(parts),
        occlusion=occlusion,
        window=None if occlusion is None else sizes,
        seconds=None if occlusion is None else seconds,
        model=model.name,
        modalities=tuple(taken),
    )
