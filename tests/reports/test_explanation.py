"""Pages and plots of explanations, from Python."""

from __future__ import annotations

import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.runs import SettingError

CLASSES, FRAMES = 4, 6


@pytest.fixture(scope="module")
def explanation():
    """Of two videos, the second of which has four seconds."""
    model = kaf.models.build("logistic", level="frame", num_classes=CLASSES)
    rng = np.random.default_rng(0)
    mask = np.arange(FRAMES) < np.array([[FRAMES], [4]])
    features = {
        "rgb": rng.integers(0, 256, (2, FRAMES, 1024), "uint8"),
        "audio": rng.integers(0, 256, (2, FRAMES, 128), "uint8"),
        "rgb_mask": mask,
        "audio_mask": mask,
    }
    return kaf.explain(model, features, top_k=2)


def test_a_video_of_the_batch(explanation, tmp_path):
    single = explanation.of_video(1)
    assert single.seconds.tolist() == [4]
    assert single.scores.tolist() == explanation.scores[1:].tolist()
    assert single.rgb_attention is None
    page = kaf.reports.explanation_page(
        explanation,
        tmp_path / "page.html",
        row=1,
        video="a<b",
        labels=[1, 0, 0, 0],
        names={c: f"name {c}" for c in range(CLASSES)},
    )
    text = page.read_text("utf-8")
    assert "<strong>a&lt;b</strong>, 4 seconds · model" in text
    assert f"name {explanation.top_classes[1, 0]}" in text
    assert f"score {explanation.scores[1, 0]:.3f}, rank" in text
    with pytest.raises(ValueError, match="row is 2: pass one from 0 to 1"):
        explanation.of_video(2)


def test_nothing_but_the_explanation(explanation, tmp_path):
    page = kaf.reports.explanation_page(explanation, tmp_path / "page.html")
    text = page.read_text("utf-8")
    assert "<strong>0</strong>, 6 seconds" in text
    assert f"class {explanation.top_classes[0, 0]}" in text
    assert "The shard gives this video no label." in text


def test_an_out_that_cannot_be(explanation, tmp_path):
    with pytest.raises(SettingError, match="txt: it has to end in"):
        kaf.reports.explanation_page(explanation, tmp_path / "a.txt")
    (tmp_path / "a.html").touch()
    with pytest.raises(ValueError, match="exists: remove it or name another"):
        kaf.reports.explanation_page(explanation, tmp_path / "a.html")


def test_a_plot(explanation, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is missing")
    out = tmp_path / "a.png"
    assert kaf.reports.explanation_page(explanation, out) == out
    assert out.read_bytes().startswith(b"\x89PNG")
