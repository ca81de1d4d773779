"""The schedule and the loss that a model is compiled with."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion import models, training


def model(classes=3):
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(classes, activation="sigmoid")]
    )


def rates(total_steps, peak, steps):
    compiled = training.compile_model(model(), total_steps, peak)
    schedule = compiled.optimizer._learning_rate
    return [float(schedule(step)) for step in steps]


def test_the_schedule_warms_up_peaks_and_ends_at_zero():
    # 5 of 100 steps: from a fifth of the peak, in a line, up to the peak.
    found = rates(100, 0.1, [0, 1, 4, 5, 100])
    np.testing.assert_allclose(found, [0.02, 0.036, 0.084, 0.1, 0.0], atol=1e-7)
    # Half-way down the cosine, at 5 + 95 / 2 steps, on average half of it.
    low, high = rates(100, 0.1, [53, 52])
    assert low < 0.05 < high
    assert (low + high) / 2 == pytest.approx(0.05, abs=1e-6)


def test_a_schedule_of_one_step_has_a_rate():
    assert rates(1, 0.1, [0]) == pytest.approx([0.1])


@pytest.mark.parametrize(
    ("members", "hidden", "rate"),
    [
        (1, 10_000, 0.00097),
        (1, 4_000, 0.0015),
        (3, 4_000, 0.0015),
        (1, 9, 0.004),
    ],
)
def test_narrower_layers_get_a_higher_rate(members, hidden, rate):
    # The largest kernel is the classifier's: hidden × 3862.
    built = models.AttendFusion(
        3862, trunk_units=8, members=members, hidden_units=hidden
    )
    assert training.default_learning_rate(built) == rate
    compiled = training.compile_model(built, total_steps=100)
    schedule = compiled.optimizer._learning_rate
    assert float(schedule(5)) == pytest.approx(rate)


def test_the_loss_is_summed_over_classes():
    compiled = training.compile_model(model(4), total_steps=10)
    for variable in compiled.weights:
        variable.assign(np.zeros(variable.shape))
    x, y = np.zeros((5, 2)), np.ones((5, 4))
    loss = compiled.evaluate(x, y, verbose=0)
    # Each score is 0.5, each of the four classes costs log 2.
    assert loss == pytest.approx(4 * np.log(2), rel=1e-5)


def of_one_class(classes=4):
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def test_a_softmax_gets_categorical_cross_entropy():
    compiled = training.compile_model(of_one_class(), total_steps=10)
    kernel, bias = compiled.weights
    kernel.assign(np.zeros(kernel.shape))
    bias.assign(np.log([1.0, 2.0, 4.0, 1.0]))
    x, y = np.zeros((3, 2)), np.eye(4, dtype="uint8")[[0, 1, 2]]
    loss = compiled.evaluate(x, y, verbose=0)
    # Scores of 1/8, 2/8 and 4/8; not times the number of classes.
    assert loss == pytest.approx((3 + 2 + 1) * np.log(2) / 3, rel=1e-5)
    with pytest.raises(ValueError, match="classwise_weights are for classes"):
        training.compile_model(of_one_class(), 10, classwise_weights=True)


def test_biases_do_not_decay():
    compiled = training.compile_model(model(), total_steps=10)
    optimizer = compiled.optimizer
    optimizer.build(compiled.trainable_variables)
    decays = {
        variable.name: optimizer._use_weight_decay(variable)
        for variable in compiled.trainable_variables
    }
    assert decays == {"kernel": True, "bias": False}


@pytest.mark.parametrize("jit", [None, False])
def test_compilation_is_chosen_unless_given(jit):
    compiled = training.compile_model(model(), 10, jit_compile=jit)
    expected = training.default_jit_compile() if jit is None else jit
    resolved = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    resolved.compile(loss="mse", jit_compile=expected)
    assert compiled.jit_compile == resolved.jit_compile


@pytest.mark.parametrize(
    ("steps", "rate"), [(0, 0.1), (-1, 0.1), (10, 0.0), (10, -1.0)]
)
def test_what_cannot_be_a_schedule(steps, rate):
    expected = f"total_steps={steps} and learning_rate={rate}; both must be"
    with pytest.raises(ValueError, match=expected):
        training.compile_model(model(), steps, rate)


def test_the_warm_up_is_a_share_of_the_steps():
    compiled = training.compile_model(model(), 100, 0.1, warm_up=0.2)
    schedule = compiled.optimizer._learning_rate
    found = [float(schedule(step)) for step in (0, 10, 20, 100)]
    np.testing.assert_allclose(found, [0.005, 0.0525, 0.1, 0.0], atol=1e-7)
    at_once = training.compile_model(model(), 100, 0.1, warm_up=0.0)
    assert float(at_once.optimizer._learning_rate(0)) == pytest.approx(0.1)


def test_gradients_are_clipped_and_accumulated():
    """Two batches of one video each are one step, with the mean gradient."""

    def after(steps, **options):
        keras.utils.set_random_seed(0)
        compiled = training.compile_model(model(), steps, 0.1, 0.0, **options)
        x = np.array([[3.0, -2.0], [1.0, 5.0]], "float32")
        y = np.array([[1, 0, 1], [0, 0, 1]], "float32")
        compiled.fit(x, y, batch_size=2 // steps, shuffle=False, verbose=0)
        optimizer = compiled.optimizer
        assert int(optimizer.iterations) == 1
        # Adam's mean after one step is a tenth of the gradient.
        found = map(keras.ops.convert_to_numpy, optimizer._momentums)
        return compiled.get_weights(), np.concatenate(
            [one.ravel() for one in found]
        )

    weights, whole = after(1)
    of_two, halves = after(2, accumulate=2)
    np.testing.assert_allclose(halves, whole, rtol=1e-5)
    for one, other in zip(of_two, weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    _, clipped = after(1, clip_norm=0.5)
    assert 10 * np.linalg.norm(whole) > 0.6
    assert 10 * np.linalg.norm(clipped) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="it is 1 on PyTorch"
)
def test_steps_that_run_at_once():
    """Seven batches, three at a time: the last one by itself, and smaller."""

    def after(steps_per_execution):
        keras.utils.set_random_seed(0)
        compiled = training.compile_model(
            model(), 7, 0.1, steps_per_execution=steps_per_execution
        )
        rng = np.random.default_rng(0)
        x = rng.normal(size=(13, 2)).astype("float32")
        y = rng.integers(0, 2, (13, 3)).astype("float32")
        seen = []
        log = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(batch)
        )
        found = compiled.fit(
            x, y, batch_size=2, shuffle=False, verbose=0, callbacks=[log]
        )
        return seen, found.history["loss"], compiled.get_weights()

    every, loss, weights = after(1)
    some, same, others = after(3)
    assert every == list(range(7))
    assert some == [2, 5, 8]  # Keras counts as if the last were three, too
    assert same == pytest.approx(loss, rel=1e-5)
    for one, other in zip(others, weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_as_many_as_there_can_be():
    few = 2 if keras.backend.backend() == "torch" else 0
    with pytest.raises(ValueError, match=f"steps_per_execution={few}; exp"):
        training.compile_model(model(), 7, steps_per_execution=few)


@pytest.mark.parametrize(
    "options",
    [{"warm_up": 1.0}, {"warm_up": -0.1}, {"clip_norm": 0}, {"accumulate": 0}],
)
def test_what_cannot_be_a_step(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        training.compile_model(model(), 10, 0.1, **options)
