"""Records' bytes to arrays: protocol buffers of a whole batch at a time.

Every writer of TensorFlow's puts the fields of an `Example` down in the same
few ways, so that a batch of them can be taken apart in step, all records at
their first field, then all at their second:

```
Example          0A n Features
SequenceExample  0A n Features   12 n FeatureLists
Features         0A n Entry, again and again: the keys in any order
Entry            0A n the key    12 n Feature
Feature          0A n BytesList  or 12 n FloatList  or 1A n Int64List
a list           0A n the value; numbers are packed into one
FeatureLists     0A n Entry, again: the value is 0A n Feature, again
```

Each n is the length of what follows, in base 128 with the lowest digit first;
so is each number of an Int64List. Records that are stored in another way are
not wrong: `Unusual` says that they are for TensorFlow's own parser.

Reference:
    - [Protocol Buffers: Encoding](
      https://protobuf.dev/programming-guides/encoding/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

FIRST, SECOND, THIRD = 0x0A, 0x12, 0x1A  # fields 1, 2 and 3 with a length
BYTES, FLOATS = FIRST, SECOND  # the kinds of a Feature that holds a vector
LENGTH_DIGITS = 4  # of a length, which is below 2 ** 28 then
MARGIN = 64  # zeros that have to stand behind the last record


class Unusual(Exception):
    """Some record is not as writers usually put it down."""


class Spans(NamedTuple):
    """Stretches of bytes, at most one a record.

    Attributes:
        rows: Which records have one, ascending.
        start: Where each starts, in the bytes of all.
        end: Where it ends.
    """

    rows: np.ndarray
    start: np.ndarray
    end: np.ndarray


def features(data: np.ndarray, start: np.ndarray, end: np.ndarray) -> Spans:
    """The `Features` of `Example` records.

    Some of YouTube-8M's were written as `SequenceExample`, with no lists.
    """
    first, after = _delimited(data, start, FIRST)
    require(after <= end)
    rest = after < end
    if rest.any():
        empty, after_rest = _delimited(data, after[rest], SECOND)
        require((empty == after_rest) & (after_rest == end[rest]))
    return Spans(np.arange(len(start)), first, after)


def context_and_lists(
    data: np.ndarray, start: np.ndarray, end: np.ndarray
) -> tuple[Spans, Spans]:
    """The `Features` and the `FeatureLists` of `SequenceExample` records."""
    rows = np.arange(len(start))
    first, middle = _delimited(data, start, FIRST)
    require(middle < end)
    return (
        Spans(rows, first, middle),
        Spans(rows, *_field(data, middle, SECOND, end)),
    )


def entries(
    data: np.ndarray, maps: Spans, keys: Sequence[str]
) -> dict[str, Spans]:
    """The values of some keys; a record that lacks a key has no span."""
    spans_by_key: dict[str, list[Spans]] = {key: [] for key in keys}
    rows, at, end = maps
    while True:
        left = at < end
        if not left.all():
            rows, at, end = rows[left], at[left], end[left]
        if not len(rows):
            break
        key_at, after = _delimited(data, at, FIRST)
        require(after <= end)
        key_at, key_end = _delimited(data, key_at, FIRST)
        require(key_end < after)
        value_at, value_end = _field(data, key_end, SECOND, after)
        for key in keys:
            same = _equal(data, key_at, key_end, key.encode())
            if same.any():
                matching = Spans(rows[same], value_at[same], value_end[same])
                spans_by_key[key].append(matching)
        at = after
    return {key: _joined(spans) for key, spans in spans_by_key.items()}


def vector(
    data: np.ndarray, spans: Spans, size: int, kind: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Features of one vector of `size` bytes: each one's record, its bytes.

    Args:
        data: The bytes of all records.
        spans: Where the features are.
        size: The bytes of a vector.
        kind: `BYTES` or `FLOATS`.
    """
    start, end = _field(data, spans.start, kind, spans.end)
    start, end = _field(data, start, FIRST, end)
    require(end - start == size)
    for row, at in zip(spans.rows.tolist(), start.tolist(), strict=True):
        yield row, data[at : at + size]


def integers(data: np.ndarray, spans: Spans) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of integer features: which record each is of, and each."""
    start, end = _field(data, spans.start, THIRD, spans.end)
    nonempty = start < end  # of no number, the list is empty
    rows, start, end = spans.rows[nonempty], start[nonempty], end[nonempty]
    start, end = _field(data, start, FIRST, end)
    require(start < end)
    # All their bytes, one record's behind the other's.
    counts = end - start
    before = np.cumsum(counts) - counts
    digits = data[np.repeat(start - before, counts) + np.arange(counts.sum())]
    last = digits < 0x80  # of a number
    require(last[before + counts - 1])
    numbers = np.flatnonzero(last)
    firsts = np.concatenate([[0], numbers[:-1] + 1])[: len(numbers)]
    lengths = numbers - firsts + 1
    require(lengths <= LENGTH_DIGITS)
    places = np.arange(len(digits)) - np.repeat(firsts, lengths)
    parts = (digits & 0x7F).astype(np.int64) << (7 * places)
    values = np.add.reduceat(parts, firsts) if len(numbers) else parts
    return np.repeat(rows, counts)[numbers], values


def strings(data: np.ndarray, spans: Spans) -> list[bytes]:
    """The bytes of features that hold one value each."""
    start, end = _field(data, spans.start, FIRST, spans.end)
    start, end = _field(data, start, FIRST, end)
    return [data[a:b].tobytes() for a, b in zip(start, end, strict=True)]


def vectors(
    data: np.ndarray, spans: Spans, size: int, kind: int = BYTES
) -> list[np.ndarray]:
    """Lists of features of `size` bytes each: a view `(n, size)` of each.

    All have the same bytes around their own, so they stand evenly apart.
    """
    around = framing(size, kind)
    step = len(around) + size
    require((spans.end - spans.start) % step == 0)
    views = []
    places = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    for start, end in places:
        rows = data[start:end].reshape(-1, step)
        if rows[:, : len(around)].tobytes() != around * len(rows):
            raise Unusual
        views.append(rows[:, len(around) :])
    return views


def framing(size: int, kind: int = BYTES) -> bytes:
    """What stands before each of a list of features of `size` bytes."""
    around = b""
    for tag in (FIRST, kind, FIRST):  # the value, the list, the Feature
        around = bytes([tag]) + _digits(size + len(around)) + around
    return around


def _digits(value: int) -> bytes:
    digits = []
    while value >= 0x80:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def _field(
    data: np.ndarray, at: np.ndarray, tag: int, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The contents of fields that fill all up to `end`."""
    start, after = _delimited(data, at, tag)
    require(after == end)
    return start, after


def _delimited(
    data: np.ndarray, at: np.ndarray, tag: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the contents of the fields at some places start and end."""
    require(data[at] == tag)
    at = at + 1
    digit = data[at].astype(np.int64)
    length = digit & 0x7F
    more = digit >= 0x80
    place = 0
    while more.any():
        place += 1
        if place == LENGTH_DIGITS:
            raise Unusual
        at = at + more
        digit = np.where(more, data[at], 0).astype(np.int64)
        length |= (digit & 0x7F) << (7 * place)
        more = digit >= 0x80
    return at + 1, at + 1 + length


def _equal(
    data: np.ndarray, start: np.ndarray, end: np.ndarray, key: bytes
) -> np.ndarray:
    """Whether ranges hold just these bytes."""
    same = end - start == len(key)
    if same.any():
        places = start[same, None] + np.arange(len(key))
        same[same] = (data[places] == np.frombuffer(key, np.uint8)).all(axis=1)
    return same


def _joined(parts: list[Spans]) -> Spans:
    """All spans of a key, by their records."""
    if not parts:
        nothing = np.zeros(0, np.int64)
        return Spans(nothing, nothing, nothing)
    rows, start, end = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    require(np.diff(rows) > 0)  # the same key twice
    return Spans(rows, start[order], end[order])


def require(condition: np.ndarray) -> None:
    """Raises `Unusual` unless all of a condition holds."""
    if not condition.all():
        raise Unusual
