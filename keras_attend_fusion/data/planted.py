"""The structure that synthetic videos carry, and their features.

Each class has a cue: a direction added to the noise of rgb, of audio, or of
both. The four kinds of class tell models apart that differ in what they can
combine: across modalities, and over time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("visual", "audio", "both", "moment")
SECONDS = (30, 120)
MOMENT_SECONDS = (3, 5)
LABEL_COUNTS = (0.4, 0.3, 0.2, 0.1)  # Shares of videos with 1, 2, 3, 4.
ZIPF_SHIFT, ZIPF_POWER = 3, 0.8

SIZES = {"rgb": 1024, "audio": 128}
# Standard deviation of a dimension from video to video, close to that of
# real mean_rgb (0.46) and mean_audio (0.69), and from frame to frame.
BETWEEN = {"rgb": 0.4, "audio": 0.6}
WITHIN = {"rgb": 0.9, "audio": 0.75}
# How far a cue moves a frame along its direction, in units of the noise.
LASTING, PAIRED, MOMENTARY = 6.0, 12.0, 14.0


@dataclass(frozen=True)
class Moment:
    """The seconds `[start, end)` of a video in which a class shows."""

    label: int
    start: int
    end: int


@dataclass(frozen=True)
class SyntheticVideo:
    """A video to be written: uint8 frames by modality, and what is in them."""

    id: str
    labels: tuple[int, ...]
    moments: tuple[Moment, ...]
    frames: dict[str, np.ndarray]

    @property
    def seconds(self) -> int:
        """How many frames the video has."""
        return len(self.frames["rgb"])


class Planted:
    """The cues of a set of classes.

    Classes are dealt in turn over four kinds:

    - visual: a direction in rgb, through the whole video;
    - audio: the same in audio;
    - both: classes come in pairs, over two directions in rgb and two in
      audio. One class of a pair is there if the picture's cue and the
      sound's match, the other if they are crossed. Each direction is as
      likely with either class, so no modality alone, and no sum of scores
      of the two, tells them apart;
    - moment: a strong direction for 3 to 5 seconds in a row, in rgb and for
      every other class in audio too, that the mean over frames dilutes.

    Args:
        classes: How many classes there are.
        seed: Fixes the directions.
        seconds: The shortest and the longest a video may be.
    """

    def __init__(
        self, classes: int, seed: int, seconds: tuple[int, int] = SECONDS
    ) -> None:
        self.seconds = seconds
        rng = np.random.default_rng([seed, 0])
        self.classes = classes
        self.kinds = tuple(KINDS[i % len(KINDS)] for i in range(classes))
        # One direction more: the second cue of a class left without partner.
        self._cues = {
            name: _unit_rows(rng, classes + 1, size)
            for name, size in SIZES.items()
        }
        paired = [i for i, kind in enumerate(self.kinds) if kind == "both"]
        self.pairs = list(zip(paired[::2], paired[1::2], strict=False))
        self.single = paired[-1] if len(paired) % 2 else None
        self.partner = {a: b for pair in self.pairs for a, b in _ways(pair)}

    def in_audio(self, label: int) -> bool:
        """Whether a moment class shows in audio as well as in rgb."""
        return (label // len(KINDS)) % 2 == 0

    def deal_labels(
        self, videos: int, rng: np.random.Generator
    ) -> list[tuple[int, ...]]:
        """Draws 1 to 4 labels for each video, low classes more often.

        While there are videos enough, every class comes at least once. The
        two classes of a pair never share a video.
        """
        rank = np.arange(self.classes)
        weights = -ZIPF_POWER * np.log(rank + ZIPF_SHIFT)
        scores = weights + rng.gumbel(size=(videos, self.classes))
        sure = np.arange(min(videos, self.classes))
        scores[rng.permutation(videos)[: len(sure)], sure] = np.inf
        order = np.argsort(-scores, axis=1)
        counts = 1 + rng.choice(len(LABEL_COUNTS), videos, p=LABEL_COUNTS)
        dealt = []
        for row, count in zip(order, counts, strict=True):
            kept: list[int] = []
            for label in row[:count].tolist():
                if self.partner.get(label) not in kept:
                    kept.append(label)
            dealt.append(tuple(sorted(kept)))
        return dealt

    def make_video(
        self,
        video_id: str,
        labels: tuple[int, ...],
        decoy: bool,
        rng: np.random.Generator,
    ) -> SyntheticVideo:
        """Draws a video's noise and adds the cues of its labels.

        Args:
            video_id: The id.
            labels: The classes the video shows.
            decoy: Whether it shows the crossed cues of the class without a
                partner, which has no label to say so.
            rng: Where the noise comes from.
        """
        seconds = int(rng.integers(self.seconds[0], self.seconds[1] + 1))
        frames = {
            name: BETWEEN[name] * rng.standard_normal(size, np.float32)
            + WITHIN[name]
            * rng.standard_normal((seconds, size), dtype=np.float32)
            for name, size in SIZES.items()
        }
        moments = []
        for label in labels:
            kind = self.kinds[label]
            if kind == "visual":
                self._add(frames, "rgb", label, LASTING, rng)
            elif kind == "audio":
                self._add(frames, "audio", label, LASTING, rng)
            elif kind == "both":
                self._add_pair(frames, label, False, rng)
            else:
                moments.append(self._add_moment(frames, label, rng))
        if decoy and self.single is not None:
            self._add_pair(frames, self.single, True, rng)
        quantised = {name: quantise(x) for name, x in frames.items()}
        return SyntheticVideo(video_id, labels, tuple(moments), quantised)

    def _add(
        self,
        frames: dict[str, np.ndarray],
        name: str,
        cue: int,
        strength: float,
        rng: np.random.Generator,
    ) -> None:
        strength *= BETWEEN[name] * rng.uniform(0.8, 1.2)
        frames[name] += np.float32(strength) * self._cues[name][cue]

    def _add_pair(
        self,
        frames: dict[str, np.ndarray],
        label: int,
        decoy: bool,
        rng: np.random.Generator,
    ) -> None:
        other = self.partner.get(label, self.classes)
        matching = label < other and not decoy
        cues = (label, other) if rng.random() < 0.5 else (other, label)
        self._add(frames, "rgb", cues[0], PAIRED, rng)
        self._add(frames, "audio", cues[0 if matching else 1], PAIRED, rng)

    def _add_moment(
        self,
        frames: dict[str, np.ndarray],
        label: int,
        rng: np.random.Generator,
    ) -> Moment:
        length = int(rng.integers(MOMENT_SECONDS[0], MOMENT_SECONDS[1] + 1))
        length = min(length, len(frames["rgb"]))
        start = int(rng.integers(0, len(frames["rgb"]) - length + 1))
        for name in ("rgb", "audio") if self.in_audio(label) else ("rgb",):
            strength = np.float32(MOMENTARY * WITHIN[name])
            cue = strength * self._cues[name][label]
            frames[name][start : start + length] += cue
        return Moment(label, start, start + length)


def quantise(x: np.ndarray) -> np.ndarray:
    """`q = round((clip(x, -2, 2) + 2) · 255/4)`, as uint8."""
    return np.rint((np.clip(x, -2, 2) + 2) * (255 / 4)).astype(np.uint8)


def dequantised_mean(q: np.ndarray) -> np.ndarray:
    """The mean over frames of `q · 4/255 + (4/512 - 2)`, as float32."""
    return (q.mean(axis=0) * (4 / 255) + (4 / 512 - 2)).astype(np.float32)


def _unit_rows(rng: np.random.Generator, rows: int, size: int) -> np.ndarray:
    x = rng.standard_normal((rows, size))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def _ways(pair: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    return pair, pair[::-1]
