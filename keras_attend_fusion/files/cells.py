"""Cells of CSV files, which a spreadsheet may open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TextIO

# What a spreadsheet takes for a formula. A minus before names and numbers
# alone can call nothing: an id of YouTube may start with one, and so stays.
_FORMULA = re.compile(
    r"'*(?:[=+@\t\r\n\uff1d\uff0b\uff20\uff0d]|-(?![A-Za-z0-9_: -]*\Z))"
)
_QUOTED = re.compile(r'[",\r\n]')


def guard(text: str) -> str:
    """Text that no spreadsheet runs: a `'` before what is a formula.

    That is what OWASP advises against CSV injection. A text that looks
    guarded is guarded again, so that `unguard` gives every text back.

    Example:

    >>> guard("=1+1"), guard("'=1+1"), guard("-abc"), guard("-1+1")
    ("'=1+1", "''=1+1", '-abc', "'-1+1")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """What `guard` was given.

    Example:

    >>> unguard("'=1+1"), unguard("'tis")
    ('=1+1', "'tis")
    """
    guarded = text.startswith("'") and _FORMULA.match(text)
    return text[1:] if guarded else text


def write_row(file: TextIO, cells: Iterable[Any]) -> None:
    r"""Writes a row of CSV; texts are guarded, None is an empty cell.

    The module `csv` of Python 3.11 leaves a carriage return unquoted, at
    which readers end the row.

    Example:

    >>> import io
    >>> file = io.StringIO()
    >>> write_row(file, ["a,b", "c\rd", 0.5, None, "=x"])
    >>> file.getvalue()
    '"a,b","c\rd",0.5,,\'=x\n'
    """
    file.write(",".join(map(_cell, cells)) + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = guard(value) if isinstance(value, str) else str(value)
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
