"""No LiteRT file asks for a shape that is only known once it runs.

XNNPACK gives wrong numbers from the second call on if it does; that files
which are called again and again agree with Keras, test_batches_and_frames.py
tells; files of every other model go through this check in
test_every_model.py.
"""

from __future__ import annotations

import tensorflow as tf


def operations(path):
    """The operations of a file, with the tensors that go into each."""
    interpreter = tf.lite.Interpreter(str(path))
    return interpreter._get_ops_details()


def shapes_made_at_run_time(path):
    """Reshapes of a file whose target another operation computes."""
    found = operations(path)
    made = {index for one in found for index in one["outputs"]}
    return [
        one
        for one in found
        if one["op_name"] == "RESHAPE" and one["inputs"][1] in made
    ]


def test_no_shape_is_made_at_run_time(exported):
    assert operations(exported.litert)
    assert shapes_made_at_run_time(exported.litert) == []


def test_such_a_shape_is_found(tmp_path):
    """A dense layer of Keras over an open number of frames makes one."""
    kernel = tf.Variable(tf.ones((4, 3)))
    module = tf.Module()
    module.kernel = kernel

    @tf.function(input_signature=[tf.TensorSpec((None, None, 4))])
    def serve(frames):
        return {"scores": tf.tensordot(frames, kernel, 1)}

    folder, path = tmp_path / "saved", tmp_path / "model.tflite"
    tf.saved_model.save(module, str(folder), {"serving_default": serve})
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    path.write_bytes(converter.convert())
    assert shapes_made_at_run_time(path)
