"""Explain the scores of one video: the top classes with and without picture
and sound, which seconds the model attended to, and how scores change when
seconds are taken away. As one page that needs no network, or as a plot."""

from __future__ import annotations

from pathlib import Path

from keras_attend_fusion.cli import shards
from keras_attend_fusion.cli.common import (
    KERAS_MODEL,
    VOCABULARY,
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.files import printable

USAGE = "--model DIR --data GLOB --out FILE.html|.png|.pdf [flags]"


def define(add: Flags) -> None:
    add.string("model", None, KERAS_MODEL)
    add.string("data", None, "glob of shards, quoted")
    add.string("id", None, "id of the video; by default the first one's")
    add.string(
        "out",
        None,
        "file to write; .html is a page, .png and .pdf are plots",
    )
    add.string("vocabulary", None, f"{VOCABULARY}, for names; else the model's")
    add.integer("top-k", 5, "classes to show")
    add.integer(
        "window",
        None,
        "seconds to take away at once, fewer than the video has [a quarter "
        "of the video, from 1 to 5]",
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model", "data", "out")
    from keras_attend_fusion import reports
    from keras_attend_fusion.reports import figures

    out = Path(flag["out"])
    if out.suffix in (".png", ".pdf"):
        figures.require_matplotlib(f"--out {out}")
    video = reports.explain_video(
        flag["model"],
        flag["data"],
        out,
        flag["id"],
        top_k=flag["top-k"],
        window=flag["window"],
        vocabulary=flag["vocabulary"],
        progress=progress,
        **shards.options(flag),
    )
    print(f"Wrote {out}: video {printable(video.id)}.")
    return 0
