"""Every model with one modality, with three, and of sizes that fit badly."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion import layers, models
from tests.models import peers, tiny

LEVELS = ["video", "frame"]
SIZES = {"rgb": 13, "audio": 7, "text": 10}
NARROW: dict[str, dict[str, Any]] = {
    **peers.SIZES,
    "attend_fusion": {
        name: value
        for name, value in tiny.SIZES.items()
        if name not in ("rgb_size", "audio_size")
    },
    "nextvlad": {
        "visual_clusters": 4,
        "audio_clusters": 2,
        "hidden_units": 6,
    },
    "fully_connected": {"units": 6},
    "early_fusion": {"units": 6},
    "residual": {"units": 6},
    "residual_gating": {"units": 6, "gating_rank": 2},
}


def narrow(
    name: str, level: str, sizes: dict[str, int], **changes: Any
) -> keras.Model:
    """A small model whose weights are all random, as after training."""
    arguments = {"modalities": sizes, **NARROW[name], **changes}
    model = models.build(name, "base", level, tiny.CLASSES, **arguments)
    tiny.randomise(model)
    return model


def videos(level: str, sizes: dict[str, int], seed: int = 0) -> dict[str, Any]:
    """Four videos; modalities differ in their numbers of frames."""
    random = np.random.default_rng(seed)
    features: dict[str, Any] = {}
    for frames, (name, size) in enumerate(sizes.items(), start=2):
        if level == "video":
            features[name] = random.normal(size=(4, size)).astype("float32")
            continue
        shape = (4, frames, size)
        features[name] = random.integers(0, 256, shape).astype("uint8")
        features[f"{name}_mask"] = np.ones((4, frames), "bool")
        features[f"{name}_mask"][0, 1:] = False
    return features


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_three_modalities_count_and_may_lack(name: str, level: str) -> None:
    model = narrow(name, level, SIZES)
    described = models.describe(model)
    assert described.modalities == ("rgb", "audio", "text")
    assert described.sizes == SIZES
    features = videos(level, SIZES)
    before = tiny.scores(model, features)
    assert before.shape == (4, tiny.CLASSES)
    for modality in SIZES:
        absent = dict(features)
        if level == "video":
            absent[modality] = np.zeros_like(features[modality])
        else:
            mask = f"{modality}_mask"
            absent[mask] = np.zeros_like(features[mask])
        after = tiny.scores(model, absent)
        assert np.isfinite(after).all()
        assert np.abs(after - before).max() > 1e-5, modality
        if level == "frame":  # whatever it holds
            absent[modality] = np.full_like(features[modality], 77)
            np.testing.assert_allclose(
                tiny.scores(model, absent), after, atol=1e-5
            )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_one_modality_of_another_name(name: str, level: str) -> None:
    model = narrow(name, level, {"text": 10})
    features = videos(level, {"text": 10})
    assert list(model.input) == list(features)
    assert tiny.scores(model, features).shape == (4, tiny.CLASSES)


UNEVEN = {"rgb": 300, "audio": 13, "text": 2050}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_every_preset_takes_any_modalities_of_any_size(
    name: str, level: str
) -> None:
    for preset in models.presets(name):
        with keras.StatelessScope(initialize_variables=False):
            model = models.build(name, preset, level, 7, modalities=UNEVEN)
        assert model.output.shape == (None, 7)
        assert models.describe(model).sizes == UNEVEN
    keras.utils.clear_session()


def test_heads_and_groups_that_fit_are_told() -> None:
    model = models.build(
        "attend_fusion", "mobile", "frame", 3, modalities=UNEVEN
    )
    heads = {
        name: model.get_layer(f"{name}_attention").pooling.num_heads
        for name in UNEVEN
    }
    assert heads == {"rgb": 6, "audio": 1, "text": 5}
    model = models.build("nextvlad", "small", "frame", 3, modalities=UNEVEN)
    groups = {
        name: model.get_layer(f"{name}_nextvlad").groups for name in UNEVEN
    }
    assert groups == {"rgb": 15, "audio": 2, "text": 10}


def test_sound_goes_by_arguments_of_its_own() -> None:
    model = narrow("attend_fusion", "frame", SIZES, audio_heads=3)
    heads = {n: model.get_layer(f"{n}_attention").num_heads for n in SIZES}
    assert heads == {"rgb": 2, "audio": 3, "text": 2}
    kinds = {n: type(model.get_layer(f"{n}_attention")) for n in SIZES}
    assert kinds["audio"] is layers.AudioAttention
    assert kinds["text"] is layers.VisualAttention


def test_each_modality_has_its_dtype_and_range() -> None:
    model = narrow(
        "logistic",
        "frame",
        SIZES,
        feature_dtype={"text": "float32"},
        feature_range={"rgb": (0.0, 1.0)},
    )
    features = videos("frame", SIZES)
    with pytest.raises(ValueError, match="takes text as float32, but uint8"):
        model(features)
    features["text"] = features["text"].astype("float32")
    values = keras.Model(
        model.input, model.get_layer("rgb_dequantize").output
    ).predict_on_batch(features)
    q = features["rgb"][1, 0, 0]
    assert values[1, 0, 0] == pytest.approx(q / 255 + 1 / 512, abs=1e-6)
    features["rgb"] = features["rgb"].astype("float32")
    with pytest.raises(ValueError, match="takes rgb as uint8, but float32"):
        model(features)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"modalities": {"rgb": 4}, "rgb_size": 4}, "came beside it"),
        ({"modalities": {"joint": 4}}, "'joint' cannot be the name"),
        ({"modalities": {}}, "modalities is empty"),
        ({"feature_range": (1, 0)}, "feature_range of rgb is"),
        ({"feature_dtype": {"text": "uint8"}}, "has text, but the model's"),
        ({"activation": "relu"}, "activation is 'relu'; pass one of"),
        ({"activation": "softmax", "num_classes": 1}, "for 1 class"),
    ],
)
@pytest.mark.parametrize("name", ["attend_fusion", "mixture_of_experts"])
def test_what_does_not_go(
    name: str, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        models.build(name, **{"num_classes": 3, **arguments})


def test_a_preset_of_one_modality_takes_others() -> None:
    sizes = {"text": 10, "audio": 7}
    model = models.build(
        "attend_fusion", "audio", num_classes=3, modalities=sizes
    )
    assert models.describe(model).sizes == sizes


def test_the_joint_token_is_of_all() -> None:
    model = narrow("attend_fusion", "video", SIZES)
    assert model.get_layer("join").output.shape == (None, sum(SIZES.values()))
    weights = models.attention(model).predict_on_batch(videos("video", SIZES))
    assert weights["modalities"].shape == (4, 4, 4, 4)
    one = narrow("attend_fusion", "video", {"text": 10})
    assert "join" not in [layer.name for layer in one.layers]
