"""The search for a better model, with KerasTuner."""

try:
    import keras_tuner as _keras_tuner  # noqa: F401
except ImportError as error:
    raise ImportError(
        "keras_attend_fusion.tuning searches with KerasTuner, which is not "
        'installed: pip install "keras-attend-fusion[tune]"'
    ) from error

from keras_attend_fusion.tuning.attend_fusion_hyper_model import (
    AttendFusionHyperModel as AttendFusionHyperModel,
)
from keras_attend_fusion.tuning.builder_hyper_model import (
    BuilderHyperModel as BuilderHyperModel,
)
from keras_attend_fusion.tuning.folder import SearchFolder as SearchFolder
from keras_attend_fusion.tuning.oracles import make_oracle as make_oracle
from keras_attend_fusion.tuning.parallel import Place as Place
from keras_attend_fusion.tuning.search import Search as Search
from keras_attend_fusion.tuning.trials import read_trials as read_trials
