"""The comparison that an export has to pass, and that it can fail."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion import export, models
from keras_attend_fusion.cli import main as cli


def test_an_export_is_equal_to_its_model(exported):
    for path in (exported.saved_model, exported.litert):
        facts = export.parity(exported.model, export.load(path))
        assert facts["max_difference"] < 1e-5
        assert facts["mean_difference"] <= facts["max_difference"]
        assert facts["videos"] == {"video": 3, "frame": 12}[exported.level]


def test_another_model_is_seen(exported):
    other = keras.models.clone_model(exported.model)
    facts = export.parity(other, export.load(exported.litert))
    assert facts["max_difference"] > 1e-3


@pytest.mark.parametrize("frames", [1, 60])
def test_a_mistake_in_the_padding_is_seen(frame, frames):
    loaded = export.load(frame.litert)

    def without_masks(features):
        masks = {
            name: np.ones_like(value)
            for name, value in features.items()
            if name.endswith("_mask")
        }
        return loaded({**features, **masks})

    facts = export.parity(frame.model, without_masks)
    assert facts["max_difference"] > 1e-3


def test_one_video_is_a_batch_of_one(video, frame):
    shapes = {
        name: value.shape
        for name, value in export.one_video(frame.model, 9).items()
    }
    assert shapes == {
        "rgb": (1, 9, 1024),
        "audio": (1, 9, 128),
        "rgb_mask": (1, 9),
        "audio_mask": (1, 9),
    }
    features = export.one_video(video.model)
    assert features["rgb"].shape == (1, 1024)
    assert features["audio"].dtype == np.float32


def test_a_model_of_one_modality_is_compared(tmp_path):
    for level in ("video", "frame"):
        model = models.AttendFusion(
            3,
            level,
            audio_size=None,
            members=1,
            trunk_units=8,
            hidden_units=8,
        )
        path = export.litert(model, tmp_path / f"{level}.tflite")
        assert export.parity(model, export.load(path))["max_difference"] < 1e-5


def test_the_command_refuses_a_file_that_differs(tmp_path, monkeypatch, capsys):
    model = models.FullyConnected(3, units=8, depth=1)
    model.save(tmp_path / "model.keras")
    facts = {"max_difference": 0.3, "mean_difference": 0.1, "videos": 3}
    monkeypatch.setattr(export, "parity", lambda *given, **named: facts)
    out = tmp_path / "out"
    status = cli.main(
        ["export", f"--model={tmp_path}", f"--out={out}", "--formats=litert"]
    )
    assert status == 1
    assert capsys.readouterr().err == (
        "attend-fusion export: model.tflite differs from the Keras model by "
        "3.0e-01, above 1e-05: not exported\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
