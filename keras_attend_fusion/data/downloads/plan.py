"""A download plan: the files of a partition and their MD5 sums."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.data.downloads.errors import PlanError

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.client import Client

PART = ".part"
# A plain name: nothing that leads to another folder, on any system.
NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
MD5 = re.compile(r"[0-9a-fA-F]{32}")


def read_plan(place: str, client: Client) -> dict[str, str]:
    """The MD5 sum of each file that a plan lists, by name and in its order.

    Args:
        place: The plan's address, or the path of a saved one.
        client: Fetches it.

    Raises:
        PlanError: It is no plan, or has a name or a sum that is refused.
        OSError: A path that can not be read.
    """
    if place.startswith(("http://", "https://")):
        return parse_plan(client.read(place), place)
    return parse_plan(Path(place).read_bytes(), place)


def parse_plan(text: bytes | str, place: str) -> dict[str, str]:
    """Reads `{"files": {name: md5}}`; `place` is for messages.

    Example:

    >>> parse_plan('{"files": {"a.tfrecord": "' + 32 * "A" + '"}}', "x.json")
    {'a.tfrecord': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}

    Raises:
        PlanError: As `read_plan`.
    """
    try:
        plan = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{place} is not JSON: {error}") from error
    files = plan.get("files") if isinstance(plan, dict) else None
    if not isinstance(files, dict):
        raise PlanError(
            f'{place} is no download plan: expected {{"files": {{name: md5}}}}'
        )
    for name, md5 in files.items():
        _check_entry(name, md5, place)
    return {name: md5.lower() for name, md5 in files.items()}


def _check_entry(name: str, md5: Any, place: str) -> None:
    if not NAME.fullmatch(name) or name.endswith(PART):
        raise PlanError(
            f"{place} names {name!r}: refused, as only plain file names "
            "(letters, digits, _ . -) are safe to write, and none that end in "
            f"{PART}"
        )
    if not isinstance(md5, str) or not MD5.fullmatch(md5):
        raise PlanError(
            f"{place} has the MD5 {md5!r} for {name}: expected 32 hex digits"
        )
