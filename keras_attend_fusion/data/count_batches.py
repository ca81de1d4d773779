"""Counting batches without reading them."""

from __future__ import annotations

from keras_attend_fusion.data.arguments import integer, on_corrupt_mode
from keras_attend_fusion.data.buckets import batches_in_buckets
from keras_attend_fusion.data.count import record_bytes
from keras_attend_fusion.data.levels import choose_schema
from keras_attend_fusion.data.plan import make_plan
from keras_attend_fusion.data.schema import Schema
from keras_attend_fusion.data.shards import Pattern, list_shards


def count_batches(
    pattern: Pattern,
    level: str = "auto",
    batch_size: int = 512,
    *,
    max_frames: int | None = None,
    drop_remainder: bool = False,
    on_corrupt: str = "error",
    schema: Schema | None = None,
    bucket: bool = False,
) -> int:
    """How many batches `load` with these arguments delivers in an epoch.

    Counts by the framing of the records, as `count`: with
    `on_corrupt="skip"`, records that turn out broken are counted, too.

    Args:
        pattern: As in `load`, like the other arguments.
        level: As in `load`.
        batch_size: As in `load`.
        max_frames: As in `load`.
        drop_remainder: As in `load`.
        on_corrupt: As in `load`.
        schema: As in `load`.
        bucket: As in `load`.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "video", videos=20, shards=2, classes=4)
    >>> count_batches(f"{folder}/train-*", batch_size=8)
    3
    """
    batch_size = integer("batch_size", batch_size)
    on_corrupt_mode(on_corrupt)
    if max_frames is not None:
        max_frames = integer("max_frames", max_frames)
    paths = list_shards(pattern)
    lengths = [n for path in paths for n in record_bytes(path, on_corrupt)]
    if bucket:
        plan = make_plan(
            choose_schema(paths, level, schema), max_frames=max_frames
        )
        return batches_in_buckets(lengths, plan, batch_size, drop_remainder)
    whole, rest = divmod(len(lengths), batch_size)
    return whole + (rest > 0 and not drop_remainder)
