"""How fast own features become shards, beside a bare writer of the records.

    python benchmarks/write.py [--videos 100000] [--frames 60] [--json FILE]

Videos of picture (1024 values a second) and sound (128), as they come: bytes,
or floats that are stored as float32, as float16, or as fitted bytes. Beside
each stands TensorFlow's `TFRecordWriter`, writing the same records again from
memory, as fast as it takes them, then waiting until they are on the disk as
`kaf.data.write` does. The two take turns, a part of the videos at a time, so
that a machine that slows down slows both. Also said: the memory by which the
process grew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

WAYS = {  # the dtype that comes, and the dtype that is stored
    "bytes": (np.uint8, None),
    "float32": (np.float32, "float32"),
    "float16": (np.float32, "float16"),
    "fitted": (np.float32, "uint8"),
}
PARTS = 10
SIZES = {"rgb": 1024, "audio": 128}
POOL = 64  # videos that differ; making others would cost more than writing


def pool(frames: int, kind: Any) -> list[dict[str, np.ndarray]]:
    """The arrays of some videos."""
    rng = np.random.default_rng(0)
    arrays = []
    for _ in range(POOL):
        values = {
            name: rng.standard_normal((frames, size), np.float32)
            for name, size in SIZES.items()
        }
        if kind is np.uint8:
            values = {
                name: np.clip(part * 30 + 128, 0, 255).astype(np.uint8)
                for name, part in values.items()
            }
        arrays.append(values)
    return arrays


def videos(
    first: int, count: int, arrays: list[dict[str, np.ndarray]]
) -> Iterator[dict[str, Any]]:
    """Videos whose arrays go round."""
    for n in range(first, first + count):
        yield {"id": f"clip {n}", "labels": [n % 20], **arrays[n % len(arrays)]}


def bare(records: list[bytes], path: Path, count: int) -> float:
    """Seconds that TensorFlow's writer takes for `count` records."""
    import tensorflow as tf

    started = time.perf_counter()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for n in range(count):
            writer.write(records[n % len(records)])
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    return time.perf_counter() - started


def held() -> int:
    """The most bytes that this process has held, on Linux."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(line) * 1024


def measure(way: str, count: int, frames: int, folder: Path) -> dict[str, Any]:
    """Bytes a second of one way, and of the bare writer."""
    from keras_attend_fusion import data

    kind, dtype = WAYS[way]
    arrays = pool(frames, kind)
    seconds = {"ours": 0.0, "bare": 0.0}
    grown, size = [], 0
    parts = min(PARTS, count)
    for part in range(parts):
        first, last = part * count // parts, (part + 1) * count // parts
        out = folder / "shards"
        started = time.perf_counter()
        report = data.write(
            out, videos(first, last - first, arrays), dtype=dtype
        )
        seconds["ours"] += time.perf_counter() - started
        grown.append(held())
        size += report.bytes
        (name,) = report.shards["train"]
        records = []
        for _, record in data.iter_records(out / name):
            records.append(record)
            if len(records) == POOL:
                break
        shutil.rmtree(out)
        path = folder / "bare.tfrecord"
        seconds["bare"] += bare(records, path, last - first)
        path.unlink()
    rates = {name: size / spent for name, spent in seconds.items()}
    return {
        "way": way,
        "videos": count,
        "bytes": size,
        "bytes_a_second": rates["ours"],
        "bare_bytes_a_second": rates["bare"],
        "of_bare": rates["ours"] / rates["bare"],
        # The first part fills what is used again.
        "grown_bytes": grown[-1] - grown[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--videos", type=int, default=100_000)
    add("--frames", type=int, default=60)
    add("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    add("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    rows = []
    for way in options.ways:
        with tempfile.TemporaryDirectory() as folder:
            row = measure(way, options.videos, options.frames, Path(folder))
        rows.append(row)
        print(
            f"{way:<8} {row['bytes'] / 1e6:>9.0f} MB  "
            f"{row['bytes_a_second'] / 1e6:>6.0f} MB/s, bare "
            f"{row['bare_bytes_a_second'] / 1e6:>6.0f} MB/s, "
            f"{row['of_bare']:.2f} of it; memory grew by "
            f"{row['grown_bytes'] / 1e6:.0f} MB",
            flush=True,
        )
    options.json.write_text(f"{json.dumps(rows, indent=2)}\n")
    print(f"Wrote {options.json}")


if __name__ == "__main__":
    main()
