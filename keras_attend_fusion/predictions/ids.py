"""Ids of videos, which are bytes in shards, as text in files and messages."""

from __future__ import annotations

import re

# A backslash that would be read as the start of an escape.
_LOOKS_ESCAPED = re.compile(r"\\(?=x[0-9a-f]{2})")
# Bytes that are not UTF-8 (as surrogates), control characters, and what some
# readers take for the end of a line. Tab, newline and carriage return stay.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]"
)
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


def text_of(raw: bytes) -> str:
    r"""The text of an id, which no other id has.

    UTF-8 stays as it is, but that bytes of other encodings and control
    characters (other than tab, newline and carriage return) become `\xHH`,
    and so does the backslash of an id that holds such a sequence.

    Example:

    >>> text_of("né-4_b".encode()), text_of(b"\xff\x00"), text_of(rb"a\xff")
    ('né-4_b', '\\xff\\x00', 'a\\x5cxff')
    """
    text = raw.decode("utf-8", "surrogateescape")
    return _UNSAFE.sub(_escaped, _LOOKS_ESCAPED.sub(r"\\x5c", text))


def raw_of(text: str) -> bytes:
    r"""The id whose text this is.

    Example:

    >>> raw_of(r"\xff\x00"), raw_of(r"a\x5cxff"), raw_of(r"a\b")
    (b'\xff\x00', b'a\\xff', b'a\\b')
    """
    return _ESCAPE.sub(
        lambda match: bytes([int(match[1], 16)]), text.encode("utf-8")
    )


def _escaped(match: re.Match[str]) -> str:
    raw = match[0].encode("utf-8", "surrogateescape")
    return "".join(f"\\x{byte:02x}" for byte in raw)
