"""What there is to say about the scores of some videos."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

BOTH = ("rgb", "audio")  # which every share has, unless a model takes others


@dataclass(frozen=True, eq=False)
class Explanation:
    """Evidence behind the scores of a batch of videos, as NumPy arrays.

    `frames` are those of the features; of the longest modality where several
    count. What a model does not have is None.

    Attributes:
        scores: `(batch, classes)`, what the model says.
        top_classes: `(batch, k)`, int, the classes with the highest scores,
            falling, then rising class.
        attention: by modality, `(batch, its frames)`, which second the model
            attended to. Sums to 1 over the frames that are there and is 0 on
            padding; all 0 where a video lacks the modality. Empty without
            attention over frames. `rgb_attention` and `audio_attention` are
            those of picture and sound, or None.
        without: by modality that the model takes, `(batch, classes)`, scores
            with it taken away. `without_rgb` and `without_audio` are those of
            picture and sound, or None.
        modalities: the names that the last axes of `share` and `class_share`
            go by: picture and sound, even where a model takes one of them
            alone; of a model that takes others, its own, picture and sound
            first.
        share: `(batch, modalities)`, the share of each in the decision; they
            sum to 1, see `explain`. NaN where nothing speaks for any class.
        class_share: `(batch, classes, modalities)`, the same for each class;
            NaN where none speaks for the class.
        occlusion: `(batch, k, frames)`, how much the score of each of
            `top_classes` changes when the seconds around a second are taken
            away: below 0 where they speak for the class. 0 on padding. None
            for a model of video level.
        window: `(batch,)`, int, how many seconds were taken away at once
            from each video. None for a model of video level.
        seconds: `(batch,)`, int, how many seconds each video has, of any
            modality. None for a model of video level.
        model: The model's name.
        class_names: The name of each class; None where they are not known.
            `Run.explain` knows them.
    """

    scores: np.ndarray
    top_classes: np.ndarray
    attention: dict[str, np.ndarray]
    without: dict[str, np.ndarray]
    share: np.ndarray
    class_share: np.ndarray
    occlusion: np.ndarray | None
    window: np.ndarray | None = None
    seconds: np.ndarray | None = None
    model: str = ""
    class_names: tuple[str, ...] | None = None
    modalities: tuple[str, ...] = BOTH

    @property
    def rgb_attention(self) -> np.ndarray | None:
        """Which second of the picture the model attended to."""
        return self.attention.get("rgb")

    @property
    def audio_attention(self) -> np.ndarray | None:
        """Which second of the sound the model attended to."""
        return self.attention.get("audio")

    @property
    def without_rgb(self) -> np.ndarray | None:
        """Scores with the picture taken away."""
        return self.without.get("rgb")

    @property
    def without_audio(self) -> np.ndarray | None:
        """Scores with the sound taken away."""
        return self.without.get("audio")

    def of_video(self, row: int) -> Explanation:
        """The same, but of one video of the batch alone.

        Args:
            row: Its place in the batch.
        """
        last = len(self.scores) - 1
        if not 0 <= row <= last:
            raise ValueError(f"row is {row}: pass one from 0 to {last}")
        arrays: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                arrays[field.name] = value[row : row + 1]
            elif isinstance(value, dict):
                arrays[field.name] = {
                    name: array[row : row + 1] for name, array in value.items()
                }
        return dataclasses.replace(self, **arrays)
