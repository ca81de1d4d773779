"""Finds the subcommand, and turns errors into one line."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from absl import flags

from keras_attend_fusion.cli.common import PROGRAM, Flags
from keras_attend_fusion.cli.errors import UsageError, describe
from keras_attend_fusion.cli.interrupts import interrupts
from keras_attend_fusion.version import __version__

SUBCOMMANDS = {
    "download": "fetch YouTube-8M shards, verified and resumable",
    "synthesize": "write synthetic shards with planted structure",
    "inspect": "check shards and say what they hold",
    "train": "train a model on shards",
    "tune": "search for a better model, trial after trial",
    "evaluate": "score a trained model, or predictions, on shards",
    "predict": "write the top classes of every video, or the top segments",
    "report": "tell of a training on one page",
    "explain": "show the seconds and modalities that a video's scores rest on",
    "export": "write SavedModel, LiteRT and ONNX files, run and compare them",
    "benchmark": "time a part of this package on this machine",
}


def main(argv: list[str] | None = None) -> int:
    """Runs `attend-fusion SUBCOMMAND …`; returns the exit status.

    0 is success, 1 an error in the data or the run, 2 wrong usage, 130 a
    Ctrl-C. Errors are one line on standard error.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        status = _main(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # as of `| head`
        sys.stderr.close()
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
    with interrupts() as seen:
        try:
            return _run(name, argv[1:])
        except (flags.Error, UsageError) as error:
            return _fail(name, f"{error} (see {PROGRAM} {name} --help)", 2)
        except KeyboardInterrupt as error:
            return _fail(name, str(error) or "interrupted", 130)
        except BrokenPipeError:
            raise
        except Exception as error:
            if seen:
                return _fail(name, "interrupted", 130)
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
    return command.main(flag, positional)


def _fail(name: str, message: str, status: int) -> int:
    line = " ".join(message.split())
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
