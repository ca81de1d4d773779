"""Put runs side by side: their metrics and the settings that differ, as
tables; with --out also their curves, on a page that needs no network."""

from __future__ import annotations

from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import write_json

USAGE = "RUN RUN… [--out FILE.html] [flags]"


def define(add: Flags) -> None:
    add.string("out", None, "page to write, .html")
    add.string("json", None, "write the tables to this file too")


def main(flag: Flags, positional: list[str]) -> int:
    if len(positional) < 2:
        raise UsageError(
            f"expected two folders or more that train wrote, got "
            f"{positional or 'none'}"
        )
    from keras_attend_fusion import reports

    comparison = reports.compare(positional, flag["out"])
    print(comparison)
    if flag["json"]:
        write_json(flag["json"], comparison.as_dict())
    if flag["out"]:
        print(f"Wrote {flag['out']}.")
    return 0
