"""Which records come when, told by their places in the shards."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from keras_attend_fusion.data.count import record_bytes
from keras_attend_fusion.data.framing import CHECKSUM_BYTES, FRAMING_BYTES
from keras_attend_fusion.data.sharing import RecordRange

# Shuffled are all records of as many shards, in a random order of theirs, as
# make both of these: a small part of large shards, which a disk can follow.
SHUFFLED_SHARDS, SHUFFLED_RECORDS = 16, 16384


class BatchSampler:
    """Batches of places, epoch after epoch.

    A place is `(range, start, end)`: where a record's bytes lie in a shard.

    Args:
        ranges: What there is to read.
        find: Finds the records of a shard, such as `record_places`.
        batch_size: Records in a batch.
        shuffle: Whether each epoch has an order of its own.
        seed: What the shuffled orders start from.
        repeat: Whether there is no end.
        drop_remainder: Whether the last, smaller batch is left out.
        limits: Bytes from which on a record is of the next bucket, ascending;
            a batch is of one bucket.
    """

    def __init__(
        self,
        ranges: list[RecordRange],
        find: Callable[[str], np.ndarray],
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: list[int] | None = None,
        repeat: bool = False,
        drop_remainder: bool = False,
        limits: list[int] | None = None,
    ) -> None:
        self._ranges, self._find = ranges, find
        self._size = batch_size
        self._shuffle, self._seed, self._repeat = shuffle, seed, repeat
        self._drop, self._limits = drop_remainder, limits or []
        self._places: dict[int, np.ndarray] = {}
        self._epochs = itertools.count()

    def places(self, range_index: int) -> np.ndarray:
        """The places of a range's records, in order: int64, `(n, 3)`."""
        if range_index not in self._places:
            record_range = self._ranges[range_index]
            stop = (
                None
                if record_range.records < 0
                else record_range.first + record_range.records
            )
            places = self._find(record_range.path)[record_range.first : stop]
            number = np.full((len(places), 1), range_index, np.int64)
            self._places[range_index] = np.concatenate([number, places], axis=1)
        return self._places[range_index]

    def batches(self) -> Iterator[np.ndarray]:
        """The batches of one epoch, `(batch, 3)`; of all, with `repeat`."""
        rng = np.random.default_rng(self._epoch_seed())
        held = {n: np.zeros((0, 3), np.int64) for n in range(self._buckets)}
        for places in self._windows(rng):
            ready = []
            lengths = places[:, 2] - places[:, 1]
            of_bucket = np.searchsorted(self._limits, lengths, side="right")
            for bucket in np.unique(of_bucket).tolist():
                where = np.flatnonzero(of_bucket == bucket)
                before = len(held[bucket])
                collected = np.concatenate([held[bucket], places[where]])
                whole = len(collected) - len(collected) % self._size
                for stop in range(self._size, whole + 1, self._size):
                    complete = where[stop - before - 1]
                    ready.append(
                        (complete, collected[stop - self._size : stop])
                    )
                held[bucket] = collected[whole:]
            for _, batch in sorted(ready, key=lambda pair: int(pair[0])):
                yield batch
        for rest in held.values():
            if len(rest) and not self._drop:
                yield rest

    @property
    def _buckets(self) -> int:
        return len(self._limits) + 1

    def _epoch_seed(self) -> list[int] | None:
        epoch = next(self._epochs)
        return None if self._seed is None else [*self._seed, epoch]

    def _windows(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """The places of the records, as many at a time as are shuffled."""
        count = len(self._ranges)
        while True:
            if not self._shuffle:
                yield from map(self.places, range(count))
            else:
                window: list[np.ndarray] = []
                for range_index in rng.permutation(count).tolist():
                    window.append(self.places(range_index))
                    if _enough(window):
                        yield rng.permutation(np.concatenate(window))
                        window = []
                if window:
                    yield rng.permutation(np.concatenate(window))
            if not self._repeat:
                return


def record_places(path: str) -> np.ndarray:
    """Where the records of a shard start and end, by their lengths alone."""
    sizes = np.fromiter(record_bytes(path), np.int64)
    ends = np.cumsum(sizes + FRAMING_BYTES) - CHECKSUM_BYTES
    return np.stack([ends - sizes, ends], axis=1)


def _enough(window: list[np.ndarray]) -> bool:
    return (
        len(window) >= SHUFFLED_SHARDS
        and sum(map(len, window)) >= SHUFFLED_RECORDS
    )
