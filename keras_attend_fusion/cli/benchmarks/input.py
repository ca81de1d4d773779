"""`benchmark input`: from shards to batches, beside a bare read of the same
bytes, which is the limit, and beside the way that older code bases take."""

from __future__ import annotations

import gc
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli.benchmarks import made
from keras_attend_fusion.cli.common import Flags, progress
from keras_attend_fusion.data.patterns import split_patterns

WAYS = {
    "bare": "bytes of the records",
    "float": "a record at a time, to float32",
    "ours": "kaf.data.load",
    "buckets": "kaf.data.load, bucket",
}


def run(flag: Flags) -> dict[str, Any]:
    """Times each way and prints a table; returns the figures."""
    if flag["data"]:
        return _compare(flag, split_patterns(flag["data"]))
    with tempfile.TemporaryDirectory() as folder:
        return _compare(flag, [made.shards(flag, Path(folder) / "shards")])


def _compare(flag: Flags, globs: list[str]) -> dict[str, Any]:
    from keras_attend_fusion import data

    paths = data.list_shards(globs)
    level = data.detect_level(next(data.iter_records(paths[0]))[1])
    size = flag["batch-size"] or made.batch_size(level)
    ways = [way for way in WAYS if level != "video" or way != "buckets"]
    best: dict[str, float] = {}
    videos = data.count(paths)
    datasets = {
        way: DATASETS[way](paths, level, size, flag["classes"]) for way in ways
    }
    with progress("rounds", flag["repeats"]) as update:
        for done in range(flag["repeats"]):
            for way in ways:  # alternately: the machine's speed varies
                seconds = epoch(datasets[way])
                best[way] = min(seconds, best.get(way, seconds))
            update(done + 1)
    bytes_read = sum(Path(path).stat().st_size for path in paths)
    rows = []
    for way in ways:
        job = [way, level, str(size), str(flag["classes"]), *paths]
        rows.append(
            {
                "way": way,
                "videos_a_second": videos / best[way],
                "of_limit": best["bare"] / best[way],
                "of_float": best["float"] / best[way],
                "peak_bytes": _peak(job),
            }
        )
    print(
        f"{level} level, {videos} videos, {bytes_read / 1e6:.0f} MB, batches "
        f"of {size}; fastest of {flag['repeats']}:"
    )
    print(_table(rows))
    return {
        "level": level,
        "videos": videos,
        "bytes": bytes_read,
        "batch_size": size,
        "rows": rows,
    }


def epoch(dataset: Any) -> float:
    """Seconds that one pass over all shards takes."""
    gc.collect()
    started = time.perf_counter()
    for _ in dataset:
        pass
    return time.perf_counter() - started


def _bare(paths: list[str], level: str, size: int, classes: int) -> Any:
    import tensorflow as tf

    return tf.data.TFRecordDataset(paths).batch(size)


def _ours(paths: list[str], level: str, size: int, classes: int) -> Any:
    from keras_attend_fusion import data

    return data.load(paths, level, size, num_classes=classes)


def _in_buckets(paths: list[str], level: str, size: int, classes: int) -> Any:
    from keras_attend_fusion import data

    return data.load(paths, level, size, num_classes=classes, bucket=True)


def _float(paths: list[str], level: str, size: int, classes: int) -> Any:
    """One record at a time, cast and scaled on the host, always 300 frames."""
    import tensorflow as tf

    sizes = {"rgb": 1024, "audio": 128}
    context = {"labels": tf.io.VarLenFeature(tf.int64)}

    def hot(labels: Any) -> Any:
        places = tf.sparse.to_dense(labels)
        return tf.reduce_max(tf.one_hot(places, classes), axis=0)

    def of_video(record: Any) -> Any:
        spec = {
            f"mean_{name}": tf.io.FixedLenFeature([n], tf.float32)
            for name, n in sizes.items()
        }
        parsed = tf.io.parse_single_example(record, {**context, **spec})
        features = {name: parsed[f"mean_{name}"] for name in sizes}
        return features, hot(parsed["labels"])

    def of_frames(record: Any) -> Any:
        parsed, lists = tf.io.parse_single_sequence_example(
            record,
            context,
            {
                name: tf.io.FixedLenSequenceFeature([], tf.string)
                for name in sizes
            },
        )
        features = {}
        for name, n in sizes.items():
            raw = tf.io.decode_raw(lists[name], tf.uint8)
            values = tf.cast(tf.reshape(raw, [-1, n]), tf.float32)
            values = (values * (4 / 255) + (4 / 512 - 2))[:300]
            missing = 300 - tf.shape(values)[0]
            values = tf.pad(values, [[0, missing], [0, 0]])
            features[name] = tf.ensure_shape(values, [300, n])
        frames = tf.minimum(tf.shape(lists["rgb"])[0], 300)
        return {**features, "num_frames": frames}, hot(parsed["labels"])

    parse = of_video if level == "video" else of_frames
    return (
        tf.data.TFRecordDataset(paths)
        .map(parse, num_parallel_calls=tf.data.AUTOTUNE)
        .batch(size)
        .prefetch(tf.data.AUTOTUNE)
    )


DATASETS: dict[str, Callable[..., Any]] = {
    "bare": _bare,
    "float": _float,
    "ours": _ours,
    "buckets": _in_buckets,
}


def _peak(job: list[str]) -> int:
    """Bytes by which a process of its own grows in one pass."""
    words = [sys.executable, "-m", __name__, *job]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout.splitlines()[-1]))


def _grown(way: str, level: str, size: str, classes: str, *paths: str) -> int:
    import tensorflow as tf

    for _ in tf.data.Dataset.range(2).batch(2):  # what TensorFlow itself needs
        pass
    before = _most_held()
    epoch(DATASETS[way](list(paths), level, int(size), int(classes)))
    return _most_held() - before


def _most_held() -> int:
    """The most bytes that this process has held in memory.

    A new process starts with its parent's in `ru_maxrss`, on Linux.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(line) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [
        f"  {'':<30} {'videos/s':>9} {'of limit':>9} {'of float':>9} "
        f"{'memory':>9}"
    ]
    for row in rows:
        lines.append(
            f"  {WAYS[row['way']]:<30} {row['videos_a_second']:>9.0f} "
            f"{row['of_limit']:>9.2f} {row['of_float']:>9.2f} "
            f"{row['peak_bytes'] / 1e6:>6.0f} MB"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(json.dumps(_grown(*sys.argv[1:])))
