"""What holds for every layer that makes one vector of many frames."""

from __future__ import annotations

import numpy as np
import pytest

from tests.layer_test_case import (
    JIT,
    LayerCase,
    as_numpy,
    build_layer,
    evaluate,
    functional,
)
from tests.layers.cases import CASES, FRAMES, MASK

WITHOUT_ORDER = [
    "DeepBagOfFrames",
    "DeepBagOfFrames-mean",
    "NetVLAD",
    "NeXtVLAD",
]
ALL = [*WITHOUT_ORDER, "StackedLSTM"]


@pytest.fixture(params=ALL)
def case(request: pytest.FixtureRequest) -> LayerCase:
    return CASES[request.param]


@pytest.mark.parametrize("name", WITHOUT_ORDER)
def test_the_order_of_frames_changes_nothing(name: str) -> None:
    layer, order = build_layer(CASES[name]), [3, 0, 4, 2, 1]
    np.testing.assert_allclose(
        evaluate(layer, FRAMES[:, order], MASK[:, order]),
        evaluate(layer, FRAMES, MASK),
        atol=1e-5,
    )


def test_more_padding_changes_nothing(case: LayerCase) -> None:
    layer = build_layer(case)
    frames = np.pad(FRAMES, ((0, 0), (0, 4), (0, 0)), constant_values=7.0)
    mask = np.pad(MASK, ((0, 0), (0, 4)))
    expected = evaluate(layer, FRAMES, MASK)
    np.testing.assert_allclose(
        evaluate(layer, frames, mask), expected, atol=1e-5
    )
    mask[0, -1] = True
    assert np.abs(evaluate(layer, frames, mask)[0] - expected[0]).max() > 1e-3


def test_padding_stays_out_of_the_statistics_of_training(
    case: LayerCase,
) -> None:
    outputs, weights = [], []
    for padding in (0.0, 100.0):
        layer = build_layer(case)
        frames = np.where(MASK[..., None], FRAMES, np.float32(padding))
        if case.non_trainable:
            outputs.append(as_numpy(layer(frames, mask=MASK, training=True)))
        else:
            outputs.append(as_numpy(layer(frames, mask=MASK)))
        weights.append([as_numpy(w) for w in layer.non_trainable_weights])
    np.testing.assert_allclose(outputs[1], outputs[0], atol=1e-5)
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_batch_without_a_frame_trains_to_finite_weights(
    case: LayerCase,
) -> None:
    layer = build_layer(case)
    model = functional(case, layer, open_frames=False)
    model.compile(optimizer="sgd", loss="mse", jit_compile=JIT)
    inputs = [FRAMES, np.zeros_like(MASK)]
    targets = np.ones(case.output_shape, "float32")
    loss = model.fit(inputs, targets, batch_size=3, verbose=0).history["loss"]
    # Zeros came out, wherever the frames were.
    np.testing.assert_allclose(loss, [1.0], atol=1e-5)
    for weight in layer.weights:
        assert np.isfinite(as_numpy(weight)).all(), weight.path


def test_without_a_mask_every_frame_is_real(case: LayerCase) -> None:
    layer = build_layer(case)
    np.testing.assert_allclose(
        evaluate(layer, FRAMES),
        evaluate(layer, FRAMES, np.ones_like(MASK)),
        atol=1e-6,
    )
