"""Scoring from Python: a model, and the file of predictions that it wrote."""

from __future__ import annotations

import pytest

from keras_attend_fusion import data, models, predictions, reports
from keras_attend_fusion.runs import SettingError

CLASSES = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Shards, a model with random weights, and what it predicts."""
    folder = tmp_path_factory.mktemp("room")
    data.synthesize(folder, "video", videos=40, classes=CLASSES)
    model = models.build("logistic", num_classes=CLASSES)
    model.save(folder / "model.keras")
    return folder


@pytest.fixture(scope="module")
def shards(folder):
    return f"{folder}/*.tfrecord"


@pytest.fixture(scope="module")
def written(folder, shards):
    return predictions.write(folder / "model.keras", shards, folder / "p.csv")


def test_a_file_scores_as_its_model(folder, shards, written):
    by_model = predictions.evaluate_model(
        folder / "model.keras", shards, ranking="top_20"
    )
    by_file = predictions.evaluate_file(written.path, shards)
    assert by_file.metrics == {**by_model.metrics, "missing_videos": 0}
    assert by_file.per_class() == by_model.per_class()
    assert by_file.threshold_source == by_model.threshold_source
    assert by_file.threshold == by_file.metrics["threshold"]


def test_what_was_written_is_read_back(shards, written):
    videos = dict(predictions.read_kaggle(written.path))
    assert len(videos) == written.videos == data.count(shards)
    assert written.repeated == 0
    for pairs in videos.values():
        scores = [score for _, score in pairs]
        assert sorted(scores, reverse=True) == scores
        assert sorted(index for index, _ in pairs) == list(range(CLASSES))
    with pytest.raises(ValueError, match="but there are 2: pass `num_classes`"):
        list(predictions.read_kaggle(written.path, num_classes=2))


def test_some_classes_alone(shards, written):
    found = predictions.evaluate_file(
        written.path, shards, classes="1,4", threshold=0.2
    )
    assert [scores.index for scores in found.per_class()] == [1, 4]
    assert found.threshold_source == "given"


def test_a_row_a_class(shards, written, tmp_path):
    found = predictions.evaluate_file(written.path, shards)
    reports.write_classes(tmp_path / "classes.csv", found)
    lines = (tmp_path / "classes.csv").read_text().splitlines()
    assert len(lines) == 1 + CLASSES
    with pytest.raises(SettingError, match="has to end in"):
        reports.write_classes(tmp_path / "classes.json", found)


def test_plots(shards, written, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is missing")
    found = predictions.evaluate_file(written.path, shards)
    files = reports.write_plots(tmp_path / "plots", found, form="svg")
    assert sorted((tmp_path / "plots").iterdir()) == sorted(files)
    assert {path.stem for path in files} == {
        "precision_recall",
        "class_frequency",
        "calibration",
    }
    with pytest.raises(SettingError, match="`form` is 'gif': expected png"):
        reports.write_plots(tmp_path, found, form="gif")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"threshold": 1.5}, "`threshold` is 1.5: pass one from 0 to 1"),
        ({"batch_size": 0}, "`batch_size` is 0: pass 1 or more"),
    ],
)
def test_values_out_of_their_range(folder, shards, written, values, said):
    with pytest.raises(SettingError, match=said):
        predictions.evaluate_model(folder / "model.keras", shards, **values)
    with pytest.raises(SettingError, match=said):
        predictions.evaluate_file(written.path, shards, **values)


def test_an_out_that_cannot_be(folder, shards, written):
    model = folder / "model.keras"
    with pytest.raises(ValueError, match="or name another `out`"):
        predictions.write(model, shards, written.path)
    with pytest.raises(SettingError, match="it has to end in"):
        predictions.write(model, shards, folder / "p.txt")
    with pytest.raises(SettingError, match="`top_k` is 0: pass 1 or more"):
        predictions.write(model, shards, folder / "q.csv", top_k=0)
    assert not (folder / "q.csv").exists()


def test_a_video_by_its_id(folder, shards, written):
    model = folder / "model.keras"
    ids = [video for video, _ in predictions.read_kaggle(written.path)]
    video = predictions.find_video(model, shards, ids[9], batch_size=4)
    assert video.id == ids[9]
    assert set(video.features) == {"rgb", "audio"}
    assert video.labels.shape == (CLASSES,)
    with pytest.raises(ValueError, match="`id` nobody: none of the 50 videos"):
        predictions.find_video(model, shards, "nobody")
