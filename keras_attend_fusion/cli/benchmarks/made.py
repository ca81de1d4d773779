"""Shards that benchmarks make for themselves."""

from __future__ import annotations

from pathlib import Path

from keras_attend_fusion.cli.common import Flags, progress

VIDEOS = {"frame": 600, "video": 20_000}
BATCH_SIZES = {"frame": 64, "video": 512}
SECONDS = {"frame": (120, 300), "video": (2, 4)}  # frames: as YouTube-8M's
SCORED_VIDEOS, SCORED_BATCH_SIZE = 12_000, 512  # of `benchmark metrics`
EXPORTED_BATCH_SIZE = 32  # of `benchmark inference`
CLASSES = 50  # that synthetic videos show; labels are as wide as asked


def layout(level: str) -> str:
    """How records of a level are laid out: segments are as frames."""
    return "video" if level == "video" else "frame"


def batch_size(level: str) -> int:
    """Videos in a batch, where no flag says."""
    return BATCH_SIZES[layout(level)]


def shards(flag: Flags, out: Path) -> str:
    """Writes shards of `--level`; returns their glob."""
    from keras_attend_fusion import data

    level = flag["level"]
    with progress("videos made") as update:
        data.synthesize(
            out,
            level,
            videos=flag["videos"] or VIDEOS[level],
            classes=min(CLASSES, flag["classes"]),
            seed=flag["seed"],
            seconds=SECONDS[level],
            progress=update,
        )
    return f"{out}/train-*"
