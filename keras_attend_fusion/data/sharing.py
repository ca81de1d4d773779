"""Which records of which shards a process reads, where there are several."""

from __future__ import annotations

from dataclasses import dataclass

from keras_attend_fusion.data.arguments import process_pair
from keras_attend_fusion.data.count import count


@dataclass(frozen=True)
class RecordRange:
    """Records of one shard, one after the other.

    Attributes:
        path: The shard.
        first: How many of its records come before.
        records: How many there are; -1 for all up to the end.
    """

    path: str
    first: int = 0
    records: int = -1


def share(
    paths: list[str], process: tuple[int, int], on_corrupt: str = "error"
) -> list[RecordRange]:
    """The records that one of several processes reads.

    All records, in the order of their shards, are cut into as many equal
    pieces as there are processes: piece sizes differ by one at most, each
    record is in exactly one of them, and only where two pieces meet do two
    processes read the same shard.

    Args:
        paths: The shards, in the same order for every process.
        process: The index of this process, from 0, and how many there are.
        on_corrupt: As in `load`.

    Raises:
        ValueError: The index is out of range, or there are fewer shards or
            records than processes.

    Example:

    >>> share(["a", "b"], (0, 1))
    [RecordRange(path='a', first=0, records=-1), RecordRange(path='b', first=0, records=-1)]
    """  # noqa: E501
    index, processes = process_pair(process)
    if processes == 1:
        return [RecordRange(path) for path in paths]
    if len(paths) < processes:
        raise ValueError(
            f"{len(paths)} shards for {processes} processes: each reads shards "
            "of its own, so give as many as there are processes or more."
        )
    sizes = [count(path, on_corrupt) for path in paths]
    total = sum(sizes)
    if total < processes:
        raise ValueError(f"{total} records for {processes} processes.")
    return divide(paths, sizes, index, processes)


def divide(
    paths: list[str], sizes: list[int], index: int, processes: int
) -> list[RecordRange]:
    """Piece `index` of the records of shards of those sizes.

    Example:

    >>> for index in (0, 1):
    ...     for one in divide(["a", "b"], [3, 5], index, 2):
    ...         print(index, one.path, one.first, one.records)
    0 a 0 -1
    0 b 0 1
    1 b 1 -1
    """
    total = sum(sizes)
    start = index * total // processes
    stop = (index + 1) * total // processes
    ranges = []
    before = 0
    for path, size in zip(paths, sizes, strict=True):
        first = max(start - before, 0)
        last = min(stop - before, size)
        if first < last:
            records = -1 if last == size else last - first
            ranges.append(RecordRange(path, first, records))
        before += size
    return ranges
