"""Shards of other sizes and keys than YouTube-8M's, and their schemas."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from tests.data.records import feature, write

SIZE = 6


def schema(
    path: Path, names: list[str], level: str = "video", **others: object
) -> Path:
    """A schema in which each modality is stored as `own_NAME`."""
    modalities = [
        {"name": name, "key": f"own_{name}", "size": SIZE} for name in names
    ]
    value = {"level": level, "modalities": modalities, **others}
    path.write_text(json.dumps(value))
    return path


def videos(path: Path, names: list[str], count: int = 12) -> Path:
    """Video-level records that have these modalities, of two classes."""
    rng = np.random.default_rng(0)
    made = []
    for i in range(count):
        values = {"id": [b"v%d" % i], "labels": [i % 2]}
        for name in names:
            values[f"own_{name}"] = rng.normal(size=SIZE)
        features = {key: feature(value) for key, value in values.items()}
        example = tf.train.Example(features=tf.train.Features(feature=features))
        made.append(example.SerializeToString())
    return write(path, made)


def clips(path: Path, names: list[str], count: int = 12) -> Path:
    """Frame-level records of three to six frames of bytes."""
    rng = np.random.default_rng(0)
    made = []
    for i in range(count):
        context = {"id": feature([b"v%d" % i]), "labels": feature([i % 2])}
        lists = {
            f"own_{name}": tf.train.FeatureList(
                feature=[feature([rng.bytes(SIZE)]) for _ in range(3 + i % 4)]
            )
            for name in names
        }
        made.append(
            tf.train.SequenceExample(
                context=tf.train.Features(feature=context),
                feature_lists=tf.train.FeatureLists(feature_list=lists),
            ).SerializeToString()
        )
    return write(path, made)


def train_words(shards: Path, out: Path, *others: str) -> list[str]:
    """A training of an epoch on shards of two classes."""
    return [
        "train",
        f"--train={shards}",
        f"--validate={shards}",
        f"--out={out}",
        "--num-classes=2",
        "--epochs=1",
        "--dtype-policy=float32",
        *others,
    ]
