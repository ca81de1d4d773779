"""Records that cannot be used, and sound ones around them."""

from __future__ import annotations

from pathlib import Path

from tests.cli import runs
from tests.data import records

ZEROS = {"rgb": [0.0] * 1024, "audio": [0.0] * 128}

# What is wrong with the second record -> the record, and what is said of it.
BAD = {
    "video": {
        "size": (
            records.video("bad!", rgb=[0.5] * 1000),
            "mean_rgb has 1000 values, expected 1024",
        ),
        "label": (
            records.video("bad!", labels=[2, 99]),
            "label 99, but num_classes is 8",
        ),
        "nothing": (
            records.video("bad!", **ZEROS),
            "the video has no features, neither mean_rgb nor mean_audio",
        ),
        "garbage": (b"\xff\xff\x01no proto", "11 bytes are not a tf.train"),
    },
    "frame": {
        "size": (
            records.frames("bad!", audio=[b"x" * 128, b"x" * 100]),
            "audio: second 1 has 100 bytes, expected 128",
        ),
        "label": (
            records.frames("bad!", labels=[99]),
            "label 99, but num_classes is 8",
        ),
        "nothing": (
            records.frames("bad!", rgb=0, audio=0),
            "the video has no frames, neither rgb nor audio",
        ),
    },
}


def good(level: str, count: int = 6) -> list[bytes]:
    """Sound records, every second one without sound."""
    made = []
    for i in range(count):
        name, labels = f"v{i:03d}", [i % runs.CLASSES]
        if level == "frame":
            one = records.frames(name, labels, audio=None if i % 2 else 3)
        elif i % 2:
            one = records.video(name, labels, absent=["mean_audio"])
        else:
            one = records.video(name, labels)
        made.append(one)
    return made


def damaged(path: Path, level: str, case: str) -> Path:
    """A shard whose second record is bad."""
    first, *rest = good(level)
    return records.write(path, [first, BAD[level][case][0], *rest])
