"""A resumed training sees the batches that it would have seen."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.runs import TrainSettings
from keras_attend_fusion.runs.training_data import _full_length, look_at

CASES = {
    "video": ("video", {}),
    "frame": ("frame", {}),
    "buckets": ("frame", {"bucket": True}),
    "memory": ("video", {"cache": "memory"}),
    "folder": ("video", {"cache": "folder"}),
    "segments": ("segment", {"segments": True}),
}


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A small set of each level."""
    folder = tmp_path_factory.mktemp("sets")
    for level in ("video", "frame", "segment"):
        data.synthesize(folder / level, level, videos=40, shards=3, classes=5)
    return folder


def videos_of(folder, **options):
    globs = {name: f"{folder}/{name}-*" for name in ("train", "validate")}
    settings = TrainSettings(
        **globs, preset="mobile", batch_size=8, seed=3, **options
    )
    return look_at(settings)


def labels(dataset):
    """What tells the order of the batches of an epoch."""
    return np.concatenate([one[1] for one in dataset.as_numpy_iterator()])


@pytest.mark.parametrize("case", CASES)
def test_the_order_goes_on(sets, tmp_path, case):
    level, options = CASES[case]
    if options.get("cache") == "folder":
        options = {"cache": str(tmp_path)}
    whole = videos_of(sets / level, **options).training(8)
    epochs = [labels(whole) for _ in range(3)]
    assert (epochs[0] != epochs[1]).any()
    assert (epochs[1] != epochs[2]).any()
    resumed = videos_of(sets / level, **options).training(8, first_epoch=1)
    for expected in epochs[1:]:
        np.testing.assert_array_equal(labels(resumed), expected)


def test_processes_pad_to_what_the_schema_keeps():
    """Frames of several processes have one length, whatever it is."""
    frames = np.ones((2, 120, 3), "uint8")
    features, _ = _full_length({"rgb": frames}, np.zeros(2), frames=600)
    assert features["rgb"].shape == (2, 600, 3)
    assert features["rgb"].numpy().sum() == frames.sum()
