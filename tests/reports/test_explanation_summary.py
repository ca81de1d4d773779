"""From arrays to what is told of them."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.explain import Explanation
from keras_attend_fusion.reports.explanation_summary import Label, tell


def explanation(**changes):
    found = {
        "scores": np.float32([[0.5, 0.75, 0.25]]),
        "top_classes": np.array([[1, 0]]),
        "attention": {
            "rgb": np.float32([[0.5, 0.25, 0.25, 0]]),
            "audio": np.float32([[0.5, 0.5]]),
        },
        "without": {
            "rgb": np.float32([[0.1, 0.2, 0.3]]),
            "audio": np.float32([[0.4, 0.5, 0.6]]),
        },
        "share": np.float32([[0.75, 0.25]]),
        "class_share": np.float32([[[0.5, 0.5], [1, 0], [0, 1]]]),
        "occlusion": np.float32([[[0, -0.5, 0.05, 0], [0, 0.25, -0.5, 0]]]),
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
    assert story.share == {"picture": 0.75, "sound": 0.25}
    first, second = story.classes
    assert (first.name, first.score, first.is_label) == ("b", 0.75, False)
    assert (second.name, second.score, second.is_label) == ("a", 0.5, True)
    assert first.without == pytest.approx({"picture": 0.2, "sound": 0.5})
    assert first.share == {"picture": 1.0, "sound": 0.0}
    assert second.share == {"picture": 0.5, "sound": 0.5}
    assert first.change == pytest.approx([0, -0.5, 0.05])
    assert second.change == [0, 0.25, -0.5]
    # From 3 : 1 to 1 : 3 and 4 : 1; from 1 : 1 to 3 : 1 and to next to none.
    assert first.log_odds == pytest.approx(np.log([1, 1 / 9, 4 / 3]))
    assert second.log_odds == pytest.approx(np.log([1, 3, 1e-7 / (1 - 1e-7)]))
    assert story.labels == [Label("a", 0.5, 2), Label("c", 0.25, 3)]


def test_what_a_model_lacks_is_not_told():
    found = explanation(
        attention={},
        without={"audio": np.float32([[0.4, 0.5, 0.6]])},
        occlusion=None,
        share=np.float32([[np.nan, np.nan]]),
    )
    story = told(found, labels=(0, 0, 0), seconds=0)
    assert story.attention == {}
    assert story.share == {}
    assert story.labels == []
    assert story.classes[0].name == "class 1"  # no vocabulary
    assert list(story.classes[0].without) == ["sound"]
    assert story.classes[0].change == story.classes[0].log_odds == []


def test_a_score_near_one_still_moves():
    """The line of a class that is almost sure is not flat."""
    story = told(
        explanation(
            scores=np.float32([[0.5, 0.9999, 0.25]]),
            occlusion=np.float32([[[-0.0009, 0, 0, 0], [0, 0, 0, 0]]]),
        )
    )
    assert story.classes[0].log_odds[0] == pytest.approx(-2.304, abs=1e-3)
    assert story.classes[0].log_odds[1:] == [0, 0]


def test_three_modalities():
    shares = np.float32([[0.5, 0.25, 0.25]])
    story = told(
        explanation(
            modalities=("rgb", "audio", "title"),
            share=shares,
            class_share=np.repeat(shares[:, None], 3, axis=1),
            without={"title": np.float32([[0.1, 0.2, 0.3]])},
            attention={"title": np.float32([[1.0]])},
        )
    )
    assert story.share == {"picture": 0.5, "sound": 0.25, "title": 0.25}
    assert story.classes[0].share == story.share
    assert story.attention == {"title": [1.0, 0.0, 0.0]}
    assert story.kinds["title"] == 2
