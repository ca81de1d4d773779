"""What the page and the plot of a video tell, whatever they look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from keras_attend_fusion.explain import Explanation

ALMOST_NONE = 1e-7  # scores are float32: nothing is closer to 1
WORDS = {"rgb": "picture", "audio": "sound"}  # as they are shown


def word_of(modality: str) -> str:
    """What pages call a modality: its name, but for picture and sound.

    Example:

    >>> word_of("rgb"), word_of("text")
    ('picture', 'text')
    """
    return WORDS.get(modality, modality)


@dataclass(frozen=True)
class TopClass:
    """A class of high score."""

    name: str
    score: float
    is_label: bool
    without: dict[str, float]  # the score without a modality, by its word
    share: dict[str, float]  # by word; empty if nothing speaks for it
    change: list[float]  # of the score, a number a second; empty without any
    log_odds: list[float]  # the same change of ln(p / (1 - p))


@dataclass(frozen=True)
class Label:
    """A true label of the video."""

    name: str
    score: float
    rank: int  # from 1, among all classes


@dataclass(frozen=True)
class Story:
    """One video, as a model saw and heard it."""

    video: str
    model: str
    seconds: int  # 0 at video level
    window: int  # seconds that are taken away at once
    attention: dict[str, list[float]]  # by word, a share a second
    share: dict[str, float]  # of each in the decision, by word, or empty
    classes: list[TopClass]
    labels: list[Label]

    @property
    def kinds(self) -> dict[str, int]:
        """A number for the colour of each modality, by word."""
        usual = list(WORDS.values())
        others = [w for w in self.classes[0].without if w not in usual]
        return {word: kind for kind, word in enumerate(usual + others)}


def tell(
    explanation: Explanation,
    labels: np.ndarray,
    names: Mapping[int, str],
    *,
    video: str,
    model: str,
    seconds: int,
    window: int,
) -> Story:
    """The story of the first video of an explanation.

    Args:
        explanation: what `kaf.explain` returned.
        labels: its true labels, multi-hot, shape (classes,).
        names: names of the classes, or none.
        video: its id.
        model: the name of the model.
        seconds: how many of its frames are there; 0 at video level.
        window: as for `kaf.explain`.
    """
    scores = explanation.scores[0]
    lacking = {
        word_of(modality): values[0]
        for modality, values in explanation.without.items()
    }
    attention = {
        word_of(modality): _padded(values[0], seconds).tolist()
        for modality, values in explanation.attention.items()
    }
    words = [word_of(modality) for modality in explanation.modalities]
    order = np.argsort(-scores, kind="stable").tolist()

    def name(index: int) -> str:
        return names.get(index) or f"class {index}"

    def top(place: int, index: int) -> TopClass:
        change, log_odds = np.zeros(0), np.zeros(0)
        if explanation.occlusion is not None:
            change = _padded(explanation.occlusion[0, place], seconds)
            score = np.array(scores[index], "float64")
            log_odds = _log_odds(score + change) - _log_odds(score)
        return TopClass(
            name(index),
            float(scores[index]),
            bool(labels[index]),
            {word: float(values[index]) for word, values in lacking.items()},
            _shares(words, explanation.class_share[0, index]),
            change.tolist(),
            log_odds.tolist(),
        )

    return Story(
        video,
        model,
        seconds,
        window,
        attention,
        _shares(words, explanation.share[0]),
        [top(*pair) for pair in enumerate(explanation.top_classes[0].tolist())],
        [
            Label(name(i), float(scores[i]), order.index(i) + 1)
            for i in np.flatnonzero(labels).tolist()
        ],
    )


def _padded(values: np.ndarray, seconds: int) -> np.ndarray:
    """A number a second; 0 behind the end of the shorter modality."""
    values = values[:seconds]
    return np.pad(values, (0, seconds - len(values)))


def _log_odds(scores: np.ndarray) -> np.ndarray:
    """ln(p / (1 - p)), which still tells scores near 0 or 1 apart."""
    p = np.clip(scores, ALMOST_NONE, 1.0 - ALMOST_NONE)
    return np.log(p / (1.0 - p))


def _shares(words: list[str], shares: np.ndarray) -> dict[str, float]:
    """Shares by the words of the modalities; none where they are NaN."""
    if np.isnan(shares).any():
        return {}
    return dict(zip(words, shares.tolist(), strict=True))
