"""Compact audio-visual attention fusion for Keras 3.

`layers`, `models`, `metrics`, `training` and `explain` run on TensorFlow, JAX
or PyTorch and load no TensorFlow of their own; `data`, `export` and `runs`
load it on first use, and `tuning` loads KerasTuner.
"""

from __future__ import annotations

import importlib
import sys
import typing

from keras_attend_fusion.version import __version__ as __version__

_ROOMS = (
    *("layers", "metrics", "models", "training", "explain"),
    *("data", "export", "predictions", "reports", "runs", "tuning"),
)

if typing.TYPE_CHECKING:
    from keras_attend_fusion import data as data
    from keras_attend_fusion import export as export
    from keras_attend_fusion import layers as layers
    from keras_attend_fusion import metrics as metrics
    from keras_attend_fusion import models as models
    from keras_attend_fusion import predictions as predictions
    from keras_attend_fusion import reports as reports
    from keras_attend_fusion import runs as runs
    from keras_attend_fusion import training as training
    from keras_attend_fusion import tuning as tuning
    from keras_attend_fusion.explain import explain as explain
elif not getattr(sys.modules.get("attend_fusion"), "running", False):
    # Keras finds the classes that a .keras file names only once they are
    # imported, so that `import keras_attend_fusion` has to import them. The
    # command does so when it comes to use them: its --help needs no Keras.
    from keras_attend_fusion import layers as layers
    from keras_attend_fusion import metrics as metrics
    from keras_attend_fusion import models as models
    from keras_attend_fusion import training as training
    from keras_attend_fusion import explain as explain


def __getattr__(name: str) -> typing.Any:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})
