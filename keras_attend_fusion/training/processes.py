"""Several processes, or several devices, that train one model together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.training.mirrored import (
    local_devices,
    mirror,
    on_one_device,
)
from keras_attend_fusion.training.scheduling import take_long_turns

HEARTBEAT = 30  # seconds without a sign of life, after which a process is lost
PATIENCE = 600  # seconds that each waits for the others to start


class PeerError(ValueError):
    """A process of the run that does not answer any more."""


@dataclass(frozen=True)
class Processes:
    """Where this process stands among those that train together.

    Attributes:
        index: Which one this is, from 0.
        count: How many there are.
        devices: How many devices they compute on, all of them together.
    """

    index: int = 0
    count: int = 1
    devices: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks for all."""
        return self.index == 0

    def local(self, batch_size: int) -> int:
        """The videos of a batch that this process reads.

        Raises:
            ValueError: The batch cannot be cut into equal parts.

        Example:

        >>> Processes(index=1, count=2, devices=4).local(512)
        256
        """
        if batch_size % self.devices:
            raise ArgumentError(
                f"a batch of {batch_size} cannot be cut into equal parts for "
                f"{self.devices} devices: pass a `batch_size` that is a "
                f"multiple of {self.devices}"
            )
        return batch_size // self.count

    def steps(self, videos: int, batch_size: int) -> int:
        """Whole batches in an epoch: the same number in each process.

        What is left over, less than a batch, waits for another epoch, which
        has another order.

        Args:
            videos: Those of the process that has the fewest.
            batch_size: Videos in a batch of all processes.

        Raises:
            ValueError: There is none.

        Example:

        >>> Processes(count=2, devices=2).steps(videos=500, batch_size=100)
        10
        """
        steps = videos // self.local(batch_size)
        if not steps:
            raise ArgumentError(
                f"{videos} videos a process are not a whole batch of "
                f"{batch_size} for {self.count} processes: pass a smaller "
                "`batch_size`"
            )
        return steps


ALONE = Processes()

# What `jax.distributed` was started with; a process does that once.
_connection: tuple[str, int, int] | None = None


def join(
    coordinator: str | None = None,
    num_processes: int = 1,
    process_id: int = 0,
) -> Processes:
    """Has what is built from here on train on the devices of all processes.

    Each process calls it first, before anything computes, with the same
    arguments but its own `process_id`; the first one answers at the address.
    Variables are then replicated, and a batch is the parts that the
    processes read, one behind the other (`keras.distribution.DataParallel`).
    Losses, gradients and the statistics of normalisation are those of the
    whole batch. On CPUs gloo carries them, on GPUs NCCL. On Linux the calling
    thread and those it starts from here on get the batch policy of the
    scheduler (`take_long_turns`).

    One process with several devices spreads its batches over them: on JAX in
    the same way, on TensorFlow with `tf.distribute.MirroredStrategy`. One with
    a single device is left as it is. Called again, before another model, it
    changes nothing.

    Args:
        coordinator: `host:port` of the first process; None if there is one
            process alone.
        num_processes: How many there are.
        process_id: Which one this is, from 0.

    Raises:
        ValueError: The Keras backend is not JAX and there are several
            processes; they cannot connect; or the arguments are not those of
            the call before. Where the others do not come
            within ten minutes, JAX ends the process.

    Example:

    >>> join().count
    1

    Reference:
        - [Keras: distributed training with JAX](
          https://keras.io/guides/distribution/).
    """
    if coordinator is not None:
        _connect(coordinator, num_processes, process_id)
    if keras.backend.backend() == "tensorflow":
        names = local_devices()
        if len(names) > 1:
            mirror(names)
        return Processes(devices=len(names))
    if keras.backend.backend() == "torch":
        return ALONE
    devices = len(keras.distribution.list_devices())
    if devices > 1:
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )
    return Processes(process_id, num_processes, devices)


def _connect(coordinator: str, num_processes: int, process_id: int) -> None:
    if keras.backend.backend() != "jax":
        raise ValueError(
            f"the Keras backend is {keras.backend.backend()}, but several "
            "processes train on JAX alone: set KERAS_BACKEND=jax"
        )
    global _connection
    connection = (coordinator, num_processes, process_id)
    if _connection is not None:
        if connection != _connection:
            raise ValueError(
                "join got coordinator, num_processes and process_id "
                f"{connection}, but this process joined with {_connection}: "
                "pass the same each time"
            )
        return
    take_long_turns()
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    try:
        jax.distributed.initialize(
            coordinator,
            num_processes,
            process_id,
            initialization_timeout=PATIENCE,
            heartbeat_timeout_seconds=HEARTBEAT,
            shutdown_timeout_seconds=HEARTBEAT,
        )
    except RuntimeError as error:
        raise PeerError(
            f"process {process_id} of {num_processes} cannot meet the others "
            f"at {coordinator}: {_first_line(error)}"
        ) from error
    _connection = connection


@contextlib.contextmanager
def reraise_lost_peer(processes: Processes) -> Iterator[None]:
    """Makes a `PeerError` of what gloo says of a process that is gone.

    On GPUs it is the heartbeat that ends a process that waits for another.
    """
    try:
        yield
    except (RuntimeError, ValueError) as error:
        # Collectives of arrays raise JAX's own error, of values a built-in one.
        if processes.count == 1 or "Gloo" not in str(error):
            raise
        raise PeerError(
            "another process of the run ended, or does not answer any more: "
            f"{_first_line(error)}"
        ) from error


@contextlib.contextmanager
def on_this_process() -> Iterator[None]:
    """What is built inside is of this process alone."""
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        with on_one_device():
            yield
    finally:
        keras.distribution.set_distribution(before)


def all_gather_bytes(payload: bytes, processes: Processes) -> list[bytes]:
    """What every process passes, in their order; all of them call this.

    Example:

    >>> all_gather_bytes(b"scores", ALONE)
    [b'scores']
    """
    if processes.count == 1:
        return [payload]
    from jax.experimental.multihost_utils import process_allgather

    with reraise_lost_peer(processes):
        lengths = process_allgather(np.int32(len(payload)))
        padded = np.zeros(max(1, int(lengths.max())), np.uint8)
        padded[: len(payload)] = np.frombuffer(payload, np.uint8)
        rows = process_allgather(padded)
    return [
        row[:length].tobytes()
        for row, length in zip(np.asarray(rows), lengths, strict=True)
    ]


def _first_line(error: BaseException) -> Any:
    return str(error).strip().split("\n", 1)[0]
