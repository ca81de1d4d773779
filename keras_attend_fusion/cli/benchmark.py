"""Time a part of this package on this machine. `input`: shards into batches,
beside a bare read and the way older code bases take. `train`: training steps,
and what they wait for input. `inference`: exported files, beside the limit
that memory sets. `metrics`: the exact evaluator, beside a bare copy of the
scores."""

from __future__ import annotations

import importlib
import os
import platform

from keras_attend_fusion.cli.benchmarks import made
from keras_attend_fusion.cli.common import (
    FORMATS,
    QUANTIZED,
    Flags,
    import_from_working_directory,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import write_json
from keras_attend_fusion.runs.settings import TrainSettings, known_settings

USAGE = "input|train|inference|metrics [flags]"
KINDS = ("input", "train", "inference", "metrics")


def define(add: Flags) -> None:
    add.string(
        "data", None, "input, train: glob of shards; by default made ones"
    )
    levels = ["frame", "video"]
    add.choice("level", "frame", levels, "of made shards, and of models")
    model = known_settings(TrainSettings)["model"]
    add.word(
        "model",
        "attend_fusion",
        model.refusal,
        f"train, inference: {model.help}",
    )
    add.string("preset", "base", "train, inference: size of the model")
    add.string(
        "models",
        None,
        "inference: several in place of --model, comma-separated NAME:PRESET "
        "or package.module:function; the others are compared with the first. "
        "NAME:PRESET:none+onnx names the files of one",
    )
    add.string("formats", "litert", f"inference: some of {', '.join(FORMATS)}")
    add.string(
        "quantize",
        "none,dynamic",
        f"inference: kinds of LiteRT file, some of {', '.join(QUANTIZED)}",
    )
    add.string("frames", "300", "inference: lengths at frame level")
    add.integer("steps", 20, "train, inference: steps, calls that are timed")
    add.integer(
        "videos",
        None,
        f"videos; by default {made.VIDEOS['frame']} with frames, "
        f"{made.VIDEOS['video']} without, {made.SCORED_VIDEOS} to score",
    )
    add.integer("classes", 3862, "classes a video has")
    add.integer(
        "batch-size",
        None,
        f"videos in a batch; by default {made.SCORED_BATCH_SIZE}, with "
        f"frames {made.BATCH_SIZES['frame']}, inference "
        f"{made.EXPORTED_BATCH_SIZE}",
    )
    add.integer("repeats", 3, "how often each part runs; the fastest counts")
    add.integer("seed", 0, "fixes what is made up", least=0)
    add.string("json", None, "write the figures to this file too")


def main(flag: Flags, positional: list[str]) -> int:
    known = ", ".join(KINDS)
    if len(positional) != 1 or positional[0] not in KINDS:
        raise UsageError(
            f"expected one kind of benchmark ({known}), got "
            f"{' '.join(positional) or 'none'}"
        )
    if any(":" in flag[name] for name in ("model", "models") if flag[name]):
        import_from_working_directory()
    import numpy as np

    kind = importlib.import_module(
        f"keras_attend_fusion.cli.benchmarks.{positional[0]}"
    )
    report = {
        "benchmark": positional[0],
        **kind.run(flag),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    }
    if flag["json"]:
        write_json(flag["json"], report)
    return 0
