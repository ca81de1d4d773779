"""One search in several processes: a chief that chooses, workers that train.

This is KerasTuner's own way, with its environment variables and messages. Two
of its habits are replaced: its chief looks only every 20 seconds whether all
is done, and lets another chief have the same port unnoticed.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import keras_tuner

from keras_attend_fusion.private import private

VARIABLES = (
    "KERASTUNER_TUNER_ID",
    "KERASTUNER_ORACLE_IP",
    "KERASTUNER_ORACLE_PORT",
)
PATIENCE = 600.0  # seconds that a worker waits for the chief to start


@dataclass(frozen=True)
class Place:
    """What a process does in a search.

    Attributes:
        tuner_id: The name of the process.
        role: "alone", "chief" or "worker".
        ip: Where the chief listens.
        port: The same.
    """

    tuner_id: str = "tuner0"
    role: str = "alone"
    ip: str = ""
    port: int = 0

    @classmethod
    def from_environment(cls) -> Place:
        """Reads KerasTuner's variables.

        Raises:
            ValueError: Some of them are missing, or the port is none.
        """
        given = {name: os.environ.get(name, "") for name in VARIABLES}
        missing = [name for name, value in given.items() if not value]
        if len(missing) == len(given):
            return cls()
        if missing:
            present = [name for name in given if name not in missing]
            raise ValueError(
                f"{' and '.join(present)} is set in the environment, but "
                f"{' and '.join(missing)} is not: set all three for a search "
                "in several processes, or none"
            )
        tuner_id, ip, port = given.values()
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(
                f"KERASTUNER_ORACLE_PORT is {port!r}: expected a port, such "
                "as 8000"
            )
        role = "chief" if "chief" in tuner_id else "worker"
        return cls(tuner_id, role, ip, int(port))

    @property
    def address(self) -> str:
        """Where the chief listens."""
        return f"{self.ip}:{self.port}"


def serve(
    oracle: keras_tuner.Oracle, place: Place, report: Callable[[], None]
) -> None:
    """Hands out trials until there is none left and every worker knows.

    Args:
        oracle: Chooses them.
        place: Where to listen.
        report: Called whenever a trial has ended.

    Raises:
        ValueError: The address cannot be listened at.
        UntriedVersionError: KerasTuner's chief is made in another way.
    """
    import grpc

    chief = "keras_tuner.src.distribute.oracle_chief"
    servicer = _internal(chief, "OracleServicer")(oracle)
    all_know = _internal(chief, "exit_chief")
    service = _internal("keras_tuner.src.protos", "get_service_grpc")()
    add = _internal(service, "add_OracleServicer_to_server")
    _internal(servicer, "stop_triggered")  # read until it is true
    server = grpc.server(
        ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)]
    )
    add(servicer, server)
    try:
        server.add_insecure_port(place.address)
    except RuntimeError as error:
        raise ValueError(
            f"the chief cannot listen at {place.address}, which "
            "KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT name: another "
            "process does, or the address is not this machine's"
        ) from error
    server.start()
    try:
        seen = len(oracle.end_order)
        while not (servicer.stop_triggered and all_know(oracle)):
            time.sleep(0.2)
            if len(oracle.end_order) != seen:
                seen = len(oracle.end_order)
                report()
    finally:
        server.stop(grace=1).wait()


def connect(
    oracle: keras_tuner.Oracle, place: Place, is_over: Callable[[], bool]
) -> Any:
    """A worker's view of the chief's oracle; None if the search is over.

    Args:
        oracle: An oracle made as the chief's was.
        place: Where the chief listens.
        is_over: Whether a chief that is not there has finished.

    Raises:
        ValueError: There is no chief in `PATIENCE` seconds.
        UntriedVersionError: KerasTuner's client is made in another way.
    """
    client = "keras_tuner.src.distribute.oracle_client"
    view = _internal(client, "OracleClient")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((place.ip, place.port), 5).close()
        except OSError as error:
            if is_over():
                return None
            if time.monotonic() > deadline:
                raise ValueError(
                    f"no chief answers at {place.address} ({error}): start "
                    "one with KERASTUNER_TUNER_ID=chief and the same flags"
                ) from error
            time.sleep(0.5)
        else:
            return view(oracle)


def _internal(owner: Any, name: str) -> Any:
    """A name of KerasTuner's that is not among its public ones."""
    return private(owner, name, "keras-tuner")
