"""Stories that are told without a model."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.reports.explanation_summary import (
    Label,
    Story,
    TopClass,
)

HOSTILE = '</script><script>document.title = "owned"</script>'


def story(**changes: Any) -> Story:
    """Four seconds of picture and sound, and two classes."""
    told: dict[str, Any] = {
        "video": "a<b>",
        "model": "attend_fusion",
        "seconds": 4,
        "window": 3,
        "attention": {
            "picture": [0.5, 0.25, 0.25, 0.0],
            "sound": [0.1, 0.2, 0.3, 0.4],
        },
        "share": {"picture": 0.75, "sound": 0.25},
        "classes": [
            TopClass(
                HOSTILE,
                0.9,
                True,
                {"picture": 0.4, "sound": 0.9},
                {"picture": 1.0, "sound": 0.0},
                [-0.5, -0.25, 0.125, 0.0],
                [-4.0, -2.0, 1.0, 0.0],
            ),
            TopClass(
                "Car & $x$",
                0.2,
                False,
                {"picture": 0.1, "sound": 0.3},
                {},
                [0.0, 0.0, -0.1, 0.05],
                [0.0, 0.0, -0.5, 0.25],
            ),
        ],
        "labels": [Label(HOSTILE, 0.9, 1), Label("Dog", 0.001, 17)],
    }
    return Story(**{**told, **changes})


def without_seconds() -> Story:
    """What a model of video level has to tell, of the sound alone."""
    only = TopClass("Dog", 0.9, False, {"sound": 0.1}, {}, [], [])
    return story(seconds=0, attention={}, classes=[only], labels=[])


def of_three() -> Story:
    """What a model of picture, sound and a text tells at video level."""
    shares = {"picture": 0.5, "sound": 0.2, "<text>": 0.3}
    without = {"picture": 0.1, "sound": 0.2, "<text>": 0.3}
    only = TopClass("Dog", 0.9, False, without, shares, [], [])
    return story(
        seconds=0, attention={}, share=shares, classes=[only], labels=[]
    )
