"""Attend-Fusion, the compact audio-visual model."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.models.blocks import open_branches, trunk
from keras_attend_fusion.models.video_model import VideoModel


def AttendFusion(
    num_classes: int = 3862,
    level: str = "video",
    *,
    rgb_size: int | None = 1024,
    audio_size: int | None = 128,
    feature_dtype: str | None = None,
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
    name: str = "attend_fusion",
) -> keras.Model:
    """Builds Attend-Fusion, a functional model for one or two modalities.

    ```
    rgb ──▶ dequantise ─▶ attend over frames, pool ─┬─▶ trunk ─┐
                                                    ├─▶ trunk ─┼─▶ fusion head
    audio ▶ dequantise ─▶ attend over frames, pool ─┴─▶ trunk ─┘       │
                                          (`members` times, side by side)
                                                                       ▼
                                                         mean of the logits
    ```

    At video level each modality is one vector and the attention over frames
    falls away. The trunk in the middle takes both modalities end to end. A
    fusion head lets the three vectors attend to each other, joins and
    classifies them (`layers.FusionHead`). Trunks and head are there several
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
        feature_dtype: "uint8" for quantised features, dequantised by the
            model's first layer, or "float32" for values. None takes what the
            shards hold: "uint8" at frame level, "float32" at video level.
        visual_heads: int, heads of the attention over frames of the picture.
        visual_key_dim: int, size of each of those heads.
        audio_heads: int, heads of the attention over seconds of sound.
        audio_key_dim: int, size of each of those heads.
        trunk_units: int, width of each modality's trunk.
        trunk_depth: int, dense layers in each trunk.
        trunk_dropout: float, dropout in the trunks.
        joint_token: bool, whether a third vector of both modalities
            together takes part in the fusion. A missing modality is zeros
            in it.
        members: int, how many times trunks and head are there.
        independence: float, see `layers.EnsembleMean`: 1 trains each member
            by itself, 0 only the mean of all. Meant for a loss that is
            summed over classes, as `training.compile_model` sets it.
        num_heads: int, heads of the attention between modalities, in each
            member.
        key_dim: int, size of each of those heads.
        hidden_units: int, width of the joint layer.
        gating_rank: optional int, inner size of the gate; None for a full
            one, 0 for none.
        dropout: float, dropout of the joint layer.
        name: name of the model.

    Inputs, by name:
        - `rgb`: `(batch, rgb_size)`, or `(batch, frames, rgb_size)`.
        - `audio`: `(batch, audio_size)`, or `(batch, frames, audio_size)`.
        - `rgb_mask`, `audio_mask`: at frame level, bool `(batch, frames)`,
          True on real frames. The two may have different frame counts.

        A modality that a video lacks is masked out: at video level give a
        row of zeros, at frame level a mask that is all False.

    Output:
        `(batch, num_classes)`, float32 scores from 0 to 1.

    Raises:
        ValueError: if `level` or `feature_dtype` is unknown, both sizes are
            None, or a number (of members, too) is out of its range.

    Example:

    >>> import numpy as np
    >>> model = AttendFusion(num_classes=10, trunk_units=32, hidden_units=16)
    >>> features = {"rgb": np.ones((4, 1024)), "audio": np.ones((4, 128))}
    >>> model(features).shape == (4, 10)
    True

    Reference:
        - [Attend-Fusion: Efficient Audio-Visual Fusion for Video
          Classification](https://arxiv.org/abs/2408.14441).
    """
    if members < 1:
        raise ValueError(f"members is {members}; pass 1 or more.")
    sizes = {"rgb": rgb_size, "audio": audio_size}
    frame_attention = {
        "rgb": layers.VisualAttention(
            visual_heads, visual_key_dim, name="rgb_attention"
        ),
        "audio": layers.AudioAttention(
            audio_heads, audio_key_dim, name="audio_attention"
        ),
    }
    inputs, branches = open_branches(level, sizes, feature_dtype)
    parts: dict[str, tuple[Any, Any]] = {}  # a vector, and whether it is there
    for branch in branches:
        modality, vector = branch.modality, branch.features
        if level == "frame":
            attend = frame_attention[modality]
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
            name=f"fusion_head_{i}",
        )(vectors, mask=present, return_attention_scores=True)
        logits.append(opinion)
    scores = layers.EnsembleMean(independence, name="scores")(logits)
    return VideoModel(inputs, scores, name=name)


def attention(model: keras.Model) -> keras.Model:
    """A model that returns the attention weights of `model`, by name.

    Shares the weights of `model`. The outputs, as far as the model has them
    (its layers were called with `return_attention_scores=True`):

    - `rgb_frames`, `audio_frames`: `(batch, heads, frames, frames)`, which
      second each second attended to (the row attends to the column);
    - `rgb_pooling`, `audio_pooling`: `(batch, heads, frames)`, which second
      mattered;
    - `modalities`: `(batch, members * heads, m, m)`, which modality attended
      to which, in the order of the model's branches (rgb, audio, both
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
