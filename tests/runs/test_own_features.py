"""Shards of own features, from their schema.json to every thing of a run."""

from __future__ import annotations

import json

import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.cli.main import main
from keras_attend_fusion.runs import SettingError, TrainSettings

SIZES = {"rgb": 10, "audio": 6, "text": 8}
CLASSES = ["none", "some", "all"]
SMALL = {
    "trunk_units": 16,
    "hidden_units": 16,
    "members": 2,
    "num_heads": 2,
    "key_dim": 8,
    "trunk_dropout": 0.0,
    "dropout": 0.0,
}


def videos(count, seed=0, level="video", names=SIZES):
    """Whether each modality is bright; `all` takes every one of them."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        bright = rng.integers(0, 2, len(names))
        video = {"id": f"v{seed}-{number}"}
        for name, is_bright in zip(names, bright, strict=True):
            shape = (SIZES[name],)
            if level == "frame" and name != "text":
                shape = (int(rng.integers(2, 5)), *shape)
            values = rng.normal(0.0, 0.1, shape) + (0.5 if is_bright else -0.5)
            video[name] = values.astype("float32")
        total = int(bright.sum())
        video["labels"] = [min(1, total) + (total == len(names))]
        if number % 9 == 8 and len(names) > 1:
            del video["text"]
            video["labels"] = [min(1, int(bright[:2].sum()))]
        yield video


def write(folder, count=400, level="video", names=SIZES, **options):
    options = {"task": "single_label", "validate": 0.25} | options
    kaf.data.write(
        folder, videos(count, 0, level, names), level, CLASSES, **options
    )
    return {
        "train": f"{folder}/train-*",
        "validate": f"{folder}/validate-*",
    }


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A run on vectors of three modalities; and where its shards are."""
    folder = tmp_path_factory.mktemp("three")
    shards = write(folder / "shards")
    run = kaf.runs.train(
        **shards,
        out=folder / "run",
        arguments=SMALL,
        epochs=12,
        batch_size=32,
        learning_rate=0.01,
        dtype_policy="float32",
    )
    return run, folder


def test_it_learns_what_takes_all_three(three):
    run, _ = three
    assert run.metrics["accuracy"] > 0.95
    assert run.class_names == CLASSES
    taken = kaf.models.describe(run.model)
    assert taken.sizes == SIZES
    assert taken.activation == "softmax"
    assert run.history[-1]["val_accuracy"] > 0.95


def test_its_config_makes_another_run(three):
    run, folder = three
    config = json.loads((folder / "run/config.json").read_text())
    assert config["schema"]["classes"] == CLASSES
    assert config["schema"]["task"] == "single_label"
    again = folder / "again"
    assert (
        main(
            [
                "train",
                f"--config={folder}/run/config.json",
                "--epochs=1",
                f"--out={again}",
            ]
        )
        == 0
    )
    assert kaf.runs.load(again).class_names == run.class_names


def test_it_is_evaluated_predicted_explained_and_reported(three, tmp_path):
    run, folder = three
    data = f"{folder}/shards/validate-*"
    scores = run.evaluate(data)
    assert scores["accuracy"] == pytest.approx(run.metrics["accuracy"])
    run.predict(data, out=tmp_path / "p.jsonl", top_k=1)
    lines = (tmp_path / "p.jsonl").read_text().splitlines()
    assert len(lines) == scores["videos"]
    assert json.loads(lines[0])["labels"][0]["name"] in CLASSES
    features = {
        name: np.full((1, size), 0.5, "float32") for name, size in SIZES.items()
    }
    explanation = run.explain(features)
    assert explanation.modalities == tuple(SIZES)
    assert explanation.share.shape == (1, 3)
    assert (explanation.share > 0.05).all()
    run.report(tmp_path / "r.html", data=data)
    assert "Videos without text" in (tmp_path / "r.html").read_text()


def test_it_is_exported(three, tmp_path):
    run, folder = three
    data = f"{folder}/shards/validate-*"
    run.export(
        tmp_path / "files",
        formats="saved_model,litert",
        quantize="none,int8",
        calibration=f"{folder}/shards/train-*",
        data=data,
    )
    for name in ("saved_model", "model.tflite", "model_int8.tflite"):
        model = kaf.export.load(tmp_path / "files" / name)
        features = {
            key: np.full((2, size), -0.5, "float32")
            for key, size in SIZES.items()
        }
        features["text"][1] = 0.0  # a modality that is missing
        scores = np.asarray(model(features))
        assert scores.argmax(axis=1).tolist() == [0, 0]
        assert scores.sum(axis=1) == pytest.approx(1.0, abs=0.02)
        exported = kaf.predictions.evaluate_model(
            tmp_path / "files" / name, data
        )
        assert exported.metrics["accuracy"] > 0.9


def test_videos_without_labels_are_predicted(three, tmp_path):
    """Of one class a video each, though none is known."""
    run, _ = three
    unlabelled = [{**video, "labels": []} for video in videos(20, 3)]
    kaf.data.write(tmp_path / "new", unlabelled, "video", CLASSES)
    schema = tmp_path / "new/schema.json"
    text = schema.read_text().replace("{", '{"task": "single_label",', 1)
    schema.write_text(text)
    data = f"{tmp_path}/new/train-*"
    run.predict(data, out=tmp_path / "p.csv")
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 21
    with pytest.raises(ValueError, match="label"):
        run.evaluate(data)


@pytest.mark.parametrize("names", [["rgb", "audio", "text"], ["text"]])
def test_frames_of_bytes_of_their_own_range(names, tmp_path):
    sizes = {name: SIZES[name] for name in names}
    shards = write(tmp_path / "shards", 160, "frame", sizes)
    run = kaf.runs.train(
        **shards,
        out=tmp_path / "run",
        model="mixture_of_experts",
        epochs=2,
        batch_size=32,
        dtype_policy="float32",
    )
    taken = kaf.models.describe(run.model)
    assert taken.sizes == sizes
    assert set(taken.dtypes.values()) == {"uint8"}
    assert taken.ranges == run.schema.ranges
    assert abs(taken.ranges["text"][1]) < 1.5
    assert run.evaluate(shards["validate"])["videos"] > 20


def test_some_of_the_modalities(tmp_path, capsys):
    shards = write(tmp_path / "shards", 80)
    run = kaf.runs.train(
        **shards,
        out=tmp_path / "run",
        model="logistic",
        modalities="text",
        epochs=1,
    )
    assert kaf.models.describe(run.model).modalities == ("text",)
    assert "has rgb and audio, left out" in capsys.readouterr().err


def test_several_labels_a_video(tmp_path):
    """Without a task the model is the usual one, of the schema's classes."""
    shards = write(tmp_path / "shards", 80, task="multi_label")
    run = kaf.runs.train(
        **shards, out=tmp_path / "run", model="logistic", epochs=1
    )
    assert kaf.models.describe(run.model).activation == "sigmoid"
    assert run.class_names == CLASSES
    single = kaf.runs.train(
        **shards,
        out=tmp_path / "single",
        model="logistic",
        epochs=1,
        task="single_label",
    )
    assert kaf.models.describe(single.model).activation == "softmax"
    assert single.schema.task == "single_label"


@pytest.mark.parametrize("name", ["segments", "classes"])
def test_what_one_class_a_video_rules_out(name, tmp_path):
    shards = write(tmp_path / "shards", 40)
    value = {"segments": True, "classes": "0,1"}[name]
    with pytest.raises(SettingError, match="exactly one"):
        kaf.runs.train(**shards, out=tmp_path / "run", **{name: value})
    assert not (tmp_path / "run").exists()


def test_a_task_that_there_is_not():
    with pytest.raises(SettingError, match="multi_label, single_label"):
        TrainSettings(train="a", validate="b", task="softmax")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ranges": (-3.0, 3.0)}, "differs .* in range of rgb"),
        ({"dtype": "float32"}, "differs .* in dtype of rgb"),
        ({"task": "multi_label"}, "differs .* in task"),
        ({"names": {"rgb": 10, "text": 8}}, "differs .* in modalities"),
    ],
)
def test_validation_shards_of_another_layout(options, message, tmp_path):
    train = write(tmp_path / "a", 40, "frame")["train"]
    other = write(tmp_path / "b", 40, "frame", **options)["validate"]
    with pytest.raises(ValueError, match=message):
        kaf.runs.train(train=train, validate=other, out=tmp_path / "run")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ranges": (-3.0, 3.0)}, "stand for values from -3 to 3"),
        ({"dtype": "float32"}, "is float32, but the model takes uint8"),
        ({"classes": ["none", "all", "some"]}, "names class 1 'all'"),
        ({"names": {"rgb": 10, "text": 8}}, "add audio to the schema"),
    ],
)
def test_other_shards_than_a_model_learned(options, message, tmp_path):
    shards = write(tmp_path / "a", 40, "frame")
    run = kaf.runs.train(
        **shards, out=tmp_path / "run", model="logistic", epochs=1
    )
    if not options.keys() & {"dtype", "names"}:
        options = {"ranges": run.schema.ranges} | options
    names = options.pop("names", SIZES)
    classes = options.pop("classes", CLASSES)
    kaf.data.write(
        tmp_path / "b",
        videos(40, 1, "frame", names),
        "frame",
        classes,
        task="single_label",
        **options,
    )
    with pytest.raises(ValueError, match=message):
        run.evaluate(f"{tmp_path}/b/train-*")
