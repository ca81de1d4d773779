"""Which errors are one line, and which are faults of ours."""

from __future__ import annotations

from keras_attend_fusion.cli.errors import describe


def test_what_the_user_can_mend_is_one_line():
    assert describe(ValueError("a flag")) == "a flag"
    assert "nope" in describe(FileNotFoundError(2, "No such file", "nope"))
    assert describe(MemoryError()) == "not enough memory"
    error = MemoryError("Unable to allocate 9 GiB")
    assert describe(error) == "not enough memory: Unable to allocate 9 GiB"


def test_a_fault_of_ours_is_none():
    assert describe(KeyError("x")) is None
