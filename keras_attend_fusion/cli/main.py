"""Finds the subcommand, and turns errors into one line."""

from __future__ import annotations

import importlib
import os
import re
import sys
from types import ModuleType

from absl import flags

from keras_attend_fusion.arguments import spelled
from keras_attend_fusion.cli import libraries
from keras_attend_fusion.cli.common import PROGRAM, Flags
from keras_attend_fusion.cli.errors import (
    UsageError,
    describe,
    flags_for,
    with_flags,
)
from keras_attend_fusion.files import printable
from keras_attend_fusion.interrupts import interrupts
from keras_attend_fusion.runs.settings import SettingError
from keras_attend_fusion.version import __version__

SUBCOMMANDS = {
    "download": "fetch YouTube-8M shards, verified and resumable",
    "synthesize": "write synthetic shards with planted structure",
    "pack": "write own features, from a table, as shards",
    "inspect": "check shards and say what they hold",
    "train": "train a model on shards",
    "tune": "search for a better model, trial after trial",
    "evaluate": "score a trained model, or predictions, on shards",
    "predict": "write the top classes of every video, or the top segments",
    "report": "show a training on one page",
    "compare": "put runs side by side: metrics, curves, settings",
    "explain": "show the seconds and modalities that a video's scores rest on",
    "export": "write SavedModel, LiteRT and ONNX files, run and compare them",
    "benchmark": "time a part of this package on this machine",
}
# What absl says of a flag that comes a second time.
TWICE = re.compile("flag --(.*?)=(.*): already defined as (.*)", re.DOTALL)


def main(argv: list[str] | None = None) -> int:
    """Runs `attend-fusion SUBCOMMAND …`; returns the exit status.

    0 is success, 1 an error in the data or the run, 2 wrong usage, 130 a
    Ctrl-C, 143 a SIGTERM. Errors are one line on standard error.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        status = _main(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # as of `| head`
        # What is still to be written when Python ends has nowhere to go.
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 1


def _main(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if argv else 2
    if argv[0] == "--version":
        print(f"{PROGRAM} {__version__}")
        return 0
    name = argv[0]
    if name not in SUBCOMMANDS:
        known = ", ".join(SUBCOMMANDS)
        print(f"{PROGRAM}: no subcommand {name!r}: {known}", file=sys.stderr)
        return 2
    with interrupts() as noted:
        try:
            status = _run(name, argv[1:])
            noted.check()
            return status
        except libraries.LibraryError as error:
            print(f"{PROGRAM}: {error}", file=sys.stderr)
            return 1
        except (flags.Error, UsageError, SettingError) as error:
            usage = f"{_plain(error)} (see {PROGRAM} {name} --help)"
            return _fail(name, usage, 2)
        except KeyboardInterrupt as error:
            return _fail(name, str(error) or "interrupted", noted.status)
        except BrokenPipeError:
            raise
        except Exception as error:
            if noted.signals:
                return _fail(name, noted.word, noted.status)
            line = describe(error)
            if line is None:
                raise
            return _fail(name, line, 1)


def _run(name: str, argv: list[str]) -> int:
    command = importlib.import_module(f"keras_attend_fusion.cli.{name}")
    flag = Flags()
    command.define(flag)
    if {"-h", "--help", "-help"} & set(argv):
        print(_help(name, command, flag))
        return 0
    positional = flag.values([name, *argv])[1:]
    libraries.load()
    libraries.load_own(flag)
    words = [os.path.expanduser(word) for word in positional]
    with spelled(flags_for):
        return int(command.main(flag, words))


def _plain(error: Exception) -> str:
    """An error of usage, in the words that the other errors have."""
    wording = r"--\1 is given as \3 and as \2: pass one"
    return TWICE.sub(wording, with_flags(error))


def _fail(name: str, message: str, status: int) -> int:
    line = printable(" ".join(message.split()), None)
    print(f"{PROGRAM} {name}: {line}", file=sys.stderr)
    return status


def _overview() -> str:
    lines = [f"usage: {PROGRAM} SUBCOMMAND [flags]", ""]
    lines += [f"  {name:<12}{text}" for name, text in SUBCOMMANDS.items()]
    lines += ["", f"{PROGRAM} SUBCOMMAND --help lists its flags."]
    return "\n".join(lines)


def _help(name: str, command: ModuleType, values: Flags) -> str:
    lines = [f"usage: {PROGRAM} {name} {command.USAGE}", ""]
    lines += [(command.__doc__ or "").strip(), ""]
    for flag in values.values.get_flags_for_module(PROGRAM):
        default = (flag.default_as_str or "").strip("'")
        note = f" [{default}]" if default else ""
        lines.append(f"  --{flag.name}")
        lines.append(f"      {flag.help}{note}")
    return "\n".join(lines)
