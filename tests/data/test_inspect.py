from __future__ import annotations

import json

import pytest

from keras_attend_fusion import data
from tests.data import records


def test_a_video_level_shard(tmp_path):
    made = [
        records.video("aaaa", [1, 7]),
        records.video("bbbb", [7], audio=[0.5] * 128),
        records.video("cccc", []),
        records.video("dddd", [2], absent=["mean_audio"]),
        records.video("eeee", [2], absent=["mean_rgb"]),
    ]
    path = records.write(tmp_path / "a", made)
    (stats,) = data.inspect(path)
    assert stats.as_dict() == {
        "path": str(path),
        "level": "video",
        "bytes": records.offsets(made)[-1],
        "videos": 5,
        "frames_min": None,
        "frames_mean": None,
        "frames_max": None,
        "cut": 0,
        "labels_total": 5,
        "classes": 3,
        "label_max": 7,
        "without_labels": 1,
        "without_rgb": 1,
        "without_audio": 1,
        "without_id": 0,
        "without": {"rgb": 1, "audio": 1},
        "ranges": {"rgb": (0.5, 0.5), "audio": (0.25, 0.5)},
        "values": {"rgb": (0.5, 0.5), "audio": (0.25, 0.5)},
        "no_frames": 0,
        "duplicate_audio": 3,  # aaaa, cccc and eeee have the same.
        "duplicates": {"rgb": 4, "audio": 3},
        "corrupt": [],
    }


def test_a_frame_level_shard(tmp_path):
    made = [
        records.frames(rgb=2, audio=4),
        records.frames(rgb=8, audio=None),
        records.frames(rgb=0, audio=0),
    ]
    (stats,) = data.inspect(records.write(tmp_path / "a", made))
    assert (stats.level, stats.videos, stats.without_audio) == ("frame", 2, 1)
    assert (stats.frames_min, stats.frames_max) == (4, 8)
    assert stats.frames_mean == 6.0
    assert stats.no_frames == 1
    ((offset, reason),) = stats.corrupt
    assert offset == records.offsets(made)[2]
    assert "no frames" in reason


def test_videos_that_are_longer_than_what_is_read(tmp_path):
    made = [records.frames(rgb=None, audio=n) for n in (299, 300, 301, 400)]
    path = records.write(tmp_path / "a", made)
    assert data.inspect(path)[0].cut == 2
    assert data.inspect(path, max_frames=299)[0].cut == 3
    schema = data.Schema("frame", data.FRAME.modalities, max_frames=400)
    assert data.inspect(path, schema=schema)[0].cut == 0


def test_reading_goes_on_past_bad_records_and_broken_framing(tmp_path):
    made = [
        b"garbage!",
        records.video(labels=[50]),
        records.video(),
        records.frames(),
        records.video(),
        records.video(),
    ]
    path = records.write(tmp_path / "a", made)
    starts = records.offsets(made)
    records.flip(path, starts[4] + 20)
    (stats,) = data.inspect(path, num_classes=50)
    assert stats.videos == 2
    offsets, reasons = zip(*stats.corrupt, strict=True)
    assert list(offsets) == [starts[i] for i in (0, 1, 3, 4)]
    for reason, expected in zip(
        reasons,
        ["not a tf.train.Example", "label 50", "frame-level", "checksum"],
        strict=True,
    ):
        assert expected in reason


def test_an_empty_shard(tmp_path):
    (tmp_path / "a").touch()
    (stats,) = data.inspect(tmp_path / "a")
    assert (stats.level, stats.bytes, stats.videos) == ("unknown", 0, 0)
    assert stats.corrupt == [(0, "the file is empty")]


def test_labels_are_bounded_only_on_request(tmp_path):
    path = records.write(tmp_path / "a", [records.video(labels=[4715])])
    assert data.inspect(path)[0].label_max == 4715
    assert len(data.inspect(path, num_classes=3862)[0].corrupt) == 1


def test_progress_and_json(tmp_path):
    for name in ("a", "b"):
        records.write(tmp_path / name, [records.frames()])
    seen = []
    stats = data.inspect(
        str(tmp_path / "*"), progress=lambda *done: seen.append(done)
    )
    assert seen == [(1, 2), (2, 2)]
    text = json.dumps([one.as_dict() for one in stats])
    assert json.loads(text)[1]["videos"] == 1


def test_no_shards(tmp_path):
    with pytest.raises(data.NoShardsError):
        data.inspect(tmp_path / "none*")


@pytest.mark.real_data
def test_the_real_frame_level_video(real_data):
    (stats,) = data.inspect(real_data / "yt8m_frame/one_video.tfrecord")
    assert (stats.videos, stats.frames_min, stats.label_max) == (1, 170, 11)


@pytest.mark.real_data
def test_real_video_shards_are_sound(real_data):
    stats = data.inspect(
        str(real_data / "yt8m_video/validate000[0-3]*"), num_classes=3862
    )
    assert len(stats) == 4
    assert not any(one.corrupt for one in stats)
    assert all(one.level == "video" and one.videos > 250 for one in stats)
