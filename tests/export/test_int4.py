"""LiteRT files whose dense layers have weights of 4 bits."""

from __future__ import annotations

import numpy as np
import pytest
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from keras_attend_fusion import export, models
from keras_attend_fusion.export.int4 import quantised
from tests.export.features import (
    TOO_OLD_FOR_4_BITS,
    foreign_operations,
    video_level,
)


def dense_layers(path):
    """The operation's version, and the weights of each dense layer."""
    flat = bytearray(path.read_bytes())
    model = flatbuffer_utils.convert_bytearray_to_object(flat)
    graph = model.subgraphs[0]
    found = []
    for one in graph.operators:
        code = model.operatorCodes[one.opcodeIndex]
        if code.builtinCode == schema.BuiltinOperator.FULLY_CONNECTED:
            tensor = graph.tensors[one.inputs[1]]
            found.append((code.version, tensor, model.buffers[tensor.buffer]))
    return found


def unpacked(data, shape):
    """Two weights a byte, the lower half first."""
    low, high = data & 0x0F, data >> 4
    both = np.stack([low, high], axis=1).ravel().astype("int8")
    return np.where(both > 7, both - 16, both).reshape(shape)


@pytest.fixture(scope="module")
def model():
    return models.build(
        "attend_fusion", "mobile", num_classes=64, trunk_units=64, members=2
    )


@pytest.fixture(scope="module")
def in_4_bits(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("int4") / "a.tflite"
    return export.litert(model, path, "int4")


def test_the_weights_are_those_of_keras_to_a_step(model, in_4_bits):
    assert foreign_operations(in_4_bits) == []
    found = dense_layers(in_4_bits)
    assert found
    kernels = [np.asarray(one) for one in model.weights]
    compared = 0
    for version, tensor, buffer in found:
        assert tensor.type == schema.TensorType.INT4
        assert version >= 12
        assert len(buffer.data) == np.prod(tensor.shape) / 2
        whole = unpacked(np.asarray(buffer.data, "uint8"), tensor.shape)
        scale = np.asarray(tensor.quantization.scale, "float32")
        assert np.abs(whole).max() == 7
        values = (whole * scale[:, None]).T
        for kernel in kernels:
            if kernel.shape == values.shape:
                close = np.abs(values - kernel) < 0.51 * scale
                compared += bool(close.all())
    assert compared >= 4  # norms are folded into the weights of the others


@pytest.mark.skipif(TOO_OLD_FOR_4_BITS, reason="an older interpreter")
def test_it_is_half_of_8_bits_and_close(model, in_4_bits, tmp_path):
    in_8_bits = export.litert(model, tmp_path / "a.tflite", "dynamic")
    assert in_4_bits.stat().st_size < 0.75 * in_8_bits.stat().st_size
    features = video_level(16)
    expected = np.asarray(model(features, training=False))
    found = export.load(in_4_bits)(features)
    assert 0 < np.abs(found - expected).max() < 0.1


@pytest.mark.parametrize("scale", [1e-3, 1.0, 50.0])
def test_nothing_is_rounded_by_more_than_half_a_step(scale):
    rng = np.random.default_rng(0)
    matrix = (scale * rng.normal(size=(5, 200))).astype("float32")
    matrix[3, 0] *= 30  # one weight far beyond the others
    matrix[4] = 0
    whole, steps = quantised(matrix)
    assert np.abs(whole[:4]).max(axis=1).tolist() == [7] * 4
    assert not whole[4].any()
    off = np.abs(whole * steps[:, None] - matrix)
    assert (off <= 0.501 * steps[:, None]).all()
