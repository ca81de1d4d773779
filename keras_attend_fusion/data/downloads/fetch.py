"""One file: received, resumed, verified, and put in its place."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    TooMuchError,
    TransientError,
    WrongRangeError,
)
from keras_attend_fusion.data.downloads.plan import PART

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.client import Client

GAIN = 1 << 14  # Bytes; a try that brings fewer is a failure like any other.


@dataclass(frozen=True)
class Remote:
    """A file on a server, and where it is to lie.

    Attributes:
        url: Its address.
        path: Where it is to lie.
        md5: Its MD5 sum, 32 hex digits.
        size: Its bytes; None if the server does not say.
    """

    url: str
    path: Path
    md5: str
    size: int | None = None

    @property
    def part(self) -> Path:
        """What has come so far lies beside its place."""
        return self.path.with_name(self.path.name + PART)

    @property
    def come(self) -> int:
        """Bytes of the part that is there."""
        return self.part.stat().st_size if self.part.exists() else 0


def fetch(remote: Remote, client: Client, note: Callable[[int], None]) -> None:
    """Brings a file to its place, from its part on if there is one.

    What lies in its place stays until the new file is whole and verified. A
    part with another MD5 sum is fetched once more from the start. Of a file
    that turns out to be larger than there can be, nothing is kept.

    Args:
        remote: The file.
        client: Fetches it.
        note: Called with the bytes that are there, again and again.

    Raises:
        DownloadError: It cannot be had, takes too long, or has another MD5
            sum.
        OSError: It cannot be written.
    """
    digest = ""
    until = time.monotonic() + client.file_timeout
    for _ in range(2):
        try:
            client.patiently(
                lambda: _receive(remote, client, until, note),
                lambda: remote.come // GAIN,
            )
        except TooMuchError:
            remote.part.unlink(missing_ok=True)
            raise
        digest = md5_of(remote.part)
        if digest == remote.md5:
            os.replace(remote.part, remote.path)
            return
        remote.part.unlink()
    raise DownloadError(
        f"{remote.url}: its MD5 is {digest}, the plan says {remote.md5}, "
        "twice: the server's file or the plan is wrong"
    )


def _receive(
    remote: Remote, client: Client, until: float, note: Callable[[int], None]
) -> None:
    start = remote.come
    if start and not _append(remote, client, start, until, note):
        start = 0
    if not start and not _append(remote, client, start, until, note):
        raise WrongRangeError(
            f"{remote.url}: the server sends a part of the file when asked "
            "for the whole"
        )


def _append(
    remote: Remote,
    client: Client,
    start: int,
    until: float,
    note: Callable[[int], None],
) -> bool:
    """Adds what comes from byte `start` on; False if the server sends bytes
    from elsewhere."""
    with client.open(remote.url, start, until, remote.size) as answer:
        if answer.status == 416:
            return True  # The part is whole, or too long: its MD5 will tell.
        if answer.start is None or answer.start not in (0, start):
            return False
        with remote.part.open("ab" if answer.start else "wb") as file:
            for chunk in answer.chunks:
                file.write(chunk)
                file.flush()
                note(file.tell())
            os.fsync(file.fileno())
    come, total = remote.come, answer.total
    if total is not None and come < total:
        raise TransientError(
            f"{remote.url}: the connection ended after {come} of {total} bytes"
        )
    return True


def md5_of(path: Path) -> str:
    """The MD5 sum of a file, as 32 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.md5(usedforsecurity=False)
        ).hexdigest()
