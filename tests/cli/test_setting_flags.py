"""The settings of `train`: its flags, --config, what they refuse."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion.cli import setting_flags, train
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.errors import UsageError


@pytest.fixture
def parsed(tmp_path):
    """The settings of a command line beside a config."""

    def parse(config, *words):
        file = tmp_path / "config.json"
        file.write_text(json.dumps(config))
        flag = Flags()
        train.define(flag)
        flag.values(["train", f"--config={file}", *words])
        return setting_flags.settings_of(flag, train="t*", validate="v*")

    return parse


def test_the_file_fills_in_what_no_flag_says(parsed):
    settings = parsed(
        {
            "preset": "small",
            "epochs": 9,
            "batch_size": 64,
            "learning_rate": 0.001,
            "weight_decay": 0,
            "dtype_policy": "float32",
            "initial": None,
            "segments": False,
            "train": "a*",
            "arguments": {"members": 3, "dropout": 0, "gating_rank": None},
            "level": "frame",
            "versions": {},
        },
        "--epochs=2",
    )
    assert settings.epochs == 2
    assert settings.preset == "small"
    assert settings.batch_size == 64
    assert settings.learning_rate == 0.001
    assert settings.weight_decay == 0.0
    assert settings.train == "a*"
    assert settings.initial is None
    expected = {"members": 3, "dropout": 0, "gating_rank": None}
    assert settings.arguments == expected


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"epoch": 3, "heads": 1}, "has epoch, heads, which train does not"),
        ({"epochs": 0}, "epochs is 0:"),
        ({"epochs": "many"}, "epochs is 'many':"),
        ({"epochs": [3]}, "epochs is"),
        ({"dtype_policy": "float8"}, "dtype_policy is 'float8':"),
        ({"model": "transformer"}, "model is 'transformer':"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast':"),
        ({"train": 3}, "train is 3:"),
        ({"schema": 3}, "schema is 3:"),
        ({"schema": {"level": "frame"}}, "schema does not hold a schema:"),
        ({"modalities": ["rgb"]}, "modalities is"),
        ({"arguments": [1]}, r"arguments is \[1\]: expected a JSON object"),
        (
            {"arguments": {"head": 1}},
            "arguments: head is not an argument of att",
        ),
        (
            {"arguments": {"rgb_size": 8}},
            "arguments: rgb_size is not an argument",
        ),
        ({"arguments": {"members": 1.5}}, "members is 1.5: expected a whole"),
        ({"arguments": {"members": None}}, "members is None: expected a who"),
        ({"arguments": {"dropout": "0"}}, "dropout is '0': expected a number"),
        ({"arguments": {"joint_token": 1}}, "is 1: expected true or false"),
        ([1], r"holds \[1\]: expected a JSON object"),
    ],
)
def test_what_is_refused(parsed, config, message):
    with pytest.raises(ValueError, match=message):
        parsed(config)


@pytest.mark.parametrize("word", ["--model=netvlad", "--preset=base"])
def test_arguments_are_of_one_model_and_preset(parsed, word):
    config = {"model": "attend_fusion", "preset": "small"}
    parsed(config, word)
    with pytest.raises(UsageError, match="has arguments of"):
        parsed({**config, "arguments": {"members": 1}}, word)


def test_arguments_are_of_the_model_that_a_flag_names(parsed):
    config = {"arguments": {"hidden_units": 8, "visual_clusters": 4}}
    settings = parsed(config, "--model=netvlad")
    assert settings.arguments == config["arguments"]


def test_a_file_that_is_not_there(fails, tmp_path):
    line = fails("train", f"--config={tmp_path}/none.json")
    assert "none.json is not a file: name the config.json" in line
