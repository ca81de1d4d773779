"""What the command explain writes, and what it refuses."""

from __future__ import annotations

import csv
import json
import re
import sys

import keras
import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion import data
from tests.cli import runs
from tests.cli.runs import predictions


def flags(trained, out, *others):
    return [
        "explain",
        f"--model={trained.run}",
        f"--data={trained.validate}",
        f"--out={out}",
        *others,
    ]


def data_of(page):
    (text,) = re.findall(r'id="page-data">(.*?)</script>', page, re.S)
    return json.loads(text)


def best_classes(trained, row, k):
    return np.argsort(-predictions(trained)[1][row], kind="stable")[:k]


def names_of(trained):
    """The class names that the shards' manifest has, and so the run."""
    manifest = runs.read_json(trained.shards / "manifest.json")
    return [one["name"] for one in manifest["classes"]]


def test_the_first_video_is_explained(trained, command, tmp_path):
    out = tmp_path / "new" / "page.html"
    answer = command(*flags(trained, out))
    ids, scores, labels = predictions(trained)
    assert answer.status == 0, answer
    assert answer.error == ""
    assert answer.out == f"Wrote {out}: video {ids[0]}.\n"
    page = out.read_text("utf-8")
    assert f"<strong>{ids[0]}</strong>" in page
    best, names = best_classes(trained, 0, 5), names_of(trained)
    for one in best:
        assert names[one] in page
        assert f"<td>{scores[0, one]:.3f}</td>" in page
    tagged = int(labels[0][best].sum())
    assert page.count("✓ true label") == tagged
    assert ("there is no time line" in page) == (trained.level == "video")


def test_a_video_by_its_id(frame, command, tmp_path):
    """The numbers are those of `kaf.explain`, without the padding."""
    ids = predictions(frame)[0]
    out = tmp_path / "page.html"
    others = [f"--id={ids[7]}", "--top-k=2", "--batch-size=4"]
    assert command(*flags(frame, out, *others)).status == 0
    shown = data_of(out.read_text("utf-8"))
    load = data.load(frame.validate, batch_size=1000, num_classes=runs.CLASSES)
    ((features, _),) = load.as_numpy_iterator()
    one = {name: value[7:8] for name, value in features.items()}
    seconds = int(one["rgb_mask"].sum())
    model = keras.saving.load_model(frame.run / "model.keras", compile=False)
    found = kaf.explain(model, one, top_k=2)
    assert [c["name"] for c in shown["classes"]] == [
        names_of(frame)[c] for c in found.top_classes[0]
    ]
    for place, one_class in enumerate(shown["classes"]):
        expected = found.occlusion[0, place, :seconds]
        assert one_class["change"] == pytest.approx(expected, abs=1e-5)
    expected = found.rgb_attention[0, :seconds]
    assert shown["attention"]["picture"] == pytest.approx(expected, abs=1e-6)
    assert sum(shown["attention"]["sound"]) == pytest.approx(1, abs=1e-4)


def test_names_of_a_vocabulary_are_text(video, command, tmp_path):
    vocabulary = tmp_path / "vocabulary.csv"
    names = [f"<script>alert({c})</script>" for c in range(runs.CLASSES)]
    with vocabulary.open("w", newline="") as file:
        csv.writer(file).writerows([["Index", "Name"], *enumerate(names)])
    out = tmp_path / "page.html"
    others = [f"--vocabulary={vocabulary}"]
    assert command(*flags(video, out, *others)).status == 0
    page = out.read_text("utf-8")
    best = best_classes(video, 0, 1)[0]
    assert f"&lt;script&gt;alert({best})&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert data_of(page)["classes"][0]["name"] == names[best]


@pytest.mark.parametrize(
    ("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF-")]
)
def test_plots(video, command, tmp_path, form, start):
    pytest.importorskip("matplotlib", reason="matplotlib is missing")
    files = [tmp_path / f"{name}.{form}" for name in ("one", "two")]
    for out in files:
        answer = command(*flags(video, out))
        assert (answer.status, answer.error) == (0, "")
    content = files[0].read_bytes()
    assert content.startswith(start)
    assert content == files[1].read_bytes()  # undated


def test_a_plot_without_matplotlib(video, fails, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    out = tmp_path / "a.png"
    line = fails(*flags(video, out))
    assert f"--out {out} draws with matplotlib" in line
    assert 'pip install "keras-attend-fusion[plot]"' in line


def test_an_id_that_no_shard_has(video, fails, tmp_path):
    line = fails(*flags(video, tmp_path / "a.html", "--id=nobody"))
    count = len(predictions(video)[0])
    assert line.endswith(
        f"--id nobody: none of the {count} videos in --data "
        f"{video.validate} has it"
    )
    assert not any(tmp_path.iterdir())


def test_an_out_that_exists_stays(video, fails, tmp_path):
    out = tmp_path / "a.html"
    out.write_text("precious")
    assert f"{out} exists: remove it" in fails(*flags(video, out))
    assert out.read_text() == "precious"


def test_scores_that_are_no_numbers(video, fails, tmp_path):
    model = keras.saving.load_model(video.run / "model.keras", compile=False)
    weights = model.get_weights()
    model.set_weights([np.full_like(w, np.nan) for w in weights])
    model.save(tmp_path / "broken.keras")
    line = fails(
        "explain",
        f"--model={tmp_path / 'broken.keras'}",
        f"--data={video.validate}",
        f"--out={tmp_path / 'a.html'}",
    )
    assert f"scores of the video {predictions(video)[0][0]} are not" in line
    assert not (tmp_path / "a.html").exists()


def test_a_window_of_ones_own(frame, command, fails, tmp_path):
    out = tmp_path / "a.html"
    assert command(*flags(frame, out, "--window=2")).status == 0
    page = out.read_text("utf-8")
    assert data_of(page)["window"] == 2
    assert "without the 2 seconds around each second" in page
    line = fails(*flags(frame, tmp_path / "b.html", "--window=500"))
    assert "window is 500, but video 0 has" in line
    assert not (tmp_path / "b.html").exists()
