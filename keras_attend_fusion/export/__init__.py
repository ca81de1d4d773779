"""What leaves the house: SavedModel, LiteRT and ONNX, run and compared."""

from keras_attend_fusion.export.facts import (
    add_facts as add_facts,
    describe as describe,
)
from keras_attend_fusion.export.latency import latency as latency
from keras_attend_fusion.export.litert import litert as litert
from keras_attend_fusion.export.onnx import onnx as onnx
from keras_attend_fusion.export.parity import (
    one_video as one_video,
    parity as parity,
)
from keras_attend_fusion.export.runtime import (
    ExportedModel as ExportedModel,
    load as load,
)
from keras_attend_fusion.export.saved_model import saved_model as saved_model
