"""Models that a function of the user's builds."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from keras_attend_fusion import models
from keras_attend_fusion.layers import Dequantize, MeanPooling
from keras_attend_fusion.models.own_builder import load_builder, name_of

HERE = f"{__name__}:"


def simple(num_classes, level, rgb_size, audio_size, units=4):
    """One dense layer over the means of what there is."""
    inputs, vectors = {}, []
    for name, size in {"rgb": rgb_size, "audio": audio_size}.items():
        if size is None:
            continue
        if level == "frame":
            inputs[name] = keras.Input((None, size), dtype="uint8", name=name)
            mask = keras.Input((None,), dtype="bool", name=f"{name}_mask")
            inputs[f"{name}_mask"] = mask
            vectors.append(MeanPooling()(Dequantize()(inputs[name]), mask=mask))
        else:
            inputs[name] = keras.Input((size,), name=name)
            vectors.append(inputs[name])
    joined = vectors[0] if len(vectors) == 1 else layers.concatenate(vectors)
    hidden = layers.Dense(units, activation="relu")(joined)
    scores = layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model(inputs, scores)


def rgb_of_videos(num_classes):
    rgb = keras.Input((1024,), name="rgb")
    scores = layers.Dense(num_classes, activation="sigmoid")(rgb)
    return keras.Model({"rgb": rgb}, scores)


def floats_of_frames(num_classes):
    rgb = keras.Input((None, 1024), name="rgb")
    mask = keras.Input((None,), dtype="bool", name="rgb_mask")
    pooled = MeanPooling()(rgb, mask=mask)
    scores = layers.Dense(num_classes, activation="sigmoid")(pooled)
    return keras.Model({"rgb": rgb, "rgb_mask": mask}, scores)


def list_of_inputs(num_classes):
    rgb = keras.Input((1024,), name="rgb")
    return keras.Model([rgb], layers.Dense(num_classes)(rgb))


def too_few_classes(num_classes):
    return rgb_of_videos(num_classes - 1)


def not_a_model(num_classes):
    return "rgb"


def any_modalities(
    num_classes,
    level,
    modalities,
    feature_dtype=None,
    feature_range=None,
    activation="sigmoid",
):
    return models.build(
        "logistic",
        "base",
        level,
        num_classes,
        modalities=modalities,
        feature_dtype=feature_dtype,
        feature_range=feature_range,
        activation=activation,
    )


def passing_on(num_classes, level, **others):
    return models.Logistic(num_classes, level, **others)


def by_name(num_classes, text_size):
    text = keras.Input((text_size,), name="text")
    scores = layers.Dense(num_classes, activation="softmax")(text)
    return keras.Model({"text": text}, scores)


class Namespace:
    build = staticmethod(simple)


@pytest.mark.parametrize("level", ["video", "frame"])
def test_it_is_built_for_level_classes_and_sizes(level):
    model = models.build(
        f"{HERE}simple", level=level, num_classes=7, rgb_size=12, units=5
    )
    assert model.output_shape == (None, 7)
    assert model.input["rgb"].shape[-1] == 12
    assert model.input["audio"].shape[-1] == 128
    assert model.layers[-2].units == 5


def test_a_modality_left_out():
    model = models.build(f"{HERE}simple", num_classes=3, audio_size=None)
    assert list(model.input) == ["rgb"]
    # This one does not know of another modality.
    name = f"{HERE}rgb_of_videos"
    assert list(models.build(name, audio_size=None).input) == ["rgb"]


SIZES = {"rgb": 5, "text": 6}


def test_any_modalities():
    model = models.build(
        f"{HERE}any_modalities",
        level="frame",
        num_classes=3,
        modalities=SIZES,
        feature_dtype={"text": "float32"},
        feature_range=(0, 1),
        activation="softmax",
    )
    described = models.describe(model)
    assert described.sizes == SIZES
    assert described.ranges == {"rgb": (0.0, 1.0)}
    assert described.activation == "softmax"
    # Without a word of them it gets those of YouTube-8M.
    model = models.build(f"{HERE}any_modalities", num_classes=3)
    assert models.describe(model).sizes == {"rgb": 1024, "audio": 128}


def test_a_builder_that_passes_on_what_it_gets():
    name = f"{HERE}passing_on"
    for sizes in ({"rgb": 5}, SIZES):
        model = models.build(name, num_classes=3, modalities=sizes)
        assert models.describe(model).sizes == sizes
    assert list(models.build(name, num_classes=3).input) == ["rgb", "audio"]


def test_sizes_by_name():
    sizes = {"text": 6}
    for more in ({}, {"activation": "softmax"}):
        model = models.build(
            f"{HERE}by_name", num_classes=3, modalities=sizes, **more
        )
        assert models.describe(model).sizes == sizes
    model = models.build(f"{HERE}simple", num_classes=3, modalities={"rgb": 9})
    assert models.describe(model).sizes == {"rgb": 9}


def test_what_else_is_asked_of_a_name():
    name = f"{HERE}simple"
    assert models.presets(name) == ["base"]
    assert models.modalities(name) == ["rgb", "audio"]
    assert name not in models.names()
    with pytest.raises(ValueError, match="no preset 'mobile'; it has base"):
        models.build(name, "mobile")


def test_functions_have_names():
    assert name_of(simple) == f"{HERE}simple"
    assert load_builder(f"{HERE}Namespace.build") is simple
    for nameless in (lambda num_classes: None, keras.layers.Dense(2)):
        with pytest.raises(ValueError, match="top level of a module"):
            name_of(nameless)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("no.module:build", {}, "no.module cannot be imported"),
        (":build", {}, "its module cannot be imported"),
        (f"{HERE}nothing", {}, "has no function 'nothing'"),
        (f"{HERE}HERE", {}, "has no function 'HERE'"),
        (f"{HERE}rgb_of_videos", {"depth": 2}, "depth is to be passed"),
        (f"{HERE}rgb_of_videos", {}, r"audio \(batch, 128\) float32"),
        (
            f"{HERE}rgb_of_videos",
            {"audio_size": None, "level": "frame"},
            r"rgb \(batch, frames, 1024\) uint8, rgb_mask \(batch, frames\)",
        ),
        (
            f"{HERE}floats_of_frames",
            {"audio_size": None, "level": "frame"},
            r"takes rgb \(batch, frames, 1024\) float32",
        ),
        (
            f"{HERE}rgb_of_videos",
            {"audio_size": None, "rgb_size": 7},
            "rgb_size is to be passed",
        ),
        (
            f"{HERE}simple",
            {"modalities": SIZES},
            r"has to take rgb \(batch, 5\) float32, text \(batch, 6\)",
        ),
        (
            f"{HERE}simple",
            {"level": "frame", "feature_range": (0, 1)},
            r"dequantises rgb from \(-2.0, 2.0\); .*stand for \(0.0, 1.0\)",
        ),
        (f"{HERE}simple", {"activation": "softmax"}, "has no softmax"),
        (
            f"{HERE}simple",
            {"feature_dtype": "uint8"},
            r"audio \(batch, 128\) u",
        ),
        (f"{HERE}list_of_inputs", {}, "a dict of inputs"),
        (f"{HERE}not_a_model", {}, "returned str"),
        (
            f"{HERE}too_few_classes",
            {"audio_size": None},
            r"expected \(batch, 3\), a score a class",
        ),
    ],
)
def test_what_does_not_fit_is_said(name, arguments, words):
    with pytest.raises(ValueError, match=words):
        models.build(name, **{"num_classes": 3, **arguments})
