"""Ctrl-C and SIGTERM: noted, raised where it is safe, and never lost."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import weakref

import pytest

from keras_attend_fusion import interrupts as module
from keras_attend_fusion.cli import libraries, synthesize
from keras_attend_fusion.cli.common import end_at_once, progress
from keras_attend_fusion.cli.main import main
from keras_attend_fusion.interrupts import check, interrupts

BOTH = [
    (signal.SIGINT, "interrupted", 130),
    (signal.SIGTERM, "terminated", 143),
]


def send(number=signal.SIGINT):
    os.kill(os.getpid(), number)


@pytest.fixture
def impatient(monkeypatch):
    """Has the handler raise soon where no loop looks."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "RETRY", 0.05)
    monkeypatch.setattr(module, "AGAIN", 0.2)


@pytest.mark.parametrize(("number", "word", "status"), BOTH)
def test_a_signal_is_noted_and_raised_by_check(number, word, status):
    before = signal.getsignal(number), sys.unraisablehook
    with interrupts() as noted:
        check()  # nothing came yet
        send(number)
        send(number)
        assert noted.signals == [number, number]
        with pytest.raises(KeyboardInterrupt, match=word):
            check()
    assert (noted.word, noted.status) == (word, status)
    assert (signal.getsignal(number), sys.unraisablehook) == before
    check()  # it went with its block


def test_a_progress_counter_looks():
    with interrupts(), progress("videos") as update:
        send()
        with pytest.raises(KeyboardInterrupt):
            update(1)


def test_a_wait_in_which_nobody_looks_is_ended(impatient):
    started = time.monotonic()

    def wait():
        with interrupts():
            send()
            time.sleep(120)

    with pytest.raises(KeyboardInterrupt):
        wait()
    assert time.monotonic() - started < 60


class Slow:
    """Takes its time in `__del__`, where Python loses what is raised."""

    def __del__(self):
        send()
        time.sleep(0.3)


def lost_in_a_callback():
    """As `Slow`, in a function whose name tells nothing."""

    class Referent:
        pass

    def callback(_):
        send()
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            time.sleep(0.01)

    referent = Referent()
    reference = weakref.ref(referent, callback)
    del referent
    return reference


@pytest.mark.parametrize("lose", [Slow, lost_in_a_callback])
def test_a_signal_within_a_destructor_is_not_lost(impatient, capfd, lose):
    def wait():
        with interrupts():
            lose()
            time.sleep(120)

    with pytest.raises(KeyboardInterrupt):
        wait()
    assert capfd.readouterr().err == ""


def test_a_clean_up_is_not_disturbed(impatient):
    done = []

    def work():
        with interrupts():
            try:
                send()
                check()
            finally:
                send()
                time.sleep(0.5)
                done.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [True]


def test_a_clean_up_that_hangs_is_disturbed(impatient, monkeypatch):
    monkeypatch.setattr(module, "CLEANUP", 0.0)
    started = time.monotonic()

    def work():
        with interrupts():
            try:
                send()
                check()
            finally:
                threading.Timer(0.1, send).start()
                time.sleep(120)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - started < 60


def test_another_thread_may_use_it():
    done = []

    def work():
        with interrupts() as noted:
            done.append(noted.signals)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [[]]


@pytest.mark.parametrize(("number", "word", "status"), BOTH)
def test_an_error_that_hides_a_signal_is_an_interruption(
    monkeypatch, capsys, number, word, status
):
    def hide(flag, positional):
        send(number)
        raise RuntimeError("in user code")

    monkeypatch.setattr(synthesize, "main", hide)
    assert main(["synthesize", "out"]) == status
    assert capsys.readouterr().err == f"attend-fusion synthesize: {word}\n"


def test_a_signal_that_a_library_swallows_is_an_interruption(
    monkeypatch, capsys, impatient
):
    def swallow(flag, positional):
        try:
            send()
            time.sleep(120)
        except BaseException:
            return 0

    monkeypatch.setattr(synthesize, "main", swallow)
    assert main(["synthesize", "out"]) == 130
    assert capsys.readouterr().err == "attend-fusion synthesize: interrupted\n"


def test_what_a_library_swallows_is_raised_again(impatient):
    swallowed = []

    def work():
        with interrupts():
            for _ in range(3):
                try:
                    send() if not swallowed else None
                    time.sleep(120)
                except KeyboardInterrupt as error:
                    swallowed.append(error)
            time.sleep(120)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert len(swallowed) == 3


@pytest.mark.parametrize(("number", "word", "status"), BOTH)
def test_a_signal_while_libraries_load(
    monkeypatch, capsys, number, word, status
):
    """Also where an import makes another error of it."""

    class Interrupted:
        def find_spec(self, name, path=None, target=None):
            if name == "tensorflow":
                send(number)
                raise ImportError("half loaded")

    ends = []
    monkeypatch.setattr(libraries.atexit, "register", lambda *a: ends.append(a))
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    assert main(["synthesize", "out"]) == status
    assert capsys.readouterr().err == f"attend-fusion synthesize: {word}\n"
    assert ends == [(end_at_once, status)]


def test_an_error_without_a_signal_is_a_fault(monkeypatch):
    def fail(flag, positional):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(synthesize, "main", fail)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        main(["synthesize", "out"])
