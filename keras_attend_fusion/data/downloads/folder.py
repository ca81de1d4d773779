"""Whether a folder can hold what is to come."""

from __future__ import annotations

import collections
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from keras_attend_fusion.data.downloads.errors import (
    DiskFullError,
    DownloadError,
)


def free_bytes(folder: Path) -> int:
    """Bytes that are free where a folder is, or would be made."""
    folder = folder.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


def check_space(folder: Path, needed: int) -> None:
    """Raises `DiskFullError` unless so many bytes are free."""
    free = free_bytes(folder)
    if needed > free:
        raise DiskFullError(
            f"{folder}: {needed} bytes are needed, {free} are free: make "
            "room, or choose fewer files with a shard X,Y"
        )


def check_case(folder: Path, names: Iterable[str]) -> None:
    """Raises `DownloadError` if two names would be one file in a folder.

    Names of shards differ in case, which some file systems ignore.
    """
    alike = collections.defaultdict(list)
    for name in names:
        alike[name.lower()].append(name)
    clash = next((same for same in alike.values() if len(same) > 1), None)
    if clash and _ignores_case(folder):
        raise DownloadError(
            f"{folder} lies on a file system that ignores case, where "
            f"{' and '.join(clash)} would be one file: choose another, or "
            "fewer files with a shard X,Y"
        )


def _ignores_case(folder: Path) -> bool:
    with tempfile.NamedTemporaryFile(prefix=".case-", dir=folder) as probe:
        path = Path(probe.name)
        return path.with_name(path.name.swapcase()).exists()
