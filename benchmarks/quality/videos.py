"""The videos to train on and to score, small enough to hold and to carry.

A feature is kept as one signed byte in steps of its own largest value / 127:
a row of zeros, which stands for a missing modality, stays one. The rounding
is about a hundredth of a feature's standard deviation. Every model sees these
same rounded values, wherever it is trained.
"""

from __future__ import annotations

import glob
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TRAIN, FIRST_HALF, SECOND_HALF = 0, 1, 2
Batch = tuple[dict[str, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Videos:
    """Features and labels of all videos, and which part each belongs to.

    Args:
        features: arrays by the name of the model's input, videos first.
        scales: for each input kept in steps, the size of its steps.
        label_classes: the labels of all videos, one after the other.
        label_ends: where the labels of each video end, after a 0.
        part: TRAIN, or the FIRST_HALF or SECOND_HALF of the validation.
        num_classes: how many classes there are.
    """

    features: dict[str, np.ndarray]
    scales: dict[str, np.ndarray]
    label_classes: np.ndarray
    label_ends: np.ndarray
    part: np.ndarray
    num_classes: int

    def rows(self, part: int) -> np.ndarray:
        """The rows of a part, in order."""
        return np.flatnonzero(self.part == part)

    def train_rows(self, share: float = 1.0) -> np.ndarray:
        """Training videos; a smaller share is within every larger one."""
        rows = self.rows(TRAIN)
        shuffled = np.random.default_rng(0).permutation(rows)
        return np.sort(shuffled[: max(1, round(share * len(rows)))])

    def batch(self, rows: np.ndarray) -> Batch:
        """Features as models take them, and labels as float32 0 and 1."""
        features = {
            name: values[rows] * self.scales[name]
            if name in self.scales
            else values[rows]
            for name, values in self.features.items()
        }
        labels = np.zeros((len(rows), self.num_classes), "float32")
        for i, row in enumerate(rows):
            start, end = self.label_ends[row : row + 2]
            labels[i, self.label_classes[start:end]] = 1
        return features, labels

    def fingerprint(self) -> str:
        """Tells these videos from others, in whatever order they were read."""
        arrays = self._arrays()
        names = sorted({"part"} | {n for n in arrays if "features_" in n})
        ends = self.label_ends
        videos = []
        for i in range(len(self.part)):
            labels = np.sort(self.label_classes[ends[i] : ends[i + 1]])
            rows = [*(arrays[name][i] for name in names), labels]
            videos.append(hashlib.sha256(b"".join(r.tobytes() for r in rows)))
        whole = hashlib.sha256(f"{self.num_classes} {names}".encode())
        for name in sorted(self.scales):
            whole.update(self.scales[name].tobytes())
        whole.update(b"".join(sorted(one.digest() for one in videos)))
        return whole.hexdigest()[:16]

    def write(self, path: Path) -> None:
        """Writes all of it to an `.npz` file, whole or not."""
        from keras_attend_fusion.files import beside

        with beside(path) as unfinished, unfinished.open("wb") as file:
            np.savez(file, num_classes=self.num_classes, **self._arrays())

    def _arrays(self) -> dict[str, np.ndarray]:
        return {
            **{f"features_{k}": v for k, v in self.features.items()},
            **{f"scales_{k}": v for k, v in self.scales.items()},
            "label_classes": self.label_classes,
            "label_ends": self.label_ends,
            "part": self.part,
        }


def read(path: Path) -> Videos:
    """What `Videos.write` wrote."""
    with np.load(path) as file:
        arrays = dict(file)

    def named(prefix: str) -> dict[str, np.ndarray]:
        return {
            name.removeprefix(prefix): value
            for name, value in arrays.items()
            if name.startswith(prefix)
        }

    return Videos(
        named("features_"),
        named("scales_"),
        arrays["label_classes"],
        arrays["label_ends"],
        arrays["part"],
        int(arrays["num_classes"]),
    )


def from_shards(train: str, validate: str) -> Videos:
    """Reads video-level shards; half of the validation shards each half."""
    import keras_attend_fusion as kaf
    from keras_attend_fusion.data.manifest import num_classes as classes_of

    paths = {"train": sorted(glob.glob(train))}
    validation = sorted(glob.glob(validate))
    middle = len(validation) // 2
    paths |= {"first": validation[:middle], "second": validation[middle:]}
    for name, shards in paths.items():
        if not shards:
            raise ValueError(
                f"{len(paths['train'])} shards match {train} and "
                f"{len(validation)} match {validate}: at least 1 and 2 are "
                f"needed ({name} has none)"
            )
    num_classes = classes_of(train)
    values: dict[str, list[np.ndarray]] = {"rgb": [], "audio": []}
    labels, parts = [], []
    for part, shards in enumerate(paths.values()):
        dataset = kaf.data.load(shards, level="video", num_classes=num_classes)
        for features, hot in dataset.as_numpy_iterator():
            for name, one in values.items():
                one.append(features[name])
            labels += [np.flatnonzero(row) for row in hot]
            parts += [part] * len(hot)
    features, scales = {}, {}
    for name, batches in values.items():
        features[name], scales[name] = in_steps(np.concatenate(batches))
    return Videos(
        features, scales, *lists(labels), as_parts(parts), num_classes
    )


def in_steps(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int8 numbers of steps, and the float32 size of each feature's step."""
    scale = np.maximum(np.abs(values).max(0), 1e-6) / 127
    return np.round(values / scale).astype("int8"), scale.astype("float32")


def lists(labels: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """The labels of all videos one after the other, and where each ends."""
    ends = np.cumsum([0, *(len(one) for one in labels)])
    return np.concatenate(labels).astype("int32"), ends.astype("int64")


def as_parts(parts: list[int]) -> np.ndarray:
    """One byte a video."""
    return np.asarray(parts, "uint8")
