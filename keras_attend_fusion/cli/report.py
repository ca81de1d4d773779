"""Write a report of a training, one page that needs no network: its scores,
curves and settings; with --baselines a comparison with the scores of a file;
with --data the best and worst classes, calibration, the hardest videos and what
the shards hold; with --export the exported files."""

from __future__ import annotations

from keras_attend_fusion.cli import shards
from keras_attend_fusion.cli.common import (
    VOCABULARY,
    Flags,
    progress,
)
from keras_attend_fusion.cli.errors import UsageError

USAGE = "DIR [flags]"


def define(add: Flags) -> None:
    add.string("out", None, "page to write [report.html in DIR, replaced]")
    add.string("data", None, "glob of labelled shards to score, quoted")
    add.string("vocabulary", None, f"{VOCABULARY}, for names; with --data")
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
    from keras_attend_fusion import reports

    page = reports.run_page(
        positional[0],
        flag["out"],
        data=flag["data"],
        export=flag["export"],
        baselines=flag["baselines"],
        vocabulary=flag["vocabulary"],
        progress=progress,
        **shards.options(flag),
    )
    print(f"Wrote {page}.")
    return 0
