"""Evidence that was planted, and whether it is what is found.

The models are trained here, on synthetic shards whose manifest says in which
seconds a class shows, and in which modality (`data/planted.py`).
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.models import blocks

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="what is trained here is trained on one backend",
)
CLASSES, SECONDS = 8, (20, 40)
MOMENTS = (3, 7)  # classes that show for a few seconds, in the picture too


def synthesized(folder, level, videos, seconds):
    """Features and labels of both splits, and the manifest."""
    manifest = kaf.data.synthesize(
        folder, level, videos, 1, CLASSES, seed=1, seconds=seconds
    )
    batches = []
    for split in ("train", "validate"):
        load = kaf.data.load(
            f"{folder}/{split}-*",
            batch_size=videos,
            num_classes=CLASSES,
            with_id=True,
        )
        ((features, labels),) = load.as_numpy_iterator()
        batches.append((features, labels))
    return (*batches, json.loads(manifest.read_text()))


def fitted(model, features, labels, epochs, batch_size, rate=None):
    steps = -(-len(labels) // batch_size) * epochs
    kaf.training.compile_model(model, steps, rate)
    # Variables that a step makes have TensorFlow trace it twice.
    model.optimizer.build(model.trainable_variables)
    model.fit(features, labels, batch_size, epochs, verbose=0)
    return model


class Moments(NamedTuple):
    """Videos with one moment each, and what explains their scores."""

    planted: np.ndarray  # bool, (videos, frames)
    labels: np.ndarray  # (videos,), 0 or 1: which of MOMENTS
    found: Any


@pytest.fixture(scope="module")
def moments(tmp_path_factory) -> Moments:
    """A model that learned to tell the moment classes, by the picture, with
    one head of attention: several look in several places. Learning faster,
    or with larger keys, some start values end in a second without evidence
    that all others attend to, for half of the mass."""
    folder = tmp_path_factory.mktemp("planted") / "shards"
    train, (features, labels), manifest = synthesized(
        folder, "frame", 1200, SECONDS
    )
    keras.utils.set_random_seed(0)
    sizes = {"rgb": 1024, "audio": None}
    inputs, (branch,) = blocks.open_branches("frame", sizes, None)
    attend = kaf.layers.VisualAttention(1, 8, 1, name="rgb_attention")
    vector, _, _ = attend(
        branch.features, mask=branch.mask, return_attention_scores=True
    )
    hidden = blocks.trunk(vector, 32, 1, 0.3, "rgb")
    model = keras.Model(inputs, blocks.classify(hidden, len(MOMENTS)))

    def seen(batch):  # less the padding that all videos have
        return {name: batch[name][:, : SECONDS[1]] for name in inputs}

    fitted(model, seen(train[0]), train[1][:, MOMENTS], 8, 10, 3e-4)
    rows = np.flatnonzero(labels[:, MOMENTS].sum(axis=1) == 1)[:60]
    planted = np.zeros((len(rows), SECONDS[1]), "bool")
    for place, row in enumerate(rows):
        video = manifest["videos"][features["id"][row].decode()]
        (moment,) = video["moments"]
        planted[place, moment["start"] : moment["end"]] = True
    one = {name: values[rows] for name, values in seen(features).items()}
    found = kaf.explain(model, one, top_k=1)
    return Moments(planted, labels[rows][:, MOMENTS].argmax(axis=1), found)


@pytest.mark.parametrize("label", [0, 1], ids=[f"class-{c}" for c in MOMENTS])
def test_attention_lies_on_the_planted_seconds(moments, label):
    of_class = moments.labels == label
    assert of_class.sum() > 15
    on_planted = (moments.found.rgb_attention * moments.planted).sum(axis=1)
    chance = moments.planted.sum(axis=1) / np.mean(SECONDS)
    assert on_planted[of_class].mean() >= 0.8
    assert chance[of_class].mean() < 0.2


@pytest.mark.parametrize("label", [0, 1], ids=[f"class-{c}" for c in MOMENTS])
def test_occlusion_agrees(moments, label):
    """The score falls where planted seconds go, and nowhere else."""
    found = moments.found
    rows = (moments.labels == label) & (found.top_classes[:, 0] == label)
    assert rows.sum() > 0.9 * (moments.labels == label).sum()
    change, planted = found.occlusion[rows, 0], moments.planted[rows]
    deepest = np.take_along_axis(
        planted, change.argmin(axis=1)[:, None], axis=1
    )
    assert deepest.mean() >= 0.9
    assert change.min(axis=1).mean() < -0.7
    # Two seconds further on each side, a window still takes some away.
    near = planted.copy()
    for step in (1, 2):
        near[:, step:] |= planted[:, :-step]
        near[:, :-step] |= planted[:, step:]
    assert np.abs(change[~near]).mean() < 0.05


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    """For each kind of class, the share of the picture in its scores."""
    folder = tmp_path_factory.mktemp("planted") / "shards"
    train, (features, labels), manifest = synthesized(
        folder, "video", 3000, (4, 8)
    )
    keras.utils.set_random_seed(0)
    model = kaf.models.build(
        "attend_fusion",
        "mobile",
        num_classes=CLASSES,
        trunk_units=64,
        hidden_units=64,
        key_dim=16,
        members=2,
    )
    inputs = {name: train[0][name] for name in model.input}
    fitted(model, inputs, train[1], 10, 50)
    found = kaf.explain(model, features, batch_size=256)
    picture: dict[str, list[float]] = {}
    for index, one in enumerate(manifest["classes"]):
        rows = (labels[:, index] > 0) & (found.scores[:, index] > 0.5)
        kind = picture.setdefault(one["kind"], [])
        kind.append(found.class_share[rows, index, 0].mean())
    return picture


def test_the_share_is_the_modalitys_that_carries_the_class(shares):
    assert min(shares["visual"]) > 0.9
    assert max(shares["audio"]) < 0.1
    # Of the moments, one shows in both modalities and one in the picture.
    both, alone = shares["moment"]
    assert 0.2 < both < 0.9
    assert alone > 0.9


def test_what_takes_both_is_shared(shares):
    assert len(shares["both"]) == 2
    for share in shares["both"]:
        assert 0.25 < share < 0.75
