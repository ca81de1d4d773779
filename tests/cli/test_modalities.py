"""Every model and preset trains on the modalities that are there."""

from __future__ import annotations

import keras_tuner
import pytest

from keras_attend_fusion.cli import setting_flags, tune
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.data import Modality, Schema
from keras_attend_fusion.runs import SettingError, modalities, searched
from keras_attend_fusion.runs.training_data import look_at
from tests.cli import own_shards, runs
from tests.data import records

PICTURE = Schema("video", (Modality("rgb", "clip", 8),))
THREE = Schema(
    "video",
    tuple(Modality(name, f"k_{name}", 4) for name in ("rgb", "text", "audio")),
)


@pytest.mark.parametrize(
    ("text", "preset", "schema", "expected"),
    [
        (None, "base", None, (["rgb", "audio"], [])),
        (None, "mobile", PICTURE, (["rgb"], ["audio"])),
        (None, "visual", PICTURE, (["rgb"], [])),
        ("audio", "base", None, (["audio"], [])),
        ("audio, rgb", "base", None, (["rgb", "audio"], [])),
        ("rgb", "base", PICTURE, (["rgb"], [])),
        (None, "small", THREE, (["rgb", "text", "audio"], [])),
        (None, "audio", THREE, (["audio"], [])),
        ("text", "base", THREE, (["text"], [])),
    ],
)
def test_what_a_model_is_built_for(text, preset, schema, expected):
    found = modalities.chosen(text, "attend_fusion", preset, schema)
    assert found == expected


def test_the_sizes_of_what_is_built():
    arguments = ("logistic", "base", ["rgb"])
    made = modalities.builder_arguments
    assert made(*arguments, None) == {"audio_size": None}
    expected = {"audio_size": None, "rgb_size": 8}
    assert made(*arguments, PICTURE) == expected
    assert made("logistic", "base", ["rgb", "audio"], None) == {}


def test_what_else_a_schema_decides():
    """Bytes of another range, floats among frames, softmax scores."""
    schema = Schema(
        "frame",
        (
            Modality("rgb", "clip", 8, range=(-0.5, 0.5)),
            Modality("text", "title", 4, storage="floats"),
        ),
        task="single_label",
    )
    taken = ["rgb", "text"]
    made = modalities.builder_arguments("logistic", "base", taken, schema)
    assert made == {
        "modalities": {"rgb": 8, "text": 4},
        "feature_dtype": {"text": "float32"},
        "feature_range": {"rgb": [-0.5, 0.5]},
        "activation": "softmax",
    }


@pytest.mark.parametrize(
    ("text", "preset", "schema", "error", "message"),
    [
        (
            "text",
            "base",
            None,
            SettingError,
            "=base takes rgb and audio",
        ),
        ("rgb", "audio", None, SettingError, "`preset`=audio takes audio"),
        ("", "base", None, SettingError, "`modalities` is ''"),
        ("audio", "base", PICTURE, ValueError, "has rgb, but `modalities` is"),
        (None, "audio", PICTURE, ValueError, "pass `preset`=base or `preset`"),
    ],
)
def test_what_does_not_go_together(text, preset, schema, error, message):
    with pytest.raises(error, match=message):
        modalities.chosen(text, "attend_fusion", preset, schema)


def test_a_baseline_on_sound_alone(command, tmp_path):
    path = own_shards.videos(tmp_path / "a.tfrecord", ["audio"])
    schema = own_shards.schema(tmp_path / "s.json", ["audio"])
    out = tmp_path / "run"
    answer = command(
        *own_shards.train_words(
            path,
            out,
            "--model=logistic",
            f"--schema={schema}",
            "--dry-run",
        )
    )
    assert answer.status == 0, answer.error
    assert (
        "logistic is built for audio alone: the schema has no rgb" in answer.out
    )


def test_shards_of_youtube_8m_without_sound(command, fails, tmp_path):
    made = [
        records.video(f"v{i}", [i % 2], absent=["mean_audio"]) for i in range(6)
    ]
    path = records.write(tmp_path / "a.tfrecord", made)
    out = tmp_path / "run"
    words = own_shards.train_words(path, out, "--model=logistic")
    line = fails(*words)
    assert "pass --modalities=rgb, or give shards with mean_audio" in line
    answer = command(*words, "--modalities=rgb")
    assert answer.status == 0, answer.error
    config = runs.read_json(out / "config.json")
    assert config["modalities"] == "rgb"
    assert config["sizes"] == {"audio_size": None}
    for flags in (
        [*words, "--resume"],
        ["evaluate", f"--model={out}", f"--data={path}"],
    ):
        answer = command(*flags)
        assert (answer.status, answer.error) == (0, "")


def test_a_search_on_picture_alone(tmp_path):
    path = own_shards.videos(tmp_path / "a.tfrecord", ["rgb"])
    schema = own_shards.schema(tmp_path / "s.json", ["rgb"])
    flag = Flags()
    tune.define(flag)
    words = own_shards.train_words(path, tmp_path / "search")
    flag.values([*words, f"--schema={schema}", "--presets=mobile"])
    found = look_at(setting_flags.settings_of(flag, preset="mobile"))
    search = tune._hypermodel(flag, found, ["mobile"])
    model = search.build(keras_tuner.HyperParameters())
    assert model.input["rgb"].shape == (None, own_shards.SIZE)
    assert "audio" not in model.input
    facts = searched.fixed_facts(found)
    assert facts["schema"]["modalities"][0]["key"] == "own_rgb"
