"""Functional models that read like figures, and their presets."""

from keras_attend_fusion.models.attend_fusion import (
    AttendFusion as AttendFusion,
    attention as attention,
)
from keras_attend_fusion.models.build import (
    build as build,
    names as names,
    presets as presets,
)
from keras_attend_fusion.models.fully_connected import (
    FullyConnected as FullyConnected,
)
