"""Reading shards for a model, with errors that name the record."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from keras_attend_fusion.cli import first_look, run_folder
from keras_attend_fusion.cli.class_list import ClassList
from keras_attend_fusion.cli.common import Flags, patterns

YT8M_CLASSES = 3862


def add_flags(add: Flags, batch_size: str = "videos in a batch") -> None:
    """The flags of every subcommand that reads shards."""
    add.integer("batch-size", 512, batch_size)
    add.choice(
        "on-corrupt",
        "error",
        ["error", "skip"],
        "what to do about a record that cannot be used",
    )
    add.string(
        "schema",
        None,
        "layout of records that are not YouTube-8M's: audioset, or a JSON file",
    )


class Shards:
    """The shards that a model is trained, scored or run on.

    Args:
        flag: The flags.
        classes: What the model scores, if it is known and not every class.
    """

    def __init__(self, flag: Flags, classes: ClassList | None = None) -> None:
        from keras_attend_fusion import data

        self.batch_size = flag["batch-size"]
        self.on_corrupt = flag["on-corrupt"]
        self.classes = classes
        self.report = data.SkipReport()
        self.schema = None
        if flag["schema"]:
            self.schema = data.read_schema(flag["schema"])

    def with_batch_size(self, batch_size: int) -> Shards:
        """The same, but in batches of another size."""
        other = copy.copy(self)
        other.batch_size = batch_size
        return other

    def with_classes(self, classes: ClassList) -> Shards:
        """The same, but with labels of these classes."""
        other = copy.copy(self)
        other.classes = classes
        return other

    @property
    def _chosen(self) -> Sequence[int] | None:
        """The classes that are delivered; None for every one."""
        if self.classes is None or not self.classes.some:
            return None
        return self.classes.indices

    def load(self, text: str, num_classes: int, **arguments: Any) -> Any:
        """A dataset of the shards that a flag names."""
        from keras_attend_fusion import data

        return data.load(
            patterns(text),
            batch_size=self.batch_size,
            num_classes=num_classes,
            classes=self._chosen,
            on_corrupt=self.on_corrupt,
            report=self.report,
            schema=self.schema,
            **arguments,
        )

    def load_segments(
        self, text: str, num_classes: int, **arguments: Any
    ) -> Any:
        """A dataset of the rated segments of the shards a flag names."""
        from keras_attend_fusion import data

        return data.load_segments(
            patterns(text),
            batch_size=self.batch_size,
            num_classes=num_classes,
            classes=self._chosen,
            on_corrupt=self.on_corrupt,
            report=self.report,
            schema=self.schema or data.FRAME,
            **arguments,
        )

    def count_segments(
        self, text: str, num_classes: int, **arguments: Any
    ) -> int:
        """Rated segments of the shards a flag names."""
        from keras_attend_fusion import data

        return data.count_segments(
            patterns(text),
            num_classes=num_classes,
            on_corrupt=self.on_corrupt,
            schema=self.schema or data.FRAME,
            **arguments,
        )

    def sizes(self, taken: list[str]) -> dict[str, int]:
        """Arguments of a model's builder: what --schema says of sizes.

        Raises:
            ValueError: The schema lacks a modality that is taken.
        """
        if self.schema is None:
            return {}
        there = {one.name: one.size for one in self.schema.modalities}
        missing = [name for name in taken if name not in there]
        if missing:
            raise ValueError(
                f"--schema has {' and '.join(there)}, but the model takes "
                f"{' and '.join(taken)}: name a --preset that does without "
                f"{' and '.join(missing)}"
            )
        return {f"{name}_size": there[name] for name in taken}

    def count(self, text: str) -> int:
        """Videos of the shards a flag names; an error names a cut shard."""
        from keras_attend_fusion import data

        return data.count(patterns(text), self.on_corrupt)

    def count_read(self, text: str, num_classes: int, **arguments: Any) -> int:
        """Videos that `load` delivers: reads the shards, skips what it can."""
        from keras_attend_fusion import data

        reader = copy.copy(self)
        reader.report = data.SkipReport()  # training will tell of them
        batches = reader.load(text, num_classes, **arguments)
        return sum(len(labels) for _, labels in batches)

    def count_batches(self, text: str, level: str, bucket: bool) -> int:
        """Batches of the shards a flag names."""
        from keras_attend_fusion import data

        return data.count_batches(
            patterns(text),
            level,
            self.batch_size,
            on_corrupt=self.on_corrupt,
            schema=self.schema,
            bucket=bucket,
        )

    def look(
        self, flag: str, text: str, level: str, num_classes: int, note: str
    ) -> first_look.Look:
        """Looks at some videos; `note` goes with a record of other shards."""
        return first_look.look(
            flag,
            text,
            level,
            num_classes,
            self.on_corrupt,
            note,
            self.schema,
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
        run_folder.require_sizes(model, self.schema)
        if self.schema is not None and self.schema.level != level:
            raise ValueError(
                f"the model takes {level}-level shards, but --schema is of "
                f"{self.schema.level} level"
            )
        note = f"the model takes {level}-level shards"
        seen = self.look(flag, text, level, classes, note)
        seen.require_classes(
            "pass a model of at least {} classes, or the shards that this "
            "one was trained for"
        )
        seen.require_modalities(run_folder.modalities(model), model.name)
        return self.load(
            text,
            classes,
            level=level,
            modalities=run_folder.modalities(model),
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
            globs = [glob for text in texts for glob in patterns(text)]
            found = data.diagnose(
                globs,
                level,
                num_classes=num_classes,
                with_id=with_id,
                schema=self.schema,
                rated=rated,
            )
            if found is None:
                raise
            if note and isinstance(found.__cause__, MismatchError):
                raise ValueError(f"{found} ({note})") from error
            raise found from error
        finally:
            if self.report.count:
                print(self.report.summary(), file=sys.stderr)

    def errors_for(
        self, model: Any, text: str, with_id: bool = False
    ) -> contextlib.AbstractContextManager[None]:
        """As `named_errors`, and says what the model takes."""
        classes, level = self._labels(model), run_folder.level(model)
        note = f"the model takes {level}-level shards and has {classes} classes"
        return self.named_errors([text], classes, level, with_id, note)


def level_of(dataset: Any) -> str:
    """The level of what a dataset delivers: frames come with masks."""
    features = dataset.element_spec[0]
    framed = any(name.endswith("_mask") for name in features)
    return "frame" if framed else "video"


def classes_of(text: str) -> int:
    """The class count of synthetic shards, else YouTube-8M's 3862."""
    import tensorflow as tf

    from keras_attend_fusion import data

    folder = os.path.dirname(data.expand(patterns(text))[0])
    try:
        manifest = tf.io.gfile.GFile(os.path.join(folder, "manifest.json"))
        return len(json.loads(manifest.read())["classes"])
    except (tf.errors.OpError, ValueError, KeyError, TypeError):
        return YT8M_CLASSES
