"""The flags of every subcommand that runs a model on shards."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.cli import setting_flags
from keras_attend_fusion.cli.common import Flags
from keras_attend_fusion.cli.errors import flag_name

NAMES = ("batch_size", "on_corrupt", "schema")


def add_flags(add: Flags) -> None:
    """Adds --batch-size, --on-corrupt, --schema and --import."""
    setting_flags.add_flags(add, NAMES)
    add.string(
        "import",
        None,
        "modules to import first, comma-separated, which register layers of "
        "your own",
    )


def options(flag: Flags) -> dict[str, Any]:
    """The values of these flags, by the names of arguments."""
    return {name: flag[flag_name(name)] for name in NAMES}
