"""The flags of a training that several processes share."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.cli.common import PROGRAM, Flags
from keras_attend_fusion.cli.errors import UsageError

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes

# What keras.distribution.initialize goes by, too.
VARIABLES = {
    "coordinator": "KERAS_DISTRIBUTION_JOB_ADDRESSES",
    "num-processes": "KERAS_DISTRIBUTION_NUM_PROCESSES",
    "process-id": "KERAS_DISTRIBUTION_PROCESS_ID",
}
PATIENCE = 300  # seconds that a process waits for the others
APART = ("bucket", "dry-run")  # flags that go without


def add_flags(add: Flags) -> None:
    """The flags that say where a process stands."""
    add.string(
        "coordinator",
        None,
        "host:port of the first of several processes that train one model, "
        f"on JAX; or the variable {VARIABLES['coordinator']}",
    )
    add.integer(
        "num-processes",
        None,
        f"how many there are; or {VARIABLES['num-processes']}",
    )
    add.integer(
        "process-id",
        None,
        f"which one this is, from 0; or {VARIABLES['process-id']}",
        least=0,
    )


@contextlib.contextmanager
def joined(flag: Flags) -> Iterator[Processes]:
    """The processes of a run; the first one alone prints.

    When a process fails it ends at once, and its connections with it, so
    that the others learn of it where they wait for it.
    """
    from keras_attend_fusion import training

    address, count, index = _place(flag)
    if address is None:
        yield training.join()
        return
    with _waiting(f"process {index} of {count}", address):
        processes = training.join(address, count, index)
    with open(os.devnull, "w") as nowhere, contextlib.ExitStack() as stack:
        if not processes.first:
            stack.enter_context(contextlib.redirect_stdout(nowhere))
        try:
            with training.lost_peers(processes):
                yield processes
        except BaseException as error:
            status = 130 if isinstance(error, KeyboardInterrupt) else 1
            atexit.register(_end, status)
            raise


@contextlib.contextmanager
def _waiting(who: str, address: str) -> Iterator[None]:
    """Ends the process if the others do not come while it waits in here."""

    def give_up() -> None:
        print(
            f"{PROGRAM} train: {who} waited {PATIENCE} s at {address} and not "
            "all others came: start each with its own --process-id and the "
            "address of process 0",
            file=sys.stderr,
        )
        _end(1)

    timer = threading.Timer(PATIENCE, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(status: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _place(flag: Flags) -> tuple[str | None, int, int]:
    """Address, count and index; no address if the process is alone."""
    found: dict[str, Any] = {}
    for name, variable in VARIABLES.items():
        found[name] = flag[name]
        if flag[name] is None and variable in os.environ:
            text = os.environ[variable]
            try:
                one = flag.values[name]
                found[name] = one.parser.parse(text)
            except ValueError as error:
                raise UsageError(f"{variable} is {text!r}: {error}") from error
    if all(value is None for value in found.values()):
        return None, 1, 0
    missing = [name for name, value in found.items() if value is None]
    if missing:
        names = ", ".join(f"--{name} ({VARIABLES[name]})" for name in missing)
        raise UsageError(f"several processes also need {names}")
    address = str(found["coordinator"]).split(",", 1)[0]
    count, index = found["num-processes"], found["process-id"]
    if index >= count:
        raise UsageError(
            f"--process-id is {index}, but --num-processes is {count}: they "
            "are counted from 0"
        )
    if not address.rpartition(":")[2].isdigit():
        raise UsageError(f"--coordinator is {address!r}: pass host:port")
    if count == 1:
        return None, 1, 0
    for name in APART:
        if flag[name]:
            raise UsageError(f"several processes train without --{name}")
    return address, count, index
