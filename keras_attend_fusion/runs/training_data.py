"""The videos to train on and to validate on, looked at before long work."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.data import manifest
from keras_attend_fusion.runs import class_subset as class_list
from keras_attend_fusion.runs import labels, layout, modalities
from keras_attend_fusion.runs.dataset import Shards, level_of
from keras_attend_fusion.runs.settings import SettingError, TrainSettings
from keras_attend_fusion.training.processes import all_gather_bytes

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes


def _full_length(features: Any, labels: Any, frames: int) -> Any:
    """Pads to `frames`, however long the longest video of a batch is."""
    import tensorflow as tf

    def padded(values: Any) -> Any:
        after = frames - tf.shape(values)[1]
        ends = [
            [0, after] if axis == 1 else [0, 0]
            for axis in range(len(values.shape))
        ]
        shape = [*values.shape[:1], frames, *values.shape[2:]]
        return tf.ensure_shape(tf.pad(values, ends), shape)

    return {name: padded(x) for name, x in features.items()}, labels


@dataclass(frozen=True)
class TrainingData:
    """What `train` and `validate` of some settings name; `look_at` makes it.

    Attributes:
        settings: The settings.
        processes: Those that share the training.
        reader: Reads the shards.
        taken: The modalities to learn from.
        sizes: Arguments of the model's builder that the schema decides.
        num_classes: The classes that labels have.
        classes: Those of them to learn.
        level: "video" or "frame".
        count: How many examples there are to train on,
        least: and how many of them the process has that has the fewest.
        validation_videos: How many videos `validate` holds.
    """

    settings: TrainSettings
    processes: Processes
    reader: Shards
    taken: list[str]
    sizes: dict[str, Any]
    num_classes: int
    classes: class_list.ClassList
    level: str = "frame"
    count: int = 0
    least: int = 0
    validation_videos: int = 0

    @property
    def what(self) -> str:
        """What the examples are."""
        return "rated segments" if self.settings.segments else "videos"

    def _shares(self) -> list[int]:
        """How many examples there are to train on for each process."""

        reader, team, text = self.reader, self.processes, self.settings.train
        taken: dict[str, Any] = {"process": self._process}
        if self.settings.segments:
            share = reader.count_segments(text, self.num_classes, **taken)
        elif team.count > 1 and reader.on_corrupt == "skip":
            # The audio features are little to read, if they are taken.
            taken |= {"modalities": self.taken[-1:], "level": self.level}
            share = reader.count_read(text, self.num_classes, **taken)
        else:  # equal but for one
            each, rest = divmod(reader.count(text), team.count)
            share = each + (team.index < rest)
        return [int(text) for text in all_gather_bytes(b"%d" % share, team)]

    def _look(self) -> None:
        settings = self.settings
        note = f"`validate` holds {self.level}-level shards: both have to be "
        note += "of one"
        if settings.segments:
            note = "`segments` are of frame-level shards"
        texts = {"train": settings.train, "validate": settings.validate}
        for name, text in texts.items():
            seen = self.reader.look(
                name, text, self.level, self.num_classes, note
            )
            seen.require_classes("pass `num_classes`={} or more")
            seen.require_modalities(self.taken, settings.model, settings.preset)
            if settings.segments or not seen.labelled:
                self._require_labels(name, text)

    def _require_labels(self, argument: str, text: str) -> None:
        """Raises `ValueError` if nothing has a label of the classes."""
        least: dict[str, Any] = {"modalities": self.taken[-1:]}
        if not self.settings.segments:
            least["level"] = self.level
        with self.named_errors():
            labels.require_labels(
                self.reader,
                argument,
                text,
                self.num_classes,
                self.settings.segments,
                **least,
            )

    def keep(self, path: Path) -> None:
        """Adds to a saved model which classes and which layout it learned."""
        class_list.keep(path, self.classes)
        layout.keep(path, self.reader.schema)

    def steps(self, batch_size: int) -> int:
        """Batches in an epoch."""
        if self.settings.bucket:
            reader = self.reader.with_batch_size(batch_size)
            return reader.count_batches(
                self.settings.train, self.level, bucket=True
            )
        if self.processes.devices > 1:
            return self.processes.steps(self.least, batch_size)
        return -(-self.count // batch_size)

    def training(self, batch_size: int, first_epoch: int = 0) -> Any:
        """The training set of the epochs from one on, as in one go."""
        size, settings = batch_size, self.settings
        arguments = {
            "modalities": self.taken,
            "shuffle": True,
            "seed": settings.seed,
        }
        cache = settings.cache
        if self.processes.devices > 1:
            arguments |= {"drop_remainder": True, "process": self._process}
            size = self.processes.local(batch_size)
        if self.processes.count > 1 and cache not in (None, "memory"):
            cache = f"{cache}/{self.processes.index}-of-{self.processes.count}"
        reader = self.reader.with_batch_size(size)
        if settings.segments:
            dataset = reader.load_segments(
                settings.train, self.num_classes, **arguments
            )
        else:
            dataset = reader.load(
                settings.train,
                self.num_classes,
                level=self.level,
                bucket=settings.bucket,
                cache=cache,
                **arguments,
            )
        if self.processes.count > 1:
            dataset = self._in_step(dataset, self.steps(batch_size))
        # So that the bar knows its length.
        if reader.on_corrupt == "error" or self.processes.count > 1:
            import tensorflow as tf

            steps = self.steps(batch_size)
            cardinality = tf.data.experimental.assert_cardinality(steps)
            dataset = dataset.apply(cardinality)
        self._start_epochs(dataset, first_epoch)
        return dataset

    @property
    def _process(self) -> tuple[int, int]:
        return self.processes.index, self.processes.count

    def _in_step(self, dataset: Any, steps: int) -> Any:
        """As many batches as any process has, and all of them as long."""
        if self.level == "frame" and not self.settings.segments:
            frames = self.reader.max_frames
            dataset = dataset.map(
                lambda features, labels: _full_length(features, labels, frames),
                num_parallel_calls=2,
            )
        return dataset.take(steps)

    def _start_epochs(self, dataset: Any, epochs: int) -> None:
        """Starts a dataset a few times: it has another order at each start."""
        for epoch in range(epochs):
            batches = iter(dataset)
            next(batches, None)
            if self.settings.cache and not epoch:
                for _ in batches:  # it keeps what the first one read
                    pass

    def validation(self, batch_size: int) -> Any:
        """The validation set."""
        reader = self.reader.with_batch_size(batch_size)
        load = reader.load_segments if self.settings.segments else reader.load
        return load(
            self.settings.validate,
            self.num_classes,
            modalities=self.taken,
            process=self._process,
        )

    def named_errors(self) -> Any:
        """As `Shards.named_errors`, for reading these."""
        return self.reader.named_errors(
            [self.settings.train, self.settings.validate],
            self.num_classes,
            self.level,
            note=f"`num_classes` is {self.num_classes} and the run takes "
            f"{self.level}-level shards",
            rated=self.settings.segments,
        )


def _classes(
    settings: TrainSettings, schema: Any
) -> tuple[int, dict[int, str]]:
    """How many classes labels have, and their names as far as known."""
    listed = None if schema is None else schema.classes
    count = settings.num_classes
    if count is None:
        count = len(listed) if listed else manifest.num_classes(settings.train)
    if listed:
        return count, dict(enumerate(listed)) if len(listed) == count else {}
    return count, manifest.class_names(settings.train, count)


def _check_task(settings: TrainSettings, schema: Any) -> None:
    """Raises `SettingError` if settings are for several labels a video."""
    if schema is None or schema.task != "single_label":
        return
    for name in ("segments", "classes"):
        if getattr(settings, name):
            raise SettingError(
                f"`{name}` is for videos of several labels, but the task is "
                "single_label: every video has exactly one"
            )


def look_at(
    settings: TrainSettings, processes: Processes | None = None
) -> TrainingData:
    """Looks at the shards that settings name, and counts them.

    Args:
        settings: The settings.
        processes: Those that share the training; None for this one alone.

    Raises:
        ValueError: They do not go together, or with the model.
    """
    from keras_attend_fusion.training.processes import ALONE

    processes = processes or ALONE
    if settings.bucket and processes.devices > 1:
        raise ArgumentError("`bucket` supports a single device only")
    reader = Shards(
        settings.batch_size, settings.on_corrupt, schema=settings.schema
    )
    reader = reader.at(settings.train)
    if not settings.schema:
        layout.require_same(reader.schema, settings.validate, "validate")
    reader = reader.with_task(settings.train, settings.task)
    _check_task(settings, reader.schema)
    model, preset = settings.model, settings.preset
    taken, lacking = modalities.chosen(
        settings.modalities, model, preset, reader.schema
    )
    if processes.first:
        reader.tell_left_out(taken)
        line = modalities.headline(model, taken, lacking, preset)
        if line:
            print(line)
    count, names = _classes(settings, reader.schema)
    classes = class_list.chosen(settings.classes, count, names)
    videos = TrainingData(
        settings,
        processes,
        reader.with_classes(classes),
        taken,
        modalities.builder_arguments(model, preset, taken, reader.schema),
        count,
        classes,
    )
    validation = videos.validation(settings.batch_size)
    if not settings.segments:
        videos = dataclasses.replace(videos, level=level_of(validation))
    videos._look()
    shares = videos._shares()
    if not sum(shares):
        noun = "rated segment" if settings.segments else "record"
        raise ArgumentError(f"`train` {settings.train} holds no {noun}")
    return dataclasses.replace(
        videos,
        count=sum(shares),
        least=min(shares),
        validation_videos=videos.reader.count(settings.validate),
    )
