"""What a model takes, told from its inputs."""

from __future__ import annotations

import keras
import pytest

from keras_attend_fusion import models
from keras_attend_fusion.layers import Dequantize
from tests.models import tiny


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("only", [None, "rgb", "audio"])
def test_a_built_model(level, only):
    sizes = {"rgb_size": 12, "audio_size": 6}
    if only:
        other = {"rgb": "audio", "audio": "rgb"}[only]
        sizes[f"{other}_size"] = None
    model = models.build(
        "logistic", level=level, num_classes=tiny.CLASSES, **sizes
    )
    described = models.describe(model)
    names = [only] if only else ["audio", "rgb"]
    assert sorted(described.modalities) == names
    assert described.sizes == {n: sizes[f"{n}_size"] for n in names}
    assert described.level == level
    dtype = "uint8" if level == "frame" else "float32"
    assert set(described.dtypes.values()) == {dtype}
    assert described.num_classes == tiny.CLASSES


def functional(shapes, outputs=1):
    inputs = {
        name: keras.Input(shape, name=name) for name, shape in shapes.items()
    }
    first = next(iter(inputs.values()))
    scores = [keras.layers.Dense(3)(first) for _ in range(outputs)]
    return keras.Model(inputs, scores[0] if outputs == 1 else scores)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ({"id": (4,)}, r"takes id \(None, 4\): expected one modality or more"),
        ({"rgb": (4,), "joint": (4,)}, r"rgb \(None, 4\), joint \(None, 4\)"),
        ({"rgb": (4,), "x": (4, 4)}, r"rgb \(None, 4\), x \(None, 4, 4\)"),
        ({"rgb": (4,), "rgb_mask": (4,)}, "rgb_mask"),
        ({"rgb": (4, 4)}, r"rgb \(None, 4, 4\)"),
        (
            {"rgb": (None, 4), "audio": (None, 4), "rgb_mask": (None,)},
            "with a mask each, such as rgb_mask and audio_mask",
        ),
    ],
)
def test_other_models(shapes, words):
    with pytest.raises(ValueError, match=words):
        models.describe(functional(shapes))


def test_what_has_no_inputs_by_name():
    x = keras.Input((4,))
    model = keras.Model(x, keras.layers.Dense(2)(x))
    with pytest.raises(ValueError, match="It takes no inputs by name"):
        models.describe(model, "It")


def test_any_names_in_the_order_of_the_inputs():
    sizes = {"text": 6, "rgb": 4, "motion": 2}
    model = models.build(
        "logistic",
        level="frame",
        num_classes=3,
        modalities=sizes,
        feature_dtype={"text": "float32"},
        feature_range={"rgb": (-1, 1), "text": (0, 1)},
        activation="softmax",
    )
    described = models.describe(model)
    assert described.modalities == ("text", "rgb", "motion")
    assert described.sizes == sizes
    assert described.dtypes == {
        "text": "float32",
        "rgb": "uint8",
        "motion": "uint8",
    }
    assert described.ranges == {"rgb": (-1.0, 1.0), "motion": (-2.0, 2.0)}
    assert described.activation == "softmax"
    assert models.describe(functional({"x": (4,)})).modalities == ("x",)


def test_a_dequantize_layer_of_several_inputs():
    dequantise = Dequantize(-1.0, 3.0)
    inputs = {
        name: keras.Input((4,), dtype="uint8", name=name) for name in "ab"
    }
    values = [dequantise(x) for x in inputs.values()]
    scores = keras.layers.Dense(2)(keras.layers.concatenate(values))
    ranges = models.describe(keras.Model(inputs, scores)).ranges
    assert ranges == {"a": (-1.0, 3.0), "b": (-1.0, 3.0)}


def last(*layers):
    x = keras.Input((4,), name="rgb")
    y = keras.layers.Dense(3)(x)
    for layer in layers:
        y = layer(y)
    return keras.Model({"rgb": x}, y)


@pytest.mark.parametrize(
    ("activation", "layers"),
    [
        ("softmax", [keras.layers.Activation("softmax")]),
        ("softmax", [keras.layers.Softmax()]),
        ("softmax", [keras.ops.softmax]),
        (
            "softmax",
            [
                keras.layers.Dense(3, activation="softmax", dtype="float16"),
                keras.layers.Activation("linear", dtype="float32"),
            ],
        ),
        ("sigmoid", [keras.layers.Activation("softmax"), keras.ops.sigmoid]),
        ("sigmoid", [keras.layers.Activation("linear")]),
    ],
)
def test_what_makes_the_scores(activation, layers):
    model = last(*layers)
    assert models.describe(model).activation == activation
    outer = keras.Model(model.input, model(model.input))
    assert models.describe(outer).activation == activation


def test_several_outputs():
    model = functional({"rgb": (4,)}, outputs=2)
    assert models.describe(model).num_classes is None
