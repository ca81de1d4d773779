from __future__ import annotations

import os
import signal
import threading

import pytest

from keras_attend_fusion.cli import synthesize
from keras_attend_fusion.cli.interrupts import interrupts
from keras_attend_fusion.cli.main import main


def test_a_ctrl_c_is_noticed_and_the_old_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interrupts() as seen:
        os.kill(os.getpid(), signal.SIGINT)
    assert seen == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_use_it():
    done = []

    def work():
        with interrupts() as seen:
            done.append(seen)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [[]]


def test_an_error_that_hides_a_ctrl_c_is_an_interruption(monkeypatch, capsys):
    def swallow(flag, positional):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt as error:
            raise RuntimeError("in user code") from error

    monkeypatch.setattr(synthesize, "main", swallow)
    assert main(["synthesize", "out"]) == 130
    assert capsys.readouterr().err == "attend-fusion synthesize: interrupted\n"


def test_an_error_without_a_ctrl_c_is_a_fault(monkeypatch):
    def fail(flag, positional):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(synthesize, "main", fail)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        main(["synthesize", "out"])
