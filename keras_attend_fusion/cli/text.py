"""Text files that are read and written, gzipped where the name says so."""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from keras_attend_fusion.files import beside

GZIP = ".gz"


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
    """A UTF-8 file to read from; a byte order mark is passed over.

    Raises:
        ValueError: while it is read, if it is not UTF-8, or is to be gzipped
            and is not, or is cut off.
    """
    path = Path(path)
    try:
        with (
            gzip.open(path, "rb") if path.suffix == GZIP else path.open("rb")
        ) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error}") from error
    except gzip.BadGzipFile as error:
        raise ValueError(f"{path} is not gzipped: {error}") from error
    except (EOFError, zlib.error) as error:
        raise ValueError(f"{path} is cut off or damaged: {error}") from error
