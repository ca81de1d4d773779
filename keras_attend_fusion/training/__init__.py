"""The recipe: precision, loss, schedule, scoring and checkpoints."""

from keras_attend_fusion.training.adamw import FusedAdamW as FusedAdamW
from keras_attend_fusion.training.averaging import (
    AverageWeights as AverageWeights,
)
from keras_attend_fusion.training.checkpoints import (
    BEST as BEST,
    Checkpoints as Checkpoints,
    epochs_in as epochs_in,
    read_history as read_history,
)
from keras_attend_fusion.training.classifier_parallel import (
    classifier_parallel as classifier_parallel,
)
from keras_attend_fusion.training.classwise import (
    ClasswiseCrossentropy as ClasswiseCrossentropy,
)
from keras_attend_fusion.training.early_stopping import (
    EarlyStopping as EarlyStopping,
    epochs_without_gain as epochs_without_gain,
)
from keras_attend_fusion.training.guard import (
    Guard as Guard,
    LostError as LostError,
    lost_scores as lost_scores,
)
from keras_attend_fusion.training.precision import (
    default_dtype_policy as default_dtype_policy,
    default_jit_compile as default_jit_compile,
)
from keras_attend_fusion.training.pooled import (
    copied as copied,
    pooled_score as pooled_score,
)
from keras_attend_fusion.training.processes import (
    ALONE as ALONE,
    PeerError as PeerError,
    Processes as Processes,
    exchange as exchange,
    join as join,
    lost_peers as lost_peers,
    on_this_process as on_this_process,
)
from keras_attend_fusion.training.recipe import (
    compile_model as compile_model,
    default_learning_rate as default_learning_rate,
)
from keras_attend_fusion.training.scoring import (
    as_numpy as as_numpy,
    score as score,
)
from keras_attend_fusion.training.transfer import transfer as transfer
from keras_attend_fusion.training.validation import (
    ValidationScores as ValidationScores,
)
