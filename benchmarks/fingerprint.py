"""What it costs to tell the shards of a training from others.

    python benchmarks/fingerprint.py 'shards/*.tfrecord' [--json FILE]

Times `data.count`, which notes the digests of the records' framing, and
`identity` after it and alone, each once with the shards out of the page cache
and then several times in it. Reading everything is timed beside them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keras_attend_fusion import data
from keras_attend_fusion.data.fingerprint import identity

WARM = 3  # times


def forget(paths: list[str]) -> None:
    """Takes files out of the page cache."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def read(paths: list[str]) -> None:
    """Reads and hashes every byte."""
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            hashlib.file_digest(file, "blake2b")


def seconds(work: Callable[[], Any], paths: list[str]) -> dict[str, float]:
    """How long some work takes, cold and warm."""
    times = []
    for index in range(1 + WARM):
        if not index:
            forget(paths)
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return {
        "cold": round(times[0], 3),
        "warm": round(statistics.median(times[1:]), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("glob")
    parser.add_argument("--json", help="file to write")
    arguments = parser.parse_args()
    paths = data.list_shards(arguments.glob)
    digests: dict[str, str] = {}
    identity(arguments.glob)  # loads what it needs
    work = {
        "count": lambda: data.count(arguments.glob, digests=digests),
        "identity after that": lambda: identity(arguments.glob, digests),
        "identity alone": lambda: identity(arguments.glob),
        "every byte": lambda: read(paths),
    }
    found: dict[str, Any] = {
        "shards": len(paths),
        "bytes": sum(os.path.getsize(path) for path in paths),
        "records": data.count(arguments.glob),
        "seconds": {name: seconds(one, paths) for name, one in work.items()},
    }
    print(json.dumps(found, indent=2))
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
