"""Compact audio-visual attention fusion for Keras 3.

`layers`, `models`, `metrics` and `explain` run on TensorFlow, JAX or PyTorch
and load no TensorFlow of their own; `data` and `export` load it on first use,
and `tuning` loads KerasTuner.
"""

from __future__ import annotations

import importlib
from typing import Any

from keras_attend_fusion import layers as layers
from keras_attend_fusion import metrics as metrics
from keras_attend_fusion import models as models
from keras_attend_fusion import training as training
from keras_attend_fusion.explain import explain as explain
from keras_attend_fusion.version import __version__ as __version__

_LOADED_ON_FIRST_USE = ("data", "export", "tuning")


def __getattr__(name: str) -> Any:
    if name in _LOADED_ON_FIRST_USE:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LOADED_ON_FIRST_USE])
