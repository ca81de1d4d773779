"""LiteRT files with matrices in half the bytes.

litert-quantizer 0.11 casts the weights of dense layers alone: `mobile` is 8.267
MB and 8.269 here, with the same scores (the largest difference from float32 is
4e-4, F1 0.6739 in all three), `netvlad` 31.96 MB and 31.82 here, where other
matrices are halved, too. `int4.py` says what it asks for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_attend_fusion.export import flatbuffer

LEAST = 1024  # values of a matrix that is worth an operation of its own


def halved(flat: bytes) -> bytes:
    """A float32 `.tflite` file with its matrices stored in float16.

    When the file is loaded, an operation makes each a float32 matrix again.
    Vectors stay as they are. The converter's own float16 rounds them too: the
    biases and the scales of norms, which are next to nothing of the bytes and
    half of what the scores lose.

    Args:
        flat: the file.
    """
    model = flatbuffer.read(flat)
    stored = matrices(model)
    for place in stored:
        values = np.asarray(model.buffers[place].data, np.uint8).view("<f4")
        model.buffers[place].data = values.astype("<f2").view(np.uint8)
    for graph in model.subgraphs:
        added = [
            _made_from_half(model, graph, index)
            for index, tensor in enumerate(list(graph.tensors))
            if tensor.buffer in stored
        ]
        graph.operators = added + list(graph.operators)
    return flatbuffer.write(model)


def matrices(model: Any) -> set[int]:
    """The buffers that hold large float32 matrices and nothing else."""
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    buffers = {tensor.buffer for tensor in tensors if _is_matrix(model, tensor)}
    return buffers - {
        tensor.buffer for tensor in tensors if not _is_matrix(model, tensor)
    }


def _is_matrix(model: Any, tensor: Any) -> bool:
    data = model.buffers[tensor.buffer].data
    return (
        tensor.type == flatbuffer.schema().TensorType.FLOAT32
        and data is not None
        and len(data) >= 4 * LEAST
        and sum(size > 1 for size in tensor.shape) > 1
    )


def _made_from_half(model: Any, graph: Any, index: int) -> Any:
    """The operation that makes a constant, which its buffer held before."""
    schema = flatbuffer.schema()
    tensor = graph.tensors[index]
    half = schema.TensorT()
    half.name = tensor.name + b"/float16"
    half.shape, half.type = tensor.shape, schema.TensorType.FLOAT16
    half.buffer, tensor.buffer = tensor.buffer, 0  # the empty one
    graph.tensors.append(half)
    operation = schema.OperatorT()
    operation.opcodeIndex = _dequantize(model)
    operation.inputs = [len(graph.tensors) - 1]
    operation.outputs = [index]
    return operation


def _dequantize(model: Any) -> int:
    """The place of that operation among those that the file uses."""
    schema = flatbuffer.schema()
    code = schema.BuiltinOperator.DEQUANTIZE
    for place, operator_code in enumerate(model.operatorCodes):
        if operator_code.builtinCode == code:
            return place
    operator_code = schema.OperatorCodeT()
    operator_code.builtinCode = operator_code.deprecatedBuiltinCode = code
    operator_code.version = 3  # which knows float16
    model.operatorCodes.append(operator_code)
    return len(model.operatorCodes) - 1
