"""The recipe of a builder of one's own, left open."""

from __future__ import annotations

import keras
import keras_tuner
import pytest

from keras_attend_fusion import training, tuning
from tests.models import tiny as tiny_models
from tests.tuning import tiny

HERE = f"{__name__}:"
RECIPE = {"batch_size", "epochs", "learning_rate", "weight_decay"}


@keras.saving.register_keras_serializable("tests.tuning")
class Scale(keras.layers.Layer):
    """A factor for each feature."""

    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor


def _model(num_classes, rgb_size, audio_size, dropout):
    inputs = {
        "rgb": keras.Input((rgb_size,), name="rgb"),
        "audio": keras.Input((audio_size,), name="audio"),
    }
    hidden = Scale()(keras.layers.concatenate(list(inputs.values())))
    hidden = keras.layers.Dropout(dropout, name="drop")(hidden)
    scores = keras.layers.Dense(num_classes, activation="sigmoid")(hidden)
    return keras.Model(inputs, scores)


def with_dropout(num_classes, rgb_size, audio_size, dropout=0.25):
    return _model(num_classes, rgb_size, audio_size, dropout)


def dropout_required(num_classes, rgb_size, audio_size, dropout):
    return _model(num_classes, rgb_size, audio_size, dropout)


def without_dropout(num_classes, rgb_size, audio_size):
    return _model(num_classes, rgb_size, audio_size, 0.0)


def space(builder, **changes):
    arguments = {
        "videos": tiny.VIDEOS,
        "batch_sizes": [8],
        "epochs": (1, 2),
        "seed": 3,
        "rgb_size": tiny_models.SIZES["rgb_size"],
        "audio_size": tiny_models.SIZES["audio_size"],
        **changes,
    }
    return tuning.BuilderHyperModel(builder, tiny_models.CLASSES, **arguments)


def declared(hypermodel):
    hp = keras_tuner.HyperParameters()
    hypermodel.declare_hyperparameters(hp)
    return set(hp.values)


def test_the_recipe_is_searched_and_dropout_if_it_is_taken():
    assert declared(space(f"{HERE}without_dropout")) == RECIPE
    assert declared(space(f"{HERE}with_dropout")) == {*RECIPE, "dropout"}
    assert declared(space(with_dropout, dropout=0.5)) == RECIPE


@pytest.mark.parametrize(
    ("builder", "rate"), [(with_dropout, 0.25), (dropout_required, 0.0)]
)
def test_the_defaults_are_the_builder_s(builder, rate):
    hypermodel = space(builder)
    hp = keras_tuner.HyperParameters()
    model = hypermodel.build(hp)
    chosen = hypermodel.settings(hp)
    assert (chosen["preset"], chosen["arguments"]) == (
        "base",
        {"dropout": rate},
    )
    assert model.get_layer("drop").rate == rate
    assert model.count_params() == hypermodel.parameters(hp)
    hp.values["dropout"] = 0.30000000000000004
    assert hypermodel.build(hp).get_layer("drop").rate == 0.3
    assert (
        space(with_dropout, dropout=0.5).build(hp).get_layer("drop").rate == 0.5
    )


def test_a_search_of_it(tmp_path):
    rows = tuning.Search(
        space(with_dropout, epochs=1), tmp_path, max_trials=2, seed=1
    ).run(tiny.Videos, tiny.validation)
    assert [row["status"] for row in rows] == ["COMPLETED"] * 2
    (first,) = (row for row in rows if row["trial"] == "0")
    assert first["arguments"] == {"dropout": 0.25}
    model = space(with_dropout).make_model("base", {})
    rate = training.default_learning_rate(model)
    assert first["learning_rate"] == rate


@pytest.mark.parametrize(
    ("builder", "arguments", "message"),
    [
        (f"{HERE}nothing", {}, "has no function 'nothing'"),
        (lambda num_classes: None, {}, "top level of a module"),
        (with_dropout, {"max_parameters": 9}, "max_parameters is 9, but the"),
        (with_dropout, {"depth": 2}, "depth is to be passed"),
        (with_dropout, {"level": "frame"}, "of these frame-level shards"),
        (with_dropout, {"epochs": (3, 2)}, "the fewest epochs first"),
    ],
)
def test_what_cannot_be_searched(builder, arguments, message):
    with pytest.raises(ValueError, match=message):
        space(builder, **arguments)
