"""JSON that is read and written, with errors that name the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from keras_attend_fusion.files.text import read_text
from keras_attend_fusion.files.whole import beside

KINDS: dict[Any, str] = {dict: "a JSON object", list: "a JSON list"}
SHOWN = 60  # characters of a value that an error quotes


def parse_json(text: str, name: str | Path, kind: type = dict) -> Any:
    """The value of a JSON text whose outermost value is of `kind`.

    Args:
        text: The JSON text.
        name: Where it comes from, for errors.
        kind: `dict` or `list`.

    Raises:
        ValueError: It is not JSON, is nested too deep, or its outermost
            value is of another kind.

    Example:

    >>> parse_json('{"threshold": 0.3}', "metrics.json")
    {'threshold': 0.3}
    >>> parse_json("5", "metrics.json")
    Traceback (most recent call last):
    ValueError: metrics.json holds 5: expected a JSON object
    """
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError(f"{name} is nested too deep to be read") from error
    except ValueError as error:
        raise ValueError(f"{name} is not JSON: {error}") from error
    if not isinstance(value, kind):
        shown = repr(value)
        if len(shown) > SHOWN:
            shown = f"{shown[:SHOWN]}…"
        raise ValueError(f"{name} holds {shown}: expected {KINDS[kind]}")
    return value


def read_json(path: str | Path, kind: type = dict) -> Any:
    """The value of a JSON file; see `parse_json` and `read_text`.

    Example:

    >>> import tempfile
    >>> path = f"{tempfile.mkdtemp()}/a.json"
    >>> write_json(path, {"classes": 3})
    >>> read_json(path)
    {'classes': 3}
    """
    return parse_json(read_text(path), path, kind)


def write_json(path: str | Path, value: Any) -> None:
    """Writes `value` as JSON, atomically."""
    with beside(path) as unfinished:
        unfinished.write_text(json.dumps(value, indent=2) + "\n", "utf-8")
