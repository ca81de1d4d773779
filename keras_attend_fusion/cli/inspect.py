"""Read shards through, and say what they hold and which records are corrupt.
The exit status is 1 if any is."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.cli import setting_flags
from keras_attend_fusion.cli.common import (
    Flags,
    progress,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import write_json

USAGE = "SHARD… [flags]"
SHOWN = 10  # corrupt records of a shard


def define(add: Flags) -> None:
    add.integer(
        "num-classes", None, "report labels from this number on as corrupt"
    )
    add.choice(
        "level",
        "auto",
        ["auto", "video", "frame", "segment"],
        "record level; auto goes by each shard's first record",
    )
    setting_flags.add_flags(add, ("schema",))
    add.string("json", None, "write the report to this file too")


def main(flag: Flags, positional: list[str]) -> int:
    if not positional:
        raise UsageError("expected at least one SHARD or glob")
    from keras_attend_fusion import data
    from keras_attend_fusion.runs import layout

    schema = layout.of_flag(flag["schema"])
    with progress("shards") as update:
        shards = data.inspect(
            positional,
            num_classes=flag["num-classes"],
            progress=update,
            level=flag["level"],
            schema=schema,
        )
    for shard in shards:
        print(_line(shard))
        for offset, reason in shard.corrupt[:SHOWN]:
            print(f"  corrupt at byte {offset}: {reason}")
        if len(shard.corrupt) > SHOWN:
            print(f"  and {len(shard.corrupt) - SHOWN} more; --json lists all")
    totals = {
        "shards": len(shards),
        "bytes": sum(s.bytes for s in shards),
        "videos": sum(s.videos for s in shards),
        "labels": sum(s.labels_total for s in shards),
        "cut": sum(s.cut for s in shards),
        "without_rgb": sum(s.without_rgb for s in shards),
        "without_audio": sum(s.without_audio for s in shards),
        "corrupt": sum(len(s.corrupt) for s in shards),
    }
    print("total: " + ", ".join(f"{v} {k}" for k, v in totals.items()))
    if flag["json"]:
        report = {"shards": [s.as_dict() for s in shards], "total": totals}
        write_json(flag["json"], report)
    return 1 if totals["corrupt"] else 0


def _line(shard: Any) -> str:
    parts = [f"{shard.videos} videos", f"{shard.bytes} bytes"]
    if shard.frames_max is not None:
        parts.append(
            f"{shard.frames_min}–{shard.frames_max} frames "
            f"(mean {shard.frames_mean:.1f})"
        )
    if shard.videos:
        parts.append(f"{shard.labels_total / shard.videos:.2f} labels a video")
        parts.append(f"{shard.classes} classes up to {shard.label_max}")
    for name, (least, most) in shard.ranges.items():
        parts.append(f"{name} from {least:.4g} to {most:.4g}")
    for count, text in (
        (shard.cut, "longer than what is read of them"),
        (shard.without_labels, "without labels"),
        (shard.without_rgb, "without picture"),
        (shard.without_audio, "without sound"),
        *(
            (count, f"without {name}")
            for name, count in shard.without.items()
            if name not in ("rgb", "audio")
        ),
        (shard.without_id, "without id"),
        (shard.duplicate_audio, "sharing their sound with another"),
        (len(shard.corrupt), "corrupt"),
    ):
        if count:
            parts.append(f"{count} {text}")
    return f"{shard.path} [{shard.level}]: " + ", ".join(parts)
