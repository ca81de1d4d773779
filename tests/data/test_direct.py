"""Batches straight from the bytes, compared with TensorFlow's parser."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_attend_fusion import data
from keras_attend_fusion.data.direct import (
    arrays,
    batches,
    buffer_pool,
    shards,
    wire,
)
from keras_attend_fusion.data.parse import parse_batch
from keras_attend_fusion.data.plan import Plan, make_plan
from tests.data import records

CLASSES = 200


def joined(some: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ends = np.cumsum([len(one) for one in some])
    bytes_of_all = b"".join(some) + bytes(wire.MARGIN)
    starts = ends - [len(one) for one in some]
    return np.frombuffer(bytes_of_all, np.uint8), starts, ends


def apart(some: list[bytes], plan: Plan) -> arrays.Arrays:
    return arrays.take_apart(*joined(some), plan, buffer_pool.BufferPool())


def same(some: list[bytes], plan: Plan) -> None:
    """What the two ways make of some records is the same to the bit."""
    found = apart(some, plan)
    features, labels = parse_batch(tf.constant(some), plan)
    expected = {**features, arrays.LABELS: labels}
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name].dtype == values.numpy().dtype
        np.testing.assert_array_equal(found[name], values.numpy())


def test_videos():
    rng = np.random.default_rng(0)
    some = [
        records.video(
            f"{i:04d}",
            labels=rng.integers(0, CLASSES, i % 5).tolist(),
            rgb=rng.standard_normal(1024).tolist(),
            absent=["mean_audio"] if i % 3 == 1 else [],
            something=[b"else"],
        )
        for i in range(17)
    ]
    for names in (None, ("rgb",), ("audio",)):
        for with_id in (False, True):
            plan = make_plan(data.VIDEO, CLASSES, 300, names, with_id)
            same(some, plan)


@pytest.mark.parametrize("max_frames", [1, 59, 60, 300])
def test_frames(max_frames):
    some = [
        records.frames("aaaa", labels=[], rgb=1, audio=1),
        records.frames("bbbb", labels=[0, 199, 130], rgb=61, audio=58),
        records.frames("cccc", rgb=None, audio=301),
        records.frames("dddd", rgb=7, audio=0, id_key="video_id"),
        records.frames("eeee", segment_labels=[3], segment_scores=[0.5]),
    ]
    for names in (None, ("rgb",), ("audio",)):
        same(some, make_plan(data.FRAME, CLASSES, max_frames, names, True))


def test_a_schema_of_ones_own():
    small = data.Modality("sound", "rgb", 100), data.Modality("x", "y", 3)
    schema = data.Schema("frame", small, ("clip",), "tags", 9)
    some = [
        records.frames("a", rgb=[b"q" * 100] * n, id_key="clip", tags=[5])
        for n in (1, 12)
    ]
    same(some, make_plan(schema, 6, with_id=True))


def message(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def entry(key: bytes, feature: bytes) -> bytes:
    return message(0x0A, message(0x0A, key) + message(0x12, feature))


SMALL = Plan(
    data.Schema("video", (data.Modality("x", "x", 2),)), 9, 1, ("x",), True
)
X = entry(b"x", message(0x12, message(0x0A, np.float32([1, 2]).tobytes())))
ID = entry(b"id", message(0x0A, message(0x0A, b"name")))
LABELS = entry(b"labels", message(0x1A, message(0x0A, b"\x07\x02")))


def test_what_writers_put_down():
    for parts in ([X, ID, LABELS], [LABELS, X, ID], [ID, X]):
        some = [message(0x0A, b"".join(parts))]
        same(some, SMALL)
        same([some[0] + b"\x12\x00", *some], SMALL)  # with no feature lists
    empty = entry(b"labels", b"\x1a\x00")
    same([message(0x0A, X + ID + empty)], SMALL)


UNUSUAL = {
    "a key twice": [X, X, ID, LABELS],
    "numbers that are not packed": [
        X,
        ID,
        entry(b"labels", message(0x1A, b"\x08\x07\x08\x02")),
    ],
    "a feature of no kind": [X, ID, entry(b"labels", b"")],
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_what_is_unusual_is_for_tensorflow(case, tmp_path):
    record = message(0x0A, b"".join(UNUSUAL[case]))
    with pytest.raises(wire.Unusual):
        apart([record], SMALL)
    path = records.write(tmp_path / "a", [record] * 3)
    load = data.load(path, schema=SMALL.schema, num_classes=9, with_id=True)
    ((features, _),) = load.as_numpy_iterator()
    np.testing.assert_array_equal(features["x"], [[1, 2]] * 3)
    assert features["id"].tolist() == [b"name"] * 3


REFUSED = {
    "the value before the key": [message(0x0A, X[5:] + message(0x0A, b"x"))],
    "an unknown field": [X, b"\x7a\x01a"],
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_tensorflow_refuses_is_named(case, tmp_path):
    record = message(0x0A, b"".join([*REFUSED[case], ID, LABELS]))
    good = message(0x0A, X + ID + LABELS)
    path = records.write(tmp_path / "a", [good, record])
    load = data.load(path, schema=SMALL.schema, num_classes=9, with_id=True)
    with pytest.raises(tf.errors.OpError, match="record 1 at byte"):
        list(load)


BAD = {
    "a value too many": entry(b"x", message(0x12, message(0x0A, bytes(12)))),
    "not a number": entry(
        b"x", message(0x12, message(0x0A, np.float32([1, np.nan]).tobytes()))
    ),
    "zeros": entry(b"x", message(0x12, message(0x0A, bytes(8)))),
    "bytes": entry(b"x", message(0x0A, message(0x0A, bytes(8)))),
    "nothing": b"",
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_for_tensorflow(case):
    good = message(0x0A, X + ID + LABELS)
    with pytest.raises(wire.Unusual):
        apart([good, message(0x0A, BAD[case] + ID + LABELS), good], SMALL)


def test_labels_and_ids_that_are_wrong():
    for labels in (b"\x09", b"\xff", b"\x87\x80\x80\x80\x00", b""):
        wrong = entry(b"labels", message(0x1A, message(0x0A, labels)))
        with pytest.raises(wire.Unusual):
            apart([message(0x0A, X + ID + wrong)], SMALL)
    with pytest.raises(wire.Unusual):
        apart([message(0x0A, X + LABELS)], SMALL)


VIDEO = message(0x0A, X + ID + LABELS)
FRAMED = records.frames(rgb=[b"ab", b"cd"], audio=None)
FRAMES = Plan(
    data.Schema("frame", (data.Modality("x", "rgb", 2),)), 9, 5, ("x",), True
)


@settings(max_examples=300, deadline=None)
@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=3),
    st.integers(0, 10**6),
)
def test_any_damage_is_noticed_or_does_not_matter(framed, flips, cut):
    """What is taken apart is what TensorFlow makes of the same bytes."""
    plan, good = (FRAMES, FRAMED) if framed else (SMALL, VIDEO)
    bad = bytearray(good)
    for place, byte in flips:
        bad[place % len(bad)] = byte
    bad = bad[: max(1, len(bad) - cut % 40)] if cut % 3 == 0 else bad
    some = [good, bytes(bad), good]
    try:
        found = apart(some, plan)
    except wire.Unusual:
        return
    features, labels = parse_batch(tf.constant(some), plan)
    for name, values in {**features, arrays.LABELS: labels}.items():
        np.testing.assert_array_equal(found[name], values.numpy())


def made(folder: Path, level: str, count: int = 40) -> list[str]:
    data.synthesize(
        folder, level, videos=count, shards=4, classes=6, seconds=(30, 70)
    )
    return data.list_shards(f"{folder}/*.tfrecord")


@pytest.mark.parametrize("as_arrays", [False, True])
@pytest.mark.parametrize("level", ["video", "frame"])
def test_batches_that_are_held_are_not_written_over(tmp_path, level, as_arrays):
    load = data.load(made(tmp_path, level), batch_size=3, num_classes=6)
    held = list(load.as_numpy_iterator() if as_arrays else load)
    assert len(held) > 5
    for (features, labels), again in zip(held, load, strict=True):
        np.testing.assert_array_equal(labels, again[1])
        for name, values in again[0].items():
            np.testing.assert_array_equal(features[name], values)


def ids(load: tf.data.Dataset) -> list[bytes]:
    batches = load.as_numpy_iterator()
    return [one for features, _ in batches for one in features["id"]]


def test_more_shards_than_are_held_open(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "OPEN_FILES", 2)
    for i in range(7):
        some = [records.video(f"{i}{k:03d}") for k in range(5)]
        records.write(tmp_path / f"{i}", some)
    load = data.load(f"{tmp_path}/*", batch_size=4, with_id=True, shuffle=True)
    assert sorted(ids(load)) == sorted(
        b"%d%03d" % (i, k) for i in range(7) for k in range(5)
    )


def test_each_epoch_has_an_order_of_its_own_fixed_by_the_seed(tmp_path):
    paths = made(tmp_path, "video")

    def twice(seed: int | None) -> tuple[list[bytes], list[bytes]]:
        tf.random.set_seed(1)
        load = data.load(paths, with_id=True, shuffle=True, seed=seed)
        return ids(load), ids(load)

    first, second = twice(3)
    assert first != second
    assert sorted(first) == sorted(second) == sorted(set(first))
    assert twice(3) == (first, second)
    assert twice(4)[0] != first
    assert twice(None) == twice(None)


def test_repeated_epochs_run_on_within_a_batch(tmp_path):
    paths = made(tmp_path, "video")
    load = data.load(
        paths, batch_size=7, with_id=True, shuffle=True, repeat=True
    )
    count = data.count(paths)
    assert count % 7
    seen = ids(load.take(3 * count // 7 + 1))
    for first in range(0, 3 * count, count):
        assert len(set(seen[first : first + count])) == count


def test_a_shard_that_shrinks_is_an_error(tmp_path):
    path = records.write(tmp_path / "a", [records.video()] * 4)
    load = data.load(path, batch_size=2)
    assert len(list(load)) == 2
    records.cut(path, 3 * 4706 - 100)
    with pytest.raises(tf.errors.OpError, match=r"record 2 .*truncated"):
        list(load)


def test_the_way_without_direct_reading_gives_the_same(tmp_path, monkeypatch):
    for level in ("video", "frame"):
        paths = made(tmp_path / level, level)
        load = data.load(paths, num_classes=6, with_id=True)
        ((features, labels),) = load.as_numpy_iterator()
        monkeypatch.setattr(
            "keras_attend_fusion.data.reader.readable", lambda paths: False
        )
        load = data.load(paths, num_classes=6, with_id=True)
        ((others, right),) = load.as_numpy_iterator()
        monkeypatch.undo()
        # The order is another: here shard by shard, there by turns.
        place = {name: i for i, name in enumerate(others["id"])}
        order = [place[name] for name in features["id"]]
        np.testing.assert_array_equal(labels, right[order])
        assert set(features) == set(others)
        for name, values in features.items():
            np.testing.assert_array_equal(values, others[name][order])


def test_memory_and_files_are_let_go(tmp_path, monkeypatch):
    paths = made(tmp_path, "video")
    readers = []
    original = batches.Reader.__init__

    def spy(self, *arguments):
        original(self, *arguments)
        readers.append(weakref.ref(self))

    monkeypatch.setattr(batches.Reader, "__init__", spy)
    load = data.load(paths, batch_size=3, num_classes=6)
    iterator = iter(load)
    del load
    gc.collect()
    assert len(list(iterator)) > 5  # which holds what it reads with
    assert len(readers) == 1
    assert readers[0]() is not None
    del iterator
    gc.collect()
    assert readers[0]() is None


def test_memory_goes_round():
    some = buffer_pool.BufferPool()
    first = some.empty((3, 4))
    place = first.ctypes.data
    assert place % buffer_pool.ALIGNMENT == 0
    assert some.empty((3, 4)).ctypes.data != place
    view = first[1:]
    del first
    assert some.empty((2, 2)).ctypes.data != place  # the view holds it
    del view
    assert some.empty((2, 2)).ctypes.data == place


@pytest.mark.real_data
def test_real_records_are_taken_apart(real_data):
    """No kind of the real records takes the slower way."""
    kinds = {
        "yt8m_video/validate0000.tfrecord": data.VIDEO,
        "yt8m_frame/one_video.tfrecord": data.FRAME,
        "audioset/bal_train.tfrecord": data.AUDIOSET,
    }
    for name, schema in kinds.items():
        some = [one for _, one in data.iter_records(real_data / name)][:500]
        plan = make_plan(schema, 3862, with_id=True)
        same(some, plan)
