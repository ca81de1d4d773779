"""What a process is in a search, and what it says if it cannot be that."""

from __future__ import annotations

import importlib
import socket

import pytest

from keras_attend_fusion.private import UntriedVersionError
from keras_attend_fusion.tuning import parallel
from keras_attend_fusion.tuning.parallel import Place


@pytest.fixture
def variables(monkeypatch):
    def put(tuner_id=None, ip=None, port=None):
        for name, value in zip(
            parallel.VARIABLES, (tuner_id, ip, port), strict=True
        ):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return put


def test_the_environment_says_what_a_process_is(variables):
    variables()
    assert Place.from_environment() == Place()
    variables("chief", "127.0.0.1", "8000")
    assert Place.from_environment().role == "chief"
    variables("second", "127.0.0.1", "8000")
    place = Place.from_environment()
    assert (place.role, place.tuner_id) == ("worker", "second")
    assert place.address == "127.0.0.1:8000"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("chief",), "KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT is not"),
        ((None, "::1", "1"), "but KERASTUNER_TUNER_ID is not: set all three"),
        (("one", "::1", "http"), "PORT is 'http': expected a port"),
        (("one", "::1", "65536"), "PORT is '65536': expected a port"),
    ],
)
def test_an_environment_that_is_not_whole(variables, given, message):
    variables(*given)
    with pytest.raises(ValueError, match=message):
        Place.from_environment()


def test_a_port_that_is_taken(tmp_path):
    from keras_attend_fusion.tuning import make_oracle

    oracle = make_oracle("random", "score", 2, 1, 0, tmp_path / "trials")
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = Place("chief", "chief", *server.getsockname())
        with pytest.raises(ValueError, match="the chief cannot listen at 127"):
            parallel.serve(oracle, place, lambda: None)


def test_a_worker_without_a_chief(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = Place("one", "worker", *server.getsockname())
    assert parallel.connect(None, place, lambda: True) is None
    monkeypatch.setattr(parallel, "PATIENCE", 0.0)
    with pytest.raises(ValueError, match="no chief answers at"):
        parallel.connect(None, place, lambda: False)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("protos", "get_service_grpc"),
        ("distribute.oracle_chief", "OracleServicer"),
        ("distribute.oracle_chief", "exit_chief"),
        ("distribute.oracle_client", "OracleClient"),
    ],
)
def test_a_keras_tuner_of_other_processes(module, name, monkeypatch):
    place = Place("chief", "chief", "127.0.0.1", 1)
    module = f"keras_tuner.src.{module}"
    monkeypatch.delattr(importlib.import_module(module), name)
    begin = parallel.connect if name == "OracleClient" else parallel.serve
    with pytest.raises(UntriedVersionError, match=f"`{name}` in {module};"):
        begin(None, place, lambda: None)
