"""What the files of a run folder may hold, and what is said of the rest."""

from __future__ import annotations

import json
import shutil

import pytest

from keras_attend_fusion.reports import evaluation as reports
from keras_attend_fusion.reports.run_record import read_baselines
from keras_attend_fusion.runs.values import read_config, read_metrics
from tests.cli import runs


def written(folder, name, text):
    (folder / name).write_text(text)
    return folder


def test_what_train_writes(trained):
    assert read_config(trained.run)["batch_size"] == 16
    assert 0 <= read_metrics(trained.run)["threshold"] <= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"threshold": -5}', "threshold is -5; expected a number from 0 to 1"),
        ('{"threshold": 1.0001}', "threshold is 1.0001; expected"),
        ('{"threshold": 1e308}', "threshold is 1e+308; expected"),
        ('{"threshold": true}', "threshold is True; expected"),
        ('{"threshold": NaN}', "threshold is nan; expected"),
        ('{"threshold": "0.5"}', "threshold is '0.5'; expected"),
        ('{"threshold": []}', "threshold is []; expected"),
        ('{"threshold": {"a": {}}}', "threshold is {'a': {}}; expected"),
        ('{"gap_at_20": 4.94}', "gap_at_20 is 4.94; expected a number from"),
        ('{"videos": "many"}', "videos is 'many'; expected a whole number"),
        ('{"weights": 7}', "weights is 7; expected a word"),
        ("null", "holds None: expected a JSON object"),
        ("[" * 100_000, "is nested too deep"),
        ('{"videos": 1' + "0" * 400 + "}", "videos is 10"),
    ],
)
def test_metrics(tmp_path, text, expected):
    with pytest.raises(ValueError, match=r"metrics\.json") as error:
        read_metrics(written(tmp_path, "metrics.json", text))
    assert expected in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"learning_rate": "x"}, "learning_rate is 'x': expected a finite nu"),
        ({"learning_rate": float("inf")}, "learning_rate is inf: expected"),
        ({"epochs": 2.5}, "epochs is 2.5: expected a whole number"),
        ({"bucket": "no"}, "bucket is 'no': expected true or false"),
        ({"preset": ["base"]}, "preset is ['base']: expected a word"),
        ({"arguments": 0}, "arguments is 0: expected a JSON object"),
        ({"classes": [1, "2"]}, "classes is [1, '2']: expected a list of cl"),
        ({"shards": 5}, "shards is 5: expected a JSON object"),
        ({"shards": {"train": 5}}, "shards: train is 5: expected a JSON obj"),
        ({"shards": {"train": {}}}, "train: shards is None: expected a whole"),
        (
            {"shards": {"train": {"shards": 1, "bytes": 1, "hash": [1]}}},
            "shards: train: hash is [1]: expected a word",
        ),
    ],
)
def test_a_config(tmp_path, config, expected):
    with pytest.raises(ValueError, match=r"config\.json") as error:
        read_config(written(tmp_path, "config.json", json.dumps(config)))
    assert expected in str(error.value)


def test_other_keys_and_null_are_taken(tmp_path):
    config = {"initial": None, "note": [1], "shards": None}
    assert read_config(
        written(tmp_path, "config.json", json.dumps(config))
    ) == (config)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"map": "high"}, "map is 'high': expected a number, or"),
        ({"perr": {"mean": []}}, "perr is {'mean': []}: expected a number"),
        ({"f1_micro": {"std": 0.1}}, "f1_micro is {'std': 0.1}: expected"),
        ({"hit_at_1": True}, "hit_at_1 is True: expected a number"),
        ({"parameters": [1]}, "parameters is [1]: expected a whole number"),
        ({"preset": {}}, "preset is {}: expected a word"),
    ],
)
def test_baselines(tmp_path, value, expected):
    rows = [{"model": "a", "map": 0.5}, {"model": "b", **value}]
    written(tmp_path, "b.json", json.dumps(rows))
    with pytest.raises(ValueError, match=r"`baselines` .*: row 2 \(b\)") as e:
        read_baselines(str(tmp_path / "b.json"))
    assert expected in str(e.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epoch,loss\n1,low\n", "row 1 has 'low' in column loss"),
        ("epoch,loss\n1,0.5\n2,nan\n", "row 2 has 'nan' in column loss"),
        ("epoch,loss\n1.5,0.5\n", "row 1 has '1.5' in column epoch"),
        ("epoch,loss\ninf,0.5\n", "'inf' in column epoch: expected a whole"),
        ("epoch,loss\n1\n", "row 1 has None in column loss"),
        ("epoch,loss\n1,2,3\n", "row 1 has ['3'] in column None"),
        ("epoch,gap\n1,2\n", "it lacks epoch, loss"),
    ],
)
def test_a_history(tmp_path, text, expected):
    with pytest.raises(ValueError, match="is not one of train's") as error:
        reports.read_history(str(written(tmp_path, "history.csv", text)))
    assert expected in str(error.value)


@pytest.mark.parametrize("name", ["evaluate", "export", "report"])
def test_the_subcommands_say_it_in_a_line(video, fails, tmp_path, name):
    shutil.copy(video.run / "model.keras", tmp_path)
    shutil.copy(video.run / "config.json", tmp_path)
    written(tmp_path, "metrics.json", '{"threshold": 1e9}')
    flags = {
        "evaluate": [f"--model={tmp_path}", f"--data={video.validate}"],
        "export": [f"--model={tmp_path}", f"--out={tmp_path / 'out'}"],
        "report": [tmp_path],
    }[name]
    assert "metrics.json: threshold is 1000000000.0; exp" in fails(name, *flags)


def test_a_run_goes_on_from_numbers_alone(video, fails, tmp_path):
    """A learning rate that is not given is that of the run."""
    config = runs.read_json(video.run / "config.json")
    (tmp_path / "config.json").write_text(
        json.dumps(config | {"learning_rate": "x"})
    )
    flags = runs.train_flags(
        video.shards, tmp_path, "--resume", f"--epochs={config['epochs']}"
    )
    assert "config.json: learning_rate is 'x': expected" in fails(*flags)
