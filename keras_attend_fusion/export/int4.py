"""LiteRT files with the matrices of dense layers in 4 bits.

litert-quantizer 0.11 (ai-edge-quantizer before) makes the same file: of every
model of this package at both levels the same size to 0.5 % and the same scores.
`mobile` at video level, 3862 classes, on one shard of real videos
(`benchmarks/quantizers.py`):

| | MB | largest, mean difference | GAP@20 | F1 |
|---|---|---|---|---|
| float32 | 16.447 | | 0.6757 | 0.6739 |
| here | 2.307 | 0.217, 4.7e-5 | 0.6737 | 0.6755 |
| its `min_max` | 2.305 | 0.217, 4.7e-5 | 0.6737 | 0.6755 |
| its `mse` | 2.305 | 0.291, 4.6e-5 | 0.6756 | 0.6765 |
| its weight only | 2.310 | 0.208, 4.7e-5 | 0.6738 | 0.6755 |

The interpreter runs all of them; weight only is as slow as float32, or slower.
This file stays nevertheless: litert-quantizer asks for exactly one release of
ai-edge-litert (2.3.0) and for SciPy, some 200 MB beside TensorFlow, and would
tie `[litert]` to that release; this needs TensorFlow alone, the oldest as well.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from keras_attend_fusion.export import flatbuffer
from keras_attend_fusion.export.float16 import matrices

MOST = 7  # of -7 to 7, so that 0 is in the middle
VERSION = 12  # of the operation, the first that knows such matrices


def in_4_bits(flat: bytes) -> bytes:
    """A float32 `.tflite` file whose dense layers have weights of 4 bits.

    A weight is a whole number from -7 to 7 times a scale of its output, whose
    largest weight is at the end of that range. What goes into a layer is put
    into 8 bits when it runs, as with the converter's own "dynamic".

    Args:
        flat: the file.
    """
    model = flatbuffer.read(flat)
    large = matrices(model)
    held = Counter(
        tensor.buffer for graph in model.subgraphs for tensor in graph.tensors
    )
    codes = flatbuffer.schema().BuiltinOperator
    dense = _codes(model, codes.FULLY_CONNECTED)
    for graph in model.subgraphs:
        taken: dict[int, list[Any]] = {}  # by weights: who reads them
        for operator in graph.operators:
            for place, index in enumerate(operator.inputs):
                fits = operator.opcodeIndex in dense and place == 1
                taken.setdefault(index, []).append(operator if fits else None)
        for index, readers in taken.items():
            if index < 0 or None in readers:  # left out, or not by them alone
                continue
            tensor = graph.tensors[index]
            if tensor.buffer not in large or held[tensor.buffer] > 1:
                continue
            if tensor.shape[1] % 2:  # a row has to end with a byte
                continue
            _store(model, tensor)
            for reader in readers:
                reader.builtinOptions.asymmetricQuantizeInputs = True
    for place in dense:
        code = model.operatorCodes[place]
        code.version = max(code.version, VERSION)
    return flatbuffer.write(model)


def quantised(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers from -7 to 7 and the scale of each row.

    Example:

    >>> whole, scale = quantised(np.float32([[7, -3.4, 0], [0, 0, 0]]))
    >>> whole.tolist(), scale.tolist()
    ([[7, -3, 0], [0, 0, 0]], [1.0, 1.0])
    """
    scale = np.abs(matrix).max(axis=1) / MOST
    scale = np.where(scale == 0, 1.0, scale).astype("float32")
    return np.rint(matrix / scale[:, None]).astype("int8"), scale


def _store(model: Any, tensor: Any) -> None:
    """Puts 4-bit weights where a constant held float32."""
    schema = flatbuffer.schema()
    buffer = model.buffers[tensor.buffer]
    matrix = np.asarray(buffer.data, np.uint8).view("<f4")
    whole, scale = quantised(matrix.reshape(tensor.shape))
    nibbles = whole.ravel().view("uint8") & 0x0F
    buffer.data = nibbles[::2] | nibbles[1::2] << 4
    tensor.type = schema.TensorType.INT4
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale = scale
    tensor.quantization.zeroPoint = np.zeros(len(scale), "int64")
    tensor.quantization.quantizedDimension = 0


def _codes(model: Any, code: int) -> set[int]:
    """The places of an operation among those that the file uses."""
    return {
        place
        for place, operator_code in enumerate(model.operatorCodes)
        if operator_code.builtinCode == code
    }
