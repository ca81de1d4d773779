"""What can be done with a run, beside what the command does with its folder."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.runs import SettingError
from tests.cli.runs import CLASSES, predictions, read_json

# Of an exported file: the converter does not write the same bytes twice.
VARYING = ("sha256", "p50_ms", "p95_ms", "first_ms", "peak_mb", "two_threads")


@pytest.fixture(scope="module")
def run(video):
    return kaf.runs.load(video.run)


def test_its_metrics_are_those_that_evaluate_writes(
    run, video, command, tmp_path
):
    report, flags = tmp_path / "m.json", [f"--data={video.validate}"]
    flags += [f"--model={video.run}", f"--json={report}"]
    assert command("evaluate", *flags).status == 0
    assert run.evaluate(video.validate) == read_json(report)
    others = ["--threshold=0.3", "--ranking=top_20", "--empty-classes=zero"]
    assert command("evaluate", *flags, *others).status == 0
    found = run.evaluate(
        video.validate, threshold=0.3, ranking="top_20", empty_classes="zero"
    )
    assert found == read_json(report)
    assert found["threshold"] == 0.3
    assert "map" not in found


@pytest.mark.parametrize("name", ["p.csv", "p.jsonl.gz"])
def test_its_predictions_are_those_that_predict_writes(
    run, video, command, tmp_path, name
):
    out, expected = tmp_path / "here" / name, tmp_path / name
    flags = [f"--model={video.run}", f"--data={video.validate}", "--top-k=3"]
    assert command("predict", *flags, f"--out={expected}").status == 0
    written = run.predict(video.validate, out=out, top_k=3)
    assert (written.path, written.videos) == (out, len(predictions(video)[0]))
    assert out.read_bytes() == expected.read_bytes()


def test_segments_need_frames(run, video, tmp_path):
    with pytest.raises(ValueError, match="takes video-level shards"):
        run.predict(video.validate, out=tmp_path / "s.csv", segments=True)
    with pytest.raises(SettingError, match="segments are written as"):
        run.predict(video.validate, out=tmp_path / "s.json", segments=True)
    assert not any(tmp_path.iterdir())


def compared(report):
    """What two exports of a model have in common."""
    files = [
        {name: value for name, value in file.items() if name not in VARYING}
        for file in report["files"]
    ]
    return {**report, "files": files}


def test_its_export_is_that_of_the_command(run, video, command, tmp_path):
    flags = ["--formats=litert", "--quantize=float16"]
    flags += [f"--data={video.validate}", f"--out={tmp_path / 'a'}"]
    assert command("export", f"--model={video.run}", *flags).status == 0
    report = run.export(
        tmp_path / "b",
        formats=["litert"],
        quantize="float16",
        data=video.validate,
    )
    assert report == read_json(tmp_path / "b" / "export.json")
    expected = read_json(tmp_path / "a" / "export.json")
    assert expected.pop("command").startswith("attend-fusion export ")
    assert compared(report) == compared(expected)
    assert {path.name for path in (tmp_path / "b").iterdir()} == {
        path.name for path in (tmp_path / "a").iterdir()
    }
    page = (tmp_path / "b" / "README.md").read_text("utf-8")
    assert f"Made by {report['made_by']}.\n\n| file |" in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"formats": "zip"}, "`formats` is 'zip': pass some of saved_model"),
        ({"quantize": []}, "`quantize` is .*: pass some of none, float16"),
        ({"quantize": "int8"}, "`quantize`=int8 takes `calibration`=GLOB"),
    ],
)
def test_an_export_that_cannot_be(run, tmp_path, values, said):
    with pytest.raises(SettingError, match=said):
        run.export(tmp_path / "out", **values)
    assert not any(tmp_path.iterdir())


def test_its_explanation_knows_the_classes(run, video, command, tmp_path):
    found = kaf.predictions.find_video(run, video.validate)
    explanation = run.explain(found.features, top_k=3)
    assert explanation.class_names == tuple(run.class_names)
    assert len(explanation.class_names) == CLASSES
    expected = kaf.explain(run.model, found.features, top_k=3)
    np.testing.assert_array_equal(explanation.top_classes, expected.top_classes)
    assert expected.class_names is None
    page = kaf.reports.explanation_page(
        explanation, tmp_path / "a.html", video=found.id, labels=found.labels
    )
    flags = [f"--model={video.run}", f"--data={video.validate}", "--top-k=3"]
    out = tmp_path / "b.html"
    assert command("explain", *flags, f"--out={out}").status == 0
    assert page.read_bytes() == out.read_bytes()


def test_its_report_is_that_of_the_command(run, video, command, tmp_path):
    out = tmp_path / "a.html"
    flags = [f"--data={video.validate}", f"--out={out}"]
    assert command("report", video.run, *flags).status == 0
    page = run.report(tmp_path / "b.html", data=video.validate)
    assert page == tmp_path / "b.html"
    assert page.read_bytes() == out.read_bytes()
    with pytest.raises(ValueError, match="exists: remove it or name another"):
        run.report(out)
    with pytest.raises(SettingError, match="`vocabulary` goes with `data`"):
        run.report(vocabulary="names.csv")


def test_progress_is_shown_in_parts(run, video):
    parts = {}

    @contextlib.contextmanager
    def progress(what, total):
        yield lambda done, of=total: parts.update({what: (done, of)})

    run.evaluate(video.validate, progress=progress)
    count = len(predictions(video)[0])
    assert parts == {"videos": (count, count)}
