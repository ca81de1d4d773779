"""What a search declares, and what its choices stand for."""

from __future__ import annotations

import keras_tuner
import pytest

from keras_attend_fusion import models
from keras_attend_fusion.tuning import space


@pytest.mark.parametrize("preset", ["base", "small", "mobile", "audio"])
@pytest.mark.parametrize("level", ["video", "frame"])
def test_the_defaults_are_the_preset(preset, level):
    hp = keras_tuner.HyperParameters()
    arguments = space.arguments(hp, preset, level, {})
    for name, value in arguments.items():
        assert value == space.start(preset, name), name
    assert ("visual_heads" in arguments) == (level == "frame")


def test_factors_multiply_the_preset():
    hp = keras_tuner.HyperParameters()
    hp.values |= {"trunk_units": 0.75, "members": 0.5, "dropout": 1.5}
    arguments = space.arguments(hp, "small", "video", {})
    assert arguments["trunk_units"] == 480  # of 640
    assert arguments["members"] == 1  # of 2
    assert arguments["dropout"] == 0.3  # of 0.2
    assert arguments["hidden_units"] == 1088


def test_no_member_less_than_one():
    hp = keras_tuner.HyperParameters()
    hp.values["members"] = 0.1
    assert space.arguments(hp, "mobile", "video", {})["members"] == 1  # of 3


def test_what_is_fixed_is_not_declared():
    hp = keras_tuner.HyperParameters()
    fixed = {"members": 3, "dropout": 0.1, "trunk_dropout": 0.1}
    arguments = space.arguments(hp, "base", "video", fixed)
    assert not set(fixed) & set(arguments)
    assert "members" not in hp
    assert "dropout" not in hp


def test_epochs_are_hyperband_s_where_it_sets_them():
    hp = keras_tuner.HyperParameters()
    assert space.epochs(hp, 2, 5) == 5
    assert hp.get("epochs") == 5
    hp.values["tuner/epochs"] = 1
    assert space.epochs(hp, 2, 5) == 1


def test_every_default_can_be_built():
    hp = keras_tuner.HyperParameters()
    arguments = space.arguments(hp, "mobile", "frame", {})
    model = models.build("attend_fusion", "mobile", "frame", 5, **arguments)
    same = models.build("attend_fusion", "mobile", "frame", 5)
    assert model.count_params() == same.count_params()
