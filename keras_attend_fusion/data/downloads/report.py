"""What a download did."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class DownloadReport:
    """What a download did.

    Attributes:
        partition: What was asked for.
        out: The folder.
        shard: The fraction X of Y.
        listed: Files of the whole plan.
        there: Names of the chosen files that were there already, verified.
        downloaded: Names of the files that were fetched and verified.
        failed: The reason for each file that could not be fetched.
        bytes: Of the files that were fetched.
    """

    partition: str
    out: str
    shard: tuple[int, int]
    listed: int
    there: list[str]
    downloaded: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The attributes as a dict that `json` can write."""
        return asdict(self)
