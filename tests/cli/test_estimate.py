"""train --dry-run: what it prints, and that it writes nothing."""

from __future__ import annotations

import keras
import pytest

from keras_attend_fusion.runs.estimate import layers
from tests.cli import runs


def files(folder):
    return sorted(path for path in folder.rglob("*"))


@pytest.mark.parametrize("level", ["video", "frame"])
def test_a_plan_is_printed_and_nothing_is_written(
    request, command, tmp_path, level, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    trained = request.getfixturevalue(level)
    before = files(trained.shards.parent)
    out, cache = tmp_path / "run", tmp_path / "cache"
    flags = runs.train_flags(trained.shards, out, *runs.QUICK, "--epochs=3")
    answer = command(*flags, f"--cache={cache}", "--dry-run")
    assert (answer.status, answer.error) == (0, "")
    lines = answer.out.splitlines()
    steps = -(-runs.VIDEOS[level] // 16)
    assert lines[0].startswith("fully_connected small, ")
    for name, expected in {
        "classifier": "Dense, 32,776 parameters",
        "steps": f"{steps} an epoch, {3 * steps} in all",
        "FLOPs a video, forward": "4.8 million in matrix products",
        "learning rate": "at its peak",
        "epochs: 3": "about ",
    }.items():
        (line,) = [one for one in lines if one.startswith(f"  {name}  ")]
        assert expected in line
    assert lines[-1] == "Nothing was written."
    assert not files(tmp_path)
    assert files(trained.shards.parent) == before


def test_a_dry_run_looks_at_flags_and_shards(video, fails, tmp_path):
    flags = runs.train_flags(video.shards, tmp_path, "--dry-run")
    assert "--epochs" in fails(*flags, "--epochs=0", status=2)
    line = fails(*flags, "--num-classes=3")
    assert "pass --num-classes=8 or more" in line
    (missing,) = [f"--train={tmp_path}/nope-*"]
    assert "matches no file" in fails(*flags, missing)


def test_layers_of_like_names_share_a_row():
    inputs = outputs = keras.Input((4,))
    for name in ("rgb_1_trunk_1", "rgb_2_trunk_1", "joint_1"):
        outputs = keras.layers.Dense(4, name=name)(outputs)
        outputs = keras.layers.Activation("relu")(outputs)
    assert layers(keras.Model(inputs, outputs)) == [
        ("rgb_*_trunk_*", "2 × Dense, 40 parameters"),
        ("joint_1", "Dense, 20 parameters"),
    ]
