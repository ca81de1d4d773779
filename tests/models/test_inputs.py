"""Names, sizes, dtypes and ranges of what a model takes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from keras_attend_fusion.models.inputs import (
    check_name,
    dtypes_of,
    ranges_of,
    sizes_of,
)


def test_sizes() -> None:
    assert sizes_of() == {"rgb": 1024, "audio": 128}
    assert sizes_of(300, None) == {"rgb": 300}
    assert sizes_of(None, 13) == {"audio": 13}
    sizes = {"text": 768, "rgb": 512}
    assert list(sizes_of(modalities=sizes).items()) == list(sizes.items())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((None, None), r"left out; .*'rgb_size', 'audio_size'"),
        ((0, 128), "rgb_size is 0; pass 1 or more, or None to leave rgb out"),
        ((1024, 128, {}), "modalities is empty; pass at least one"),
        ((512, 128, {"rgb": 512}), "rgb_size=512 and audio_size=128 came"),
        ((1024, None, {"rgb": 512}), "audio_size=None came beside it"),
        ((1024, 128, {"rgb": 0}), "rgb of size 0; pass 1 or more, or leave"),
        ((1024, 128, {"text": None}), "text of size None"),
        ((1024, 128, {"text": 2.5}), "text of size 2.5"),
        ((1024, 128, {"two words": 4}), "'two words' cannot be the name"),
    ],
)
def test_sizes_that_do_not_go(arguments: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sizes_of(*arguments)


@pytest.mark.parametrize("name", ["text", "rgb", "tonspur_2", "Text_2", "x"])
def test_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "labels",
        "start",
        "joint",
        "rgb_mask",
        "scores",
        "",
        "2d",
        "a-b",
        "class",
        "größe",
        "_x",
        3,
    ],
)
def test_names_that_do_not_go(name: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name!r} cannot be the name"):
        check_name(name)


def test_dtypes() -> None:
    names = ["rgb", "text"]
    assert dtypes_of(names, "video") == dict.fromkeys(names, "float32")
    assert dtypes_of(names, "frame") == dict.fromkeys(names, "uint8")
    assert dtypes_of(names, "frame", "float32") == dict.fromkeys(
        names, "float32"
    )
    assert dtypes_of(names, "video", {"text": "uint8"}) == {
        "rgb": "float32",
        "text": "uint8",
    }
    for wrong in ("int8", {"text": "int8"}):
        with pytest.raises(ValueError, match="feature_dtype is 'int8'; pass"):
            dtypes_of(names, "video", wrong)
    with pytest.raises(ValueError, match="has motion, but the model's modal"):
        dtypes_of(names, "video", {"motion": "uint8"})


def test_ranges() -> None:
    names = ["rgb", "text"]
    assert ranges_of(names) == dict.fromkeys(names, (-2.0, 2.0))
    assert ranges_of(names, [0, 1]) == dict.fromkeys(names, (0.0, 1.0))
    assert ranges_of(names, {"text": (0, 1)})["rgb"] == (-2.0, 2.0)
    with pytest.raises(ValueError, match="has motion, but the model's modal"):
        ranges_of(names, {"motion": (0, 1)})


@pytest.mark.parametrize(
    "ends", [(1, 1), (2, 1), (0, math.inf), (math.nan, 1), (0, 1, 2), "01", 3.0]
)
def test_ranges_that_do_not_go(ends: Any) -> None:
    with pytest.raises(ValueError, match="feature_range of text is "):
        ranges_of(["rgb", "text"], {"text": ends})
