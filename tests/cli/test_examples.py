"""A resumed training sees the batches that it would have seen."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.cli import shards, train
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.examples import Examples

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


def examples(folder, **options):
    flag = Flags()
    train.define(flag)
    globs = [f"--{n}={folder}/{n}-*" for n in ("train", "validate")]
    flag.values(["train", *globs, "--batch-size=8", "--seed=3"])
    reader = shards.Shards(flag)
    return Examples(flag, reader, "attend_fusion", "mobile", **options)


def labels(dataset):
    """What tells the order of the batches of an epoch."""
    return np.concatenate([one[1] for one in dataset.as_numpy_iterator()])


@pytest.mark.parametrize("case", CASES)
def test_the_order_goes_on(sets, tmp_path, case):
    level, options = CASES[case]
    if options.get("cache") == "folder":
        options = {"cache": str(tmp_path)}
    whole = examples(sets / level, **options).training(8)
    epochs = [labels(whole) for _ in range(3)]
    assert (epochs[0] != epochs[1]).any()
    assert (epochs[1] != epochs[2]).any()
    resumed = examples(sets / level, **options).training(8, first_epoch=1)
    for expected in epochs[1:]:
        np.testing.assert_array_equal(labels(resumed), expected)
