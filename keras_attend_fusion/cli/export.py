"""Write a trained model as SavedModel and LiteRT (TFLite), run each file and
compare it with the Keras model. A difference above the format's bound makes
the export fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import run_folder, shards
from keras_attend_fusion.cli.common import (
    Flags,
    new_folder,
    no_positional,
    patterns,
    required,
    write_json,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.quiet import quiet
from keras_attend_fusion.files import beside

USAGE = "--model DIR [flags]"

FORMATS = ("saved_model", "litert")

# The largest difference from the Keras model's scores that is let through.
BOUNDS = {"none": 1e-5, "float16": 2e-3, "dynamic": 0.05, "int8": 0.25}
AT_ONCE, VIDEOS = 50, 200  # of --calibration, to measure and to compare
Batches = list[dict[str, Any]]


def define(add: Flags) -> None:
    add.string("model", None, "folder that train wrote, or a .keras file")
    add.string("out", None, "folder to write [saved_models/NAME of the model]")
    add.string("formats", ",".join(FORMATS), "formats, parted by commas")
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
    model = run_folder.load_model(source)
    videos: tuple[Batches, Batches] = ([], [])
    if "int8" in kinds:
        videos = _calibration(flag, model)
    with beside(out) as unfinished:
        unfinished.mkdir()
        files = _export(model, unfinished, formats, kinds, videos)
        write_json(
            unfinished / "export.json",
            {
                "model": str(source),
                "level": run_folder.level(model),
                "num_classes": model.output_shape[-1],
                "parameters": model.count_params(),
                "files": files,
            },
        )
    print(f"Wrote {out}:")
    for file in files:
        print(
            f"  {file['file']}: {file['bytes'] / 1e6:.1f} MB, largest "
            f"difference {file['max_difference']:.1e}, "
            f"{file['p50_ms']:.2f} ms a video"
        )
    return 0


def _calibration(flag: Flags, model: Any) -> tuple[Batches, Batches]:
    """Features of 200 videos to measure ranges on, and of others to compare.

    They are the same where there are no others.
    """
    reader, text = shards.Shards(flag), flag["calibration"]
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
    videos: tuple[Batches, Batches],
) -> list[dict[str, Any]]:
    from keras_attend_fusion import export

    files = []
    if "saved_model" in formats:
        path = export.saved_model(model, folder / "saved_model")
        files.append(_prove(model, path, "none"))
    if "litert" in formats:
        for kind in kinds:
            name = "model.tflite" if kind == "none" else f"model_{kind}.tflite"
            measured, compared = videos if kind == "int8" else (None, None)
            with quiet():  # the converter tells what it was asked for
                path = export.litert(model, folder / name, kind, measured)
            files.append(_prove(model, path, kind, compared))
    return files


def _prove(
    model: Any,
    path: Path,
    kind: str,
    videos: Batches | None = None,
) -> dict[str, Any]:
    """Runs the exported file; `ValueError` if it says something else."""
    from keras_attend_fusion import export

    with quiet():  # LiteRT tells which delegate it made
        exported = export.load(path)
        facts = export.parity(model, exported, batches=videos)
    if facts["max_difference"] > BOUNDS[kind]:
        raise ValueError(
            f"{path.name} differs from the Keras model by "
            f"{facts['max_difference']:.1e}, above {BOUNDS[kind]:.0e}: not "
            "exported"
        )
    files = [path] if path.is_file() else path.rglob("*")
    return {
        "file": path.name,
        "quantize": kind,
        "bytes": sum(f.stat().st_size for f in files if f.is_file()),
        "inputs": {n: str(t.__name__) for n, t in exported.inputs.items()},
        **facts,
        **export.latency(exported, export.one_video(model)),
    }
