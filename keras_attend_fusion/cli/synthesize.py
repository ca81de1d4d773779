"""Write synthetic YouTube-8M shards, with classes told by picture alone, by
sound alone, only by both together, and by a few seconds among many."""

from __future__ import annotations

from keras_attend_fusion.cli.common import Flags, progress
from keras_attend_fusion.cli.errors import UsageError

USAGE = "OUT [flags]"


def define(add: Flags) -> None:
    add.choice("level", "frame", ["video", "frame", "segment"], "record level")
    add.integer("videos", 2000, "training videos; a quarter more to validate")
    add.integer("shards", 4, "training shards")
    add.integer("classes", 50, "classes, at least 4", least=4)
    add.integer("min-seconds", 30, "seconds of the shortest video")
    add.integer("max-seconds", 120, "seconds of the longest video")
    add.integer("seed", 0, "fixes everything that is random", least=0)


def main(flag: Flags, positional: list[str]) -> int:
    if len(positional) != 1:
        raise UsageError(f"expected one folder OUT, got {positional or 'none'}")
    from keras_attend_fusion import data

    with progress("videos") as update:
        manifest = data.synthesize(
            positional[0],
            level=flag["level"],
            videos=flag["videos"],
            shards=flag["shards"],
            classes=flag["classes"],
            seed=flag["seed"],
            progress=update,
            seconds=(flag["min-seconds"], flag["max-seconds"]),
        )
    print(f"Wrote {manifest.parent}: train-*.tfrecord, validate-*.tfrecord")
    return 0
