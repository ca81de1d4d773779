"""Tell of a training on one page that needs no network: its scores, curves and
settings; beside the baselines of a file; and with --data the best and worst
classes, calibration, the hardest videos and what the shards hold; with
--export the exported files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import class_list, run_folder, shards
from keras_attend_fusion.cli.common import Flags, patterns, progress
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.reported.run import (
    read_baselines,
    read_export,
    read_run,
)
from keras_attend_fusion.cli.text import writing
from keras_attend_fusion.cli.threshold import frozen
from keras_attend_fusion.cli.vocabulary import read_vocabulary, require_names

USAGE = "DIR [flags]"
PAGE = "report.html"
HERE = "picked on these videos, so F1 is optimistic"


def define(add: Flags) -> None:
    add.string("out", None, f"page to write [{PAGE} in DIR, replaced]")
    add.string("data", None, "glob of labelled shards to score, quoted")
    add.string("vocabulary", None, "vocabulary.csv, for names; with --data")
    add.string(
        "baselines",
        None,
        "file of scores to show the run beside, as docs/results.json has them",
    )
    add.string("export", None, "folder that export wrote of this run")
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    if len(positional) != 1:
        raise UsageError(
            f"expected one folder DIR that train wrote, got "
            f"{positional or 'none'}"
        )
    if flag["vocabulary"] and not flag["data"]:
        raise UsageError("--vocabulary goes with --data")
    folder = positional[0]
    out = Path(flag["out"] or Path(folder) / PAGE)
    if out.suffix != ".html":
        raise UsageError(f"--out is {out}: it has to end in .html")
    if flag["out"] and out.exists():
        raise ValueError(f"{out} exists: remove it or name another --out")
    run = read_run(folder)
    told: dict[str, Any] = {}
    if flag["export"]:
        told["export"] = read_export(flag["export"], run)
    if flag["baselines"]:
        told["baselines"] = read_baselines(flag["baselines"])
        told["source"] = flag["baselines"]
    if flag["data"]:
        told |= _look(flag, folder)
    from keras_attend_fusion.cli.reported.page import Report, render

    with writing(out) as file:
        file.write(render(Report(run, **told)))
    print(f"Wrote {out}.")
    return 0


def _look(flag: Flags, folder: str) -> dict[str, Any]:
    """What the model says of --data, and what its shards hold."""
    from keras_attend_fusion import data
    from keras_attend_fusion.cli.reported.videos import look

    names, text = read_vocabulary(flag["vocabulary"]), flag["data"]
    model = run_folder.load_model(folder)
    known = class_list.of_model(folder, model)
    require_names(names, flag["vocabulary"], known.indices)
    threshold, source = frozen(folder, model)
    reader = shards.Shards(flag, known)
    dataset = reader.load_for(model, text, with_id=True)
    with (
        reader.errors_for(model, text, with_id=True),
        progress("videos", reader.count(text)) as update,
    ):
        found = look(model, dataset, known.shown(names), threshold, update)
    with progress("shards") as update:
        stats = data.inspect(
            patterns(text),
            num_classes=known.of,
            progress=update,
            schema=reader.schema,
        )
    return {
        "data": text,
        "found": found,
        "shards": stats,
        "threshold_source": source or HERE,
    }
