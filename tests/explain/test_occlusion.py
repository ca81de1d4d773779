"""Seconds taken away, on a model whose scores can be told by hand."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import models
from keras_attend_fusion.explain import explain
from keras_attend_fusion.explain.occlusion import occlude, windows
from keras_attend_fusion.explain.passes import run
from tests.models import tiny


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (1, ["1000", "0100", "0010", "0001"]),
        (2, ["1000", "1100", "0110", "0011"]),
        (3, ["1100", "1110", "0111", "0011"]),
        (9, ["1111", "1111", "1111", "1111"]),
    ],
)
def test_windows(window, expected):
    found = windows(np.arange(4), 4, window).astype(int)
    assert ["".join(map(str, row)) for row in found] == expected


def mean_of_frames():
    """Two classes: `sigmoid(x)` and `sigmoid(-x)`, x the mean of a video's
    frames of one number."""
    model = models.Logistic(
        2, "frame", rgb_size=1, audio_size=None, feature_dtype="float32"
    )
    model.layers[-2].set_weights([np.float32([[1, -1]]), np.zeros(2)])
    return model


def sigmoid(x):
    return 1 / (1 + np.exp(-np.float64(x)))


def test_changes_by_hand():
    features = {
        "rgb": np.float32([[[0], [0], [3], [7]], [[1], [7], [7], [7]]]),
        "rgb_mask": np.array([[1, 1, 1, 0], [1, 0, 0, 0]], "bool"),
    }
    model = mean_of_frames()
    scores = run(model, features, 2)
    assert scores[:, 0] == pytest.approx(sigmoid([1, 1]))
    classes = np.array([[0, 1], [1, 0]])
    done = []
    change = occlude(
        model, features, scores, classes, 1, 3, lambda *n: done.append(n)
    )
    # Without second 0 or 1 the mean is 3 / 2, without second 2 it is 0; the
    # second video has one second, without which there is nothing: 0.
    up, down = sigmoid(1.5) - sigmoid(1), sigmoid(0) - sigmoid(1)
    assert change.shape == (2, 2, 4)
    assert change[0, 0] == pytest.approx([up, up, down, 0], abs=1e-6)
    assert change[0, 1] == pytest.approx([-up, -up, -down, 0], abs=1e-6)
    assert change[1, 0] == pytest.approx([-down, 0, 0, 0], abs=1e-6)
    assert done == [(3, 4), (4, 4)]


def test_copies_leave_the_features_as_they_were():
    features = tiny.videos("frame")
    before = {name: value.copy() for name, value in features.items()}
    model = tiny.attend_fusion("frame")
    scores = run(model, features, 4)
    classes = np.tile(np.arange(2), (4, 1))
    arguments = (model, features, scores, classes, 2)
    change = occlude(*arguments, 64)
    # The frames of the picture, the longer modality, but for its padding.
    assert change.shape == (4, 2, tiny.FRAMES)
    assert (change[0, :, 3:] == 0).all()
    assert (change[1:] != 0).any(axis=(0, 1)).all()
    assert occlude(*arguments, 3) == pytest.approx(change, abs=1e-6)
    for name, value in before.items():
        assert (features[name] == value).all()


def test_a_video_without_a_frame_has_nothing_to_take_away():
    features = tiny.videos("frame", 1)
    for name in ("rgb_mask", "audio_mask"):
        features[name][:] = False
    model = tiny.attend_fusion("frame")
    scores = run(model, features, 1)
    change = occlude(model, features, scores, np.array([[0]]), 5, 4)
    assert change.shape == (1, 1, tiny.FRAMES)
    assert not change.any()


def lasting(*lengths):
    """Videos of these lengths, behind padding up to the longest."""
    random = np.random.default_rng(1)
    shape = (len(lengths), max(lengths), 1)
    mask = np.arange(shape[1]) < np.array(lengths)[:, None]
    rgb = random.normal(size=shape).astype("float32")
    return {"rgb": rgb, "rgb_mask": mask}


@pytest.mark.parametrize("batch", [(2, 5, 10), (1, 12, 60), (300,)])
def test_the_window_is_a_part_of_each_video(batch):
    """Alone or beside longer videos: what goes depends on a video alone."""
    model = mean_of_frames()
    features = lasting(*batch)
    found = explain(model, features, top_k=1)
    expected = {1: 1, 2: 1, 5: 1, 10: 2, 12: 3, 60: 5, 300: 5}
    assert found.window.tolist() == [expected[length] for length in batch]
    for row, length in enumerate(batch):
        alone = {k: v[row : row + 1, :length] for k, v in features.items()}
        again = explain(model, alone, top_k=1)
        assert again.window.tolist() == [expected[length]]
        change = found.occlusion[row, 0]
        assert change[:length] == pytest.approx(again.occlusion[0, 0], abs=1e-6)
        assert not change[length:].any()
        # With all of it gone, every second would say the same.
        assert length == 1 or len(np.unique(change[:length].round(5))) > 1


@pytest.mark.parametrize(("window", "row"), [(5, 1), (12, 0), (1, 2)])
def test_a_window_as_long_as_a_video(window, row):
    said = f"window is {window}, but video {row} has [0-9]+ seconds"
    lengths = (12, 5) if window > 1 else (12, 5, 1)
    with pytest.raises(ValueError, match=said):
        explain(mean_of_frames(), lasting(*lengths), window=window)


def test_a_window_of_ones_own():
    found = explain(mean_of_frames(), lasting(12, 5), window=4)
    assert found.window.tolist() == [4, 4]
