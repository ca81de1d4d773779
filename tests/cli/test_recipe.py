"""Flags of the recipe: checked, kept, honoured, and fixed for a run."""

from __future__ import annotations

import json

import keras
import pytest

from keras_attend_fusion import data, training
from keras_attend_fusion.cli import setting_flags, train
from keras_attend_fusion.cli.common import Flags
from tests.cli import runs

GIVEN = {
    "warm_up": 0.25,
    "clip_norm": 1.5,
    "accumulate": 2,
    "ema": 0.25,
    "early_stopping": 2,
    "steps_per_execution": 2,
}
FLAGS = [f"--{name.replace('_', '-')}={v}" for name, v in GIVEN.items()]


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A very small video-level set: three steps of 16 an epoch."""
    folder = tmp_path_factory.mktemp("few") / "shards"
    data.synthesize(folder, "video", 40, 1, runs.CLASSES)
    return folder


def test_a_run_keeps_its_recipe_and_ends_early(
    few, command, fails, tmp_path, monkeypatch
):
    gaps = [0.5, 0.7, 0.6, 0.6, 0.9]
    measure = training.ValidationScores.on_epoch_end

    def given(self, epoch, logs):
        measure(self, epoch, logs)
        logs["val_gap_at_20"] = gaps[epoch]

    monkeypatch.setattr(training.ValidationScores, "on_epoch_end", given)
    out = tmp_path / "run"
    flags = runs.train_flags(few, out, *runs.QUICK, "--epochs=5", *FLAGS)
    answer = command(*flags)
    assert answer.status == 0, answer.error
    assert "Ended after epoch 4: 2 without a better GAP\n" in answer.out
    config = json.loads((out / "config.json").read_text())
    assert {name: config[name] for name in GIVEN} == GIVEN
    path = out / "checkpoints" / "epoch-0004.keras"
    optimizer = keras.saving.load_model(path).optimizer
    assert optimizer.global_clipnorm == 1.5
    assert optimizer.gradient_accumulation_steps == 2
    assert optimizer.use_ema
    assert optimizer.ema_momentum == 0.25
    assert int(optimizer.iterations) == 4 * 3 // 2

    again = command(*flags, "--resume")
    assert again.status == 0
    assert "Epoch 5/5" not in again.out
    assert "Ended after epoch 4" in again.out
    for name, value in GIVEN.items():
        change = f"--{name.replace('_', '-')}={2 * value}"
        line = fails(*flags, "--resume", change)
        assert f"{name} {value}, now it is {2 * value}: resume with" in line


def parsed(*arguments):
    flag = Flags()
    train.define(flag)
    flag.values(["train", *arguments])
    return flag


def test_a_config_is_honoured_and_flags_go_before_it(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(GIVEN))
    flag = parsed(
        f"--config={path}", "--accumulate=3", "--train=a", "--validate=b"
    )
    settings = setting_flags.settings_of(flag)
    kept = {name: getattr(settings, name) for name in GIVEN}
    assert kept == {**GIVEN, "accumulate": 3}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("--learning-rate=0", "--learning-rate is 0.0: pass a number above 0"),
        ("--clip-norm=0", "--clip-norm is 0.0: pass a number above 0"),
        ("--clip-norm=inf", "--clip-norm is inf: pass a number above 0"),
        ("--weight-decay=-1", "--weight-decay is -1.0: pass 0 or more"),
        ("--warm-up=1", "--warm-up is 1.0: pass 0 or more, below 1"),
        ("--ema=1", "--ema is 1.0: pass one between 0 and 1"),
        ("--accumulate=0", "--accumulate"),
        ("--early-stopping=0", "--early-stopping"),
        ("--accumulate=7", "--accumulate is 7, but the run has 6 batches in"),
    ],
)
def test_what_is_out_of_range(few, fails, tmp_path, argument, expected):
    flags = runs.train_flags(few, tmp_path / "run", "--epochs=2", argument)
    assert expected in fails(*flags, status=2)
