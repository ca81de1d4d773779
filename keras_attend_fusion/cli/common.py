"""Flags, checks and files that several subcommands share."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

from absl import flags

from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.interrupts import check

PROGRAM = "attend-fusion"

# What several flags take, for --help.
MODEL = (
    "folder that train wrote, a .keras file, or what export wrote: a .tflite "
    "or .onnx file or a SavedModel folder"
)
KERAS_MODEL = "folder that train wrote, or a .keras file"
VOCABULARY = (
    "names of the classes: YouTube-8M's vocabulary.csv, or another .csv, .tsv, "
    ".txt or .json list"
)
CLASSES = "a .csv file with a column Index, or a .txt or .json list of indices"
FORMATS = ("saved_model", "litert", "onnx")  # of exports
# Kinds of LiteRT file, those of `export.acceptance.BOUNDS`.
QUANTIZED = ("none", "float16", "dynamic", "int8", "int4")


class _HomeParser(flags.ArgumentParser[str]):
    """Expands `~`, which a shell leaves as it is in `--out=~/run`."""

    def parse(self, argument: str) -> str:
        return os.path.expanduser(argument)


class _CheckedParser(flags.ArgumentParser[str]):
    """Refuses a text before anything is loaded.

    Args:
        refusal: What is wrong with a text; None if nothing is.
    """

    def __init__(self, refusal: Callable[[str], str | None]) -> None:
        super().__init__()
        self._refusal = refusal

    def parse(self, argument: str) -> str:
        wrong = self._refusal(argument)
        if wrong:
            raise ValueError(wrong)
        return argument


class Flags:
    """The flags of one subcommand, apart from any other's."""

    def __init__(self) -> None:
        self.values: Any = flags.FlagValues()  # type: ignore[no-untyped-call]

    def __getitem__(self, name: str) -> Any:
        """The value of a flag, once the command line has been parsed."""
        return self.values[name].value

    def given(self, name: str) -> bool:
        """Whether the command line names a flag."""
        return bool(self.values[name].present)

    def command(self, subcommand: str) -> str:
        """The command line that gives these values."""
        given = [
            f"--{flag.name}={flag.value}"
            for flag in self.values.get_flags_for_module(PROGRAM)
            if flag.present
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
            allow_overwrite=False,
            **limits,
        )
        # absl files a flag under the module that defines it; ours all go
        # under one name, so that --help finds them.
        flag = self.values[name]
        self.values.register_flag_by_module(PROGRAM, flag)

    def string(self, name: str, default: str | None, text: str) -> None:
        """A text; `~` at its start is the home folder, as in a shell."""
        self._define("string", name, default, text)
        self.values[name].parser = _HomeParser()

    def word(
        self,
        name: str,
        default: str | None,
        refusal: Callable[[str], str | None],
        text: str,
    ) -> None:
        """A text that is checked; `refusal` says what is wrong with it."""
        self._define("string", name, default, text)
        self.values[name].parser = _CheckedParser(refusal)

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


def import_from_working_directory() -> None:
    """Has Python find modules in the working directory, as `python` does."""
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)


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


def end_at_once(status: int) -> None:
    """Ends the process without the clean-up of libraries."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextlib.contextmanager
def progress(
    unit: str, total: int | None = None
) -> Iterator[Callable[..., None]]:
    """A counter on standard error, which a terminal shows in one line.

    The function it yields takes what is done, and optionally the total. It
    raises `KeyboardInterrupt` if a Ctrl-C or a SIGTERM came.
    """
    show = sys.stderr.isatty()

    def update(done: int, of: int | None = total) -> None:
        check()
        if show:
            share = f" of {of}" if of else ""
            print(f"\r{unit}: {done}{share}", end="", file=sys.stderr)

    try:
        yield update
    finally:
        if show:
            print(file=sys.stderr)
