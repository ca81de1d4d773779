"""Which modalities a model takes: their names, sizes, dtypes and ranges."""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from keras_attend_fusion.models.describe import MASK, RESERVED, is_mask

RGB_SIZE, AUDIO_SIZE = 1024, 128  # of YouTube-8M, where nothing else is said
LEVELS = ("video", "frame")
FEATURE_DTYPES = ("uint8", "float32")
DEFAULT_DTYPES = {"video": "float32", "frame": "uint8"}
DEFAULT_RANGE = (-2.0, 2.0)  # that YouTube-8M's bytes stand for
LAYERS = (  # that models are made of
    *("join", "scores", "classifier", "experts"),
    *("hidden", "gate", "gated", "dropout"),
)

FeatureDtype = str | Mapping[str, str] | None
FeatureRange = Sequence[float] | Mapping[str, Sequence[float]] | None


def sizes_of(
    rgb_size: int | None = RGB_SIZE,
    audio_size: int | None = AUDIO_SIZE,
    modalities: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """The size of each modality that a model takes, in the order of inputs.

    Args:
        rgb_size: size of the visual features; None leaves the picture out.
        audio_size: size of the audio features; None leaves the sound out.
        modalities: names and sizes in place of both.

    Raises:
        ValueError: if `modalities` is given beside a size, no modality is
            left, a size is not an int of 1 or more, or a name is none that
            an input can have.

    Example:

    >>> sizes_of(audio_size=None), sizes_of(modalities={"text": 768})
    ({'rgb': 1024}, {'text': 768})
    """
    if modalities is None:
        sizes = {"rgb": rgb_size, "audio": audio_size}
        for name, size in sizes.items():
            if size is not None and not _is_size(size):
                raise ValueError(
                    f"{name}_size is {size!r}; pass 1 or more, or None to "
                    f"leave {name} out."
                )
        present = {name: size for name, size in sizes.items() if size}
        if not present:
            raise ValueError(
                "Every modality is left out; give at least one of "
                f"{tuple(f'{name}_size' for name in sizes)}."
            )
        return present
    if (rgb_size, audio_size) != (RGB_SIZE, AUDIO_SIZE):
        raise ValueError(
            f"modalities is {dict(modalities)}, and rgb_size={rgb_size} and "
            f"audio_size={audio_size} came beside it: pass modalities alone, "
            "which has every size, or the two sizes."
        )
    if not modalities:
        raise ValueError(
            'modalities is empty; pass at least one, such as {"rgb": 1024}.'
        )
    for name, size in modalities.items():
        check_name(name)
        if not _is_size(size):
            raise ValueError(
                f"modalities has {name} of size {size!r}; pass 1 or more, or "
                f"leave {name} out."
            )
    return {name: int(size) for name, size in modalities.items()}


def check_name(name: Any) -> None:
    """Raises `ValueError` unless a modality may have this name.

    Any word of ASCII letters, digits and _ that begins with a letter may, as
    every format of export takes it; but not a word of Python's own, a key
    that batches have beside the features, or a layer that models are made of.
    """
    if (
        not isinstance(name, str)
        or not (name.isascii() and name.isidentifier() and name[0].isalpha())
        or keyword.iskeyword(name)
    ):
        raise ValueError(
            f"{name!r} cannot be the name of a modality; pass a word of "
            "letters from a to z, digits and _ that begins with a letter, "
            "and is not one of Python's own, such as 'text'."
        )
    if name in (*RESERVED, *LAYERS) or is_mask(name):
        raise ValueError(
            f"{name!r} cannot be the name of a modality; names that end in "
            f"{MASK!r} and {', '.join((*RESERVED, *LAYERS))} have a meaning "
            "of their own."
        )


def check_level(level: str) -> None:
    """Raises `ValueError` unless there is such a level."""
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; pass one of {LEVELS}.")


def dtypes_of(
    names: Sequence[str], level: str, feature_dtype: FeatureDtype = None
) -> dict[str, str]:
    """The dtype of each modality's features.

    Args:
        names: the modalities.
        level: "video" or "frame".
        feature_dtype: "uint8" or "float32" for all of them, or by name;
            None, and a name that is left out, take "uint8" at frame level
            and "float32" at video level.

    Raises:
        ValueError: if a dtype is unknown, or that of a modality that is not
            among `names`.

    Example:

    >>> dtypes_of(["rgb", "text"], "frame", {"text": "float32"})
    {'rgb': 'uint8', 'text': 'float32'}
    """
    if isinstance(feature_dtype, Mapping):
        _check_names("feature_dtype", feature_dtype, names)
        given = {name: feature_dtype.get(name) for name in names}
    else:
        given = dict.fromkeys(names, feature_dtype)
    for dtype in given.values():
        if dtype is not None and dtype not in FEATURE_DTYPES:
            raise ValueError(
                f"feature_dtype is {dtype!r}; pass one of {FEATURE_DTYPES}, "
                "or None for what the level's shards hold."
            )
    return {
        name: dtype or DEFAULT_DTYPES[level] for name, dtype in given.items()
    }


def ranges_of(
    names: Sequence[str], feature_range: FeatureRange = None
) -> dict[str, tuple[float, float]]:
    """The least and the greatest value that a modality's bytes stand for.

    Args:
        names: the modalities.
        feature_range: (least, greatest) for all of them, or by name; None,
            and a name that is left out, take YouTube-8M's (-2, 2).

    Raises:
        ValueError: if a range is not two finite numbers, the second above
            the first, or that of a modality that is not among `names`.

    Example:

    >>> ranges_of(["rgb", "text"], {"text": (-0.25, 0.25)})
    {'rgb': (-2.0, 2.0), 'text': (-0.25, 0.25)}
    """
    if isinstance(feature_range, Mapping):
        _check_names("feature_range", feature_range, names)
        given = {name: feature_range.get(name, DEFAULT_RANGE) for name in names}
    else:
        given = dict.fromkeys(
            names, DEFAULT_RANGE if feature_range is None else feature_range
        )
    return {name: _range(name, ends) for name, ends in given.items()}


def _range(name: str, ends: Any) -> tuple[float, float]:
    if (
        not isinstance(ends, (tuple, list))
        or len(ends) != 2
        or not all(isinstance(n, Real) and math.isfinite(n) for n in ends)
        or not ends[0] < ends[1]
    ):
        raise ValueError(
            f"feature_range of {name} is {ends!r}; pass the least and the "
            "greatest value that its bytes stand for, such as (-2.0, 2.0)."
        )
    return float(ends[0]), float(ends[1])


def _check_names(
    argument: str, given: Mapping[str, Any], names: Sequence[str]
) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ValueError(
            f"{argument} has {', '.join(map(str, unknown))}, but the model's "
            f"modalities are {', '.join(names)}."
        )


def _is_size(size: Any) -> bool:
    return isinstance(size, Integral) and int(size) >= 1
