"""Writes shards of made-up videos with a structure that can be learned."""

from __future__ import annotations

import json
import string
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.data.planted import (
    SECONDS,
    Planted,
    SyntheticVideo,
)
from keras_attend_fusion.data.schema import LEVELS, MOST_FRAMES
from keras_attend_fusion.data.writer import serialise, write_shard
from keras_attend_fusion.files import beside

ID_ALPHABET = string.digits + string.ascii_letters
ID_LENGTH = 4
IDS = len(ID_ALPHABET) ** ID_LENGTH
ID_STEP = 5_000_011  # Coprime to IDS, so that its multiples are all distinct.


class OutputExistsError(ValueError):
    """The folder to be written exists and is not empty."""


def synthesize(
    out: str | Path,
    level: str = "frame",
    videos: int = 2000,
    shards: int = 4,
    classes: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    seconds: tuple[int, int] = SECONDS,
) -> Path:
    """Writes YouTube-8M shards of synthetic videos to train and test with.

    The folder gets `train-00000-of-00004.tfrecord` and so on,
    `validate-*.tfrecord` with a quarter as many videos and shards, and
    `manifest.json`: the classes with their kinds, and for each video its
    labels and the seconds in which moment classes show. `Planted` says what
    the four kinds of class are. Records are native: at frame level a
    `SequenceExample` with one uint8 vector a second, by default 30 to 120,
    at video level an `Example` with the float32 means of the same frames,
    dequantised; segment records are frame records with rated segments.

    The same arguments write the same videos, at every level. Everything is
    written beside `out` first, so an interruption leaves nothing behind.

    Args:
        out: The folder; it may exist if it is empty.
        level: `"video"`, `"frame"` or `"segment"`.
        videos: Training videos.
        shards: Training shards, at most `videos`.
        classes: Classes, at least 4: one of each kind.
        seed: Fixes everything.
        progress: Called with `(videos written, videos in all)`.
        seconds: The shortest and the longest a video may be.

    Returns:
        The path of `manifest.json`.

    Raises:
        ValueError: An argument is out of range.
        OutputExistsError: `out` is not an empty folder.

    Example:

    >>> import tempfile
    >>> out = tempfile.mkdtemp()
    >>> synthesize(out, "video", videos=4, shards=1, classes=4).name
    'manifest.json'
    """
    out = Path(out)
    videos = integer("videos", videos, least=None)
    shards = integer("shards", shards, least=None)
    classes = integer("classes", classes, least=None)
    seed = integer("seed", seed, least=None, most=None)
    _check(level, videos, shards, classes, seed)
    seconds = _seconds(seconds)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputExistsError(
            f"{out} exists and is not an empty folder: remove it or name "
            "another."
        )
    with beside(out) as unfinished:
        unfinished.mkdir()
        planted = Planted(classes, seed, seconds)
        _write(unfinished, level, videos, shards, planted, seed, progress)
    return out / "manifest.json"


def _seconds(seconds: Any) -> tuple[int, int]:
    """The shortest and the longest that a video may be."""
    try:
        shortest, longest = (integer("seconds", value) for value in seconds)
        if shortest <= longest <= MOST_FRAMES:
            return shortest, longest
    except (TypeError, ValueError):
        pass
    raise ValueError(
        "seconds has to be (shortest, longest) from 1 on, integers up to "
        f"{MOST_FRAMES}, got {seconds!r}."
    )


def _check(
    level: str, videos: int, shards: int, classes: int, seed: int
) -> None:
    if level not in LEVELS:
        raise ValueError(
            f"level has to be one of {', '.join(LEVELS)}, got {level!r}."
        )
    if classes < 4:
        raise ValueError(
            f"classes has to be at least 4, one of each kind, got {classes}."
        )
    if videos < 1:
        raise ValueError(f"videos has to be at least 1, got {videos}.")
    if not 1 <= shards <= videos:
        raise ValueError(
            f"shards has to be from 1 to the number of videos, {videos}, "
            f"got {shards}."
        )
    if seed < 0:
        raise ValueError(f"seed has to be 0 or more, got {seed}.")
    if videos + max(1, videos // 4) > IDS:
        raise ValueError(
            f"videos: ids of {ID_LENGTH} characters do for {IDS} videos in "
            f"both splits, got {videos}."
        )


def _write(
    folder: Path,
    level: str,
    videos: int,
    shards: int,
    planted: Planted,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    sizes = {
        "train": (videos, shards),
        "validate": (max(1, videos // 4), max(1, shards // 4)),
    }
    total = sum(count for count, _ in sizes.values())
    entries: dict[str, dict[str, Any]] = {}
    files: dict[str, list[str]] = {}

    def records(split: str, drawn: Iterator[SyntheticVideo]) -> Iterator[bytes]:
        for video in drawn:
            rng = np.random.default_rng([seed, 3, len(entries)])
            yield serialise(video, level, planted, rng)
            entries[video.id] = _entry(video, split)
            if progress is not None:
                progress(len(entries), total)

    for split, (count, pieces) in sizes.items():
        drawn = _draw(planted, split, count, len(entries), seed)
        files[split] = []
        for piece in range(pieces):
            name = f"{split}-{piece:05d}-of-{pieces:05d}.tfrecord"
            length = (piece + 1) * count // pieces - piece * count // pieces
            part = (next(drawn) for _ in range(length))
            write_shard(folder / name, records(split, part))
            files[split].append(name)

    manifest = {
        "level": level,
        "seed": seed,
        "splits": {
            split: {"videos": count, "files": files[split]}
            for split, (count, _) in sizes.items()
        },
        "classes": _class_entries(planted, entries),
        "videos": entries,
    }
    text = json.dumps(manifest, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _draw(
    planted: Planted, split: str, count: int, first: int, seed: int
) -> Iterator[SyntheticVideo]:
    """Draws the videos of a split; `first` is the number of the first."""
    rng = np.random.default_rng([seed, 1, int(split == "validate")])
    dealt = planted.deal_labels(count, rng)
    single = planted.single
    share = sum(single in labels for labels in dealt) / count
    decoys = rng.random(count) < share
    for i, labels in enumerate(dealt):
        decoy = bool(decoys[i]) and single not in labels
        noise = np.random.default_rng([seed, 2, first + i])
        video_id = _video_id(first + i)
        yield planted.make_video(video_id, labels, decoy, noise)


def _video_id(number: int) -> str:
    scrambled = (number + 1) * ID_STEP % IDS
    letters = []
    for _ in range(ID_LENGTH):
        scrambled, digit = divmod(scrambled, len(ID_ALPHABET))
        letters.append(ID_ALPHABET[digit])
    return "".join(letters)


def _entry(video: SyntheticVideo, split: str) -> dict[str, Any]:
    return {
        "split": split,
        "seconds": video.seconds,
        "labels": list(video.labels),
        "moments": [
            {"label": moment.label, "start": moment.start, "end": moment.end}
            for moment in video.moments
        ],
    }


def _class_entries(
    planted: Planted, videos: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    counts: dict[str, Counter[int]] = {
        "train": Counter(),
        "validate": Counter(),
    }
    for video in videos.values():
        counts[video["split"]].update(video["labels"])
    return [
        {
            "index": index,
            "name": f"{kind}-{index:04d}",
            "kind": kind,
            "partner": planted.partner.get(index),
            "train_videos": counts["train"][index],
            "validate_videos": counts["validate"][index],
        }
        for index, kind in enumerate(planted.kinds)
    ]
