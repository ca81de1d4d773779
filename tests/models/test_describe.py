"""What a model takes, told from its inputs."""

from __future__ import annotations

import keras
import pytest

from keras_attend_fusion import models
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
        ({"x": (4,)}, r"takes x \(None, 4\): expected rgb and audio"),
        ({"rgb": (4,), "x": (4,)}, r"rgb \(None, 4\), x \(None, 4\)"),
        ({"rgb": (4,), "rgb_mask": (4,)}, "rgb_mask"),
        ({"rgb": (4, 4)}, r"rgb \(None, 4, 4\)"),
        (
            {"rgb": (None, 4), "audio": (None, 4), "rgb_mask": (None,)},
            "with rgb_mask and audio_mask",
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


def test_several_outputs():
    model = functional({"rgb": (4,)}, outputs=2)
    assert models.describe(model).num_classes is None
