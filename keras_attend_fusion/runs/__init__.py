"""A training as a thing: its settings, its folder, going on with it."""

import importlib
import typing

if typing.TYPE_CHECKING:
    from keras_attend_fusion.runs.run import Run as Run
    from keras_attend_fusion.runs.run import load as load
    from keras_attend_fusion.runs.settings import SettingError as SettingError
    from keras_attend_fusion.runs.settings import TrainSettings as TrainSettings
    from keras_attend_fusion.runs.training_run import train as train

# Loaded on first use, so that the command line can read its flags, which are
# those of the settings, without Keras.
_MODULES = {
    "Run": "run",
    "load": "run",
    "SettingError": "settings",
    "TrainSettings": "settings",
    "train": "training_run",
}


def __getattr__(name: str) -> typing.Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
