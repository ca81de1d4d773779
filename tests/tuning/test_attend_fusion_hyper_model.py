"""The hypermodel builds what it says, fits it, and refuses the rest."""

from __future__ import annotations

import importlib.util

import keras
import keras_tuner
import numpy as np
import pytest

from keras_attend_fusion import tuning
from tests.tuning import tiny


def choice(**values):
    hp = keras_tuner.HyperParameters()
    hp.values |= values
    return hp


def test_all_is_declared_before_anything_is_built():
    hp = keras_tuner.HyperParameters()
    tiny.space().declare_hyperparameters(hp)
    assert set(hp.values) == {
        "preset",
        "trunk_units",
        "hidden_units",
        "gating_rank",
        "dropout",
        "batch_size",
        "epochs",
        "learning_rate",
        "weight_decay",
    }


def test_a_model_is_built_and_compiled_as_chosen():
    space = tiny.space()
    hp = choice(hidden_units=0.5, learning_rate=2.0, weight_decay=0.1)
    model = space.build(hp)
    assert space.settings(hp)["arguments"]["hidden_units"] == 104
    assert space.parameters(hp) == model.count_params()
    assert model.optimizer.weight_decay == 0.1
    # A small model's 0.004, doubled; two epochs of three batches.
    schedule = model.optimizer._learning_rate
    assert schedule.warmup_target == 0.008
    assert schedule.warmup_steps + schedule.decay_steps == 6


def test_the_same_seed_builds_the_same_weights():
    space = tiny.space(max_parameters=10_000_000)
    first, second = (tiny.weights(space.build(choice())) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_precision_survives_a_cleared_session():
    keras.utils.clear_session()
    model = tiny.space(dtype_policy="mixed_bfloat16").build(choice())
    assert model.get_layer("rgb_1_trunk_1").compute_dtype == "bfloat16"


def test_a_larger_model_is_refused():
    least = tiny.space().parameters(choice())
    space = tiny.space(max_parameters=least)
    space.build(choice())
    with pytest.raises(
        keras_tuner.errors.FailedTrialError,
        match=f"parameters, more than max_parameters={least:,}: not trained",
    ):
        space.build(choice(trunk_units=2.0))


def test_the_first_preset_that_fits_is_the_start():
    space = tuning.AttendFusionHyperModel(
        presets=["base", "small", "mobile"], max_parameters=20_000_000
    )
    assert space.start == "small"
    with pytest.raises(
        ValueError, match="the smallest preset to start from, mobile, has 4,141"
    ):
        tuning.AttendFusionHyperModel(max_parameters=1_000_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"presets": ["huge"]}, "no preset 'huge'"),
        ({"presets": []}, "needs a preset"),
        ({"batch_sizes": [0]}, "numbers of 1 or more"),
        ({"epochs": (3, 2)}, "the fewest epochs first"),
        ({"videos": 0}, "videos=0"),
        ({"heads": 3}, "got heads; beside its own"),
        ({"name": "x"}, "got name; beside its own"),
    ],
)
def test_facts_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny.space(**arguments)


@pytest.mark.parametrize("form", ["function", "arrays"])
def test_fit_takes_what_there_is(form):
    space = tiny.space(videos=None)
    hp = choice(batch_size=8, epochs=2)
    model = space.build(hp)
    videos, given = tiny.Videos(8), {}
    if form == "function":
        data = (tiny.Videos,)
        given["validation_data"] = tiny.validation
    else:
        data = (videos.features, videos.labels)
        given["validation_data"] = data
    history = space.fit(hp, model, *data, verbose=0, **given).history
    assert len(history["val_gap_at_20"]) == 2
    assert 0 < history["val_f1_micro"][-1] <= 1
    assert int(model.optimizer.iterations) == 2 * 3
    schedule = model.optimizer._learning_rate
    assert schedule.warmup_steps + schedule.decay_steps == 6


def test_a_dataset_of_unknown_length_asks_for_videos():
    space = tiny.space(videos=None)
    with pytest.raises(ValueError, match="cannot count the batches of"):
        space.fit(choice(), space.build(choice()), iter(tiny.validation(8)))


def test_a_loss_that_is_lost_is_told_from_other_errors():
    from keras_attend_fusion import training

    space = tiny.space()
    model = space.build(choice())
    with pytest.raises(training.LostError):
        space.fit(choice(), model, tiny.spoilt, verbose=0)


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow"
    and importlib.util.find_spec("tensorboard") is None,
    reason="KerasTuner's own tuners need tensorboard on TensorFlow",
)
@pytest.mark.parametrize(
    ("tuner", "limit"),
    [
        (keras_tuner.RandomSearch, {"max_trials": 2}),
        (keras_tuner.Hyperband, {"max_epochs": 2, "factor": 2}),
    ],
)
def test_a_tuner_of_keras_tuner_takes_it(tuner, limit, tmp_path):
    objective = keras_tuner.Objective("val_gap_at_20", "max")
    search = tuner(
        tiny.space(),
        objective,
        directory=tmp_path,
        overwrite=True,
        seed=1,
        **limit,
    )
    videos = tiny.Videos(8)
    search.search(
        videos.features,
        videos.labels,
        validation_data=(videos.features, videos.labels),
        verbose=0,
    )
    assert 0 < search.oracle.get_best_trials()[0].score <= 1
