"""What there is to say about the scores of some videos."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Explanation:
    """Evidence behind the scores of a batch of videos, as NumPy arrays.

    `frames` are those of the features; of the longer modality where both
    count. What a model does not have is None.

    Attributes:
        scores: `(batch, classes)`, what the model says.
        top_classes: `(batch, k)`, int, the classes with the highest scores,
            falling, then rising class.
        rgb_attention: `(batch, rgb frames)`, which second of the picture
            the model attended to. Sums to 1 over the frames that are there
            and is 0 on padding; all 0 where a video has no picture. None
            without attention over frames.
        audio_attention: `(batch, audio frames)`, the same of the sound.
        without_rgb: `(batch, classes)`, scores with the picture taken away;
            None if the model takes none.
        without_audio: `(batch, classes)`, the same of the sound.
        share: `(batch, 2)`, the shares of picture and sound in the decision,
            which sum to 1; see `explain`. NaN where nothing speaks for any
            class.
        class_share: `(batch, classes, 2)`, the same for each class; NaN
            where neither speaks for the class.
        occlusion: `(batch, k, frames)`, how much the score of each of
            `top_classes` changes when the seconds around a second are taken
            away: below 0 where they speak for the class. 0 on padding. None
            for a model of video level.
        window: `(batch,)`, int, how many seconds were taken away at once
            from each video. None for a model of video level.
        seconds: `(batch,)`, int, how many seconds each video has, of picture
            or sound. None for a model of video level.
        model: The model's name.
        class_names: The name of each class; None where they are not known.
            `Run.explain` knows them.
    """

    scores: np.ndarray
    top_classes: np.ndarray
    rgb_attention: np.ndarray | None
    audio_attention: np.ndarray | None
    without_rgb: np.ndarray | None
    without_audio: np.ndarray | None
    share: np.ndarray
    class_share: np.ndarray
    occlusion: np.ndarray | None
    window: np.ndarray | None = None
    seconds: np.ndarray | None = None
    model: str = ""
    class_names: tuple[str, ...] | None = None

    def of_video(self, row: int) -> Explanation:
        """The same, but of one video of the batch alone.

        Args:
            row: Its place in the batch.
        """
        last = len(self.scores) - 1
        if not 0 <= row <= last:
            raise ValueError(f"row is {row}: pass one from 0 to {last}")
        arrays: dict[str, Any] = {
            field.name: value[row : row + 1]
            for field in dataclasses.fields(self)
            if isinstance(value := getattr(self, field.name), np.ndarray)
        }
        return dataclasses.replace(self, **arrays)
