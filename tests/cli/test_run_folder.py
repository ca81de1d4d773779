"""Models that are none, and files beside them that are broken."""

from __future__ import annotations

import json
import zipfile

import keras
import pytest


def flags(name, tmp_path):
    """The subcommand on a folder, with flags that are fine."""
    given = {
        "evaluate": ["--data=nope"],
        "predict": ["--data=nope", f"--out={tmp_path / 'out.csv'}"],
        "export": [f"--out={tmp_path / 'out'}"],
    }[name]
    return [name, f"--model={tmp_path / 'model'}", *given]


@pytest.mark.parametrize("name", ["evaluate", "predict", "export"])
@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("missing", "model is no model folder: it has no model.keras; pass"),
        ("empty", "model is no model folder: it has no model.keras; pass"),
        ("garbage", "model.keras is no .keras file, or was cut off"),
        ("cut", "model.keras is no .keras file, or was cut off"),
        ("zip", "model.keras cannot be loaded as a Keras model: "),
        ("weights", "model.keras cannot be loaded as a Keras model: "),
        ("sequential", "model.keras holds a Sequential model: expected one"),
    ],
)
def test_what_is_no_model(video, fails, tmp_path, name, case, expected):
    folder = tmp_path / "model"
    file = folder / "model.keras"
    if case != "missing":
        folder.mkdir()
    if case == "garbage":
        file.write_text("garbage")
    elif case == "cut":
        file.write_bytes((video.run / "model.keras").read_bytes()[:9999])
    elif case == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", "no model")
    elif case == "weights":
        with (
            zipfile.ZipFile(video.run / "model.keras") as source,
            zipfile.ZipFile(file, "w") as archive,
        ):
            for entry in source.namelist():
                whole = source.read(entry)
                cut = entry.endswith(".h5")
                archive.writestr(entry, whole[:5000] if cut else whole)
    elif case == "sequential":
        layers = [keras.Input((4,)), keras.layers.Dense(3)]
        keras.Sequential(layers).save(file)
    line = fails(*flags(name, tmp_path))
    assert expected in line
    left = {path.name for path in tmp_path.iterdir()}
    assert left == (set() if case == "missing" else {"model"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{", "is not JSON"), ("[1]", "expected a JSON object")],
)
def test_metrics_that_cannot_be_read(video, fails, tmp_path, text, expected):
    (tmp_path / "model.keras").symlink_to(video.run / "model.keras")
    (tmp_path / "metrics.json").write_text(text)
    line = fails("evaluate", f"--model={tmp_path}", f"--data={video.validate}")
    assert f"{tmp_path / 'metrics.json'} " in line
    assert expected in line


@pytest.mark.parametrize("threshold", ["high", None, [1]])
def test_a_frozen_threshold_that_is_no_number(
    video, command, tmp_path, threshold
):
    (tmp_path / "model.keras").symlink_to(video.run / "model.keras")
    (tmp_path / "metrics.json").write_text(json.dumps({"threshold": threshold}))
    answer = command(
        "evaluate", f"--model={tmp_path}", f"--data={video.validate}"
    )
    if threshold is None:
        assert "picked on these videos" in answer.out
    else:
        assert answer.status == 1
        (line,) = answer.error.splitlines()
        assert f"threshold is {threshold!r}; expected" in line
