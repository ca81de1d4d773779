"""What the headers of an answer tell of its body."""

from __future__ import annotations

import re

import requests

DIGITS = re.compile("[0-9]{1,18}")  # more are no size of a file
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")


def length_of(response: requests.Response) -> int | None:
    """The bytes of the body; None if that is not told, or not believable."""
    text = response.headers.get("Content-Length", "")
    if "Content-Encoding" in response.headers or not DIGITS.fullmatch(text):
        return None
    return int(text)


def range_of(
    response: requests.Response,
) -> tuple[int | None, int | None]:
    """The first byte that comes, and those of the whole file."""
    header = response.headers.get("Content-Range", "")
    match = CONTENT_RANGE.fullmatch(header)
    if match is None:
        return None, None
    start, total = match.groups()
    return int(start), None if total == "*" else int(total)


def compressed_once(response: requests.Response) -> bool:
    """Whether an answer is compressed once at most."""
    return "," not in response.headers.get("Content-Encoding", "")
