from __future__ import annotations

import email.utils
import time

import pytest

from keras_attend_fusion.data.downloads import retry
from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    TransientError,
)
from keras_attend_fusion.data.downloads.retry import (
    back_off,
    patiently,
    retry_after,
)


class Flaky:
    """Fails so many times, then succeeds."""

    def __init__(self, failures, after=None):
        self.failures = failures
        self.after = after
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise TransientError("busy", self.after)
        return "done"


def test_success_needs_no_wait():
    waits = []
    assert patiently(Flaky(0), 5, waits.append) == "done"
    assert waits == []


def test_as_many_failures_as_retries_are_forgiven():
    flaky = Flaky(2)
    assert patiently(flaky, 2, lambda _: None) == "done"
    assert flaky.calls == 3


def test_one_more_is_an_error():
    flaky = Flaky(3)
    with pytest.raises(DownloadError, match=r"busy \(tried 3 times\)"):
        patiently(flaky, 2, lambda _: None)
    assert flaky.calls == 3


def test_waits_double_up_to_the_longest_less_up_to_half(monkeypatch):
    monkeypatch.setattr(retry, "LONGEST_WAIT", 8.0)
    waits = []
    patiently(Flaky(6), 6, waits.append)
    for wait, whole in zip(waits, [1, 2, 4, 8, 8, 8], strict=True):
        assert whole / 2 <= wait <= whole


def test_waits_differ():
    assert len({back_off(1) for _ in range(20)}) > 1


def test_the_server_may_ask_for_more_but_not_for_less():
    waits = []
    patiently(Flaky(1, after=30.0), 1, waits.append)
    assert waits == [30.0]
    patiently(Flaky(1, after=0.0), 1, waits.append)
    assert 0.5 <= waits[1] <= 1.0


def test_a_server_that_asks_for_too_much_is_left_alone():
    flaky = Flaky(1, after=7200.0)
    with pytest.raises(DownloadError, match="busy: it asks to wait 7200 s"):
        patiently(flaky, 5, lambda _: None)
    assert flaky.calls == 1


def test_only_failures_in_a_row_count():
    flaky, come = Flaky(9), iter(range(100))
    patiently(flaky, 1, lambda _: None, gained=lambda: next(come))
    assert flaky.calls == 10


def test_getting_back_to_where_it_was_is_no_gain():
    flaky, come = Flaky(9), iter([0, 5, 4, 5, 5, 5, 5])
    with pytest.raises(DownloadError, match="tried 3 times"):
        patiently(flaky, 2, lambda _: None, gained=lambda: next(come))
    assert flaky.calls == 3


def test_retry_after_in_seconds_or_as_a_date():
    assert retry_after(" 7 ") == 7.0
    later = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 90 < retry_after(later) <= 100
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "²"])
def test_retry_after_that_says_nothing(header):
    assert retry_after(header) is None
