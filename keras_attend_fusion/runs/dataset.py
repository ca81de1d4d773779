"""Reading shards for a model, with errors that name the record."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.arguments import ArgumentError, notice
from keras_attend_fusion.data.patterns import split_patterns
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import layout
from keras_attend_fusion.runs import preflight as first_look
from keras_attend_fusion.runs.class_subset import ClassList

if TYPE_CHECKING:
    from keras_attend_fusion.data import ShardSet

ANY_LABELS = "multi_label"  # the task that takes records without labels


class Shards:
    """The shards that a model is trained, scored or run on.

    Args:
        batch_size: Videos in a batch.
        on_corrupt: "error" or "skip".
        classes: What the model scores, if it is known and not every class.
        schema: How the shards are laid out: a `data.Schema`, a name, a file,
            or what a config holds. None for YouTube-8M's own layout.
        learned: The schema of the shards that the model learned, which
            counts where `schema` is None.

    Attributes:
        digests: By path, what `count` found of the framing of the records,
            if none of them is skipped.
    """

    def __init__(
        self,
        batch_size: int = 512,
        on_corrupt: str = "error",
        classes: ClassList | None = None,
        schema: Any = None,
        learned: Any = None,
    ) -> None:
        from keras_attend_fusion import data

        self.batch_size = batch_size
        self.on_corrupt = on_corrupt
        self.classes = classes
        self.report = data.SkipReport()
        self.digests: dict[str, str] = {}
        self.given, self.learned = schema, learned
        self.schema = layout.of_flag(schema) or learned
        self.origin = layout.origin(schema)
        self.labelled = True
        self._told: set[str] = set()  # copies share it: each is said once

    def with_batch_size(self, batch_size: int) -> Shards:
        """The same, but in batches of another size."""
        other = copy.copy(self)
        other.batch_size = batch_size
        return other

    def again(self) -> Shards:
        """The same, for another pass: skips are counted from none."""
        from keras_attend_fusion import data

        other = copy.copy(self)
        other.report = data.SkipReport()
        return other

    def without_labels(self) -> Shards:
        """The same, but no record has to have the one label of its task."""
        other = copy.copy(self)
        other.labelled = False
        return other

    def at(self, text: str) -> Shards:
        """The same, with the layout of the shards that a flag names."""
        other = copy.copy(self)
        other.schema, other.origin = layout.of_shards(
            text, self.given, self.learned
        )
        if other.schema is not None and not self.labelled:
            other.schema = dataclasses.replace(other.schema, task=ANY_LABELS)
        return other

    def with_task(self, text: str, task: str | None) -> Shards:
        """The same, but with labels of a task; None for the schema's."""
        from keras_attend_fusion import data
        from keras_attend_fusion.data.levels import resolve_schema

        if task is None or task == (self.schema or data.VIDEO).task:
            return self
        other = copy.copy(self)
        schema = self.schema or resolve_schema(split_patterns(text))
        other.schema = dataclasses.replace(schema, task=task)
        return other

    def fitted(self, model: Any, text: str) -> Shards:
        """As `at`, but with vectors of a model's sizes if no schema says."""
        other = self.at(text)
        if other.schema is None:
            other.schema = layout.native(model)
        return other

    def tell_left_out(self, taken: Sequence[str]) -> None:
        """Says on standard error what of the schema a model does not take."""
        line = layout.left_out(self.schema, taken, self.origin)
        if line and line not in self._told:
            self._told.add(line)
            notice(line)

    def with_classes(self, classes: ClassList) -> Shards:
        """The same, but with labels of these classes."""
        other = copy.copy(self)
        other.classes = classes
        return other

    @property
    def max_frames(self) -> int:
        """Frames kept of a video."""
        from keras_attend_fusion import data

        return (self.schema or data.FRAME).max_frames

    @property
    def chosen(self) -> Sequence[int] | None:
        """The classes that are delivered; None for every one."""
        if self.classes is None or not self.classes.some:
            return None
        return self.classes.indices

    def _set(self, text: str, **fields: Any) -> ShardSet:
        """The shards that a flag names, as they are to be read."""
        from keras_attend_fusion.data import ShardSet

        return ShardSet(
            split_patterns(text),
            schema=self.schema,
            on_corrupt=self.on_corrupt,
            **fields,
        )

    def load(self, text: str, num_classes: int, **arguments: Any) -> Any:
        """A dataset of the shards that a flag names."""
        fields, reading = _parts(arguments)
        shards = self._set(
            text, num_classes=num_classes, classes=self.chosen, **fields
        )
        return shards.load(self.batch_size, report=self.report, **reading)

    def load_segments(
        self, text: str, num_classes: int, **arguments: Any
    ) -> Any:
        """A dataset of the rated segments of the shards a flag names."""
        fields, reading = _parts(arguments)
        shards = self._set(
            text, num_classes=num_classes, classes=self.chosen, **fields
        )
        return shards.load_segments(
            self.batch_size, report=self.report, **reading
        )

    def count_segments(self, text: str, num_classes: int, **fields: Any) -> int:
        """Rated segments of the shards a flag names."""
        return self._set(
            text, num_classes=num_classes, **fields
        ).count_segments()

    def count(self, text: str) -> int:
        """Videos of the shards a flag names; an error names a cut shard."""
        keep = self.on_corrupt == "error"
        return self._set(text).count(self.digests if keep else None)

    def count_read(self, text: str, num_classes: int, **arguments: Any) -> int:
        """Videos that `load` delivers: reads the shards, skips what it can."""
        # Training will tell of what is skipped.
        batches = self.again().load(text, num_classes, **arguments)
        return sum(len(labels) for _, labels in batches)

    def count_batches(self, text: str, level: str, bucket: bool) -> int:
        """Batches of the shards a flag names."""
        shards = self._set(text, level=level)
        return shards.count_batches(self.batch_size, bucket=bucket)

    def look(
        self,
        flag: str,
        text: str,
        level: str,
        num_classes: int,
        note: str,
        takes: str | None = None,
    ) -> first_look.Look:
        """Looks at some videos; `note` goes with a record of other shards.

        `takes` is what takes vectors of the schema's sizes, for errors.
        """
        if takes is None:
            takes = f"{self.origin if self.schema else 'YouTube-8M'} has"
        return first_look.look(
            flag,
            text,
            level,
            num_classes,
            self.on_corrupt,
            note,
            self.schema,
            self.chosen,
            takes,
        )

    def load_for(
        self, model: Any, text: str, flag: str = "data", **arguments: Any
    ) -> Any:
        """A dataset of what `model` takes, from the shards a flag names.

        Raises:
            ValueError: the shards do not fit the model, as far as a look at
                some videos tells.
        """
        classes, level = self._labels(model), run_folder.level(model)
        taken, takes = run_folder.modalities(model), "the model takes"
        reader = self.at(text)
        if reader.schema is not None:
            layout.require_fit(reader.schema, model, reader.origin)
            if self.classes is not None:
                names = self.classes.names
                layout.require_names(reader.schema, names, reader.origin)
            reader.tell_left_out(taken)
        else:
            reader.schema = layout.native(model)
        note = f"the model takes {level}-level shards"
        seen = reader.look(flag, text, level, classes, note, takes)
        seen.require_classes(
            "pass a model of at least {} classes, or the shards that this "
            "one was trained for"
        )
        seen.require_modalities(taken, model.name)
        return reader.load(
            text,
            classes,
            level=level,
            modalities=taken,
            **arguments,
        )

    def _labels(self, model: Any) -> int:
        """How many classes the labels have that a model was trained on."""
        if self.classes is not None:
            return self.classes.of
        return int(model.output_shape[-1])

    @contextlib.contextmanager
    def named_errors(
        self,
        texts: list[str],
        num_classes: int,
        level: str,
        with_id: bool = False,
        note: str | None = None,
        rated: bool = False,
    ) -> Iterator[None]:
        """Names file and record when reading fails inside the block.

        `note` says what was to be read; it goes with the error about a
        sound record of other shards. `rated` is whether segments are read.
        """
        import tensorflow as tf

        from keras_attend_fusion import data
        from keras_attend_fusion.data.check import MismatchError

        try:
            yield
        except tf.errors.OpError as error:
            globs = [glob for text in texts for glob in split_patterns(text)]
            corrupt_record = data.find_corrupt_record(
                globs,
                level,
                num_classes=num_classes,
                with_id=with_id,
                schema=self.schema,
                rated=rated,
            )
            if corrupt_record is None:
                raise
            if note and isinstance(corrupt_record.__cause__, MismatchError):
                raise ArgumentError(f"{corrupt_record} ({note})") from error
            raise corrupt_record from error
        finally:
            if self.report.count:
                print(self.report.summary(), file=sys.stderr)

    def errors_for(
        self, model: Any, text: str, with_id: bool = False
    ) -> contextlib.AbstractContextManager[None]:
        """As `named_errors`, and says what the model takes."""
        classes, level = self._labels(model), run_folder.level(model)
        note = f"the model takes {level}-level shards and has {classes} classes"
        reader = self.fitted(model, text)
        return reader.named_errors([text], classes, level, with_id, note)


def _parts(
    arguments: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments that are fields of a `ShardSet`, and those of reading."""
    from keras_attend_fusion.data import ShardSet

    names = {field.name for field in dataclasses.fields(ShardSet)}
    fields = {name: x for name, x in arguments.items() if name in names}
    reading = {name: x for name, x in arguments.items() if name not in names}
    return fields, reading


def level_of(dataset: Any) -> str:
    """The level of what a dataset delivers: frames come with masks."""
    features = dataset.element_spec[0]
    framed = any(name.endswith("_mask") for name in features)
    return "frame" if framed else "video"
