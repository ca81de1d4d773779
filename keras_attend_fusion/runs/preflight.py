"""A look at some videos before the long work: whether they fit a model."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from keras_attend_fusion.arguments import ArgumentError, notice
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.patterns import split_patterns
from keras_attend_fusion.runs.stored import (
    other_level_keys,
    other_sizes,
    schema_of_level,
)

SHARDS = 8  # looked at, evenly apart,
VIDEOS = 4096  # with at most so many videos
BYTES = 1 << 26  # and bytes in all
FEW = 8  # videos that may by chance all lack their sound or their picture
SPARED = 0.2  # share of the videos that `on_corrupt`=skip may cost


class MisfitRecordError(ArgumentError, CorruptRecordError):
    """A record that is not as arguments and a model say."""


@dataclass
class Look:
    """What the videos looked at hold.

    Attributes:
        text: The globs, with the name of their argument.
        level: The level at which they are read.
        num_classes: The classes there are.
        skips: Whether videos that cannot be used are passed over.
        videos: How many were looked at.
        cut: How many of them have more frames than are read.
        misfits: How many of them have a label that is not a class.
        misfit: Where the first of those is, and its label.
        labelled: How many have a label of the classes to score.
        label_max: The highest label.
        present: The modalities that at least one of them has.
        elsewhere: Features that they have at the other level.
        schema: How they are laid out, if not as YouTube-8M's.
    """

    text: str
    level: str
    num_classes: int
    skips: bool
    videos: int = 0
    cut: int = 0
    misfits: int = 0
    misfit: str = ""
    labelled: int = 0
    label_max: int = -1
    present: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    schema: Any = None

    def require_classes(self, remedy: str) -> None:
        """Raises `ArgumentError` if labels are not classes.

        `remedy` says what to do; `{}` in it stands for the classes needed.
        Where videos may be skipped, as many as `SPARED` may be.
        """
        few = self.misfits <= SPARED * self.videos
        if not self.misfits or (self.skips and few):
            return
        skip = ", or `on_corrupt`=skip to leave them out" if few else ""
        raise ArgumentError(
            f"{self.misfit}, but num_classes is {self.num_classes}: "
            f"{self.misfits} of {self.videos} videos looked at have labels "
            f"beyond it, up to {self.label_max}: "
            f"{remedy.format(self.label_max + 1)}{skip}"
        )

    def require_modalities(
        self, taken: Sequence[str], model: str, preset: str | None = None
    ) -> None:
        """Raises `ArgumentError` if no video has a modality that is taken.

        Args:
            taken: What the model takes.
            model: Its name.
            preset: Its preset, if it is to be trained. A model that has been
                trained may be run on a few videos without sound.
        """
        missing = [name for name in taken if name not in self.present]
        least = FEW if preset is None else 1
        if not missing or self.videos < least:
            return
        schema = self.schema or schema_of_level(self.level)
        keys = [
            modality.key
            for modality in schema.modalities
            if modality.name in missing
        ]
        instead = ""
        if self.elsewhere:
            other = "frame" if self.level == "video" else "video"
            named = " and ".join(sorted(self.elsewhere))
            instead = f", only the {other}-level {named}"
        ways, verb = self._ways(taken, model, preset), "pass"
        who = f"{model} `preset`={preset}"
        if preset is None:
            who, verb = f"the model ({model})", "pass a model trained with"
        remedy = f"{verb} {' or '.join(ways)}, or " if ways else ""
        raise ArgumentError(
            f"{self.text}: none of {self.videos} videos looked at has the "
            f"{self.level}-level {' and '.join(keys)}{instead}; {who} takes "
            f"{' and '.join(taken)}: {remedy}give shards with "
            f"{' and '.join(keys)}"
        )

    def _ways(
        self, taken: Sequence[str], model: str, preset: str | None
    ) -> list[str]:
        """The arguments that make do with the modalities that are present."""
        from keras_attend_fusion import models

        presets, wanted = [], taken
        if model in models.names():
            presets = [
                f"`preset`={name}"
                for name in models.presets(model)
                if set(models.modalities(model, name)) <= self.present
            ]
            if preset is not None:
                wanted = models.modalities(model, preset)
        usable = ",".join(name for name in wanted if name in self.present)
        if not usable or (preset is None and presets):
            return presets
        return [f"`modalities`={usable}", *presets]


def look(
    argument: str,
    globs: str,
    level: str,
    num_classes: int,
    on_corrupt: str,
    expected: str,
    schema: Any = None,
    classes: Collection[int] | None = None,
    takes: str = "",
) -> Look:
    """Looks at some videos of the shards that an argument names.

    Args:
        argument: The argument's name.
        globs: Its value.
        level: "video" or "frame", at which the shards are read.
        num_classes: The classes there are.
        on_corrupt: "error" or "skip", as the shards are read.
        expected: What takes shards of this level, for errors.
        schema: How records are laid out, if not as YouTube-8M's.
        classes: The classes to score; None for all of them.
        takes: What has the sizes of the schema, for errors.

    Raises:
        ValueError: a record that cannot be used, unless those are skipped.
    """
    from keras_attend_fusion import data
    from keras_attend_fusion.data.plan import make_plan

    plan = make_plan(schema or schema_of_level(level), sys.maxsize)
    text, skips = f"`{argument}` {globs}", on_corrupt == "skip"
    findings = Look(text, level, num_classes, skips, schema=schema)
    scored = range(num_classes) if classes is None else frozenset(classes)
    paths = data.list_shards(split_patterns(globs))
    paths = paths[:: -(-len(paths) // SHARDS)]
    for path in paths:
        try:
            _look_at(path, plan, findings, len(paths), expected, scored, takes)
        except data.CorruptRecordError:
            if not skips:
                raise
    if findings.cut:
        notice(
            f"{text}: {findings.cut} of {findings.videos} videos looked at "
            f"have more than {plan.max_frames} frames, and the later ones are "
            "not read: a `schema` with a larger max_frames keeps them"
        )
    return findings


def _look_at(
    path: str,
    plan: Any,
    findings: Look,
    shards: int,
    expected: str,
    scored: Collection[int],
    takes: str,
) -> None:
    from keras_attend_fusion import data
    from keras_attend_fusion.data.check import MismatchError, check_record

    left = BYTES // shards
    records = islice(data.iter_records(path), VIDEOS // shards)
    for index, (offset, record) in enumerate(records):
        left -= len(record)
        if left < 0 and index:
            return
        try:
            facts = check_record(record, plan)
        except ValueError as error:
            if findings.skips:
                continue
            note = expected if isinstance(error, MismatchError) else ""
            sizes = other_sizes(record, plan.schema) if takes else {}
            for name, (size, stored) in sizes.items():
                note = (
                    f"{takes} {name} of {size} values, but the shards hold "
                    f"{stored}"
                )
            reason = f"{error} ({note})" if note else str(error)
            raise MisfitRecordError(path, offset, index, reason) from error
        findings.videos += 1
        findings.labelled += any(label in scored for label in facts.labels)
        findings.cut += max(facts.frames.values()) > plan.max_frames
        findings.present |= {name for name, n in facts.frames.items() if n}
        if findings.schema is None and len(findings.present) < len(
            facts.frames
        ):
            findings.elsewhere |= other_level_keys(
                record, findings.level, findings.present
            )
        beyond = [
            label for label in facts.labels if label >= findings.num_classes
        ]
        if beyond:
            findings.misfits += 1
            findings.label_max = max(findings.label_max, *beyond)
            reason = f"label {beyond[0]}"
            where = data.CorruptRecordError(path, offset, index, reason)
            findings.misfit = findings.misfit or str(where)
