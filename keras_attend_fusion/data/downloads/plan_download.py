"""What a download has to bring: chosen by the plan, less what is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from keras_attend_fusion.data.downloads.fetch import Remote, md5_of
from keras_attend_fusion.data.downloads.parallel import in_parallel
from keras_attend_fusion.data.downloads.partition import (
    Source,
    check_shard,
    in_shard,
)
from keras_attend_fusion.data.downloads.plan import read_first

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.client import Client


@dataclass(frozen=True)
class DownloadPlan:
    """What is to be downloaded.

    Attributes:
        source: From where.
        out: The folder.
        shard: The fraction X of Y.
        listed: Files of the whole plan.
        there: Names of the chosen files that are there already, verified.
        wanted: The chosen files to be fetched.
        plan: Where the plan was read from.
        note: Why it was not read over HTTPS; "" if it was, or was not to be.
    """

    source: Source
    out: Path
    shard: tuple[int, int]
    listed: int
    there: list[str]
    wanted: list[Remote]
    plan: str
    note: str = ""

    @property
    def total(self) -> int | None:
        """Bytes of the files to be fetched; None if not all are known."""
        sizes = [remote.size for remote in self.wanted]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    @property
    def to_come(self) -> int:
        """Bytes still to come, without files whose size is not known."""
        return sum(
            max(0, (remote.size or 0) - remote.come) for remote in self.wanted
        )

    def as_dict(self) -> dict[str, Any]:
        """The order as a dict that `json` can write."""
        wanted = {remote.path.name: remote.size for remote in self.wanted}
        return {
            "partition": self.source.partition,
            "out": str(self.out),
            "shard": list(self.shard),
            "listed": self.listed,
            "there": self.there,
            "wanted": wanted,
            "bytes": self.total,
            "plan": self.plan,
        }


def plan_download(
    source: Source,
    out: str | Path,
    shard: tuple[int, int],
    client: Client,
    *,
    plan: str | None = None,
    parallel: int = 4,
    progress: Callable[[int, int], None] | None = None,
) -> DownloadPlan:
    """Reads the plan, chooses files, and looks at what is there.

    Files that are there are read through for their MD5 sum; the sizes of the
    others are asked of the server. Nothing is written.

    Args:
        source: As `find_source` returns it.
        out: The folder for the files; it need not be there.
        shard: (X, Y), see `in_shard`.
        client: Asks the server.
        plan: The address or path of another plan than the source's.
        parallel: Files looked at at once.
        progress: Called with `(files looked at, files in all)`.

    Raises:
        DownloadError: The plan cannot be had or is refused.
        OSError: A file that cannot be read.
    """
    check_shard(shard)
    if parallel < 1:
        raise ValueError(f"parallel is {parallel}: pass 1 or more")
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"{out} is a file: name a folder")
    listing = read_first([plan] if plan else source.plans, client)
    chosen = [
        Remote(f"{source.folder}/{quote(name)}", out / name, md5)
        for name, md5 in sorted(listing.files.items())
        if in_shard(name, shard)
    ]

    def look(remote: Remote) -> Remote | None:
        if remote.path.exists() and md5_of(remote.path) == remote.md5:
            return None
        return dataclasses.replace(remote, size=client.length(remote.url))

    def tick(done: int) -> None:
        if progress is not None:
            progress(done, len(chosen))

    seen = in_parallel(look, chosen, parallel, client.stop, tick)
    present = [
        remote.path.name
        for remote, missing in zip(chosen, seen, strict=True)
        if missing is None
    ]
    wanted = [missing for missing in seen if missing is not None]
    return DownloadPlan(
        source,
        out,
        shard,
        len(listing.files),
        present,
        wanted,
        listing.place,
        listing.note,
    )
