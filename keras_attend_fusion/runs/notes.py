"""JSON kept within a saved model: a `.keras` file is a ZIP archive."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from keras_attend_fusion.files import (
    decode,
    open_archive,
    parse_json,
    read_member,
)

MOST_BYTES = 64 << 20  # of a note once it is unpacked


def keep(path: Path, name: str, value: dict[str, Any]) -> None:
    """Adds a note to a `.keras` file."""
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, json.dumps(value))


def read(path: Path, name: str) -> dict[str, Any]:
    """A note of a `.keras` file; empty if it has none of that name.

    Raises:
        ValueError: The note is not a JSON object, or is too large.
    """
    where = f"{path}: {name}"
    with open_archive(path) as archive:
        if name not in archive.namelist():
            return {}
        raw = read_member(archive, name, MOST_BYTES)
    value: dict[str, Any] = parse_json(decode(raw, where), where)
    return value
