"""The videos to train on and to validate on, looked at before long work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras_attend_fusion import models
from keras_attend_fusion.cli import class_list, shards
from keras_attend_fusion.cli.common import Flags

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes

FRAMES = 300  # kept of a video


def add_flags(add: Flags) -> None:
    """The flags of the subcommands that train."""
    add.string("train", None, "glob of training shards, quoted")
    add.string("validate", None, "glob of validation shards, quoted")
    add.choice(
        "dtype-policy",
        "auto",
        ["auto", "float32", "mixed_bfloat16", "mixed_float16"],
        "precision; auto takes what is fastest on this machine",
    )
    add.integer(
        "num-classes",
        None,
        "classes; by default those of synthetic shards, else 3862",
    )
    add.string(
        "classes",
        None,
        "the classes to learn: a CSV file with a column Index, or indices "
        "parted by commas; by default all",
    )
    add.integer(
        "seed",
        0,
        "fixes weights and the order of videos",
        least=0,
        most=2**32 - 1,
    )


def dtype_policy(flag: Flags) -> str:
    """The precision that --dtype-policy means on this machine."""
    from keras_attend_fusion import training

    policy = flag["dtype-policy"]
    return training.default_dtype_policy() if policy == "auto" else policy


def _full_length(features: Any, labels: Any) -> Any:
    """Pads frames to 300, however long the longest video of a batch is."""
    import tensorflow as tf

    def padded(values: Any) -> Any:
        after = FRAMES - tf.shape(values)[1]
        ends = [
            [0, after] if axis == 1 else [0, 0]
            for axis in range(len(values.shape))
        ]
        shape = [*values.shape[:1], FRAMES, *values.shape[2:]]
        return tf.ensure_shape(tf.pad(values, ends), shape)

    return {name: padded(one) for name, one in features.items()}, labels


class Examples:
    """What --train and --validate name, for a model of a name and preset.

    Attributes:
        num_classes: The classes that labels have.
        classes: Those of them to learn.
        level: "video" or "frame".
        sizes: Arguments of the model's builder, as --schema has them.
        count: How many there are to train on,
        least: and how many of them the process has that has the fewest.
        what: What they are.
        validation_videos: How many videos --validate holds.

    Raises:
        ValueError: They do not go together, or with the model.
    """

    def __init__(
        self,
        flag: Flags,
        reader: shards.Shards,
        model: str,
        preset: str,
        *,
        segments: bool = False,
        bucket: bool = False,
        cache: str | None = None,
        processes: Processes | None = None,
    ) -> None:
        self.train, self.validate = flag["train"], flag["validate"]
        self.seed = flag["seed"]
        self.segments, self.bucket, self.cache = segments, bucket, cache
        from keras_attend_fusion.training import ALONE

        self.processes = processes or ALONE
        if bucket and self.processes.devices > 1:
            raise ValueError("--bucket goes with a single device alone")
        self.what = "rated segments" if segments else "videos"
        self.taken = models.modalities(model, preset)
        self.sizes = reader.sizes(self.taken)
        classes = flag["num-classes"]
        if classes is None:
            classes = shards.classes_of(self.train)
        self.num_classes = classes
        self.classes = class_list.chosen(flag["classes"], classes)
        self.reader = reader = reader.with_classes(self.classes)
        self.level = "frame"
        validation = self.validation(reader.batch_size)
        if not segments:
            self.level = shards.level_of(validation)
        self._look(model, preset)
        shares = self._shares()
        self.count, self.least = sum(shares), min(shares)
        if not self.count:
            noun = "rated segment" if segments else "record"
            raise ValueError(f"--train {self.train} holds no {noun}")
        self.validation_videos = reader.count(self.validate)

    def _shares(self) -> list[int]:
        """How many examples there are to train on for each process."""
        reader, team = self.reader, self.processes
        taken: dict[str, Any] = {"process": self._process}
        if self.segments:
            mine = reader.count_segments(self.train, self.num_classes, **taken)
        elif team.count > 1 and reader.on_corrupt == "skip":
            # Sound is little to read, if it is among them.
            taken |= {"modalities": self.taken[-1:], "level": self.level}
            mine = reader.count_read(self.train, self.num_classes, **taken)
        else:  # equal but for one
            each, rest = divmod(reader.count(self.train), team.count)
            mine = each + (team.index < rest)
        from keras_attend_fusion import training

        return [int(one) for one in training.exchange(b"%d" % mine, team)]

    def _look(self, model: str, preset: str) -> None:
        note = f"--validate holds {self.level}-level shards: both have to be "
        note += "of one"
        if self.segments:
            note = "--segments are of frame-level shards"
        texts = {"train": self.train, "validate": self.validate}
        for name, text in texts.items():
            seen = self.reader.look(
                name, text, self.level, self.num_classes, note
            )
            seen.require_classes("pass --num-classes={} or more")
            seen.require_modalities(self.taken, model, preset)

    def steps(self, batch_size: int) -> int:
        """Batches in an epoch."""
        if self.bucket:
            reader = self.reader.with_batch_size(batch_size)
            return reader.count_batches(self.train, self.level, bucket=True)
        if self.processes.devices > 1:
            return self.processes.steps(self.least, batch_size)
        return -(-self.count // batch_size)

    def training(self, batch_size: int, first_epoch: int = 0) -> Any:
        """The training set of the epochs from one on, as in one go."""
        size = batch_size
        arguments = {
            "modalities": self.taken,
            "shuffle": True,
            "seed": self.seed,
        }
        cache = self.cache
        if self.processes.devices > 1:
            arguments |= {"drop_remainder": True, "process": self._process}
            size = self.processes.local(batch_size)
        if self.processes.count > 1 and cache not in (None, "memory"):
            cache = f"{cache}/{self.processes.index}-of-{self.processes.count}"
        reader = self.reader.with_batch_size(size)
        if self.segments:
            dataset = reader.load_segments(
                self.train, self.num_classes, **arguments
            )
        else:
            dataset = reader.load(
                self.train,
                self.num_classes,
                level=self.level,
                bucket=self.bucket,
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
        if self.level == "frame" and not self.segments:
            dataset = dataset.map(_full_length, num_parallel_calls=2)
        return dataset.take(steps)

    def _start_epochs(self, dataset: Any, epochs: int) -> None:
        """Starts a dataset a few times: it has another order at each start."""
        for epoch in range(epochs):
            batches = iter(dataset)
            next(batches, None)
            if self.cache and not epoch:  # it keeps what the first one read
                for _ in batches:
                    pass

    def validation(self, batch_size: int) -> Any:
        """The validation set."""
        reader = self.reader.with_batch_size(batch_size)
        load = reader.load_segments if self.segments else reader.load
        return load(
            self.validate,
            self.num_classes,
            modalities=self.taken,
            process=self._process,
        )

    def named_errors(self) -> Any:
        """As `Shards.named_errors`, for reading these."""
        return self.reader.named_errors(
            [self.train, self.validate],
            self.num_classes,
            self.level,
            note=f"--num-classes is {self.num_classes} and the run takes "
            f"{self.level}-level shards",
            rated=self.segments,
        )
