"""Functional models that read like figures, and their presets."""

from keras_attend_fusion.models.attend_fusion import (
    AttendFusion as AttendFusion,
    attention as attention,
)
from keras_attend_fusion.models.build import (
    build as build,
    modalities as modalities,
    names as names,
    presets as presets,
)
from keras_attend_fusion.models.deep_bag_of_frames import (
    DeepBagOfFramesModel as DeepBagOfFramesModel,
)
from keras_attend_fusion.models.describe import (
    ModelDescription as ModelDescription,
    describe as describe,
)
from keras_attend_fusion.models.early_fusion import EarlyFusion as EarlyFusion
from keras_attend_fusion.models.flops import flops as flops
from keras_attend_fusion.models.fully_connected import (
    FullyConnected as FullyConnected,
)
from keras_attend_fusion.models.logistic import Logistic as Logistic
from keras_attend_fusion.models.lstm import LSTMModel as LSTMModel
from keras_attend_fusion.models.mixture_of_experts import (
    MixtureOfExpertsModel as MixtureOfExpertsModel,
)
from keras_attend_fusion.models.netvlad import NetVLADModel as NetVLADModel
from keras_attend_fusion.models.nextvlad import NeXtVLADModel as NeXtVLADModel
from keras_attend_fusion.models.residual import Residual as Residual
from keras_attend_fusion.models.residual_gating import (
    ResidualGating as ResidualGating,
)
from keras_attend_fusion.models.video_model import VideoModel as VideoModel
