"""Damaged shards, as benchmarks/mutations.py makes them by the thousand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import mutations

NUMBERS = st.integers(0, 2**32 - 1)
DAMAGES = st.lists(
    st.tuples(st.sampled_from(sorted(mutations.DAMAGES)), NUMBERS), max_size=3
)


@given(shards=st.lists(DAMAGES, min_size=1, max_size=6), seed=NUMBERS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize("level", ["video", "frame"])
def test_every_record_is_right_or_skipped_and_counted(
    tmp_path, level, shards, seed
):
    rng = np.random.default_rng(seed)
    paths, sound = [], {}
    for number, damages in enumerate(shards):
        names = [f"{number}-{i}" for i in range(mutations.RECORDS)]
        made = {
            name.encode(): mutations.record(level, name, rng) for name in names
        }
        shard = b"".join(map(mutations.framed, made.values()))
        for name, one in damages:
            damage = mutations.DAMAGES[name]
            shard = damage(shard, np.random.default_rng(one))
        paths.append(tmp_path / f"{number}.tfrecord")
        paths[-1].write_bytes(shard)
        sound |= made
    delivered = mutations.check(paths, level, sound)
    untouched = mutations.RECORDS * sum(not one for one in shards)
    assert delivered >= untouched
    mutations.check_strict(paths[0], level)


@pytest.mark.parametrize("level", ["video", "frame"])
def test_a_wrong_record_would_be_seen(tmp_path, level):
    rng = np.random.default_rng(0)
    made, other = (mutations.record(level, "a", rng) for _ in range(2))
    path = tmp_path / "a.tfrecord"
    path.write_bytes(mutations.framed(made))
    assert mutations.check([path], level, {b"a": made}) == 1
    with pytest.raises(mutations.Wrong):
        mutations.check([path], level, {b"a": other})
