"""One field decides flags, file, range and what a resume may not change."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from keras_attend_fusion import models
from keras_attend_fusion.cli import setting_flags
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.runs import SettingError, TrainSettings
from keras_attend_fusion.runs.config_file import read_settings
from keras_attend_fusion.runs.settings import (
    MODELS,
    defaults,
    fixed_names,
    setting,
)

SHARDS = {"train": "a*", "validate": "b*"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class MoreSettings(TrainSettings):
    """With a setting more."""

    label_smoothing: float = setting(
        0.0,
        "share of each label that all classes get",
        kind="number",
        fits=lambda value: 0.0 <= value < 1.0,
        expected="pass 0 or more, below 1",
        compiles=True,
    )


def test_a_setting_is_written_once(tmp_path):
    flag = Flags()
    setting_flags.add_flags(flag, kind=MoreSettings)
    flag.values(["train", "--label-smoothing=0.1", "--train=a", "--validate=b"])
    settings: Any = setting_flags.settings_of(flag, kind=MoreSettings)
    assert settings.label_smoothing == 0.1
    assert settings.compile_arguments["label_smoothing"] == 0.1
    assert "share of each label" in flag.values["label-smoothing"].help
    assert "label_smoothing" in fixed_names(MoreSettings)
    assert defaults(MoreSettings)["label_smoothing"] == 0.0
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"label_smoothing": 0.25}))
    assert read_settings(file, MoreSettings) == {"label_smoothing": 0.25}
    file.write_text(json.dumps({"label_smoothing": 1}))
    with pytest.raises(ValueError, match="label_smoothing is 1: pass 0 or"):
        read_settings(file, MoreSettings)
    with pytest.raises(SettingError, match="`label_smoothing` is -1: pass 0"):
        MoreSettings(**SHARDS, label_smoothing=-1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": "3"}, "`epochs` is '3': expected a whole number"),
        ({"epochs": 0}, "`epochs` is 0: expected a whole number, 1 or more"),
        ({"epochs": 2.0}, "`epochs` is 2.0: expected a whole number"),
        ({"seed": 2**32}, "0 or more, at most 4294967295"),
        ({"ema": 1.0}, "`ema` is 1.0: pass one between 0 and 1"),
        ({"ema": float("nan")}, "`ema` is nan: pass one between 0 and 1"),
        ({"segments": 1}, "`segments` is 1: expected true or false"),
        ({"train": None}, "`train` is None: expected a word"),
        ({"model": "bert"}, "`model` is 'bert': expected attend_fusion, "),
        ({"preset": "huge"}, "`preset` is 'huge': attend_fusion comes as "),
        ({"on_corrupt": "drop"}, "`on_corrupt` is 'drop': expected error, "),
        (
            {"arguments": {"heads": 2}},
            "`arguments`: heads is not an argument of",
        ),
        (
            {"segments": True, "cache": "memory"},
            "`segments` goes without `bucket` and `cache`",
        ),
    ],
)
def test_what_is_refused(values, message):
    with pytest.raises(SettingError, match=message):
        TrainSettings(**{**SHARDS, **values})


def test_the_models_are_those_that_can_be_built():
    assert list(MODELS) == models.names()


def test_lists_are_joined():
    settings = TrainSettings(**SHARDS, classes=[3, 1], modalities=["rgb"])
    assert (settings.classes, settings.modalities) == ("3,1", "rgb")


def test_nothing_changes_settings():
    settings = TrainSettings(**SHARDS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.epochs = 3


def test_what_a_resume_may_not_change():
    """What made the checkpoint what it is."""
    assert set(fixed_names(TrainSettings)) == {
        *("model", "preset", "arguments", "level", "num_classes", "classes"),
        *("sizes", "schema", "task", "segments", "bucket", "initial"),
        *("epochs",),
        *("batch_size", "learning_rate", "weight_decay", "warm_up"),
        *("clip_norm", "accumulate", "ema", "early_stopping"),
        *("steps_per_execution", "dtype_policy", "seed", "train_videos"),
    }
