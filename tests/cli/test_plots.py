"""The plots: what is drawn, and the files."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cli.runs import predictions, read_json

pytest.importorskip("matplotlib", reason="matplotlib is missing")

from keras_attend_fusion.metrics import Calibration
from keras_attend_fusion.reports import figures, plots
from keras_attend_fusion.reports.series import Line

NAMES = ["calibration", "class_frequency", "precision_recall", "training"]
STARTS = {"png": b"\x89PNG\r\n", "pdf": b"%PDF-", "svg": b"<?xml"}


def texts(figure):
    """All that is written in a figure."""
    import matplotlib.text

    return [t.get_text() for t in figure.findobj(matplotlib.text.Text)]


@pytest.mark.parametrize("form", list(STARTS))
def test_evaluate_writes_plots(video, command, tmp_path, form):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        answer = command(
            "evaluate",
            f"--model={video.run}",
            f"--data={video.validate}",
            f"--plots={folder}",
            f"--plot-format={form}",
        )
        assert answer.status == 0, answer
        assert answer.error == ""
    files = [f"{name}.{form}" for name in NAMES]
    assert sorted(path.name for path in folders[0].iterdir()) == files
    assert all(name in answer.out for name in files)
    for name in files:
        content = (folders[0] / name).read_bytes()
        assert content.startswith(STARTS[form])
        assert content == (folders[1] / name).read_bytes()  # undated


def test_a_bare_model_file_has_no_training_curves(video, command, tmp_path):
    answer = command(
        "evaluate",
        f"--model={video.run / 'model.keras'}",
        f"--data={video.validate}",
        f"--plots={tmp_path}",
        "--ranking=top_20",
    )
    assert answer.status == 0
    names = sorted(path.stem for path in tmp_path.iterdir())
    assert names == NAMES[:-1]


def test_scores_that_are_no_probabilities_have_no_calibration(
    video, command, tmp_path
):
    ids, scores, _ = predictions(video)
    file = tmp_path / "p.csv"
    rows = [f"{one},3 {row[3] * 9}\n" for one, row in zip(ids, scores)]  # noqa: B905
    file.write_text("VideoId,LabelConfidencePairs\n" + "".join(rows))
    answer = command(
        "evaluate",
        f"--predictions={file}",
        f"--data={video.validate}",
        f"--plots={tmp_path / 'plots'}",
        f"--json={tmp_path / 'report.json'}",
    )
    assert answer.status == 0
    assert "calibration_error" not in read_json(tmp_path / "report.json")
    names = sorted(path.stem for path in (tmp_path / "plots").iterdir())
    assert names == NAMES[1:3]


def test_the_point_of_the_threshold_lies_on_the_curve():
    figure = plots.precision_recall(
        np.array([1.0, 0.75, 0.5]),
        np.array([0.25, 0.5, 0.75]),
        np.array([0.9, 0.6, 0.2], "float32"),
        top_k=20,
        average=0.5625,
        chosen=0.5,
    )
    curve, point = figure.axes[0].lines
    assert curve.get_xdata().tolist() == [0.25, 0.5, 0.75]
    assert (point.get_xdata(), point.get_ydata()) == ([0.5], [0.75])
    assert "GAP@20 0.5625" in texts(figure)
    assert "threshold of F1, 0.5000:\nprecision 0.750, recall 0.500" in (
        texts(figure)
    )


def test_a_threshold_above_all_scores_is_not_marked():
    curve = np.array([1.0]), np.array([0.5]), np.array([0.5], "float32")
    figure = plots.precision_recall(*curve, top_k=20, average=0.5, chosen=0.9)
    assert len(figure.axes[0].lines) == 1
    nothing = (np.array([]),) * 3
    figure = plots.precision_recall(*nothing, top_k=20, average=0.0, chosen=0.5)
    assert len(figure.axes[0].lines) == 1


def test_a_dot_a_class_and_a_running_median():
    positives = np.array([1, 1, 1, 100])
    precision = np.array([0.0, 0.2, 1.0, 0.9])
    figure = plots.class_frequency(positives, precision, "every score ranked")
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    dots = np.asarray(axes.collections[0].get_offsets())
    assert dots.tolist() == np.stack([positives, precision], 1).tolist()
    (median,) = axes.lines
    assert median.get_xdata().tolist() == [1, 100]
    assert median.get_ydata().tolist() == [0.2, 0.9]
    note = "4 classes with a label, mean 0.5250, every score ranked"
    assert note in texts(figure)


def test_the_median_reaches_as_far_as_the_factor():
    x, y = np.array([2, 3, 4]), np.array([0.0, 1.0, 3.0])
    places, median = plots.running_median(x, y, factor=1.5)
    assert places.tolist() == [2, 3, 4]
    assert median.tolist() == [0.5, 1.0, 2.0]


def test_empty_bins_are_left_out_of_the_reliability():
    curve = Calibration(
        np.array([0.1, np.nan, 0.9]),
        np.array([0.2, np.nan, 0.7]),
        np.array([50, 0, 10]),
    )
    figure = plots.calibration(curve, top_k=20)
    upper, lower = figure.axes
    _, model = upper.lines
    assert model.get_xdata().tolist() == [0.1, 0.9]
    assert model.get_ydata().tolist() == [0.2, 0.7]
    assert [bar.get_height() for bar in lower.patches] == [50, 0, 10]
    assert lower.get_yscale() == "log"
    assert "expected calibration error 0.1167, 3 bins" in texts(figure)


def test_the_curves_of_training():
    figure = plots.training_curves(
        Line("loss", [1, 2], [3.0, 1.0]), [Line("GAP@20", [1, 2], [0.5, 0.7])]
    )
    left, right = figure.axes
    assert left.lines[0].get_ydata().tolist() == [3.0, 1.0]
    (gap,) = right.lines
    assert gap.get_ydata().tolist() == [0.5, 0.7]
    assert "GAP@20" in texts(figure)


@pytest.mark.parametrize("epochs", [1, 7])
def test_nothing_is_written_past_the_edge(tmp_path, epochs):
    """Titles, labels and legends lie within the page."""
    numbers = np.arange(1, epochs + 1)
    curve = Calibration(np.full(9, 0.5), np.full(9, 1.0), 10 ** np.arange(9))
    made = [
        plots.training_curves(
            Line("loss", numbers, numbers / 7),
            [Line("GAP@20", numbers, numbers / 9)],
        ),
        plots.class_frequency(
            numbers * 1000, numbers / 9, "each video's top 20 ranked"
        ),
        plots.calibration(curve, top_k=20),
        plots.precision_recall(
            *np.full((3, 4), 0.5), top_k=20, average=0.1, chosen=0.1
        ),
    ]
    for figure in made:
        figures.save(figure, tmp_path / "a.png")  # lays it out
        page, drawn = figure.bbox_inches, figure.get_tightbbox()
        assert page.x0 <= drawn.x0
        assert page.y0 <= drawn.y0
        assert drawn.x1 <= page.x1
        assert drawn.y1 <= page.y1


def test_the_users_style_is_left_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    plots.training_curves(Line("loss", [1], [1.0]), [])
    assert dict(matplotlib.rcParams) == before
