"""Damaged shards by the thousand: what the reader makes of each.

    python benchmarks/mutations.py [--shards 10000] [--seed 0]

Every shard is a sound one with one to three kinds of damage done to it: bits
flipped, ends cut off, lengths swapped or made huge with right checksums, bytes
lost, doubled or overwritten, records with features of wrong types. Of each

- `load(on_corrupt="skip")` delivers records that are right, byte for byte,
  and none that was not there; the others are in the report;
- `inspect` counts as many videos;
- `load(on_corrupt="error")` delivers all of a sound shard, and of another
  raises an error that `find_corrupt_record` can place (one shard in `--every`).

A wrong result ends the run with an error, and a crash does so by itself.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import resource
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data.framing import HEADER_BYTES, masked_crc

RECORDS, CLASSES = 4, 20
AT_ONCE = 50  # shards in one dataset


def record(level: str, name: str, rng: np.random.Generator) -> bytes:
    """A small record of a level."""
    context = {
        "id": _bytes(name.encode()),
        "labels": tf.train.Feature(
            int64_list=tf.train.Int64List(value=[int(rng.integers(CLASSES))])
        ),
    }
    if level == "video":
        for key, size in (("mean_rgb", 1024), ("mean_audio", 128)):
            values = rng.standard_normal(size).astype("float32")
            floats = tf.train.FloatList(value=values)
            context[key] = tf.train.Feature(float_list=floats)
        example = tf.train.Example(features=tf.train.Features(feature=context))
        return bytes(example.SerializeToString())
    lists = {}
    for key, size in (("rgb", 1024), ("audio", 128)):
        frames = rng.integers(0, 256, (int(rng.integers(1, 4)), size), "uint8")
        lists[key] = tf.train.FeatureList(
            feature=[_bytes(frame.tobytes()) for frame in frames]
        )
    example = tf.train.SequenceExample(
        context=tf.train.Features(feature=context),
        feature_lists=tf.train.FeatureLists(feature_list=lists),
    )
    return bytes(example.SerializeToString())


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def framed(body: bytes, length: int | None = None) -> bytes:
    """A record in its framing; a wrong `length` gets a right checksum."""
    head = struct.pack("<Q", len(body) if length is None else length)
    return head + _crc(head) + body + _crc(body)


def _crc(body: bytes) -> bytes:
    return bytes(masked_crc(np.frombuffer(body, np.uint8)[None]).tobytes())


def flip(shard: bytes, rng: np.random.Generator) -> bytes:
    """One to eight bits anywhere."""
    changed = bytearray(shard)
    for _ in range(int(rng.integers(1, 9))):
        if changed:
            place = int(rng.integers(len(changed)))
            changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def cut(shard: bytes, rng: np.random.Generator) -> bytes:
    """The end, from anywhere on."""
    return shard[: int(rng.integers(len(shard) + 1))]


def lose(shard: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes from the middle."""
    start = int(rng.integers(len(shard) + 1))
    return shard[:start] + shard[start + int(rng.integers(1, 400)) :]


def double(shard: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes twice, as a retried transfer may leave them."""
    start = int(rng.integers(len(shard) + 1))
    piece = shard[start : start + int(rng.integers(1, 400))]
    return shard[:start] + piece + shard[start:]


def overwrite(shard: bytes, rng: np.random.Generator) -> bytes:
    """A block of zeros or of noise, as of a disk that failed."""
    start, size = int(rng.integers(len(shard) + 1)), int(rng.integers(1, 3000))
    block = bytes(size) if rng.random() < 0.5 else rng.bytes(size)
    return shard[:start] + block[: len(shard) - start] + shard[start + size :]


def swap_lengths(shard: bytes, rng: np.random.Generator) -> bytes:
    """The headers of two records, each with its own right checksum."""
    starts = _starts(shard)
    if len(starts) < 2:
        return shard
    one, two = sorted(rng.choice(starts, 2, replace=False).tolist())
    changed = bytearray(shard)
    changed[one : one + HEADER_BYTES] = shard[two : two + HEADER_BYTES]
    changed[two : two + HEADER_BYTES] = shard[one : one + HEADER_BYTES]
    return bytes(changed)


def huge_length(shard: bytes, rng: np.random.Generator) -> bytes:
    """A length up to 2 ** 64, with a right checksum or a wrong one."""
    starts = _starts(shard)
    if not starts:
        return shard
    start = int(rng.choice(starts))
    head = struct.pack("<Q", int(2.0 ** rng.uniform(20, 63.9)))
    changed = bytearray(shard)
    changed[start : start + 8] = head
    if rng.random() < 0.5:
        changed[start + 8 : start + HEADER_BYTES] = _crc(head)
    return bytes(changed)


def wrong_types(shard: bytes, rng: np.random.Generator) -> bytes:
    """A record more, whole in its framing, that no reader can use."""
    floats = tf.train.Feature(float_list=tf.train.FloatList(value=[0.5] * 7))
    ints = tf.train.Feature(int64_list=tf.train.Int64List(value=[1, 2]))
    key = str(rng.choice(["labels", "mean_rgb", "mean_audio", "rgb", "audio"]))
    context = {"id": _bytes(b"wrong"), key: rng.choice([floats, ints])}
    context.setdefault("mean_audio", ints)
    lists = {key: tf.train.FeatureList(feature=[rng.choice([floats, ints])])}
    example = tf.train.SequenceExample(
        context=tf.train.Features(feature=context),
        feature_lists=tf.train.FeatureLists(feature_list=lists),
    )
    body = bytes(example.SerializeToString())
    if rng.random() < 0.3:
        body = rng.bytes(int(rng.integers(0, 300)))
    start = int(rng.choice([*_starts(shard), len(shard)]))
    return shard[:start] + framed(body) + shard[start:]


def _starts(shard: bytes) -> list[int]:
    """Where records start, as far as lengths tell."""
    starts, place = [], 0
    while place + HEADER_BYTES <= len(shard):
        starts.append(place)
        (length,) = struct.unpack("<Q", shard[place : place + 8])
        place += HEADER_BYTES + 4 + length
    return starts


Damage = Callable[[bytes, np.random.Generator], bytes]
DAMAGES: dict[str, Damage] = {
    one.__name__: one
    for one in (
        flip,
        cut,
        lose,
        double,
        overwrite,
        swap_lengths,
        huge_length,
        wrong_types,
    )
}


class Wrong(Exception):
    """The reader got something wrong."""


def check(paths: list[Path], level: str, sound: dict[bytes, bytes]) -> int:
    """Reads shards with skipping; the number of records it delivered.

    Args:
        paths: The shards.
        level: Their level.
        sound: Every record that may be delivered, by id.

    Raises:
        Wrong: A record is not as it was, or counts do not agree.
    """
    report = data.SkipReport()
    dataset = data.load(
        paths,
        level,
        num_classes=CLASSES,
        with_id=True,
        on_corrupt="skip",
        report=report,
    )
    seen: collections.Counter[bytes] = collections.Counter()
    for features, labels in dataset.as_numpy_iterator():
        for i, name in enumerate(features["id"]):
            seen[name] += 1
            example = tf.train.SequenceExample.FromString(sound[name])
            for key in ("rgb", "audio"):
                _same(features, i, key, example, level)
            expected = example.context.feature["labels"].int64_list.value
            if np.flatnonzero(labels[i]).tolist() != sorted(set(expected)):
                raise Wrong(f"labels of {name!r} in {paths}")
    stats = data.inspect(paths, CLASSES, level=level)
    videos = sum(one.videos for one in stats)
    if videos != sum(seen.values()):
        raise Wrong(f"inspect finds {videos} videos, load {seen.total()}")
    corrupt = sum(len(one.corrupt) for one in stats)
    if corrupt != report.count:
        raise Wrong(f"inspect finds {corrupt} faults, load {report.summary()}")
    return videos


def _same(
    features: dict[str, Any],
    row: int,
    key: str,
    example: tf.train.SequenceExample,
    level: str,
) -> None:
    """Raises `Wrong` unless a row holds what the record does."""
    if level == "video":
        values = example.context.feature[f"mean_{key}"].float_list.value
        same = np.array_equal(features[key][row], np.float32(values))
    else:
        frames = example.feature_lists.feature_list[key].feature
        expected = b"".join(one.bytes_list.value[0] for one in frames)
        there = features[f"{key}_mask"][row]
        same = features[key][row][there].tobytes() == expected
    if not same:
        raise Wrong(f"{key} of {features['id'][row]!r}")


def check_strict(path: Path, level: str) -> bool:
    """Whether a shard reads through without skipping.

    Raises:
        Wrong: It does although it is broken, or the other way round, or what
            stops it cannot be placed.
    """
    found = data.find_corrupt_record(path, level, num_classes=CLASSES)
    try:
        for _ in data.load(path, level, num_classes=CLASSES):
            pass
    except (tf.errors.OpError, ValueError) as error:
        if found is None:
            raise Wrong(f"{path} is sound, but {error}") from error
        return False
    if found is not None:
        raise Wrong(f"{path} reads through, but {found}")
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    started = time.perf_counter()
    delivered = intact = strict = stopped = 0
    damages: collections.Counter[str] = collections.Counter()
    for first in range(0, options.shards, AT_ONCE):
        level = ("video", "frame")[first // AT_ONCE % 2]
        with tempfile.TemporaryDirectory() as folder:
            paths, sound = [], {}
            for number in range(first, min(first + AT_ONCE, options.shards)):
                made = {
                    b"%06d-%d" % (number, i): record(
                        level, f"{number:06d}-{i}", rng
                    )
                    for i in range(RECORDS)
                }
                sound |= made
                shard = b"".join(map(framed, made.values()))
                for name in rng.choice(list(DAMAGES), int(rng.integers(1, 4))):
                    shard = DAMAGES[name](shard, rng)
                    damages[name] += 1
                paths.append(Path(folder, f"{number:06d}.tfrecord"))
                paths[-1].write_bytes(shard)
            delivered += check(paths, level, sound)
            for path in paths[:: options.every]:
                strict += 1
                stopped += not check_strict(path, level)
        intact += RECORDS * len(paths)
        print(f"{first + len(paths)} shards", end="\r", flush=True)
    facts = {
        "shards": options.shards,
        "damages": dict(damages),
        "records_before": intact,
        "records_delivered": delivered,
        "read_without_skipping": strict,
        "stopped_with_a_named_error": stopped,
        "seconds": round(time.perf_counter() - started, 1),
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        // 1024,
    }
    print(json.dumps(facts, indent=2))
    if options.json:
        options.json.write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    main()
