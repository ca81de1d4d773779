"""The whole explanation, for every kind of model."""

from __future__ import annotations

import dataclasses
import importlib
import inspect

import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.explain import Explanation, explain
from keras_attend_fusion.explain.features import without
from tests.models import tiny
from tests.models.peers import peer
from tests.models.test_modalities import narrow
from tests.models.test_modalities import videos as moments_of
from tests.models.tiny import CLASSES, FRAMES, scores, videos

AUDIO_ALONE = {"rgb_size": None}
VISUAL_ALONE = {"audio_size": None}
MODELS = {
    "attend_fusion": tiny.attend_fusion,
    "audio": lambda level: tiny.attend_fusion(level, **AUDIO_ALONE),
    "visual": lambda level: tiny.attend_fusion(level, **VISUAL_ALONE),
    "logistic": lambda level: peer("logistic", level),
    "mixture_of_experts": lambda level: peer("mixture_of_experts", level),
    "lstm": lambda level: peer("lstm", level),
}


def test_the_module_is_the_function_too():
    importlib.import_module("keras_attend_fusion.explain.shares")
    assert kaf.explain is importlib.import_module("keras_attend_fusion.explain")
    assert callable(kaf.explain)
    assert kaf.explain.explain is explain
    assert kaf.explain.Explanation is Explanation
    assert inspect.signature(kaf.explain) == inspect.signature(explain)


@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("name", MODELS)
def test_shapes(name, level):
    model = MODELS[name](level)
    features = {one: videos(level)[one] for one in model.input}
    found = kaf.explain(model, features, top_k=2, window=2)
    assert isinstance(found, Explanation)
    assert found.scores == pytest.approx(scores(model, features), abs=1e-6)
    assert found.top_classes.shape == (4, 2)
    order = np.take_along_axis(found.scores, found.top_classes, axis=1)
    assert (order[:, 0] == found.scores.max(axis=1)).all()
    assert (order[:, 0] >= order[:, 1]).all()
    assert found.class_share.shape == (4, CLASSES, 2)
    assert found.share.shape == (4, 2)
    attends = level == "frame" and model.name == "attend_fusion"
    for modality, length in (("rgb", FRAMES), ("audio", 4)):
        weights = getattr(found, f"{modality}_attention")
        lacking = getattr(found, f"without_{modality}")
        taken = modality in model.input
        assert (weights is not None) == (taken and attends)
        assert (lacking is not None) == taken
        if weights is not None:
            assert weights.shape == (4, length)
        if lacking is not None:
            alone = scores(model, without(features, modality))
            assert lacking == pytest.approx(alone, abs=1e-6)
    if level == "video":
        assert found.occlusion is None
    else:
        longest = 4 if name == "audio" else FRAMES
        assert found.occlusion.shape == (4, 2, longest)


def test_shares_of_an_additive_model_by_hand():
    """Logits of picture and sound that add up are their own parts."""
    model = kaf.models.Logistic(3, rgb_size=1, audio_size=1)
    kernel = np.float32([[1, -1, -1], [3, 1, -1]])
    model.layers[-2].set_weights([kernel, np.float32([-5, 0, 0])])
    features = {"rgb": np.ones((1, 1)), "audio": np.ones((1, 1))}
    found = kaf.explain(model, features)
    # Parts: (1, 3), (-1, 1), (-1, -1); logits -1, 0, -2.
    (share,), ((first, second, third),) = found.share, found.class_share
    assert first == pytest.approx([1 / 4, 3 / 4], abs=1e-5)
    assert second == pytest.approx([0, 1], abs=1e-5)
    assert np.isnan(third).all()
    weight = 1 / (1 + np.exp([1.0, 0.0]))
    rgb, audio = weight[0] * 1, weight[0] * 3 + weight[1] * 1
    assert share == pytest.approx(
        [rgb / (rgb + audio), audio / (rgb + audio)], abs=1e-5
    )


def test_the_only_modality_has_the_whole_share():
    model = tiny.attend_fusion("video", **AUDIO_ALONE)
    found = kaf.explain(model, videos("video"))
    speaks = ~np.isnan(found.class_share[..., 0])
    assert speaks.any()
    assert (found.class_share[speaks] == [0, 1]).all()
    assert found.top_classes.shape == (4, CLASSES)  # fewer than five


def test_a_modality_that_a_video_lacks_has_no_share():
    model, features = tiny.attend_fusion("frame"), videos("frame")
    features["audio_mask"][2] = False
    found = kaf.explain(model, features)
    assert found.without_audio[2] == pytest.approx(found.scores[2], abs=1e-6)
    of_sound = found.class_share[2, :, 1]
    assert np.nanmax(of_sound) < 1e-4
    assert not found.audio_attention[2].any()


def test_batches_change_nothing():
    model, features = tiny.attend_fusion("frame"), videos("frame", 3)
    one, many = (
        kaf.explain(model, features, batch_size=size) for size in (1, 64)
    )
    for field in dataclasses.fields(Explanation):
        a, b = (getattr(each, field.name) for each in (one, many))
        if isinstance(a, np.ndarray):
            a, b = {"": a}, {"": b}
        if not isinstance(a, dict):  # names
            assert a == b
            continue
        assert list(a) == list(b)
        for key in a:
            assert a[key] == pytest.approx(b[key], abs=1e-4, nan_ok=True)


def test_three_modalities_that_add_up_by_hand():
    sizes = {"text": 1, "rgb": 1, "audio": 1}
    model = kaf.models.Logistic(2, modalities=sizes)
    kernel = np.float32([[1, 0], [2, -1], [3, 4]])  # text, rgb, audio
    model.layers[-2].set_weights([kernel, np.float32([-5, 0])])
    found = kaf.explain(model, {name: np.ones((1, 1)) for name in sizes})
    assert found.modalities == ("rgb", "audio", "text")
    first, second = found.class_share[0]
    assert first == pytest.approx([2 / 6, 3 / 6, 1 / 6], abs=1e-5)
    assert second == pytest.approx([0, 1, 0], abs=1e-5)
    assert found.share.shape == (1, 3)
    assert found.share.sum() == pytest.approx(1, abs=1e-5)

    assert list(found.without) == ["rgb", "audio", "text"]
    expected = 1 / (1 + np.exp([1.0, -4.0]))
    assert found.without_rgb[0] == pytest.approx(expected, abs=1e-5)
    assert found.without["text"][0] == pytest.approx(
        [0.5, 1 / (1 + np.exp(-3.0))], abs=1e-5
    )


def test_three_modalities_of_frames():
    sizes = {"rgb": 13, "audio": 7, "text": 10}
    model = narrow("attend_fusion", "frame", sizes, activation="softmax")
    features = moments_of("frame", sizes)
    found = kaf.explain(model, features, top_k=2)
    assert found.modalities == tuple(sizes)
    assert {name: a.shape for name, a in found.attention.items()} == {
        "rgb": (4, 2),
        "audio": (4, 3),
        "text": (4, 4),
    }
    for name, weights in found.attention.items():
        mask = features[f"{name}_mask"]
        assert (weights[~mask] == 0).all()
        assert weights.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert found.class_share.shape == (4, tiny.CLASSES, 3)
    assert found.occlusion.shape == (4, 2, 4)
    assert found.seconds.tolist() == [1, 4, 4, 4]
    video = found.of_video(2)
    assert (
        video.attention["text"].tolist()
        == found.attention["text"][2:].tolist()[:1]
    )
    assert video.without["text"].shape == (1, tiny.CLASSES)


def test_a_vector_of_the_whole_video_is_of_no_second():
    sizes = {"rgb": 13, "text": 10}
    model = narrow("attend_fusion", "frame", sizes)
    features = moments_of("frame", sizes)
    features["text"] = features["text"][:, :1]
    features["text_mask"] = np.ones((4, 1), "bool")
    found = kaf.explain(model, features, top_k=1)
    masked = {**features, "rgb_mask": features["rgb_mask"].copy()}
    masked["rgb_mask"][:, 0] = False
    after = scores(model, masked)
    expected = (after - found.scores)[np.arange(4), found.top_classes[:, 0]]
    assert found.occlusion[:, 0, 0] == pytest.approx(expected, abs=1e-5)


def test_one_modality_of_another_name():
    sizes = {"text": 10}
    model = narrow("attend_fusion", "frame", sizes)
    found = kaf.explain(model, moments_of("frame", sizes))
    assert found.modalities == ("text",)
    speaks = ~np.isnan(found.class_share)
    assert (found.class_share[speaks] == 1).all()
    assert found.rgb_attention is None
    assert found.without_audio is None


@pytest.mark.parametrize("name", ["top_k", "window", "batch_size"])
def test_numbers_out_of_range(name):
    model = tiny.attend_fusion("video")
    with pytest.raises(ValueError, match=f"{name} is 0; pass 1 or more"):
        kaf.explain(model, videos("video"), **{name: 0})


def test_a_model_that_has_no_named_inputs():
    with pytest.raises(
        ValueError, match="takes no inputs by name: expected one"
    ):
        kaf.explain(lambda features: features, videos("video"))
