"""Ids as text: reversible, each another, printable."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from keras_attend_fusion.predictions.ids import raw_of, text_of


@pytest.mark.parametrize(
    "raw",
    [b"dQw4", b"-a_b", b"a b,c", b"C:\\x", b"\\", b"a\\b\\xg", b"a\tb\r\n"],
)
def test_plain_ids_stay(raw):
    assert text_of(raw) == raw.decode()


def test_ids_that_differ_have_texts_that_differ():
    parts = [b"\\", b"x", b"5", b"c", b"f", b"\xff", b"\xc3", b"\xa9", b"\0"]
    seen = {}
    for length in range(6):
        for chosen in itertools.product(parts, repeat=length):
            raw = b"".join(chosen)
            text = text_of(raw)
            assert raw_of(text) == raw
            assert seen.setdefault(text, raw) == raw


def test_random_bytes_are_given_back():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        raw = rng.bytes(rng.integers(1, 20))
        text = text_of(raw)
        assert raw_of(text) == raw
        assert text.encode("utf-8")  # without surrogates
        assert text.replace("\t", "").replace("\n", "").replace(
            "\r", ""
        ).isprintable() or any(ord(c) > 0x7F for c in text)


def test_what_a_terminal_would_obey_is_escaped():
    text = text_of("a\x1b[31m\x9b\u2028\x00\x7f".encode())
    assert text == r"a\x1b[31m\xc2\x9b\xe2\x80\xa8\x00\x7f"
