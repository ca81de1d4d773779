"""A model by its path, with what is kept beside its weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from keras_attend_fusion.data.vocabulary import read_vocabulary, require_names
from keras_attend_fusion.runs import class_subset, layout
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import load_model as any_model
from keras_attend_fusion.runs.dataset import Shards

if TYPE_CHECKING:
    from keras_attend_fusion.runs.run import Run

# What functions that run a model take.
ModelSource = Union["str | Path | StoredModel | Run"]


class StoredModel:
    """A trained or exported model, its classes, schema and threshold.

    What is asked for is read when it is first asked for, and kept.

    Args:
        path: A run folder, a `.keras` file, or an exported file.
        load: What loads it.
    """

    def __init__(
        self, path: str | Path, load: Callable[[str], Any] = any_model.load_any
    ) -> None:
        self.path = str(path)
        self._load = load

    @cached_property
    def model(self) -> Any:
        """A Keras model, or an `export.ExportedModel`."""
        return self._load(self.path)

    @cached_property
    def classes(self) -> class_subset.ClassList:
        """The classes that it scores."""
        return class_subset.of_model(self.path, self.model)

    @cached_property
    def schema(self) -> Any:
        """The layout of the shards it learned; None for YouTube-8M's own."""
        return layout.of_model(self.path, self.model)

    @cached_property
    def threshold(self) -> tuple[float | None, str]:
        """The model's F1 threshold, and where it is from."""
        return any_model.threshold_of(self.path, self.model)

    def read_names(self, vocabulary: str | Path | None) -> dict[int, str]:
        """The class names of a file; none without a file.

        Raises:
            ValueError: The file is not a vocabulary, or lacks a class.
        """
        file = None if vocabulary is None else str(vocabulary)
        names = read_vocabulary(file)  # before the model, which takes longer
        require_names(names, file, self.classes.indices)
        return names

    def reader(self, batch_size: int, on_corrupt: str, schema: Any) -> Shards:
        """What reads shards for the model."""
        return Shards(batch_size, on_corrupt, self.classes, schema, self.schema)


def stored(model: ModelSource) -> StoredModel:
    """The model that an argument means, trained or exported."""
    if isinstance(model, str | Path):
        return StoredModel(model)
    return model if isinstance(model, StoredModel) else model.stored


def stored_keras(model: ModelSource) -> StoredModel:
    """The Keras model that an argument means; an exported one is refused."""
    if isinstance(model, str | Path):
        return StoredModel(model, run_folder.load_model)
    return stored(model)
