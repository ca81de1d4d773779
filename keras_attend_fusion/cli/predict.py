"""Write the best classes of every video: as Kaggle's CSV
(VideoId,LabelConfidencePairs), or as one JSON object a line with names. With
--segments: the best five-second segments of every class, as Kaggle's CSV of
2019 (Class,Segments)."""

from __future__ import annotations

import sys

from keras_attend_fusion.cli import shards
from keras_attend_fusion.cli.common import (
    CLASSES,
    MODEL,
    VOCABULARY,
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import form

USAGE = "--model DIR --data GLOB --out FILE.csv|.jsonl[.gz] [flags]"


def define(add: Flags) -> None:
    add.string("model", None, MODEL)
    add.string("data", None, "glob of shards, quoted")
    add.string(
        "out",
        None,
        "file to write; .csv or .jsonl says its form, .gz after it compresses",
    )
    add.integer("top-k", 20, "classes a video")
    add.string(
        "vocabulary",
        None,
        f"{VOCABULARY}, for names in .jsonl; by default those that the model "
        "has, if any",
    )
    add.boolean(
        "segments",
        False,
        "score the five-second segments of frame-level shards",
    )
    add.integer("top-segments", 100_000, "with --segments: segments a class")
    add.string(
        "segment-classes",
        None,
        f"with --segments: the classes to write, {CLASSES}; by default all of "
        "the model's",
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model", "data", "out")
    _check_flags(flag)
    from keras_attend_fusion import predictions

    paths = (flag["model"], flag["data"], flag["out"])
    options = {
        "vocabulary": flag["vocabulary"],
        "progress": progress,
        **shards.options(flag),
    }
    if flag["segments"]:
        written = predictions.top_segments(
            *paths,
            top=flag["top-segments"],
            classes=flag["segment-classes"],
            **options,
        )
        segments_text = f"{written.segments} segments of "
    else:
        written = predictions.write(*paths, top_k=flag["top-k"], **options)
        segments_text = ""
    print(f"Wrote {written.path}: {segments_text}{written.videos} videos.")
    if written.repeated:
        print(
            f"{written.repeated} of them have the id of an earlier one, first "
            f"{written.first_repeated}: evaluate --predictions takes each id "
            "once.",
            file=sys.stderr,
        )
    return 0


def _check_flags(flag: Flags) -> None:
    if not flag["segments"]:
        for name in ("top-segments", "segment-classes"):
            if flag.given(name):
                raise UsageError(f"--{name} goes with --segments")
    elif form(flag["out"]) == ".csv" and flag.given("top-k"):
        raise UsageError("--top-k is for videos: pass --top-segments")
