"""LiteRT files as objects, and a TensorFlow that has none of it any more."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils

from keras_attend_fusion import export
from keras_attend_fusion.export import flatbuffer, int8
from keras_attend_fusion.export.float16 import halved
from keras_attend_fusion.export.int4 import in_4_bits
from keras_attend_fusion.private import UntriedVersionError, untried
from tests.export.features import video_level


def test_a_file_comes_back_as_it_was(video):
    flat = video.litert.read_bytes()
    model = flatbuffer.read(flat)
    codes = {code.builtinCode for code in model.operatorCodes}
    assert flatbuffer.schema().BuiltinOperator.FULLY_CONNECTED in codes
    again = flatbuffer.write(model)
    features = video_level(2)
    scores = []
    for content in (flat, again):
        interpreter = tf.lite.Interpreter(model_content=content)
        runner = interpreter.get_signature_runner("serving_default")
        scores.append(runner(**features)["scores"])
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("smaller", [halved, in_4_bits])
@pytest.mark.parametrize(
    "name", ["convert_bytearray_to_object", "convert_object_to_bytearray"]
)
def test_a_tensorflow_without_its_tools(video, smaller, name, monkeypatch):
    monkeypatch.delattr(flatbuffer_utils, name)
    with pytest.raises(UntriedVersionError, match=f"^tensorflow .*`{name}`"):
        smaller(video.litert.read_bytes())


def test_an_export_says_so_in_the_same_words(video, tmp_path, monkeypatch):
    def gone(flat):
        raise untried("tensorflow", "has no `x`")

    monkeypatch.setattr(flatbuffer, "read", gone)
    path = tmp_path / "a.tflite"
    with pytest.raises(UntriedVersionError, match=r"^tensorflow .*has no `x`;"):
        export.litert(video.model, path, "float16")
    assert not path.exists()


def test_a_tensorflow_that_does_not_name_operations(video, monkeypatch):
    monkeypatch.delattr(tf.lite.Interpreter, "_get_ops_details")
    with pytest.raises(UntriedVersionError, match="no `_get_ops_details` in"):
        int8._operations(video.litert.read_bytes())
