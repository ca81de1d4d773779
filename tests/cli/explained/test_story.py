"""From arrays to what is told of them."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.cli.explained.story import Label, tell
from keras_attend_fusion.explain import Explanation


def explanation(**changes):
    found = {
        "scores": np.float32([[0.5, 0.75, 0.25]]),
        "top_classes": np.array([[1, 0]]),
        "rgb_attention": np.float32([[0.5, 0.25, 0.25, 0]]),
        "audio_attention": np.float32([[0.5, 0.5]]),
        "without_rgb": np.float32([[0.1, 0.2, 0.3]]),
        "without_audio": np.float32([[0.4, 0.5, 0.6]]),
        "share": np.float32([[0.75, 0.25]]),
        "class_share": np.float32([[[0.5, 0.5], [1, 0], [0, 1]]]),
        "occlusion": np.float32([[[1, 2, 3, 0], [-1, -2, -3, 0]]]),
    }
    return Explanation(**{**found, **changes})


def told(found, labels=(1, 0, 1), names=None, seconds=3):
    return tell(
        found,
        np.array(labels),
        names or {},
        video="v",
        model="m",
        seconds=seconds,
        window=5,
    )


def test_a_story_of_frames():
    story = told(explanation(), names={0: "a", 1: "b", 2: "c"})
    assert story.attention == {
        "picture": [0.5, 0.25, 0.25],  # without the padding
        "sound": [0.5, 0.5, 0.0],  # two seconds shorter than the batch
    }
    assert story.picture == 0.75
    first, second = story.classes
    assert (first.name, first.score, first.is_label) == ("b", 0.75, False)
    assert (second.name, second.score, second.is_label) == ("a", 0.5, True)
    assert first.without == pytest.approx({"picture": 0.2, "sound": 0.5})
    assert (first.picture, second.picture) == (1.0, 0.5)
    assert (first.change, second.change) == ([1, 2, 3], [-1, -2, -3])
    assert story.labels == [Label("a", 0.5, 2), Label("c", 0.25, 3)]


def test_what_a_model_lacks_is_not_told():
    found = explanation(
        rgb_attention=None,
        audio_attention=None,
        without_rgb=None,
        occlusion=None,
        share=np.float32([[np.nan, np.nan]]),
    )
    story = told(found, labels=(0, 0, 0), seconds=0)
    assert story.attention == {}
    assert story.picture is None
    assert story.labels == []
    assert story.classes[0].name == "class 1"  # no vocabulary
    assert list(story.classes[0].without) == ["sound"]
    assert story.classes[0].change == []
