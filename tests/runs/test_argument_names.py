"""What is wrong, in the words of who called: arguments in Python, flags in
the shell."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion import arguments, data, runs
from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.cli.errors import flags_for, with_flags
from keras_attend_fusion.runs.dataset import Shards
from keras_attend_fusion.runs.out_folder import claimed, new_folder


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named") / "shards"
    data.synthesize(folder, "video", videos=24, shards=1, classes=6)
    return folder


def settings(shards, **changes):
    values = {
        "train": f"{shards}/train-*",
        "validate": f"{shards}/validate-*",
        "batch_size": 8,
        "epochs": 1,
        **changes,
    }
    return runs.TrainSettings(**values)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_classes": 2}, "pass `num_classes`=6 or more"),
        ({"classes": "7"}, "`classes` names 7, but there are 6"),
        ({"schema": "audioset"}, "(`validate` holds frame-level shards"),
        ({"segments": True}, "(`segments` are of frame-level shards)"),
    ],
)
def test_shards_that_do_not_fit(shards, tmp_path, changes, message):
    with pytest.raises(ArgumentError) as caught:
        runs.train(settings(shards, **changes), out=tmp_path / "run")
    assert message in str(caught.value)
    assert "--" not in str(caught.value)
    assert flags_for(message) in with_flags(caught.value)


def test_a_folder_that_is_there(tmp_path):
    (tmp_path / "precious").touch()
    with pytest.raises(ArgumentError, match="name another `out`"):
        new_folder(str(tmp_path))
    with (
        pytest.raises(NotADirectoryError, match="name another `out`") as caught,
        claimed(tmp_path / "precious" / "run", lambda: None),
    ):
        pass
    assert with_flags(caught.value).endswith("name another --out")


def test_notices(tmp_path, capsys):
    schema = {
        "level": "video",
        "modalities": [
            {"name": "rgb", "key": "mean_rgb", "size": 4},
            {"name": "depth", "key": "depth", "size": 4},
        ],
    }
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema))
    line = "has depth, left out: the model takes rgb\n"
    Shards(schema=str(path)).tell_left_out(["rgb"])
    assert capsys.readouterr().err == f"`schema` {line}"
    with arguments.spelled(flags_for):
        Shards(schema=str(path)).tell_left_out(["rgb"])
    assert capsys.readouterr().err == f"--schema {line}"
    assert arguments.spell("`out`") == "`out`"
