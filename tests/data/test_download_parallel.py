from __future__ import annotations

import threading

import pytest

from keras_attend_fusion.data.downloads.parallel import in_parallel


def quiet(done):
    pass


def test_results_come_in_order():
    first, stop = threading.Event(), threading.Event()

    def work(item):
        if item == 0:
            assert first.wait(60)  # The second ends before the first does.
        first.set()
        return item * 10

    assert in_parallel(work, [0, 1, 2], 2, stop, quiet) == [0, 10, 20]
    assert not stop.is_set()


def test_no_items():
    assert in_parallel(abs, [], 4, threading.Event(), quiet) == []


def test_so_many_at_once_and_no_more():
    lock, both = threading.Lock(), threading.Barrier(2, timeout=60)
    now, most = 0, 0

    def work(item):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        both.wait()
        with lock:
            now -= 1

    in_parallel(work, range(6), 2, threading.Event(), quiet)
    assert most == 2


def test_ticks_say_what_is_done():
    ticks = []
    in_parallel(abs, range(5), 2, threading.Event(), ticks.append)
    assert ticks == sorted(ticks)
    assert set(ticks) == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt("x")])
def test_the_first_error_ends_it(error):
    stop = threading.Event()
    begun = []

    def work(item):
        begun.append(item)
        if item == 3:
            raise error

    with pytest.raises(type(error), match="x"):
        in_parallel(work, range(100), 1, stop, quiet)
    assert begun == [0, 1, 2, 3]
    assert stop.is_set()


def test_an_interruption_here_tells_the_threads():
    stop = threading.Event()
    begun, ended = [], []

    def work(item):
        begun.append(item)
        assert stop.wait(60)
        ended.append(item)

    def interrupt(done):
        if len(begun) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_parallel(work, range(100), 3, stop, interrupt)
    assert sorted(begun) == sorted(ended) == [0, 1, 2]
