from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from tests.data import records


def rated(name, starts, labels, scores, frames=12, audio=12, **others):
    return records.frames(
        name,
        rgb=frames,
        audio=audio,
        segment_start_times=starts,
        segment_labels=labels,
        segment_scores=scores,
        **others,
    )


def read(path, **arguments):
    load = data.load_segments(path, with_id=True, **arguments)
    return list(load.as_numpy_iterator())


def test_each_start_is_an_example(tmp_path):
    made = [
        rated("aaaa", [5, 0, 5], [2, 1, 7], [1.0, 0.0, 0.25]),
        records.frames("none"),
        rated("bbbb", [10], [3], [0.0]),
    ]
    path = records.write(tmp_path / "a", made)
    ((features, labels, weights),) = read(path, num_classes=8)
    assert features["id"].tolist() == [b"aaaa", b"aaaa", b"bbbb"]
    assert features["start"].tolist() == [0, 5, 10]
    expected = np.zeros((3, 8), "float32")
    known = np.zeros((3, 8), "float32")
    expected[1, 2], expected[1, 7] = 1.0, 0.25
    known[0, 1] = known[1, 2] = known[1, 7] = known[2, 3] = 1.0
    np.testing.assert_array_equal(labels, expected)
    np.testing.assert_array_equal(weights, known)
    # Frame i of rgb holds i + 1 throughout, of audio i + 101.
    for row, start in enumerate([0, 5, 10]):
        seconds = np.arange(start, start + 5)
        there = seconds < 12
        for name, base in (("rgb", 1), ("audio", 101)):
            frames = features[name][row]
            np.testing.assert_array_equal(features[f"{name}_mask"][row], there)
            values = np.where(there, seconds + base, 0)
            assert (frames == values[:, None]).all()
    assert features["rgb"].shape == (3, 5, 1024)


def test_segments_behind_second_300(tmp_path):
    made = [rated("aaaa", [395], [2], [1.0], frames=400, audio=400)]
    path = records.write(tmp_path / "a", made)
    with pytest.raises(tf.errors.OpError):
        read(path)
    error = data.find_corrupt_record(path, rated=True)
    assert "starts at second 395, but the video has 300" in str(error)
    assert data.find_corrupt_record(path, rated=True, max_frames=400) is None
    long = data.Schema("frame", data.FRAME.modalities, max_frames=500)
    for arguments in ({"max_frames": 400}, {"schema": long}):
        ((features, _, _),) = read(path, **arguments)
        assert features["start"].tolist() == [395]
        assert features["rgb"][0, :, 0].tolist() == [
            n % 256 for n in range(396, 401)
        ]
        assert data.count_segments(path, **arguments) == 1


def test_modalities_may_differ_in_length(tmp_path):
    made = [rated("aaaa", [10], [0], [1.0], frames=3, audio=12)]
    path = records.write(tmp_path / "a", made)
    ((features, _, _),) = read(path)
    assert features["rgb_mask"].tolist() == [[False] * 5]
    assert features["audio_mask"].tolist() == [[True] * 2 + [False] * 3]
    ((features, _, _),) = read(path, modalities=["audio"])
    assert set(features) == {"audio", "audio_mask", "id", "start"}


BAD = {
    "beyond the end": (
        rated("bad!", [12], [0], [1.0]),
        "a segment starts at second 12, but the video has 12",
    ),
    "before the start": (
        rated("bad!", [-1], [0], [1.0]),
        "a segment starts at second -1",
    ),
    "lists of unlike length": (
        rated("bad!", [0, 5], [0], [1.0]),
        "2 segment_start_times, 1 segment_labels, 1 segment_scores",
    ),
    "label": (
        rated("bad!", [0], [9], [1.0]),
        "a segment's label is 9, but num_classes is 9",
    ),
    "score": (
        rated("bad!", [0], [0], [1.5]),
        "a segment's score is 1.5, not from 0 to 1",
    ),
    "score that is none": (
        rated("bad!", [0], [0], [float("nan")]),
        "a segment's score is nan",
    ),
    "types": (
        rated("bad!", [0], [0], [1]),
        "segment_scores is a int64_list, expected a float_list",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_segment_stops_or_skips(tmp_path, case):
    bad, reason = BAD[case]
    good = rated("good", [5], [8], [1.0])
    path = records.write(tmp_path / "a", [good, bad, good])
    with pytest.raises(tf.errors.InvalidArgumentError):
        read(path, num_classes=9)
    error = data.find_corrupt_record(path, num_classes=9, rated=True)
    assert error is not None
    assert (error.index, error.reason[: len(reason)]) == (1, reason)
    report = data.SkipReport()
    ((features, _, _),) = read(
        path, num_classes=9, on_corrupt="skip", report=report
    )
    assert features["id"].tolist() == [b"good", b"good"]
    (entry,) = report.entries
    assert reason in entry.reason


def test_batches_and_shuffling(tmp_path):
    made = [rated(f"{i:04d}", [0, 5], [i, i], [1.0, 0.0]) for i in range(40)]
    for name in "ab":
        half = made[:20] if name == "a" else made[20:]
        records.write(tmp_path / name, half)
    pattern = str(tmp_path / "*")

    def order(**arguments):
        found = []
        for features, _, weights in read(pattern, batch_size=32, **arguments):
            ids, starts = features["id"], features["start"]
            found += zip(ids.tolist(), starts.tolist(), strict=True)
            assert (weights.sum(axis=1) == 1).all()
        return found

    plain = order()
    assert sorted(plain) == [
        (b"%04d" % i, start) for i in range(40) for start in (0, 5)
    ]
    mixed = order(shuffle=True, seed=3)
    assert sorted(mixed) == sorted(plain)
    assert mixed != plain
    assert mixed == order(shuffle=True, seed=3)
    assert len(order(drop_remainder=True)) == 64
    halves = [order(process=(i, 2)) for i in (0, 1)]
    assert sorted(halves[0] + halves[1]) == sorted(plain)


def test_synthetic_segments_are_those_of_the_moments(tmp_path):
    data.synthesize(tmp_path / "s", "segment", videos=40, classes=8, seed=1)
    pattern = str(tmp_path / "s" / "train-*")
    expected = {}
    for path in data.list_shards(pattern):
        for _, record in data.iter_records(path):
            example = tf.train.SequenceExample.FromString(record)
            context = example.context.feature
            name = context["id"].bytes_list.value[0]
            for start, label, score in zip(
                context["segment_start_times"].int64_list.value,
                context["segment_labels"].int64_list.value,
                context["segment_scores"].float_list.value,
                strict=True,
            ):
                expected[name, start, label] = score
    seen = {}
    for features, labels, weights in read(pattern, num_classes=8):
        for row, label in zip(*np.nonzero(weights), strict=True):
            key = features["id"][row], features["start"][row], label
            seen[key] = labels[row, label]
    assert seen == expected
