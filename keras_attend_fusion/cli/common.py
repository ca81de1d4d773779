"""Flags, checks and files that several subcommands share."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from absl import flags

from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import beside

PROGRAM = "attend-fusion"


class Flags:
    """The flags of one subcommand, apart from any other's."""

    def __init__(self) -> None:
        self.values = flags.FlagValues()

    def __getitem__(self, name: str) -> Any:
        """The value of a flag, once the command line has been parsed."""
        return self.values[name].value

    def given(self, name: str) -> bool:
        """Whether the command line names a flag."""
        return self.values[name].present > 0

    def command(self, subcommand: str) -> str:
        """The command line that gives these values."""
        given = [
            f"--{one.name}={one.value}"
            for one in self.values.get_flags_for_module(PROGRAM)
            if one.present
        ]
        return shlex.join([PROGRAM, subcommand, *given])

    def _define(
        self, kind: str, name: str, default: Any, text: str, **limits: Any
    ) -> None:
        define = getattr(flags, f"DEFINE_{kind}")
        define(
            name=name,
            default=default,
            help=text,
            flag_values=self.values,
            **limits,
        )
        # absl files a flag under the module that defines it; ours all go
        # under one name, so that --help finds them.
        flag = self.values[name]
        self.values.register_flag_by_module(PROGRAM, flag)

    def string(self, name: str, default: str | None, text: str) -> None:
        self._define("string", name, default, text)

    def integer(
        self,
        name: str,
        default: int | None,
        text: str,
        least: int = 1,
        most: int | None = None,
    ) -> None:
        bounds = {"lower_bound": least, "upper_bound": most}
        self._define("integer", name, default, text, **bounds)

    def number(self, name: str, default: float | None, text: str) -> None:
        self._define("float", name, default, text)

    def boolean(self, name: str, default: bool, text: str) -> None:
        self._define("bool", name, default, text)

    def choice(
        self,
        name: str,
        default: str | None,
        options: list[str],
        text: str,
    ) -> None:
        self._define("enum", name, default, text, enum_values=options)


def required(flag: Flags, *names: str) -> None:
    """Raises `UsageError` if one of the named flags was not given."""
    missing = [f"--{name}" for name in names if flag[name] is None]
    if missing:
        raise UsageError(f"missing {', '.join(missing)}")


def no_positional(positional: list[str]) -> None:
    """Raises `UsageError` if anything stands outside a flag."""
    if positional:
        raise UsageError(
            f"unexpected {positional[0]!r}: quote a glob, so that the shell "
            "does not expand it"
        )


def patterns(text: str) -> list[str]:
    """The globs of a flag, which commas part."""
    return [part.strip() for part in text.split(",") if part.strip()]


def new_folder(path: str, hint: str = "") -> Path:
    """A folder that may be made; `ValueError` if something is there."""
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(
            f"{folder} exists and is not an empty folder: remove it or name "
            f"another --out{hint}"
        )
    return folder


def write_json(path: str | Path, value: Any) -> None:
    """Writes `value` as JSON, whole or not at all."""
    with beside(path) as unfinished:
        unfinished.write_text(json.dumps(value, indent=2) + "\n")


def table(rows: list[tuple[str, str]]) -> str:
    """Two columns, the first as wide as its longest entry."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)


def metrics_table(metrics: dict[str, Any]) -> str:
    """The metrics, one a line."""
    rows = []
    for name, value in metrics.items():
        rows.append(
            (name, f"{value:.5f}" if isinstance(value, float) else str(value))
        )
    return table(rows)


@contextlib.contextmanager
def progress(
    what: str, total: int | None = None
) -> Iterator[Callable[..., None]]:
    """A counter on standard error, which a terminal shows in one line.

    The function it yields takes what is done, and optionally the total.
    """
    show = sys.stderr.isatty()

    def update(done: int, of: int | None = total) -> None:
        if show:
            share = f" of {of}" if of else ""
            print(f"\r{what}: {done}{share}", end="", file=sys.stderr)

    try:
        yield update
    finally:
        if show:
            print(file=sys.stderr)
