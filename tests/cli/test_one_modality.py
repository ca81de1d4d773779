"""Models of one modality through every subcommand that takes one."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion import models
from keras_attend_fusion.models.build import PRESETS
from tests.cli import runs

SMALL = {"units": 16, "depth": 1}
SIZES = {"audio": 128, "visual": 1024}
TAKEN = {"audio": "audio", "visual": "rgb"}


@pytest.fixture(params=SIZES)
def preset(request, monkeypatch):
    """A preset of one modality, made small."""
    sizes = PRESETS["fully_connected"]
    small = {**sizes, request.param: {**sizes[request.param], **SMALL}}
    monkeypatch.setitem(PRESETS, "fully_connected", small)
    return request.param


@pytest.mark.parametrize("level", ["video", "frame"])
def test_it_trains_evaluates_predicts_and_exports(
    level, preset, command, tmp_path, request
):
    shards = request.getfixturevalue(level).shards
    run, validate = tmp_path / "run", f"{shards}/validate-*"
    flags = runs.train_flags(
        shards, run, "--model=fully_connected", f"--preset={preset}"
    )
    assert command(*flags, "--epochs=2").status == 0
    metrics = json.loads((run / "metrics.json").read_text())
    expected = (SIZES[preset] + 1) * 16 + (16 + 1) * runs.CLASSES
    assert metrics["parameters"] == expected
    taken = [TAKEN[preset]]
    assert models.modalities("fully_connected", preset) == taken

    assert command(*flags, "--epochs=2", "--resume").status == 0
    scored = tmp_path / "scored.json"
    answer = command(
        "evaluate", f"--model={run}", f"--data={validate}", f"--json={scored}"
    )
    assert answer.status == 0
    found = json.loads(scored.read_text())
    assert found["gap_at_20"] == pytest.approx(metrics["gap_at_20"], abs=1e-9)

    out = tmp_path / "predictions.csv"
    segments = ["--segments"] if level == "frame" else []
    for more in ([], segments):
        out.unlink(missing_ok=True)
        answer = command(
            "predict",
            f"--model={run}",
            f"--data={validate}",
            f"--out={out}",
            *more,
        )
        assert answer.status == 0, answer.error
        assert len(out.read_text().splitlines()) > 1

    folder = tmp_path / "exported"
    answer = command("export", f"--model={run}", f"--out={folder}")
    assert answer.status == 0, answer.error
    files = json.loads((folder / "export.json").read_text())["files"]
    masks = {f"{taken[0]}_mask"} if level == "frame" else set()
    assert {file["file"] for file in files} == {"saved_model", "model.tflite"}
    for file in files:
        assert set(file["inputs"]) == {*taken, *masks}
