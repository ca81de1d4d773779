"""Write a trained model as SavedModel, LiteRT (TFLite) and ONNX, run each
file and compare it with the Keras model: the scores, and with --data GAP and
F1 on labelled shards. A difference above the format's bound makes the export
fail. The folder's README.md shows what was measured."""

from __future__ import annotations

from keras_attend_fusion.cli import shards
from keras_attend_fusion.cli.common import (
    FORMATS,
    KERAS_MODEL,
    QUANTIZED,
    VOCABULARY,
    Flags,
    no_positional,
    progress,
    required,
)

USAGE = "--model DIR [flags]"


def define(add: Flags) -> None:
    add.string("model", None, KERAS_MODEL)
    add.string("out", None, "folder to write [saved_models/NAME of the model]")
    add.string(
        "formats",
        "saved_model,litert",
        f"comma-separated formats: {', '.join(FORMATS)}",
    )
    add.string(
        "quantize",
        "none",
        f"comma-separated kinds of LiteRT file: {', '.join(QUANTIZED)}",
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
        "vocabulary",
        None,
        f"{VOCABULARY}, for class names in the files; else the model's",
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model")
    from keras_attend_fusion.predictions.scores import evaluated
    from keras_attend_fusion.runs.exporting import export_model

    out, report = export_model(
        flag["model"],
        flag["out"],
        evaluate=evaluated,
        formats=flag["formats"],
        quantize=flag["quantize"],
        calibration=flag["calibration"],
        data=flag["data"],
        vocabulary=flag["vocabulary"],
        command=flag.command("export"),
        progress=progress,
        **shards.options(flag),
    )
    print(f"Wrote {out}:")
    for file in report["files"]:
        f1 = f", F1 {file['f1_micro']:.4f}" if "f1_micro" in file else ""
        print(
            f"  {file['file']}: {file['bytes'] / 1e6:.1f} MB, largest "
            f"difference {file['max_difference']:.1e}{f1}, "
            f"{file['p50_ms']:.2f} ms a video"
        )
    return 0
