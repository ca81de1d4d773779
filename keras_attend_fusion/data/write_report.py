"""What `write` wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from keras_attend_fusion.data.schema import Schema


@dataclass(frozen=True)
class WriteReport:
    """What `kaf.data.write` wrote.

    Attributes:
        path: The folder.
        schema: The layout, as `schema.json` in the folder has it.
        videos: How many videos there are, by split.
        shards: The names of the files, by split.
        bytes: The size of all shards.
        labels: Labels of all videos together.
        present: How many videos have each modality.
        clipped: How many values of each quantised modality lie beyond its
            range, and were clipped to it.
        values: How many values of each modality there are.
        decibels: For modalities quantised from floats, 10 log₁₀ of the mean
            square of the values over that of their error, over some vectors
            of every video.
    """

    path: Path
    schema: Schema
    videos: dict[str, int]
    shards: dict[str, list[str]]
    bytes: int = 0
    labels: int = 0
    present: dict[str, int] = field(default_factory=dict)
    clipped: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    decibels: dict[str, float] = field(default_factory=dict)

    def summary(self) -> str:
        """Some lines: the files, and what is in them of each modality."""
        total = sum(self.videos.values())
        splits = ", ".join(
            f"{count} videos in {len(self.shards[split])} {split} shard"
            f"{'s' * (len(self.shards[split]) > 1)}"
            for split, count in self.videos.items()
        )
        classes = self.schema.classes
        named = "no classes" if classes is None else f"{len(classes)} classes"
        lines = [
            f"Wrote {self.path}: {splits}, {self.bytes / 1e6:.1f} MB",
            f"  {self.schema.task}, {named}, {self.labels / total:.2f} labels "
            f"a video",
        ]
        for modality in self.schema.modalities:
            name = modality.name
            parts = [f"{modality.size} values", str(modality.dtype)]
            if modality.dtype == "uint8":
                least, greatest = modality.value_range
                parts[1] += f" from {least:.4g} to {greatest:.4g}"
            if name in self.decibels:
                parts.append(f"{self.decibels[name]:.1f} dB")
            if self.clipped.get(name):
                share = self.clipped[name] / self.values[name]
                parts.append(
                    f"{self.clipped[name]} values ({share:.2g} of all) beyond "
                    "the range, clipped"
                )
            if self.present[name] < total:
                parts.append(f"absent in {total - self.present[name]} videos")
            lines.append(f"  {name}: {', '.join(parts)}")
        return "\n".join(lines)
