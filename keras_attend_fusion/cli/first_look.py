"""A look at some videos before the long work: whether they fit a model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from keras_attend_fusion.cli.common import patterns

SHARDS = 8  # looked at, evenly apart,
VIDEOS = 4096  # with at most so many videos
BYTES = 1 << 26  # and bytes in all
FEW = 8  # videos that may by chance all lack their sound or their picture
SPARED = 0.2  # share of the videos that --on-corrupt=skip may cost


@dataclass
class Look:
    """What the videos looked at hold.

    Attributes:
        text: The globs, with the name of their flag.
        level: The level at which they are read.
        num_classes: The classes there are.
        skips: Whether videos that cannot be used are passed over.
        videos: How many were looked at.
        misfits: How many of them have a label that is no class.
        misfit: Where the first of those is, and its label.
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
    misfits: int = 0
    misfit: str = ""
    label_max: int = -1
    present: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    schema: Any = None

    def require_classes(self, remedy: str) -> None:
        """Raises `ValueError` if labels are no classes.

        `remedy` says what to do; `{}` in it stands for the classes needed.
        Where videos may be skipped, as many as `SPARED` may be.
        """
        few = self.misfits <= SPARED * self.videos
        if not self.misfits or (self.skips and few):
            return
        skip = ", or --on-corrupt=skip to leave them out" if few else ""
        raise ValueError(
            f"{self.misfit}, but num_classes is {self.num_classes}: "
            f"{self.misfits} of {self.videos} videos looked at have labels "
            f"beyond it, up to {self.label_max}: "
            f"{remedy.format(self.label_max + 1)}{skip}"
        )

    def require_modalities(
        self, taken: Sequence[str], model: str, preset: str | None = None
    ) -> None:
        """Raises `ValueError` if no video has a modality that is taken.

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
        schema = self.schema or _schema(self.level)
        keys = [one.key for one in schema.modalities if one.name in missing]
        there = ""
        if self.elsewhere:
            other = "frame" if self.level == "video" else "video"
            named = " and ".join(sorted(self.elsewhere))
            there = f", only the {other}-level {named}"
        if preset is None:
            who, verb = f"the model ({model})", "pass a model trained with"
        else:
            who, verb = f"{model} --preset={preset}", "pass"
        raise ValueError(
            f"{self.text}: none of {self.videos} videos looked at has the "
            f"{self.level}-level {' and '.join(keys)}{there}; {who} takes "
            f"{' and '.join(taken)}: {verb} {self._fitting(model)}, or give "
            f"shards with {' and '.join(keys)}"
        )

    def _fitting(self, model: str) -> str:
        """The presets that make do with what is there."""
        from keras_attend_fusion import models

        known = [model] if model in models.names() else []
        for names in (known, models.names()):
            fit = [
                (name, preset)
                for name in names
                for preset in models.presets(name)
                if set(models.modalities(name, preset)) <= self.present
            ]
            if fit:
                break
        return " or ".join(
            f"--preset={preset}"
            if name == model
            else f"--model={name} --preset={preset}"
            for name, preset in fit
        )


def look(
    flag: str,
    globs: str,
    level: str,
    num_classes: int,
    on_corrupt: str,
    expected: str,
    schema: Any = None,
) -> Look:
    """Looks at some videos of the shards that a flag names.

    Args:
        flag: The flag's name.
        globs: Its value.
        level: "video" or "frame", at which the shards are read.
        num_classes: The classes there are.
        on_corrupt: "error" or "skip", as the shards are read.
        expected: What takes shards of this level, for errors.
        schema: How records are laid out, if not as YouTube-8M's.

    Raises:
        ValueError: a record that cannot be used, unless those are skipped.
    """
    from keras_attend_fusion import data
    from keras_attend_fusion.data.plan import make_plan

    plan = make_plan(schema or _schema(level), sys.maxsize)
    text, skips = f"--{flag} {globs}", on_corrupt == "skip"
    found = Look(text, level, num_classes, skips, schema=schema)
    paths = data.expand(patterns(globs))
    paths = paths[:: -(-len(paths) // SHARDS)]
    for path in paths:
        try:
            _look_at(path, plan, found, len(paths), expected)
        except data.CorruptRecordError:
            if not skips:
                raise
    return found


def _look_at(
    path: str, plan: Any, found: Look, shards: int, expected: str
) -> None:
    from keras_attend_fusion import data
    from keras_attend_fusion.data.check import MismatchError, check_record

    left = BYTES // shards
    records = islice(data.walk(path), VIDEOS // shards)
    for index, (offset, record) in enumerate(records):
        left -= len(record)
        if left < 0 and index:
            return
        try:
            facts = check_record(record, plan)
        except ValueError as error:
            if found.skips:
                continue
            of_other = isinstance(error, MismatchError)
            reason = f"{error} ({expected})" if of_other else str(error)
            raise data.CorruptRecordError(
                path, offset, index, reason
            ) from error
        found.videos += 1
        found.present |= {name for name, n in facts.frames.items() if n}
        if len(found.present) < len(facts.frames):
            found.elsewhere |= _elsewhere(record, found)
        beyond = [one for one in facts.labels if one >= found.num_classes]
        if beyond:
            found.misfits += 1
            found.label_max = max(found.label_max, *beyond)
            reason = f"label {beyond[0]}"
            where = data.CorruptRecordError(path, offset, index, reason)
            found.misfit = found.misfit or str(where)


def _elsewhere(record: bytes, found: Look) -> set[str]:
    """Features that stand in a record as those of the other level do."""
    import tensorflow as tf

    if found.schema is not None:
        return set()
    message = tf.train.SequenceExample.FromString(record)
    other = "frame" if found.level == "video" else "video"
    keys = (
        message.context.feature
        if other == "video"
        else message.feature_lists.feature_list
    )
    return {
        one.key
        for one in _schema(other).modalities
        if one.name not in found.present and one.key in keys
    }


def _schema(level: str) -> Any:
    from keras_attend_fusion import data

    return data.VIDEO if level == "video" else data.FRAME
