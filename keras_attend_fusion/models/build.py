"""Models by name, in the sizes they come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from keras_attend_fusion.models.attend_fusion import AttendFusion
from keras_attend_fusion.models.deep_bag_of_frames import DeepBagOfFramesModel
from keras_attend_fusion.models.early_fusion import EarlyFusion
from keras_attend_fusion.models.fully_connected import FullyConnected
from keras_attend_fusion.models.inputs import sizes_of
from keras_attend_fusion.models.logistic import Logistic
from keras_attend_fusion.models.lstm import LSTMModel
from keras_attend_fusion.models.mixture_of_experts import MixtureOfExpertsModel
from keras_attend_fusion.models.netvlad import NetVLADModel
from keras_attend_fusion.models.nextvlad import NeXtVLADModel
from keras_attend_fusion.models.own_builder import build_own, is_own
from keras_attend_fusion.models.residual import Residual
from keras_attend_fusion.models.residual_gating import ResidualGating

BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "attend_fusion": AttendFusion,
    "fully_connected": FullyConnected,
    "early_fusion": EarlyFusion,
    "residual": Residual,
    "residual_gating": ResidualGating,
    "logistic": Logistic,
    "mixture_of_experts": MixtureOfExpertsModel,
    "dbof": DeepBagOfFramesModel,
    "netvlad": NetVLADModel,
    "nextvlad": NeXtVLADModel,
    "lstm": LSTMModel,
}

SIZES = {"rgb_size", "audio_size"}
AUDIO: dict[str, Any] = {"rgb_size": None}
VISUAL: dict[str, Any] = {"audio_size": None}

# Parameters at 3862 classes and video level; the tests hold every count.
PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "attend_fusion": {
        "base": {},  # 68,881,240; frame level 71,058,008 (the paper has 72M)
        "small": {  # 16,897,068; frame level 19,073,836
            "trunk_units": 640,
            "members": 2,
            "hidden_units": 1088,
        },
        "mobile": {  # 4,141,266; frame level 4,481,682
            "visual_heads": 2,
            "visual_key_dim": 32,
            "trunk_units": 176,
            "trunk_dropout": 0.05,
            "members": 3,
            "num_heads": 2,
            "key_dim": 32,
            "hidden_units": 208,
            "dropout": 0.1,
        },
        "audio": AUDIO,  # 41,972,568; frame level 42,039,384
        "visual": VISUAL,  # 46,115,672; frame level 48,225,624
    },
    "fully_connected": {
        "base": {},  # 341,200,662 at both levels: the paper's FC late fusion
        "normalized": {"normalize": True},  # 341,352,726
        "medium": {"units": 3456, "depth": 2, "dropout": 0.3},  # 54,581,014
        "small": {"units": 2048, "depth": 1, "dropout": 0.3},  # 18,186,006
        "audio": AUDIO,  # 166,932,246
        "visual": VISUAL,  # 174,272,278
    },
    "early_fusion": {
        "base": {},  # 54,107,926
        "normalized": {"normalize": True, "depth": 2},  # 37,355,798
        "small": {"units": 2304, "depth": 2},  # 16,869,142
        "large": {"units": 8192, "dropout": 0.0},  # 175,320,854
    },
    "residual": {
        "base": {},  # 54,795,286
        "small": {"units": 1216},  # 16,745,494
        "large": {"units": 8192},  # 341,352,726
    },
    "residual_gating": {
        "base": {},  # 54,259,990
        "small": {"units": 1152, "gating_rank": 128},  # 16,753,942
        "large": {"units": 8192, "gating_rank": 512},  # 374,939,926
    },
    "logistic": {"base": {}},  # 4,452,886
    "mixture_of_experts": {"base": {}},  # 22,252,844
    "dbof": {
        "base": {},  # 37,783,596
        "small": {  # 16,538,668
            "visual_clusters": 4096,
            "audio_clusters": 512,
            "hidden_units": 512,
        },
    },
    "netvlad": {
        "base": {},  # 297,608,214: the NeXtVLAD paper's NetVLAD
        "willow": {  # 306,607,660
            "visual_clusters": 256,
            "audio_clusters": 128,
            "hidden_units": 1024,
            "num_experts": 2,
        },
        "medium": {"hidden_units": 368},  # 53,094,294
        "small": {  # 16,661,398
            "visual_clusters": 64,
            "audio_clusters": 32,
            "hidden_units": 224,
        },
    },
    "nextvlad": {
        "base": {},  # 88,970,274: its paper's 89M
        "entry": {  # 78,714,274: each of the challenge entry's three
            "visual_clusters": 112,
            "audio_clusters": 56,
            "gating_reduction": 16,
        },
        "medium": {"most_groups": 16},  # 53,314,606
        "small": {  # 16,307,438
            "visual_clusters": 64,
            "audio_clusters": 32,
            "most_groups": 16,
            "hidden_units": 896,
        },
    },
    "lstm": {
        "base": {},  # 39,301,420
        "small": {"visual_units": 512, "audio_units": 64},  # 16,459,692
    },
}


def names() -> list[str]:
    """Every model that `build` knows.

    Example:

    >>> names()[:3]
    ['attend_fusion', 'dbof', 'early_fusion']
    """
    return sorted(BUILDERS)


def presets(name: str) -> list[str]:
    """The sizes that the model `name` comes in.

    Example:

    >>> presets("attend_fusion")
    ['base', 'small', 'mobile', 'audio', 'visual']
    """
    if is_own(name):
        return ["base"]
    if name not in BUILDERS:
        raise ValueError(
            f"There is no model {name!r}; the models are {', '.join(names())}; "
            "or pass package.module:function for one of your own."
        )
    return list(PRESETS[name])


def modalities(name: str, preset: str = "base") -> list[str]:
    """The modalities that a model takes in one of its sizes by default.

    Those of YouTube-8M; `build(…, modalities=…)` makes every model and
    preset take others.

    Example:

    >>> modalities("attend_fusion"), modalities("attend_fusion", "audio")
    (['rgb', 'audio'], ['audio'])
    """
    _check(name, preset)
    arguments = {} if is_own(name) else PRESETS[name][preset]
    sizes = {key: arguments[key] for key in SIZES if key in arguments}
    return list(sizes_of(**sizes))


def build(
    name: str,
    preset: str = "base",
    level: str = "video",
    num_classes: int = 3862,
    **overrides: Any,
) -> keras.Model:
    """Builds a functional model from its name and preset.

    Args:
        name: one of `names()`, or `package.module:function` for a builder of
            your own.
        preset: one of `presets(name)`; "base" for a builder of your own.
        level: "video" or "frame".
        num_classes: int, number of classes.
        **overrides: arguments of the model's builder, over the preset. Every
            builder takes `modalities`, `feature_dtype`, `feature_range` and
            `activation`, see `AttendFusion`; `modalities` stands in place of
            the sizes of the presets `audio` and `visual`, too.

    Returns:
        A functional `keras.Model`; see its builder for inputs and output.

    Raises:
        ValueError: if the name, the preset or the level is unknown, or a
            builder of your own returns a model that takes something else
            than shards hold.

    Example:

    >>> model = build("attend_fusion", preset="mobile", num_classes=3862)
    >>> model.count_params() < 5_000_000
    True
    >>> model = build(
    ...     "logistic",
    ...     level="frame",
    ...     num_classes=5,
    ...     modalities={"audio": 512},
    ...     feature_range=(-1.0, 1.0),
    ...     activation="softmax",
    ... )
    >>> list(model.input), model.output_shape
    (['audio', 'audio_mask'], (None, 5))
    """
    _check(name, preset)
    if is_own(name):
        return build_own(name, level, num_classes, **overrides)
    arguments = {**PRESETS[name][preset], **overrides}
    if overrides.get("modalities") is not None:  # in place of a preset's own
        for size in SIZES - set(overrides):
            arguments.pop(size, None)
    return BUILDERS[name](num_classes=num_classes, level=level, **arguments)


def _check(name: str, preset: str) -> None:
    if preset not in presets(name):
        raise ValueError(
            f"The model {name!r} has no preset {preset!r}; it has "
            f"{', '.join(presets(name))}."
        )
