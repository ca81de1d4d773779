"""Attend-Fusion, the compact audio-visual model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.layers.scoring import scoring_activation
from keras_attend_fusion.models.blocks import (
    CLASS_PRIOR,
    for_modality,
    open_branches,
    trunk,
)
from keras_attend_fusion.models.inputs import (
    FeatureDtype,
    FeatureRange,
    sizes_of,
)
from keras_attend_fusion.models.video_model import VideoModel


def AttendFusion(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    modalities: Mapping[str, int] | None = None,
    feature_dtype: FeatureDtype = None,
    feature_range: FeatureRange = None,
    visual_heads: int = 8,
    visual_key_dim: int = 64,
    audio_heads: int = 4,
    audio_key_dim: int = 32,
    trunk_units: int = 1152,
    trunk_depth: int = 1,
    trunk_dropout: float = 0.2,
    joint_token: bool = True,
    members: int = 4,
    independence: float = 1.0,
    num_heads: int = 4,
    key_dim: int = 64,
    hidden_units: int = 1824,
    gating_rank: int | None = 0,
    dropout: float = 0.2,
    activation: str = "sigmoid",
    name: str = "attend_fusion",
) -> keras.Model:
    """Builds Attend-Fusion, a functional model for any modalities.

    ```
    rgb ──▶ dequantise ─▶ attend over frames, pool ─┬─▶ trunk ─┐
                                                    ├─▶ trunk ─┼─▶ fusion head
    audio ▶ dequantise ─▶ attend over frames, pool ─┴─▶ trunk ─┘       │
                                          (`members` times, side by side)
                                                                       ▼
                                                         mean of the logits
    ```

    At video level each modality is one vector and the attention over frames
    falls away. The trunk in the middle takes all modalities end to end; with
    one modality it falls away. A fusion head lets the vectors, of each
    modality and of all together, attend to each other, joins and classifies
    them (`layers.FusionHead`). Trunks and head are there several
    times, narrow instead of once and wide, and each such member learns by
    itself (`layers.EnsembleMean`): with the same number of parameters that
    is the better model wherever training videos are few for their width.

    **From the paper** (arXiv 2408.14441): two modality branches with
    attention, an attention fusion of the two, and a budget of 72M parameters
    at 3862 classes. **Reconstruction**, because the paper does not print it:
    layer widths and depths, heads, normalisation, dropout, gating, and that
    the fusion attends over modality vectors. **Ours**: the joint token, which
    gives early fusion a place beside late fusion, and the members.

    Args:
        num_classes: int, number of classes.
        level: "video" (one mean vector a video) or "frame" (one vector a
            second, any number of them).
        rgb_size: size of the visual features; None leaves the picture out.
        audio_size: size of the audio features; None leaves the sound out.
        modalities: optional names and sizes of one modality or more, such as
            `{"rgb": 1024, "audio": 128, "text": 768}`, in place of
            `rgb_size` and `audio_size`. A name is any word of ASCII letters,
            digits and `_` that begins with a letter, but for words of
            Python's own, `id`, `labels`, `start`, `joint`, the names of the
            model's own layers, and those that end in `_mask`. `audio`
            goes by the arguments that begin with `audio_`, every other
            modality by those that begin with `visual_`.
        feature_dtype: "uint8" for quantised features, dequantised by the
            model's first layer, or "float32" for values; for all modalities,
            or a dict by name. None, and a name that is left out, take what
            the shards hold: "uint8" at frame level, "float32" at video level.
        feature_range: optional (least, greatest) that bytes stand for, see
            `layers.Dequantize`; for all modalities, or a dict by name. None,
            and a name that is left out, take YouTube-8M's (-2, 2).
        visual_heads: int, heads of the attention over frames of the picture.
        visual_key_dim: int, size of each of those heads.
        audio_heads: int, heads of the attention over seconds of sound.
        audio_key_dim: int, size of each of those heads.
        trunk_units: int, width of each modality's trunk.
        trunk_depth: int, dense layers in each trunk.
        trunk_dropout: float, dropout in the trunks.
        joint_token: bool, whether one more vector of all modalities
            together takes part in the fusion. A missing modality is zeros
            in it.
        members: int, how many times trunks and head are there.
        independence: float, see `layers.EnsembleMean`: 1 trains each member
            by itself, 0 only the mean of all. Meant for the loss that
            `training.compile_model` sets.
        num_heads: int, heads of the attention between modalities, in each
            member.
        key_dim: int, size of each of those heads.
        hidden_units: int, width of the joint layer.
        gating_rank: optional int, inner size of the gate; None for a full
            one, 0 for none.
        dropout: float, dropout of the joint layer.
        activation: "sigmoid" for classes that do not exclude each other,
            "softmax" where every video has exactly one: scores then sum to
            1, and are 1 / `num_classes` each before any training.
        name: name of the model.

    Inputs, by name:
        - `rgb`: `(batch, rgb_size)`, or `(batch, frames, rgb_size)`.
        - `audio`: `(batch, audio_size)`, or `(batch, frames, audio_size)`.
        - `rgb_mask`, `audio_mask`: at frame level, bool `(batch, frames)`,
          True on real frames. Modalities may differ in their frame counts.
        - any other modality and its mask likewise.

        A modality that a video lacks is masked out: at video level give a
        row of zeros, at frame level a mask that is all False.

    Output:
        `(batch, num_classes)`, float32 scores from 0 to 1.

    Raises:
        ValueError: if `level`, `feature_dtype` or `activation` is unknown,
            no modality is left, a name is none that a modality can have,
            `modalities` is given beside a size, or a number (of members,
            too) is out of its range.

    Example:

    >>> import numpy as np
    >>> model = AttendFusion(num_classes=10, trunk_units=32, hidden_units=16)
    >>> features = {"rgb": np.ones((4, 1024)), "audio": np.ones((4, 128))}
    >>> model(features).shape == (4, 10)
    True
    >>> sizes = {"rgb": 512, "audio": 512, "text": 768}
    >>> model = AttendFusion(10, modalities=sizes, trunk_units=32)
    >>> list(model.input)
    ['rgb', 'audio', 'text']

    Reference:
        - [Attend-Fusion: Efficient Audio-Visual Fusion for Video
          Classification](https://arxiv.org/abs/2408.14441).
    """
    if members < 1:
        raise ValueError(f"members is {members}; pass 1 or more.")
    activation = scoring_activation(activation, num_classes)
    sizes = sizes_of(rgb_size, audio_size, modalities)
    visual = layers.VisualAttention, visual_heads, visual_key_dim
    audio = layers.AudioAttention, audio_heads, audio_key_dim
    inputs, branches = open_branches(level, sizes, feature_dtype, feature_range)
    parts: dict[str, tuple[Any, Any]] = {}  # a vector, and whether it is there
    for branch in branches:
        modality, vector = branch.modality, branch.features
        if level == "frame":
            layer, *heads = for_modality(modality, visual, audio)
            attend = layer(*heads, name=f"{modality}_attention")
            vector, _, _ = attend(
                vector, mask=branch.mask, return_attention_scores=True
            )
        presence = layers.Presence(name=f"{modality}_presence")
        parts[modality] = vector, presence(branch.raw, mask=branch.mask)
    if joint_token and len(parts) > 1:
        pooled, presences = map(list, zip(*parts.values(), strict=True))
        joined = layers.JoinPresent(name="join")(pooled, mask=presences)
        presence = layers.Presence(name="joint_presence")
        parts["joint"] = joined, presence(joined)
    present = [is_present for _, is_present in parts.values()]
    logits = []
    for i in range(1, members + 1):
        vectors = [
            trunk(vector, trunk_units, trunk_depth, trunk_dropout, f"{p}_{i}")
            for p, (vector, _) in parts.items()
        ]
        opinion, _ = layers.FusionHead(
            num_classes,
            hidden_units=hidden_units,
            num_heads=num_heads,
            key_dim=key_dim,
            gating_rank=gating_rank,
            dropout=dropout,
            activation=None,
            class_prior=CLASS_PRIOR if activation == "sigmoid" else 0.5,
            name=f"fusion_head_{i}",
        )(vectors, mask=present, return_attention_scores=True)
        logits.append(opinion)
    mean = layers.EnsembleMean(independence, activation, name="scores")
    return VideoModel(inputs, mean(logits), name=name)


def attention(model: keras.Model) -> keras.Model:
    """A model that returns the attention weights of `model`, by name.

    Shares the weights of `model`. The outputs, as far as the model has them
    (its layers were called with `return_attention_scores=True`):

    - `rgb_frames`, `audio_frames` and so on for each modality:
      `(batch, heads, frames, frames)`, which second each second attended to
      (the row attends to the column);
    - `rgb_pooling`, `audio_pooling` and so on: `(batch, heads, frames)`,
      which second mattered;
    - `modalities`: `(batch, members * heads, m, m)`, which modality attended
      to which, in the order of the model's branches (rgb, audio, all
      together); the heads of the first member come first.

    Raises:
        ValueError: if `model` has no attention to show.

    Example:

    >>> import numpy as np
    >>> model = AttendFusion(num_classes=3, trunk_units=8, hidden_units=8)
    >>> features = {"rgb": np.ones((4, 1024)), "audio": np.ones((4, 128))}
    >>> weights = attention(model)(features)
    >>> {name: tuple(w.shape) for name, w in weights.items()}
    {'modalities': (4, 16, 3, 3)}
    """
    outputs: dict[str, Any] = {}
    members = []
    for layer in model.layers:
        if not isinstance(layer.output, (list, tuple)):
            continue  # it was not asked for its weights
        if isinstance(layer, (layers.VisualAttention, layers.AudioAttention)):
            modality = layer.name.removesuffix("_attention")
            _, frames, pooling = layer.output
            outputs[f"{modality}_frames"] = frames
            outputs[f"{modality}_pooling"] = pooling
        elif isinstance(layer, layers.FusionHead):
            members.append(layer.output[1])
    if members:
        outputs["modalities"] = keras.ops.concatenate(members, axis=1)
    if not outputs:
        raise ValueError(
            f"The model '{model.name}' has no attention layer; use one that "
            "kaf.models.AttendFusion built."
        )
    return VideoModel(model.input, outputs, name=f"{model.name}_weights")
