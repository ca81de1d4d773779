"""What can be asked for: partitions, mirrors, and a fraction of the files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

PARTITIONS = (
    "2/video/train",
    "2/video/validate",
    "2/video/test",
    "2/frame/train",
    "2/frame/validate",
    "2/frame/test",
    "3/frame/validate",
    "3/frame/test",
)
MIRRORS = ("us", "eu", "asia")
PLANS_HOST = "data.yt8m.org"


@dataclass(frozen=True)
class Source:
    """Where a partition lies.

    Attributes:
        partition: Its name, such as `"2/video/train"`.
        plan: The address of its plan: the files and their MD5 sums.
        folder: The address under which its files lie.
        plain_plan: That of the plan over plain HTTP, for a server that has
            no HTTPS; None if there is no other.
    """

    partition: str
    plan: str
    folder: str
    plain_plan: str | None = None

    @property
    def plans(self) -> list[str]:
        """The addresses to ask for the plan, in their order."""
        return [self.plan, *([self.plain_plan] if self.plain_plan else [])]


def find_source(
    partition: str, mirror: str = "us", server: str | None = None
) -> Source:
    """The addresses of a partition.

    The plan has the MD5 sums that the files are checked by, so it is asked
    for over HTTPS first; the files themselves may come over any line.

    Args:
        partition: One of `PARTITIONS`.
        mirror: One of `MIRRORS`.
        server: The base address of another server with the same folders,
            which takes the place of the mirror and of the plans' host.

    Raises:
        ValueError: One of them is not known, or not an address.

    Example:

    >>> find_source("2/frame/test", "eu").folder
    'http://eu.data.yt8m.org/2/frame/test'
    >>> find_source("2/frame/test", server="http://nas:8000/yt8m").plan
    'http://nas:8000/yt8m/2/download_plans/frame_test.json'
    """
    if partition not in PARTITIONS:
        known = ", ".join(PARTITIONS)
        raise ValueError(f"partition is {partition!r}: pass one of {known}")
    if mirror not in MIRRORS:
        known = ", ".join(MIRRORS)
        raise ValueError(f"mirror is {mirror!r}: pass one of {known}")
    version, level, split = partition.split("/")
    plan = f"{version}/download_plans/{level}_{split}.json"
    if server is not None:
        base = _base(server)
        return Source(partition, f"{base}/{plan}", f"{base}/{partition}")
    return Source(
        partition,
        f"https://{PLANS_HOST}/{plan}",
        f"http://{mirror}.{PLANS_HOST}/{partition}",
        f"http://{PLANS_HOST}/{plan}",
    )


def _base(server: str) -> str:
    try:
        address = urlsplit(server)
        # A password would be shown in messages; a query cannot be added to.
        sound = (
            address.scheme in ("http", "https")
            and bool(address.hostname)
            and not set(server) & set("@?#")
        )
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(
            "server has to be a base address such as http://host:8000/folder, "
            "without a password (which goes into ~/.netrc)"
        )
    return server.rstrip("/")


def check_shard(shard: tuple[int, int]) -> None:
    """Raises `ValueError` unless `shard` is (X, Y) with 1 <= X <= Y."""
    x, y = shard
    if not 1 <= x <= y:
        raise ValueError(f"shard is {x},{y}: pass X,Y with 1 <= X <= Y")


def in_shard(name: str, shard: tuple[int, int]) -> bool:
    """Whether fraction X of Y holds the file of that name.

    It does if `int(md5(name), 16) % Y == X - 1`, as in the data set's own
    script, so the Y fractions share out the files.

    Example:

    >>> names = ["train00.tfrecord", "train01.tfrecord", "train02.tfrecord"]
    >>> [name for name in names if in_shard(name, (1, 2))]
    ['train00.tfrecord']
    """
    x, y = shard
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % y == x - 1
