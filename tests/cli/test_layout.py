"""A run, and what is made of it, knows how its shards are laid out."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion import models
from tests.cli import own_shards, runs

BOTH = ["rgb", "audio"]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Frame-level shards of sound alone, and a run on them."""
    from keras_attend_fusion.cli.main import main

    folder = tmp_path_factory.mktemp("own")
    shards = own_shards.clips(folder / "a.tfrecord", ["audio"])
    schema = own_shards.schema(
        folder / "s.json", ["audio"], "frame", max_frames=50
    )
    words = own_shards.train_words(
        shards, folder / "run", "--model=logistic", f"--schema={schema}"
    )
    assert main(words) == 0
    return folder


def without_schema(own, out, *others):
    """The same training without its --schema."""
    return own_shards.train_words(
        own / "a.tfrecord", out, "--model=logistic", *others
    )


@pytest.mark.parametrize("which", ["", "/checkpoints/best.keras"])
def test_evaluate_needs_no_schema(own, command, which):
    model, data = f"--model={own / 'run'}{which}", f"--data={own}/a.tfrecord"
    answer = command("evaluate", model, data)
    assert (answer.status, answer.error) == (0, "")


def test_neither_do_the_others(own, command, tmp_path):
    model, data = f"--model={own / 'run'}", f"--data={own}/a.tfrecord"
    for words in (
        ["predict", model, data, f"--out={tmp_path / 'p.csv'}"],
        ["predict", model, data, f"--out={tmp_path / 's.csv'}", "--segments"],
        ["explain", model, data, f"--out={tmp_path / 'v.html'}"],
        ["report", own / "run", data, f"--out={tmp_path / 'r.html'}"],
    ):
        answer = command(*words)
        assert (answer.status, answer.error) == (0, "")


def test_an_export_has_it(own, command, tmp_path):
    data = f"--data={own}/a.tfrecord"
    words = [f"--model={own / 'run'}", f"--out={tmp_path / 'e'}", data]
    answer = command("export", *words, "--formats=litert")
    assert answer.status == 0, answer.error
    report = runs.read_json(tmp_path / "e/export.json")
    assert report["schema"]["modalities"] == [
        {"name": "audio", "key": "own_audio", "size": own_shards.SIZE}
    ]
    answer = command("evaluate", f"--model={tmp_path}/e/model.tflite", data)
    assert answer.status == 0, answer.error


def test_the_config_makes_another_run(own, command, tmp_path):
    config = runs.read_json(own / "run/config.json")
    assert config["schema"]["max_frames"] == 50
    assert config["sizes"] == {"rgb_size": None, "audio_size": own_shards.SIZE}
    out = tmp_path / "again"
    words = [f"--config={own / 'run/config.json'}", f"--out={out}"]
    answer = command("train", *words)
    assert answer.status == 0, answer.error
    assert runs.read_json(out / "config.json")["schema"] == config["schema"]


def test_a_run_goes_on_with_it_and_with_no_other(own, command, fails, tmp_path):
    answer = command(*without_schema(own, own / "run", "--resume"))
    assert answer.status == 0, answer.error
    other = own_shards.schema(tmp_path / "s.json", ["audio"], "frame")
    words = without_schema(own, own / "run", "--resume", f"--schema={other}")
    answer = command(*words)
    assert answer.status == 1
    assert "was trained with schema {" in answer.error


def test_a_schema_that_is_given_counts(own, fails, tmp_path):
    given = own_shards.schema(tmp_path / "s.json", ["rgb"], "frame")
    data = f"--data={own}/a.tfrecord"
    line = fails(
        "evaluate", f"--model={own / 'run'}", data, f"--schema={given}"
    )
    assert "--schema has rgb, but the model takes audio" in line


def test_sizes_are_those_of_the_shards(own, fails, tmp_path):
    model = models.build("logistic", "base", "frame", 2, rgb_size=None)
    model.save(tmp_path / "m.keras")
    data = f"--data={own}/a.tfrecord"
    schema = f"--schema={own / 's.json'}"
    line = fails("evaluate", f"--model={tmp_path / 'm.keras'}", data, schema)
    assert "--schema says that audio has 6 values, but the model takes 128" in (
        line
    )
    given = json.loads((own / "s.json").read_text())
    given["modalities"][0]["size"] = 128
    (tmp_path / "s.json").write_text(json.dumps(given))
    schema = f"--schema={tmp_path / 's.json'}"
    line = fails("evaluate", f"--model={tmp_path / 'm.keras'}", data, schema)
    assert "own_audio: second 0 has 6 bytes, expected 128" in line
    assert "the model takes audio of 128 values, but the shards hold 6" in line
    words = without_schema(own, tmp_path / "run", schema)
    assert "--schema has audio of 128 values, but the shards hold 6" in fails(
        *words
    )


def test_shards_of_the_usual_keys_and_another_size(command, tmp_path):
    """A model of that size needs no schema."""
    from tests.data import records

    made = [
        records.video(f"v{i}", [i % 2], rgb=[0.5 + i] * 7) for i in range(4)
    ]
    path = records.write(tmp_path / "a.tfrecord", made)
    model = models.build("logistic", "base", "video", 2, rgb_size=7)
    model.save(tmp_path / "m.keras")
    words = [f"--model={tmp_path / 'm.keras'}", f"--data={path}"]
    answer = command("evaluate", *words)
    assert (answer.status, answer.error) == (0, "")
