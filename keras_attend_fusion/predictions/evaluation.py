"""Scoring a model, or a file of predictions, on labelled shards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.data import manifest
from keras_attend_fusion.data.vocabulary import read_vocabulary, require_names
from keras_attend_fusion.files import is_stream, reading
from keras_attend_fusion.metrics import ClassScores, Evaluator
from keras_attend_fusion.predictions.joined import read_labels, score
from keras_attend_fusion.predictions.scores import evaluated
from keras_attend_fusion.progress import Progress, silent
from keras_attend_fusion.runs import class_subset as class_list
from keras_attend_fusion.runs.dataset import Shards, level_of
from keras_attend_fusion.runs.settings import SettingError, require_whole
from keras_attend_fusion.runs.shard_pass import shard_pass
from keras_attend_fusion.runs.stored_model import ModelSource, stored

HERE = "picked on these videos, so F1 is optimistic"


@dataclass(frozen=True)
class Evaluation:
    """How well labelled videos were scored.

    Attributes:
        metrics: The metrics by key, as `kaf.metrics.evaluate` gives them; of
            a file also `missing_videos`, those that it lacks.
        threshold_source: Where the threshold of F1 is from.
        evaluator: The evaluator that saw every video, for curves.
        classes: The classes that were scored.
        names: Class names that go before those of the model.
    """

    metrics: dict[str, Any]
    threshold_source: str
    evaluator: Evaluator
    classes: class_list.ClassList
    names: Mapping[int, str]

    @property
    def threshold(self) -> float:
        """The threshold of F1."""
        return float(self.metrics["threshold"])

    def per_class(self) -> list[ClassScores]:
        """How well each class is found, at the threshold."""
        scores = self.evaluator.per_class(
            self.threshold, self.classes.by_score(self.names)
        )
        return [
            row._replace(index=self.classes.indices[row.index])
            for row in scores
        ]


def evaluate_model(
    model: ModelSource,
    data: str | Path,
    *,
    threshold: float | None = None,
    ranking: str = "all",
    empty_classes: str = "drop",
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Evaluation:
    """Scores a model on labelled shards, exactly, over the whole set.

    It is what `attend-fusion evaluate --model` calls.

    Args:
        model: A `Run`, a run folder, a `.keras` file or an exported file.
        data: Globs of labelled shards, comma-separated.
        threshold: That of F1, from 0 to 1; None for the one that was picked
            on the validation videos of the run.
        ranking: "all", or "top_20" to keep each video's top 20 alone, which
            needs little memory but has no `map`.
        empty_classes: "drop" or "zero": what classes without a positive are
            in means over classes.
        vocabulary: A file of class names; None for those of the model.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards: a `data.Schema`, a name or a file;
            None for the one that the model learned.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The metrics, and the evaluator behind them.

    Raises:
        ValueError: The shards do not fit the model or have no label, or an
            argument is out of its range.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(folder, "video", videos=20, classes=8)
    >>> model = kaf.models.build("logistic", num_classes=8)
    >>> model.save(f"{folder}/model.keras")
    >>> found = evaluate_model(f"{folder}/model.keras", f"{folder}/train-*")
    >>> found.metrics["videos"], len(found.per_class())
    (20, 8)
    """
    _check_threshold(threshold)
    require_whole(batch_size=batch_size)
    source = stored(model)
    names, data = source.read_names(vocabulary), str(data)
    origin = "given"
    if threshold is None:
        threshold, origin = source.threshold
    reader = source.reader(batch_size, on_corrupt, schema)
    with shard_pass(reader, source.model, data, progress) as shards:
        evaluator = evaluated(
            source.model, shards.dataset, shards.update, ranking
        )
    metrics = _metrics(evaluator, threshold, empty_classes, data)
    return Evaluation(metrics, origin or HERE, evaluator, source.classes, names)


def evaluate_file(
    file: str | Path,
    data: str | Path,
    *,
    num_classes: int | None = None,
    classes: str | None = None,
    threshold: float | None = None,
    empty_classes: str = "drop",
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Evaluation:
    """Scores a file of predictions, of any model, on labelled shards.

    It is what `attend-fusion evaluate --predictions` calls. Videos that the
    file lacks count as predicted nothing.

    Args:
        file: A CSV of `VideoId,LabelConfidencePairs` as Kaggle takes it,
            gzipped if its name ends in `.gz`.
        data: Globs of labelled shards, comma-separated.
        num_classes: Classes of the labels; None for those of synthetic
            shards, else 3862.
        classes: The classes to score: a file that lists them, or
            comma-separated indices; None for all.
        threshold: That of F1, from 0 to 1; None for the best on these
            videos.
        empty_classes: As for `evaluate_model`.
        vocabulary: A file of class names.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards; None for YouTube-8M's own.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The metrics, `missing_videos` among them.

    Raises:
        ValueError: The file is not of this form, has an id twice or one that
            no video has; the shards have no label, or one that is not a
            class.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(folder, "video", videos=20, classes=8)
    >>> with open(f"{folder}/p.csv", "w") as file:
    ...     _ = file.write("VideoId,LabelConfidencePairs\\n")
    >>> found = evaluate_file(f"{folder}/p.csv", f"{folder}/train-*")
    >>> found.metrics["missing_videos"], found.metrics["gap_at_20"]
    (20, 0.0)
    """
    _check_threshold(threshold)
    require_whole(batch_size=batch_size, num_classes=num_classes)
    file, data = str(file), str(data)
    vocabulary = None if vocabulary is None else str(vocabulary)
    names = read_vocabulary(vocabulary)
    if not is_stream(file):
        with reading(file):  # an error comes before the long work
            pass
    num_classes = num_classes or manifest.num_classes(data)
    known = class_list.chosen(classes, num_classes)
    require_names(names, vocabulary, known.indices)
    reader = Shards(batch_size, on_corrupt, known, schema)
    dataset = reader.load(
        data, num_classes, with_id=True, modalities=[_smallest(reader)]
    )
    note = f"`num_classes` is {num_classes}"
    seen = reader.look("data", data, level_of(dataset), num_classes, note)
    seen.require_classes("pass `num_classes`={} or more")
    with (
        reader.named_errors([data], num_classes, "auto", True, note),
        progress("labels", reader.count(data)) as update,
    ):
        labels = read_labels(dataset, update)
    evaluator = Evaluator(len(known.indices), ranking="top_20")
    with progress("videos", len(labels)) as update:
        missing = score(evaluator, file, known, labels, update)
    origin = HERE if threshold is None else "given"
    metrics = _metrics(evaluator, threshold, empty_classes, data)
    metrics["missing_videos"] = missing
    return Evaluation(metrics, origin, evaluator, known, names)


def _check_threshold(threshold: float | None) -> None:
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise SettingError(f"`threshold` is {threshold}: pass one from 0 to 1")


def _metrics(
    evaluator: Evaluator, threshold: float | None, empty: str, data: str
) -> dict[str, Any]:
    metrics = evaluator.result(threshold, empty)
    if not metrics["classes_with_positives"]:
        raise ArgumentError(
            f"`data` {data}: no video has a label, so there is nothing to "
            "score: pass labelled shards, or use predict"
        )
    return metrics


def _smallest(reader: Shards) -> str:
    """The modality that is read quickest; the labels alone are wanted."""
    from keras_attend_fusion import data

    layout = reader.schema or data.FRAME  # the video level's names are those
    return min(layout.modalities, key=lambda modality: modality.size).name
