"""What can be explained, and features with a modality taken away."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.explain.features import (
    checked,
    modalities_of,
    without,
)
from tests.models import tiny

AUDIO_ALONE = {"rgb_size": None}
VISUAL_ALONE = {"audio_size": None}


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize(
    ("sizes", "taken"),
    [
        ({}, ["rgb", "audio"]),
        (AUDIO_ALONE, ["audio"]),
        (VISUAL_ALONE, ["rgb"]),
    ],
)
def test_modalities(level, sizes, taken):
    assert modalities_of(tiny.attend_fusion(level, **sizes)) == taken


def functional(**shapes):
    inputs = {
        name: keras.Input(shape, name=name) for name, shape in shapes.items()
    }
    flat = [keras.layers.Flatten()(one) for one in inputs.values()]
    joined = keras.layers.Concatenate()(flat) if flat[1:] else flat[0]
    return keras.Model(inputs, keras.layers.Dense(2)(joined))


class Subclassed(keras.Model):
    pass


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Subclassed, "Subclassed model, which takes no inputs by name"),
        (
            lambda: keras.Sequential([keras.Input((4,))]),
            "Sequential model, which takes no inputs by name",
        ),
        (lambda: functional(labels=(4,)), r"takes labels \(None, 4\)"),
        (lambda: functional(rgb=(4,), start=(4,)), r"rgb \(None, 4\), start"),
        (lambda: functional(rgb=(3, 4)), r"rgb \(None, 3, 4\)"),
        (lambda: functional(rgb=(4,), rgb_mask=(3,)), r"rgb_mask \(None, 3"),
    ],
)
def test_models_that_cannot_be_explained(make, expected):
    with pytest.raises(ValueError, match=expected) as raised:
        modalities_of(make())
    assert "expected one modality or more" in str(raised.value)


def test_the_features_that_a_model_takes():
    model = tiny.attend_fusion("frame", **AUDIO_ALONE)
    given = {**tiny.videos("frame"), "id": [b"a"] * 4}
    given["audio_mask"] = given["audio_mask"].astype("int32")
    arrays = checked(model, given)
    assert set(arrays) == {"audio", "audio_mask"}
    assert arrays["audio"].dtype == np.uint8
    assert arrays["audio_mask"].dtype == np.bool_


def test_tensors_are_features_too():
    model = tiny.attend_fusion("video")
    given = {
        name: keras.ops.convert_to_tensor(value)
        for name, value in tiny.videos("video").items()
    }
    assert all(type(x) is np.ndarray for x in checked(model, given).values())


def test_features_that_do_not_fit():
    model = tiny.attend_fusion("video")
    features = tiny.videos("video")
    with pytest.raises(ValueError, match=r"got the features rgb; .* audio"):
        checked(model, {"rgb": features["rgb"]})
    with pytest.raises(ValueError, match="'rgb': 4, 'audio': 2"):
        checked(model, {**features, "audio": features["audio"][:2]})
    with pytest.raises(ValueError, match="'rgb': 0, 'audio': 0"):
        checked(model, tiny.videos("video", 0))


def test_features_of_another_kind():
    frames = tiny.videos("frame")
    frames["audio"] = tiny.dequantised(frames["audio"])
    model = tiny.attend_fusion("frame")
    for taker in (model, keras.Model(model.input, model.output)):
        with pytest.raises(ValueError, match="audio as uint8, but float32"):
            checked(taker, frames)
    vectors = tiny.videos("video")
    vectors["rgb"] = vectors["rgb"].astype("uint8")
    with pytest.raises(ValueError, match="rgb as float32, but uint8 came"):
        checked(tiny.attend_fusion("video"), vectors)


def test_a_modality_taken_away():
    frames = tiny.videos("frame")
    lacking = without(frames, "audio")
    assert not lacking["audio_mask"].any()
    assert lacking["audio"] is frames["audio"]
    assert lacking["rgb_mask"] is frames["rgb_mask"]
    assert frames["audio_mask"].any()
    vectors = without(tiny.videos("video"), "rgb", "audio")
    assert not vectors["rgb"].any()
    assert not vectors["audio"].any()
