"""Write a trained model as SavedModel, LiteRT (TFLite) and ONNX, run each
file and compare it with the Keras model: the scores, and with --data GAP and
F1 on labelled shards. A difference above the format's bound makes the export
fail. The folder's README.md shows what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import class_list, run_folder, shards
from keras_attend_fusion.cli.common import (
    Flags,
    new_folder,
    no_positional,
    patterns,
    required,
    write_json,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.export_card import card
from keras_attend_fusion.cli.export_proof import BOUNDS, Batches, Proof
from keras_attend_fusion.cli.quiet import quiet
from keras_attend_fusion.cli.threshold import WEIGHTS, fingerprint, frozen
from keras_attend_fusion.cli.vocabulary import read_vocabulary, require_names
from keras_attend_fusion.files import beside

USAGE = "--model DIR [flags]"

FORMATS = ("saved_model", "litert", "onnx")
AT_ONCE, VIDEOS = 50, 200  # of --calibration, to measure and to compare


def define(add: Flags) -> None:
    add.string("model", None, "folder that train wrote, or a .keras file")
    add.string("out", None, "folder to write [saved_models/NAME of the model]")
    add.string(
        "formats",
        "saved_model,litert",
        f"formats, parted by commas: {', '.join(FORMATS)}",
    )
    add.string(
        "quantize",
        "none",
        f"kinds of LiteRT file, parted by commas: {', '.join(BOUNDS)}",
    )
    add.string(
        "calibration",
        None,
        "int8: glob of shards; the first 200 videos give the ranges, the next "
        "200 the difference",
    )
    add.string(
        "data",
        None,
        "glob of labelled shards: GAP and F1 of each file beside Keras's",
    )
    add.string(
        "vocabulary", None, "vocabulary.csv, for class names in the files"
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model")
    formats = _known("formats", flag["formats"], FORMATS)
    kinds = _known("quantize", flag["quantize"], tuple(BOUNDS))
    if "int8" in kinds and not flag["calibration"]:
        raise UsageError("--quantize=int8 takes --calibration=GLOB of shards")
    source = run_folder.model_file(flag["model"])
    name = (
        source.stem if source.stem != "model" else source.resolve().parent.name
    )
    out = new_folder(flag["out"] or f"saved_models/{name}")
    names = read_vocabulary(flag["vocabulary"])
    model = run_folder.load_model(source)
    known = class_list.of_model(flag["model"], model)
    require_names(names, flag["vocabulary"], known.indices)
    labels = [names[c] for c in known.indices] if names else []
    facts = {**_facts(model, flag["model"]), **known.facts}
    videos: tuple[Batches, Batches] = ([], [])
    if "int8" in kinds:
        videos = _calibration(flag, model, known)
    proof = Proof(model, facts["threshold"], flag, known)
    with beside(out) as unfinished:
        unfinished.mkdir()
        files = []
        written = _export(proof.model, unfinished, formats, kinds, videos[0])
        for path, kind in written:
            files.append(_finish(path, kind, facts, labels, proof, videos[1]))
        report = {
            **facts,
            "source": str(source),
            "command": flag.command("export"),
            **({"keras": proof.keras} if proof.keras else {}),
            "files": files,
        }
        write_json(unfinished / "export.json", report)
        (unfinished / "README.md").write_text(
            card(report, named=bool(labels)), encoding="utf-8"
        )
    print(f"Wrote {out}:")
    for file in files:
        f1 = f", F1 {file['f1_micro']:.4f}" if "f1_micro" in file else ""
        print(
            f"  {file['file']}: {file['bytes'] / 1e6:.1f} MB, largest "
            f"difference {file['max_difference']:.1e}{f1}, "
            f"{file['p50_ms']:.2f} ms a video"
        )
    return 0


def _facts(model: Any, path: str) -> dict[str, Any]:
    """What goes into each file: what the model is, and its threshold."""
    from keras_attend_fusion import export

    config = run_folder.read_json(path, run_folder.CONFIG)
    return {
        **export.describe(model),
        **({"preset": config["preset"]} if config.get("preset") else {}),
        "level": run_folder.level(model),
        "threshold": frozen(path, model)[0],
        WEIGHTS: fingerprint(model),
    }


def _calibration(
    flag: Flags, model: Any, known: class_list.ClassList
) -> tuple[Batches, Batches]:
    """Features of 200 videos to measure ranges on, and of others to compare.

    They are the same where there are no others.
    """
    reader, text = shards.Shards(flag, known), flag["calibration"]
    parts: tuple[Batches, Batches] = ([], [])
    counts = [0, 0]
    with reader.errors_for(model, text):
        for features, labels in reader.load_for(model, text, "calibration"):
            for first in range(0, len(labels), AT_ONCE):
                some = slice(first, first + AT_ONCE)
                part = int(counts[0] >= VIDEOS)
                parts[part].append(
                    {name: v[some].numpy() for name, v in features.items()}
                )
                counts[part] += len(labels[some])
            if counts[1] >= VIDEOS:
                break
    return parts[0], parts[1] or parts[0]


def _known(flag: str, text: str, options: tuple[str, ...]) -> list[str]:
    chosen = list(dict.fromkeys(patterns(text)))
    unknown = [one for one in chosen if one not in options]
    if unknown or not chosen:
        raise UsageError(
            f"--{flag} is {text!r}: pass some of {', '.join(options)}"
        )
    return chosen


def _export(
    model: Any,
    folder: Path,
    formats: list[str],
    kinds: list[str],
    calibration: Batches,
) -> Any:
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
