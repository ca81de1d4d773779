"""Write own features as shards that every other subcommand reads: from a
Parquet table, an .npz file, or a .csv file that names .npy files."""

from __future__ import annotations

import sys

from keras_attend_fusion.cli.common import Flags, progress, required
from keras_attend_fusion.cli.errors import UsageError

# What --schema decides.
DECIDED = ("level", "classes", "dtype", "range", "single-label", "max-frames")
USAGE = "TABLE --out DIR [--labels COLUMN] [flags]"


def define(add: Flags) -> None:
    add.string("out", None, "folder to write")
    add.string(
        "labels",
        None,
        "column of labels: a class's index or name, or a list of them (in a "
        ".csv file with ; between)",
    )
    add.string("id", "id", "column of ids, another one for each video")
    add.choice(
        "level",
        None,
        ["video", "frame"],
        "frame if a modality has several vectors a video, unless this is given",
    )
    add.integer("shards", 1, "files of training videos")
    add.number("validate", 0.0, "share of the videos that are to validate")
    add.string(
        "classes",
        None,
        "names of the classes in order: a .txt list, or a .csv, .tsv or .json "
        "one with indices; else the labels name them",
    )
    add.choice(
        "dtype",
        None,
        ["uint8", "float16", "float32"],
        "how values are stored: by default uint8 at frame level, float32 at "
        "video level",
    )
    add.string(
        "range",
        None,
        "LEAST,GREATEST that bytes of uint8 stand for; fitted by default",
    )
    add.boolean("single-label", False, "whether each video has one label")
    add.string(
        "schema",
        None,
        "schema.json of shards that were packed before, to pack more for the "
        "same model: its classes, ranges, dtypes and task are kept",
    )
    add.integer(
        "max-frames",
        None,
        "frames to read of a video later on: by default all of the longest",
    )


def main(flag: Flags, positional: list[str]) -> int:
    if len(positional) != 1:
        raise UsageError(
            f"expected one TABLE, got {' '.join(positional) or 'none'}"
        )
    required(flag, "out")
    ranges = _range(flag["range"])
    if flag["schema"]:
        for name in DECIDED:
            if flag[name]:
                raise UsageError(f"--{name}: --schema has its own")
    from keras_attend_fusion import data
    from keras_attend_fusion.data.vocabulary import read_class_names

    table = data.read_table(positional[0], flag["labels"], flag["id"])
    if table.others:
        print(f"Not read: {', '.join(table.others)}", file=sys.stderr)
    if flag["labels"] is None:
        print("No --labels: the videos have none", file=sys.stderr)
    with progress("videos", len(table)) as update:
        report = data.write(
            flag["out"],
            table,
            flag["level"] or table.level,
            read_class_names(flag["classes"]) if flag["classes"] else None,
            flag["shards"],
            flag["validate"],
            dtype=flag["dtype"],
            ranges=ranges,
            task="single_label" if flag["single-label"] else "multi_label",
            max_frames=flag["max-frames"],
            schema=data.read_schema(flag["schema"]) if flag["schema"] else None,
            progress=update,
        )
    print(report.summary())
    return 0


def _range(text: str | None) -> str | tuple[float, float]:
    """The value of --range."""
    if text is None:
        return "fit"
    try:
        least, greatest = map(float, text.split(","))
    except ValueError:
        raise UsageError(
            f"--range is LEAST,GREATEST, such as -1,1, got {text!r}"
        ) from None
    return least, greatest
