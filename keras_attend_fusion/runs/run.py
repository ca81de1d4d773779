"""What came of a training, as its folder has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.data.vocabulary import named
from keras_attend_fusion.progress import Progress, silent
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.config_file import read_settings
from keras_attend_fusion.runs.settings import TrainSettings
from keras_attend_fusion.runs.stored_model import StoredModel
from keras_attend_fusion.runs.values import read_metrics

if TYPE_CHECKING:
    from keras_attend_fusion.explain import Explanation
    from keras_attend_fusion.predictions import Written


class Run:
    """A run folder; `train` and `load` return one.

    What is asked for is read when it is first asked for, and kept.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    @cached_property
    def model(self) -> Any:
        """The model of the best epoch, a `keras.Model`, not compiled."""
        return self.stored.model

    @cached_property
    def stored(self) -> StoredModel:
        """The model with its classes, schema and threshold, as the functions
        of `predictions` and `reports` take it."""
        return StoredModel(self.folder, run_folder.load_model)

    @cached_property
    def settings(self) -> TrainSettings:
        """What was trained, and how."""
        return TrainSettings(**read_settings(self.folder / run_folder.CONFIG))

    @cached_property
    def config(self) -> dict[str, Any]:
        """All of config.json: the settings, and what was found of the shards,
        the machine and the versions."""
        return run_folder.read_json(self.folder, run_folder.CONFIG)

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The exact metrics of the best epoch on the validation shards."""
        return read_metrics(self.folder)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """A row an epoch: loss and validation scores, as history.csv has it."""
        from keras_attend_fusion import training

        path = self.folder / run_folder.HISTORY
        rows = training.read_history(path, self.settings.epochs)
        return [
            {name: float(value) for name, value in row.items()} for row in rows
        ]

    @property
    def class_indices(self) -> list[int]:
        """Which class of the labels each score is of."""
        return list(self.stored.classes.indices)

    @property
    def class_names(self) -> list[str]:
        """The name of each score's class; empty where they are not known."""
        classes = self.stored.classes
        return list(named(classes.names, classes.indices).values())

    @property
    def schema(self) -> Any:
        """The layout of the shards; None for YouTube-8M's own."""
        return self.stored.schema

    @property
    def threshold(self) -> float | None:
        """The threshold of F1, picked on the validation shards."""
        return self.stored.threshold[0]

    # The doors to the rooms behind this one, which import it: so each of
    # these imports what it calls when it is called.

    def evaluate(
        self,
        data: str | Path,
        *,
        threshold: float | None = None,
        ranking: str = "all",
        empty_classes: str = "drop",
        batch_size: int = 512,
        on_corrupt: str = "error",
        schema: Any = None,
        progress: Progress = silent,
    ) -> dict[str, Any]:
        """Scores the model on labelled shards, exactly, over the whole set.

        `predictions.evaluate_model` also gives the scores of each class, and
        what `reports.write_plots` draws.

        Args:
            data: Globs of labelled shards, comma-separated.
            threshold: That of F1, from 0 to 1; None for the run's.
            ranking: "all", or "top_20" to keep each video's top 20 alone,
                which needs little memory but has no `map`.
            empty_classes: "drop" or "zero": what classes without a positive
                are in means over classes.
            batch_size: Videos in a batch.
            on_corrupt: "error", or "skip" for records that cannot be used.
            schema: The layout of the shards: a `data.Schema`, a name or a
                file; None for the one that the model learned.
            progress: Shows what is done; see `keras_attend_fusion.progress`.

        Returns:
            The metrics by key, as `attend-fusion evaluate --json` writes
            them.

        Raises:
            ValueError: The shards do not fit the model or have no label, or
                an argument is out of its range.

        Example:

        >>> run = load("run")  # doctest: +SKIP
        >>> run.evaluate("shards/validate-*")["gap_at_20"]  # doctest: +SKIP
        """
        from keras_attend_fusion.predictions import evaluate_model

        return evaluate_model(
            self,
            data,
            threshold=threshold,
            ranking=ranking,
            empty_classes=empty_classes,
            batch_size=batch_size,
            on_corrupt=on_corrupt,
            schema=schema,
            progress=progress,
        ).metrics

    def predict(
        self,
        data: str | Path,
        *,
        out: str | Path,
        top_k: int = 20,
        vocabulary: str | Path | None = None,
        segments: bool = False,
        top_segments: int = 100_000,
        segment_classes: str | Path | None = None,
        batch_size: int = 512,
        on_corrupt: str = "error",
        schema: Any = None,
        progress: Progress = silent,
    ) -> Written:
        """Writes the best classes of every video, or the best segments.

        Args:
            data: Globs of shards, comma-separated.
            out: The file to write: `.csv` for Kaggle's form, `.jsonl` for a
                JSON object a line with names; `.gz` after it compresses.
            top_k: Classes a video.
            vocabulary: A file of class names, for `.jsonl`; None for those of
                the run, if any.
            segments: Whether to write the best five-second segments of every
                class instead, as Kaggle's CSV of 2019.
            top_segments: Segments a class.
            segment_classes: A file that lists the classes to write segments
                of; None for all of the model's.
            batch_size: Videos in a batch.
            on_corrupt: "error", or "skip" for records that cannot be used.
            schema: The layout of the shards; None for the one that the model
                learned.
            progress: Shows what is done; see `keras_attend_fusion.progress`.

        Returns:
            The file, and how many videos it is about.

        Raises:
            ValueError: `out` exists or has another ending, or the shards do
                not fit the model; then no file is left.

        Example:

        >>> run = load("run")  # doctest: +SKIP
        >>> run.predict("shards/*", out="p.csv").videos  # doctest: +SKIP
        """
        from keras_attend_fusion import predictions

        options: dict[str, Any] = {
            "vocabulary": vocabulary,
            "batch_size": batch_size,
            "on_corrupt": on_corrupt,
            "schema": schema,
            "progress": progress,
        }
        if not segments:
            return predictions.write(self, data, out, top_k=top_k, **options)
        return predictions.top_segments(
            self,
            data,
            out,
            top=top_segments,
            classes=segment_classes,
            **options,
        )

    def export(
        self,
        out: str | Path | None = None,
        *,
        formats: str | Sequence[str] = "saved_model,litert",
        quantize: str | Sequence[str] = "none",
        calibration: str | Path | None = None,
        data: str | Path | None = None,
        vocabulary: str | Path | None = None,
        batch_size: int = 512,
        on_corrupt: str = "error",
        schema: Any = None,
        progress: Progress = silent,
    ) -> dict[str, Any]:
        """Writes SavedModel, LiteRT and ONNX files, runs and compares them.

        Args:
            out: The folder to write; None for `saved_models/` and the run's
                name.
            formats: Some of "saved_model", "litert" and "onnx".
            quantize: Kinds of LiteRT file: some of "none", "float16",
                "dynamic", "int8" and "int4".
            calibration: "int8": globs of shards; the first 200 videos give
                the ranges, the next 200 the difference.
            data: Globs of labelled shards, for GAP and F1 of each file
                beside Keras's.
            vocabulary: A file of class names, for the files; None for those
                of the run.
            batch_size: Videos in a batch.
            on_corrupt: "error", or "skip" for records that cannot be used.
            schema: The layout of the shards; None for the one that the model
                learned.
            progress: Shows what is done; see `keras_attend_fusion.progress`.

        Returns:
            What the folder's `export.json` holds: what the model is, and of
            each file its size, difference and latency.

        Raises:
            ValueError: An argument is out of its range, `out` is not empty,
                or a file differs from the Keras model by more than its
                bound; then nothing is written.
            MissingPackageError: A format needs a package that is not
                installed.

        Example:

        >>> run = load("run")  # doctest: +SKIP
        >>> report = run.export("exported")  # doctest: +SKIP
        >>> [file["file"] for file in report["files"]]  # doctest: +SKIP
        ['saved_model', 'model.tflite']
        """
        from keras_attend_fusion.predictions.scores import evaluated
        from keras_attend_fusion.runs.exporting import export_model

        return export_model(
            self,
            out,
            evaluate=evaluated,
            formats=formats,
            quantize=quantize,
            calibration=calibration,
            data=data,
            vocabulary=vocabulary,
            batch_size=batch_size,
            on_corrupt=on_corrupt,
            schema=schema,
            progress=progress,
        )[1]

    def explain(
        self,
        features: dict[str, Any],
        *,
        top_k: int = 5,
        window: int | None = None,
        batch_size: int = 32,
        progress: Callable[[int, int], None] | None = None,
    ) -> Explanation:
        """Says which seconds, and which of picture and sound, scores rest on.

        It is `kaf.explain` with the model and the class names of the run.
        `reports.explanation_page` writes a page of what it returns;
        `predictions.find_video` gets the features of a video from shards.

        Args:
            features: What the model takes, by name, as batches of `data.load`
                hold it.
            top_k: For how many classes of each video to take seconds away.
            window: Seconds to take away at once; None for a quarter of each
                video, from 1 to 5.
            batch_size: Videos that go through the model at a time.
            progress: Called with how many copies of videos are done, and how
                many there are.

        Returns:
            The evidence, as arrays.

        Raises:
            ValueError: Features are missing or of another kind, or a number
                is out of its range.

        Example:

        >>> run = load("run")  # doctest: +SKIP
        >>> video = kaf.predictions.find_video(  # doctest: +SKIP
        ...     run, "shards/validate-*"
        ... )
        >>> run.explain(video.features).top_classes  # doctest: +SKIP
        """
        from keras_attend_fusion.explain import explain

        explanation = explain(
            self.model,
            features,
            top_k=top_k,
            window=window,
            batch_size=batch_size,
            progress=progress,
        )
        names = tuple(self.class_names) or None
        return dataclasses.replace(explanation, class_names=names)

    def report(
        self,
        out: str | Path | None = None,
        *,
        data: str | Path | None = None,
        export: str | Path | None = None,
        baselines: str | Path | None = None,
        vocabulary: str | Path | None = None,
        batch_size: int = 512,
        on_corrupt: str = "error",
        schema: Any = None,
        progress: Progress = silent,
    ) -> Path:
        """Writes a report of the training, one page that needs no network.

        Args:
            out: The page to write, ending in `.html`; None for `report.html`
                in the run's folder, which is replaced.
            data: Globs of labelled shards to score.
            export: A folder that `export` wrote of this run.
            baselines: A file of scores to show the run beside.
            vocabulary: A file of class names, with `data`.
            batch_size: Videos in a batch.
            on_corrupt: "error", or "skip" for records that cannot be used.
            schema: The layout of the shards; None for the one that the model
                learned.
            progress: Shows what is done; see `keras_attend_fusion.progress`.

        Returns:
            The page's file.

        Raises:
            ValueError: `out` exists or has another ending, a file of the run
                is damaged, the export is of another model, or the shards
                have no label.

        Example:

        >>> load("run").report()  # doctest: +SKIP
        PosixPath('run/report.html')
        """
        from keras_attend_fusion.reports import run_page

        return run_page(
            self,
            out,
            data=data,
            export=export,
            baselines=baselines,
            vocabulary=vocabulary,
            batch_size=batch_size,
            on_corrupt=on_corrupt,
            schema=schema,
            progress=progress,
        )


def load(folder: str | Path) -> Run:
    """The run in a folder.

    Args:
        folder: What `train` wrote.

    Raises:
        ValueError: It holds no run.
    """
    path = Path(folder)
    if not (path / run_folder.CONFIG).is_file():
        raise ValueError(
            f"{path} is not a run folder ({run_folder.CONFIG} not found): "
            "pass one that train wrote"
        )
    return Run(path)
