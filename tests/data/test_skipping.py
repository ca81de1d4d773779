from __future__ import annotations

import struct
import threading

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data.framing import masked_crc
from tests.data import records


def skipping(pattern, **arguments):
    """Reads everything in skip mode: the ids, and the report."""
    report = data.SkipReport()
    load = data.load(
        pattern, with_id=True, on_corrupt="skip", report=report, **arguments
    )
    ids = [
        one.decode()
        for features, _ in load.as_numpy_iterator()
        for one in features["id"]
    ]
    return ids, report


GOOD = records.video("good")
BAD_VIDEOS = {
    "garbage": (b"\xff\xff\x01no proto", "11 bytes are not a tf.train.Example"),
    "rgb size": (
        records.video(rgb=[0.5] * 1000),
        "mean_rgb has 1000 values, expected 1024",
    ),
    "rgb empty": (
        records.video(rgb=[]),
        "mean_rgb is a int64_list, expected a float_list",
    ),
    "rgb nan": (
        records.video(rgb=[float("nan")] + [0.5] * 1023),
        "mean_rgb holds values that are not finite",
    ),
    "label": (
        records.video(labels=[1, 3862]),
        "label 3862, but num_classes is 3862: it takes 3863",
    ),
    "negative": (records.video(labels=[-1]), "label -1 is negative"),
    "label kind": (
        records.video(labels=[0.5]),
        "labels is a float_list, expected a int64_list",
    ),
    "nothing": (
        records.video(absent=["mean_rgb", "mean_audio"]),
        "no video-level features, neither mean_rgb nor mean_audio",
    ),
    "zeros": (
        records.video(rgb=[0.0] * 1024, audio=[0.0] * 128),
        "the video has no features, neither mean_rgb nor mean_audio",
    ),
    "frames": (
        records.frames(),
        "a frame-level record, expected a video-level one",
    ),
    "no id": (records.video(absent=["id"]), "no id, neither id nor video_id"),
}
BAD_FRAMES = {
    "garbage": (
        b"\xff\xff\x01no proto",
        "11 bytes are not a tf.train.SequenceExample",
    ),
    "frame size": (
        records.frames(rgb=[b"x" * 1024, b"x" * 1000]),
        "rgb: second 1 has 1000 bytes, expected 1024",
    ),
    "frame too long": (
        records.frames(audio=[b"x" * 129]),
        "audio: second 0 has 129 bytes, expected 128",
    ),
    "empty frame": (
        records.frames(audio=[b"x" * 128, b""]),
        "audio: second 1 has 0 bytes, expected 128",
    ),
    "no frames": (
        records.frames(rgb=0, audio=0),
        "the video has no frames, neither rgb nor audio",
    ),
    "label": (records.frames(labels=[5000]), "label 5000, but"),
    "video": (
        records.video(),
        "a video-level record, expected a frame-level one",
    ),
}


@pytest.mark.parametrize("case", BAD_VIDEOS)
def test_a_bad_video_level_record_is_skipped(tmp_path, case):
    bad, reason = BAD_VIDEOS[case]
    made = [records.video("aaaa"), bad, records.video("bbbb")]
    path = records.write(tmp_path / "a", made)
    ids, report = skipping(path)
    assert ids == ["aaaa", "bbbb"]
    (entry,) = report.entries
    assert entry.path == str(path)
    assert entry.offset == 16 + len(made[0])
    assert entry.bytes == 16 + len(bad)
    assert reason in entry.reason


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_a_bad_frame_level_record_is_skipped(tmp_path, case):
    bad, reason = BAD_FRAMES[case]
    made = [records.frames("aaaa"), bad, records.frames("bbbb")]
    path = records.write(tmp_path / "a", made)
    ids, report = skipping(path, level="frame")
    assert ids == ["aaaa", "bbbb"]
    (entry,) = report.entries
    assert (entry.offset, entry.bytes) == (16 + len(made[0]), 16 + len(bad))
    assert reason in entry.reason


@pytest.mark.parametrize("case", BAD_VIDEOS)
def test_error_mode_stops_where_skip_mode_skips_videos(tmp_path, case):
    path = records.write(tmp_path / "a", [GOOD, BAD_VIDEOS[case][0]])
    stops(path, "video")


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_error_mode_stops_where_skip_mode_skips_frames(tmp_path, case):
    made = [records.frames(), BAD_FRAMES[case][0]]
    stops(records.write(tmp_path / "a", made), "frame")


def stops(path, level):
    load = data.load(path, level, with_id=True)
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        list(load)
    error = data.find_corrupt_record(path, level, with_id=True)
    assert error is not None
    assert (error.path, error.index) == (str(path), 1)
    assert str(error) in raised.value.message


def test_neighbouring_bad_records_count_one_by_one(tmp_path):
    bad = records.video("bad!", labels=[9999])
    made = [bad, GOOD, bad, bad, bad, GOOD, bad, bad]
    path = records.write(tmp_path / "a", made)
    ids, report = skipping(path)
    assert ids == ["good", "good"]
    starts = records.offsets(made)
    assert [one.offset for one in report.entries] == [
        starts[i] for i in (0, 2, 3, 4, 6, 7)
    ]


def test_a_flipped_byte_costs_one_record(tmp_path):
    made = [records.video(f"{i:04d}") for i in range(4)]
    path = records.write(tmp_path / "a", made)
    starts = records.offsets(made)
    records.flip(path, starts[2] + 50)
    ids, report = skipping(path, level="video")
    assert ids == ["0000", "0001", "0003"]
    (entry,) = report.entries
    assert (entry.path, entry.offset) == (str(path), starts[2])
    assert entry.bytes == starts[3] - starts[2]
    assert "checksum" in entry.reason


def test_the_next_record_is_found_behind_a_wrong_length(tmp_path):
    made = [records.video(f"{i:04d}") for i in range(4)]
    path = records.write(tmp_path / "a", made)
    starts = records.offsets(made)
    records.claim_length(path, starts[1], 10**15)
    records.flip(path, starts[2] + 3)
    ids, report = skipping(path, level="video")
    assert ids == ["0000", "0003"]
    (entry,) = report.entries
    assert entry.offset == starts[1]
    assert entry.bytes == starts[3] - starts[1]
    assert data.count(path, "skip") == 2


@pytest.mark.parametrize("left", [5, 12, 100])
def test_a_truncated_shard_is_one_entry(tmp_path, left):
    made = [records.video(f"{i:04d}") for i in range(3)]
    path = records.write(tmp_path / "a", made)
    starts = records.offsets(made)
    records.cut(path, starts[2] + left)
    ids, report = skipping(path)
    assert ids == ["0000", "0001"]
    (entry,) = report.entries
    assert (entry.offset, entry.bytes) == (starts[2], left)
    assert entry.reason.startswith("truncated")


@pytest.mark.parametrize("left", [5, 50])
def test_error_mode_stops_at_a_cut(tmp_path, left):
    """TensorFlow itself takes one within a header for the shard's end."""
    path = records.write(tmp_path / "a", [GOOD] * 2)
    records.cut(path, 16 + len(GOOD) + left)
    with pytest.raises(tf.errors.InvalidArgumentError, match="truncated"):
        list(data.load(path))
    error = data.find_corrupt_record(path)
    assert error is not None
    assert error.reason.startswith("truncated")


def test_error_mode_stops_at_a_flipped_byte(tmp_path):
    path = records.write(tmp_path / "a", [GOOD] * 2)
    records.flip(path, 16 + len(GOOD) + 50)
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match="record 1 at byte 4706: its checksum",
    ):
        list(data.load(path))


@pytest.mark.parametrize("claim", [10**10, 10**15, 2**63 + 5])
def test_a_huge_length_is_not_believed(tmp_path, claim):
    """Its checksum is right, so TensorFlow would ask for the memory."""
    path = records.write(tmp_path / "a", [GOOD] * 3)
    header = struct.pack("<Q", claim)
    check = masked_crc(np.frombuffer(header, np.uint8)[None])
    content = bytearray(path.read_bytes())
    start = 16 + len(GOOD)
    content[start : start + 12] = header + check.tobytes()
    path.write_bytes(content)
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"{claim} bytes"):
        list(data.load(path))
    ids, report = skipping(path)
    assert ids == ["good", "good"]
    assert [one.offset for one in report.entries] == [start]
    (stats,) = data.inspect(path)
    assert (stats.videos, len(stats.corrupt)) == (2, 1)


def test_a_bad_record_before_a_broken_rest_counts_too(tmp_path):
    made = [GOOD, records.video(labels=[9999]), GOOD]
    path = records.write(tmp_path / "a", made)
    starts = records.offsets(made)
    records.cut(path, starts[2] + 30)
    ids, report = skipping(path)
    assert ids == ["good"]
    assert [one.offset for one in report.entries] == starts[1:3]


def test_an_empty_shard_is_one_entry(tmp_path):
    records.write(tmp_path / "a", [GOOD])
    (tmp_path / "b").touch()
    ids, report = skipping(str(tmp_path / "*"))
    assert ids == ["good"]
    (entry,) = report.entries
    assert (entry.bytes, entry.reason) == (0, "the file is empty")


def test_sound_shards_leave_the_report_empty(tmp_path):
    path = records.write(tmp_path / "a", [GOOD] * 5)
    ids, report = skipping(path)
    assert len(ids) == 5
    assert report.entries == []
    assert report.summary() == "No record was skipped."


def test_epochs_and_shuffling_count_a_record_once(tmp_path):
    made = [GOOD, records.video(labels=[9999]), GOOD]
    records.write(tmp_path / "a", made)
    records.write(tmp_path / "b", made)
    report = data.SkipReport()
    load = data.load(
        str(tmp_path / "*"),
        on_corrupt="skip",
        report=report,
        shuffle=True,
        seed=1,
    )
    for _ in range(3):
        assert sum(len(labels) for _, labels in load) == 4
    assert report.count == 2


def test_skips_are_logged_without_a_report(tmp_path, caplog):
    path = records.write(tmp_path / "a", [GOOD, b"garbage!"])
    with caplog.at_level("WARNING", logger="absl"):
        list(data.load(path, on_corrupt="skip"))
    (message,) = [one.getMessage() for one in caplog.records]
    assert f"{path}: skipped 24 bytes at byte {16 + len(GOOD)}" in message


def test_the_summary_names_files_and_offsets():
    report = data.SkipReport()
    for i in range(4):
        report.add(data.Skip("b", 10 * i, 7, "no frames"))
    lines = report.summary(most=2).splitlines()
    assert lines == [
        "Skipped 4 ranges (28 bytes) in 1 shard:",
        "  b: skipped 7 bytes at byte 0: no frames",
        "  b: skipped 7 bytes at byte 10: no frames",
        "  and 2 more",
    ]


def test_the_report_takes_entries_from_many_threads():
    report = data.SkipReport()

    def add(path):
        for i in range(200):
            report.add(data.Skip(path, i, 1, ""))

    threads = [
        threading.Thread(target=add, args=(f"{i % 2}",)) for i in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert report.count == 400
