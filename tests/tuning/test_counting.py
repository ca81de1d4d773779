"""Parameters are counted without a model."""

from __future__ import annotations

import keras
import pytest

from keras_attend_fusion import models
from keras_attend_fusion.tuning.counting import count_parameters
from tests.models import tiny


@pytest.mark.parametrize("level", ["video", "frame"])
def test_the_count_is_the_model_s(level):
    model = tiny.attend_fusion(level)
    counted = count_parameters(
        lambda: models.AttendFusion(3, level, **tiny.SIZES)
    )
    assert counted == model.count_params()


def test_every_preset_is_counted_as_documented():
    def build():
        return models.build("attend_fusion", "base", "frame")

    assert count_parameters(build) == 71_058_008


def test_nothing_is_left_to_be_allocated():
    built = []

    def build():
        built.append(models.AttendFusion(3, **tiny.SIZES))
        return built[0]

    count_parameters(build)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    assert all(one._value is None for one in built[0].weights)
