"""Attention, gating and fusion as Keras layers, for any backend."""

from keras_attend_fusion.layers.attention import SelfAttention as SelfAttention
from keras_attend_fusion.layers.attention_pooling import (
    AttentionPooling as AttentionPooling,
)
from keras_attend_fusion.layers.audio_attention import (
    AudioAttention as AudioAttention,
)
from keras_attend_fusion.layers.context_gating import (
    ContextGating as ContextGating,
)
from keras_attend_fusion.layers.deep_bag_of_frames import (
    DeepBagOfFrames as DeepBagOfFrames,
)
from keras_attend_fusion.layers.dequantize import Dequantize as Dequantize
from keras_attend_fusion.layers.ensemble_mean import (
    EnsembleMean as EnsembleMean,
)
from keras_attend_fusion.layers.fusion_head import FusionHead as FusionHead
from keras_attend_fusion.layers.join_present import JoinPresent as JoinPresent
from keras_attend_fusion.layers.mean_pooling import MeanPooling as MeanPooling
from keras_attend_fusion.layers.mixture_of_experts import (
    MixtureOfExperts as MixtureOfExperts,
)
from keras_attend_fusion.layers.netvlad import NetVLAD as NetVLAD
from keras_attend_fusion.layers.nextvlad import NeXtVLAD as NeXtVLAD
from keras_attend_fusion.layers.presence import Presence as Presence
from keras_attend_fusion.layers.stacked_lstm import StackedLSTM as StackedLSTM
from keras_attend_fusion.layers.visual_attention import (
    VisualAttention as VisualAttention,
)
