"""The command `attend-fusion`, also `python -m attend_fusion`.

It says that it is running before it imports the package, which then loads
Keras, and with it the backend, only where a subcommand needs it: `--help` and
a flag that is mistyped are answered at once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType

WORDS: dict[int, str] = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
}

running = False  # what the package goes by


def run() -> None:
    """Runs the command line and exits with its status."""
    global running
    running = True
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    _open_streams()
    signals: list[int] = []
    try:
        with _noting(signals):
            from keras_attend_fusion.cli.main import main

            raise SystemExit(main())
    except KeyboardInterrupt:
        signals.append(signal.SIGINT)
    except BaseException:  # a library may make another error of the signal
        if not signals:
            raise
    print(f"attend-fusion: {WORDS[signals[0]]}", file=sys.stderr)
    raise SystemExit(128 + signals[0])


def _open_streams() -> None:
    """Makes standard streams that were closed, or take ASCII alone, usable.

    A closed one becomes the null device: else the next file that is opened
    gets its number, and with it what libraries print.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def _noting(signals: list[int]) -> Iterator[None]:
    """Raises `KeyboardInterrupt` at a signal of `WORDS`, and notes it.

    Where the block ends by itself, signals are ignored from there on: they
    come too late, while Python ends.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in WORDS}
    try:
        yield
    except SystemExit:
        before = dict.fromkeys(WORDS, signal.SIG_IGN)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    import attend_fusion  # the package looks for it under this name

    attend_fusion.run()
