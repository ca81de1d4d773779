"""The flags of a training that several processes share."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keras_attend_fusion import interrupts
from keras_attend_fusion.cli.common import PROGRAM, Flags, end_at_once
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
    from keras_attend_fusion.training.processes import reraise_lost_peer

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
            with reraise_lost_peer(processes):
                yield processes
        except BaseException as error:
            signalled = isinstance(error, KeyboardInterrupt)
            atexit.register(
                end_at_once, interrupts.status() if signalled else 1
            )
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
        end_at_once(1)

    timer = threading.Timer(PATIENCE, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _place(flag: Flags) -> tuple[str | None, int, int]:
    """Address, count and index; no address if the process is alone."""
    given: dict[str, Any] = {}
    for name, variable in VARIABLES.items():
        given[name] = flag[name]
        if flag[name] is None and variable in os.environ:
            text = os.environ[variable]
            try:
                definition = flag.values[name]
                given[name] = definition.parser.parse(text)
            except ValueError as error:
                raise UsageError(f"{variable} is {text!r}: {error}") from error
    if all(value is None for value in given.values()):
        return None, 1, 0
    missing = [name for name, value in given.items() if value is None]
    if missing:
        names = ", ".join(f"--{name} ({VARIABLES[name]})" for name in missing)
        raise UsageError(f"several processes also need {names}")
    address = str(given["coordinator"]).split(",", 1)[0]
    count, index = given["num-processes"], given["process-id"]
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
