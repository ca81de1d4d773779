"""Text files that are read and written, gzipped where the name says so."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from keras_attend_fusion.files.whole import beside

GZIP = ".gz"
MOST_BYTES = 256 << 20  # of a text file that is read whole
ENCODINGS = {  # by their byte order marks, the longer ones first
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def _encoding(start: bytes) -> str:
    """The encoding of text that starts with some bytes: UTF-8 if unmarked."""
    for mark, encoding in ENCODINGS.items():
        if start.startswith(mark):
            return encoding
    return "utf-8"


def decode(raw: bytes, name: str | Path) -> str:
    """The text of some bytes: UTF-8, or what a byte order mark says.

    Windows writes UTF-8 with a byte order mark, and UTF-16.

    Args:
        raw: The bytes.
        name: Where they come from, for the error.

    Raises:
        ValueError: They are not text.

    Example:

    >>> decode("é".encode("utf-16"), "list.txt")
    'é'
    """
    encoding = _encoding(raw)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(name, encoding, error) from error


def read_text(path: str | Path, most_bytes: int = MOST_BYTES) -> str:
    """The text of a file, decoded as `decode` does.

    Raises:
        ValueError: The file is not text, or holds more than `most_bytes`.
    """
    with Path(path).open("rb") as file:
        raw = file.read(most_bytes + 1)
    if len(raw) > most_bytes:
        raise ValueError(
            f"{path} holds more than {most_bytes:,} bytes: too many for a "
            "file of this kind"
        )
    return decode(raw, path)


def _not_text(
    name: str | Path, encoding: str, error: UnicodeDecodeError
) -> ValueError:
    shown = encoding.upper().removesuffix("-SIG")
    return ValueError(f"{name} is not {shown} text: {error}")


def form(path: str | Path) -> str:
    """The suffix that says what a file holds: `.csv` of `a.csv.gz` too."""
    path = Path(path)
    return Path(path.stem).suffix if path.suffix == GZIP else path.suffix


@contextlib.contextmanager
def writing(path: str | Path) -> Iterator[TextIO]:
    """A UTF-8 file to write to, whole at the end or not there at all.

    A name that ends in `.gz` is written gzipped, with neither a time nor a
    name in the header: the same text makes the same file.
    """
    with contextlib.ExitStack() as stack:
        unfinished = stack.enter_context(beside(path))
        raw: Any = stack.enter_context(unfinished.open("wb"))
        if Path(path).suffix == GZIP:
            raw = stack.enter_context(
                gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0)
            )
        yield stack.enter_context(
            io.TextIOWrapper(raw, encoding="utf-8", newline="")
        )


@contextlib.contextmanager
def reading(path: str | Path) -> Iterator[TextIO]:
    """A text file to read from: UTF-8, or what a byte order mark says.

    Raises:
        ValueError: while it is read, if it is not text, or is to be gzipped
            and is not, or is cut off.
    """
    path = Path(path)
    encoding = "utf-8"
    try:
        with (
            gzip.open(path, "rb") if path.suffix == GZIP else path.open("rb")
        ) as raw:
            encoding = _encoding(raw.peek(4)[:4])
            yield io.TextIOWrapper(raw, encoding=encoding, newline="")
    except UnicodeDecodeError as error:
        raise _not_text(path, encoding, error) from error
    except gzip.BadGzipFile as error:
        raise ValueError(f"{path} is not gzipped: {error}") from error
    except (EOFError, zlib.error) as error:
        raise ValueError(f"{path} is cut off or damaged: {error}") from error
