"""A download plan: the files of a partition and their MD5 sums."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    PlanError,
)

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.client import Client

PART = ".part"
# A plain name: nothing that leads to another folder, on any system.
NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
MD5 = re.compile(r"[0-9a-fA-F]{32}")
LONGEST_NAME = 200  # Characters; file systems take 255, the part's among them.
MOST_BYTES = 64 << 20
SHOWN = reprlib.Repr()  # cuts what is long, or deep
SHOWN.maxstring = SHOWN.maxother = 100


class Plan(NamedTuple):
    """A plan that was read.

    Attributes:
        files: The MD5 sum of each file, by name.
        place: Where it was read from.
        note: Why it was not read from a better place; "" if there is none.
    """

    files: dict[str, str]
    place: str
    note: str = ""


def read_first(places: Iterable[str], client: Client) -> Plan:
    """Reads the plan that the first of some addresses has.

    All but the last are asked once.

    Raises:
        PlanError: As `read_plan`, of the last.
        DownloadError: None of them answers.
    """
    *better, last = places
    note = ""
    for place in better:
        try:
            files = parse_plan(client.read(place, once=True), place)
            return Plan(files, place)
        except DownloadError as error:
            note = (
                f"the plan is from {last}, over plain HTTP, where others on "
                "the line can change it, MD5 sums and all: with HTTPS, "
                f"{error}"
            )
    return Plan(read_plan(last, client), last, note)


def read_plan(place: str, client: Client) -> dict[str, str]:
    """The MD5 sum of each file that a plan lists, by name and in its order.

    Args:
        place: The plan's address, or the path of a saved one.
        client: Fetches it.

    Raises:
        PlanError: It is not a plan, or has a name or a sum that is refused.
        OSError: A path that cannot be read.
    """
    if place.startswith(("http://", "https://")):
        return parse_plan(client.read(place), place)
    with Path(place).open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise PlanError(
            f"{place} holds more than {MOST_BYTES:,} bytes: too many for a "
            "download plan"
        )
    return parse_plan(text, place)


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
            f"{place} is not a download plan: expected "
            '{"files": {name: md5}}'
        )
    for name, md5 in files.items():
        _check_entry(name, md5, place)
    return {name: md5.lower() for name, md5 in files.items()}


def _check_entry(name: str, md5: Any, place: str) -> None:
    if (
        not NAME.fullmatch(name)
        or name.endswith(PART)
        or len(name) > LONGEST_NAME
    ):
        raise PlanError(
            f"{place} names {SHOWN.repr(name)}: refused, as only plain file "
            "names (letters, digits, _ . -) are safe to write, of "
            f"{LONGEST_NAME} characters at most, and none that end in {PART}"
        )
    if not isinstance(md5, str) or not MD5.fullmatch(md5):
        raise PlanError(
            f"{place} has the MD5 {SHOWN.repr(md5)} for {name}: expected 32 "
            "hex digits"
        )
