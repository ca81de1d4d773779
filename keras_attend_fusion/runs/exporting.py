"""Exporting a trained model: files, their facts, and what they are held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.data.vocabulary import named
from keras_attend_fusion.export.acceptance import BOUNDS, Batches, Proof
from keras_attend_fusion.export.quiet import quiet
from keras_attend_fusion.export.readme import card
from keras_attend_fusion.export.report import REPORT
from keras_attend_fusion.extras import require
from keras_attend_fusion.files import beside, write_json
from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.progress import Progress, Update, silent
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import layout
from keras_attend_fusion.runs.dataset import Shards
from keras_attend_fusion.runs.out_folder import new_folder
from keras_attend_fusion.runs.settings import (
    SettingError,
    require_whole,
    split_words,
)
from keras_attend_fusion.runs.shard_pass import shard_pass
from keras_attend_fusion.runs.stored_model import (
    ModelSource,
    StoredModel,
    stored_keras,
)
from keras_attend_fusion.runs.threshold import WEIGHTS, fingerprint
from keras_attend_fusion.runs.values import read_config

FORMATS = ("saved_model", "litert", "onnx")
AT_ONCE, VIDEOS = 50, 200  # of `calibration`, to measure and to compare
Evaluate = Callable[[Any, Any, Update], Evaluator]


def export_model(
    model: ModelSource,
    out: str | Path | None = None,
    *,
    evaluate: Evaluate,
    formats: str | Sequence[str] = "saved_model,litert",
    quantize: str | Sequence[str] = "none",
    calibration: str | Path | None = None,
    data: str | Path | None = None,
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    command: str | None = None,
    progress: Progress = silent,
) -> tuple[Path, dict[str, Any]]:
    """Writes a folder of exported files, each run and compared with Keras.

    `Run.export` and `attend-fusion export` call it, and hand it what scores a
    model on a dataset, as this room imports none of `predictions`.

    Args:
        model: A `Run`, a run folder or a `.keras` file.
        out: The folder to write; None for `saved_models/` and the model's
            name.
        evaluate: Takes a model, a dataset and what is called with the videos
            done; returns the evaluator that saw every score.
        formats: Some of "saved_model", "litert" and "onnx".
        quantize: Kinds of LiteRT file: some of "none", "float16", "dynamic",
            "int8" and "int4".
        calibration: "int8": globs of shards; the first 200 videos give the
            ranges, the next 200 the difference.
        data: Globs of labelled shards, for GAP and F1 of each file beside
            Keras's.
        vocabulary: A file of class names, for the files; None for those of
            the model.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards; None for the one that the model
            learned.
        command: The command line that the report and the README.md show.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The folder, and what its `export.json` holds.

    Raises:
        ValueError: An argument is out of its range, `out` is not empty, or a
            file differs from the Keras model by more than its bound; then
            nothing is written.
        MissingPackageError: A format needs a package that is not installed.
    """
    chosen = _some_of("formats", formats, FORMATS)
    kinds = _some_of("quantize", quantize, tuple(BOUNDS))
    require_whole(batch_size=batch_size)
    if "onnx" in chosen:  # found now, not after the other formats
        for package in ("onnx", "tf2onnx", "onnxruntime"):
            require(package, f"Export to ONNX needs {package}")
    if "int8" in kinds and not calibration:
        raise SettingError("`quantize`=int8 takes `calibration`=GLOB of shards")
    source = stored_keras(model)
    file = run_folder.model_file(source.path)
    out = new_folder(str(out or f"saved_models/{_name(file)}"))
    names, known = source.read_names(vocabulary), source.classes
    names = named(names or known.names, known.indices)
    labels = list(names.values())
    reader = source.reader(batch_size, on_corrupt, schema)
    facts = _facts(source, reader)
    videos: tuple[Batches, Batches] = ([], [])
    if "int8" in kinds:
        videos = _calibration(
            str(calibration), source.model, reader.again().without_labels()
        )
    score = data and _scorer(str(data), reader, evaluate, progress)
    proof = Proof(source.model, facts["threshold"], score or None)
    with beside(out) as unfinished:
        unfinished.mkdir()
        files = []
        for path, kind in _export(
            proof.model, unfinished, chosen, kinds, videos[0]
        ):
            files.append(_finish(path, kind, facts, labels, proof, videos[1]))
        report = {
            **facts,
            "source": str(file),
            **({"command": command} if command else {}),
            **({"keras": proof.keras} if proof.keras else {}),
            "files": files,
        }
        write_json(unfinished / REPORT, report)
        (unfinished / "README.md").write_text(
            card(report, named=bool(labels)), encoding="utf-8"
        )
    return out, report


def _some_of(
    name: str, value: str | Sequence[str], options: tuple[str, ...]
) -> list[str]:
    """The words of an argument, each once."""
    words = split_words(value) if isinstance(value, str) else value
    chosen = list(dict.fromkeys(words))
    if not chosen or not set(chosen) <= set(options):
        raise SettingError(
            f"`{name}` is {value!r}: pass some of {', '.join(options)}"
        )
    return chosen


def _name(file: Path) -> str:
    """The name of a model: that of its file, or of its run folder."""
    return file.stem if file.stem != "model" else file.resolve().parent.name


def _facts(source: StoredModel, reader: Shards) -> dict[str, Any]:
    """What goes into each file: what the model is, and its threshold."""
    from keras_attend_fusion import export

    config = read_config(source.path)
    facts = {
        **export.describe(source.model),
        **({"preset": config["preset"]} if config.get("preset") else {}),
        "level": run_folder.level(source.model),
        "threshold": source.threshold[0],
        WEIGHTS: fingerprint(source.model),
        **source.classes.facts,
    }
    if reader.schema is not None:
        facts[layout.FACT] = layout.as_json(reader.schema)
    return facts


def _calibration(
    text: str, model: Any, reader: Shards
) -> tuple[Batches, Batches]:
    """Features of 200 videos to measure ranges on, and of others to compare.

    They are the same where there are no others.
    """
    parts: tuple[Batches, Batches] = ([], [])
    counts = [0, 0]
    with reader.errors_for(model, text):
        for features, labels in reader.load_for(model, text, "calibration"):
            for first in range(0, len(labels), AT_ONCE):
                rows = slice(first, first + AT_ONCE)
                part = int(counts[0] >= VIDEOS)
                parts[part].append(
                    {name: v[rows].numpy() for name, v in features.items()}
                )
                counts[part] += len(labels[rows])
            if counts[1] >= VIDEOS:
                break
    return parts[0], parts[1] or parts[0]


def _scorer(
    data: str, reader: Shards, evaluate: Evaluate, progress: Progress
) -> Callable[[Any, str, float | None], dict[str, Any]]:
    """What gives the metrics of a model on labelled shards."""

    def score(model: Any, name: str, threshold: float | None) -> dict[str, Any]:
        with shard_pass(
            reader.again(), model, data, progress, unit=f"videos, {name}"
        ) as shards:
            evaluator = evaluate(model, shards.dataset, shards.update)
        metrics = evaluator.result(threshold)
        if not metrics["classes_with_positives"]:
            raise ArgumentError(f"`data` {data}: no video has a label")
        return metrics

    return score


def _export(
    model: Any,
    folder: Path,
    formats: list[str],
    kinds: list[str],
    calibration: Batches,
) -> Iterator[tuple[Path, str]]:
    """Writes one file after the other; yields each with its kind."""
    from keras_attend_fusion import export

    if "saved_model" in formats:
        yield export.saved_model(model, folder / "saved_model"), "none"
    if "litert" in formats:
        for kind in kinds:
            name = "model.tflite" if kind == "none" else f"model_{kind}.tflite"
            measured = calibration if kind == "int8" else None
            with quiet():  # the converter tells what it was asked for
                path = export.litert(model, folder / name, kind, measured)
            yield path, kind
    if "onnx" in formats:
        with quiet():
            path = export.onnx(model, folder / "model.onnx")
        yield path, "none"


def _finish(
    path: Path,
    kind: str,
    facts: dict[str, Any],
    labels: list[str],
    proof: Proof,
    videos: Batches,
) -> dict[str, Any]:
    """Writes the facts into a file, and measures it as it will be used."""
    from keras_attend_fusion import export

    with quiet():  # LiteRT tells which delegate it made
        export.add_facts(path, {**facts, "quantize": kind}, labels)
    return proof.of(path, kind, videos if kind == "int8" else None)
