"""One pass of a model over shards: counted, shown, its errors named."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from keras_attend_fusion.progress import Progress, Update
from keras_attend_fusion.runs.dataset import Shards


class ShardPass(NamedTuple):
    """What a pass reads.

    Attributes:
        dataset: Batches of what the model takes.
        videos: How many there are; 0 if they were not counted.
        update: Called with the videos done.
    """

    dataset: Any
    videos: int
    update: Update


@contextlib.contextmanager
def shard_pass(
    reader: Shards,
    model: Any,
    data: str,
    progress: Progress,
    *,
    with_id: bool = False,
    unit: str = "videos",
    counted: bool = True,
) -> Iterator[ShardPass]:
    """Opens shards for a model; an error inside names file and record.

    Args:
        reader: How they are read.
        model: What they are read for.
        data: Their globs.
        progress: Shows what is done.
        with_id: Whether features have the key `id`.
        unit: What is shown as done.
        counted: Whether the videos are counted first.

    Raises:
        ValueError: The shards do not fit the model, or a record cannot be
            used.
    """
    dataset = reader.load_for(model, data, with_id=with_id)
    videos = reader.count(data) if counted else 0
    with (
        reader.errors_for(model, data, with_id=with_id),
        progress(unit, videos if counted else None) as update,
    ):
        yield ShardPass(dataset, videos, update)
