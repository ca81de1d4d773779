"""The recipe: precision, loss, schedule, scoring and checkpoints."""

from keras_attend_fusion.training.adamw import FusedAdamW as FusedAdamW
from keras_attend_fusion.training.averaging import (
    AverageWeights as AverageWeights,
)
from keras_attend_fusion.training.checkpoints import (
    Checkpoints as Checkpoints,
)
from keras_attend_fusion.training.classifier_parallel import (
    classifier_parallel as classifier_parallel,
)
from keras_attend_fusion.training.classwise import (
    ClasswiseCrossentropy as ClasswiseCrossentropy,
)
from keras_attend_fusion.training.early_stopping import (
    EarlyStopping as EarlyStopping,
)
from keras_attend_fusion.training.freed_memory import (
    keep_freed_memory as keep_freed_memory,
)
from keras_attend_fusion.training.terminate_on_non_finite import (
    TerminateOnNonFinite as TerminateOnNonFinite,
    LostError as LostError,
)
from keras_attend_fusion.training.history import (
    read_history as read_history,
)
from keras_attend_fusion.training.precision import (
    default_dtype_policy as default_dtype_policy,
    default_jit_compile as default_jit_compile,
)
from keras_attend_fusion.training.processes import (
    PeerError as PeerError,
    Processes as Processes,
    join as join,
)
from keras_attend_fusion.training.recipe import (
    compile_model as compile_model,
    default_learning_rate as default_learning_rate,
    make_schedule as make_schedule,
)
from keras_attend_fusion.training.scoring import (
    as_numpy as as_numpy,
    score as score,
)
from keras_attend_fusion.training.transfer import transfer as transfer
from keras_attend_fusion.training.validation import (
    ValidationScores as ValidationScores,
)
