"""The hypermodel builds what it says, fits it, and refuses the rest."""

from __future__ import annotations

import keras
import keras_tuner
import numpy as np
import pytest

from keras_attend_fusion import metrics, training, tuning
from keras_attend_fusion.tuning import schedule
from tests.models import tiny as models
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


class Own(tuning.AttendFusionHyperModel):
    """A model, its compilation and a way to fit of a user's own."""

    def build(self, hp):
        self.settings(hp)
        keras.utils.set_random_seed(0)
        inputs = {
            name: keras.Input((size,), name=name)
            for name, size in (("rgb", models.RGB), ("audio", models.AUDIO))
        }
        hidden = keras.layers.Concatenate()(list(inputs.values()))
        dense = keras.layers.Dense(models.CLASSES, activation="sigmoid")
        model = keras.Model(inputs, dense(hidden))
        model.compile(
            keras.optimizers.SGD(hp.Float("own_rate", 0.01, 0.1, step=0.01)),
            loss="mse",
            metrics=[metrics.GlobalAveragePrecision(name="gap")],
        )
        return model

    def fit(self, hp, model, *args, **kwargs):
        return super().fit(hp, model, *args, **{**kwargs, "verbose": 0})


def test_fit_leaves_the_model_compiled_as_it_is():
    space, hp = tiny.space(Own), choice(batch_size=8, epochs=2)
    model, videos = space.build(hp), tiny.Videos(8)
    data = (videos.features, videos.labels)
    history = space.fit(
        hp,
        model,
        *data,
        validation_data=data,
        class_weight={index: 0.0 for index in range(models.CLASSES)},
    ).history
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert model.loss == "mse"
    assert history["loss"] == [0.0, 0.0]  # every class weighs nothing
    assert 0.0 < history["val_loss"][-1] < 1.0  # of `mse`
    assert history["val_gap"] == pytest.approx(
        history["val_gap_at_20"], abs=1e-3
    )


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        ({"epochs": 4, "initial_epoch": 3}, 3),
        ({"batch_size": 4, "validation_split": 0.5}, 2 * 3),
        ({"steps_per_epoch": 2, "epochs": 1}, 2),
    ],
)
def test_the_schedule_ends_with_the_training(given, steps):
    hp, videos = choice(batch_size=8, epochs=2), tiny.Videos(8)
    model = Own.build(tiny.space(), hp)
    training.compile_model(model, 99)
    model.optimizer.learning_rate = schedule.of_trial(99, 0.01)
    data = (videos.features, videos.labels)
    history = tiny.space().fit(hp, model, *data, verbose=0, **given).history
    decay = model.optimizer._learning_rate
    assert decay.warmup_steps + decay.decay_steps == steps
    assert decay.warmup_target == 0.01
    assert int(model.optimizer.iterations) == steps
    assert ("val_loss" in history) == ("validation_split" in given)


def test_hyperband_s_schedule_is_of_what_is_left():
    hp = choice(**{"tuner/epochs": 5, "tuner/initial_epoch": 3})
    decay = tiny.space().build(hp).optimizer._learning_rate
    assert decay.warmup_steps + decay.decay_steps == 2 * 3


def test_scores_of_ones_own_are_not_computed_twice():
    space, hp = tiny.space(Own), choice(batch_size=8, epochs=1)
    scores = training.ValidationScores(tiny.validation(8))
    history = space.fit(
        hp,
        space.build(hp),
        tiny.Videos,
        validation_data=tiny.Videos,
        callbacks=scores,
    ).history
    assert scores.evaluator is not None
    assert len(history["val_loss"]) == len(history["val_gap_at_20"]) == 1


def test_a_dataset_of_unknown_length_asks_for_videos():
    space = tiny.space(videos=None)
    with pytest.raises(ValueError, match="cannot count the batches of"):
        space.fit(choice(), space.build(choice()), iter(tiny.validation(8)))


def test_a_loss_that_is_lost_is_told_from_other_errors():
    space = tiny.space()
    model = space.build(choice())
    with pytest.raises(training.LostError):
        space.fit(choice(), model, tiny.spoilt, verbose=0)


@pytest.mark.parametrize(
    ("tuner", "limit", "space", "objective"),
    [
        (keras_tuner.RandomSearch, {"max_trials": 1}, {}, "val_loss"),
        (
            keras_tuner.BayesianOptimization,
            {"max_trials": 3},
            {"make": Own},
            keras_tuner.Objective("val_gap", "max"),
        ),
        (
            keras_tuner.GridSearch,
            {"max_trials": 2},
            {"make": Own},
            keras_tuner.Objective("val_gap_at_20", "max"),
        ),
        (
            keras_tuner.Hyperband,
            {"max_epochs": 2, "factor": 2},
            {"make": Own},
            "val_loss",
        ),
    ],
)
def test_a_tuner_of_keras_tuner_takes_it(
    tuner, limit, space, objective, tmp_path
):
    videos = tiny.Videos(8)
    search = tuner(
        tiny.space(epochs=1, **space),
        objective,
        directory=tmp_path,
        overwrite=True,
        seed=1,
        **limit,
    )
    search.search(
        x=videos.features,
        y=videos.labels,
        validation_data=(videos.features, videos.labels),
        callbacks=[training.ValidationScores(tiny.validation(8))],
        verbose=0,
    )
    trials = list(search.oracle.trials.values())
    assert len(trials) >= limit.get("max_trials", 3)
    assert {trial.status for trial in trials} == {"COMPLETED"}
    name = getattr(objective, "name", objective)
    for trial in trials:
        assert trial.metrics.exists("val_gap_at_20")
        assert trial.score == trial.metrics.get_best_value(name)
    if tuner is keras_tuner.Hyperband:
        rounds = [t.hyperparameters.get("tuner/round") for t in trials]
        assert max(rounds) > 0  # goes on from another trial's weights
