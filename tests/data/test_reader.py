from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data, models
from tests.data import records


def only(dataset):
    """The one batch of a dataset, as NumPy."""
    (batch,) = list(dataset.as_numpy_iterator())
    return batch


def ids(dataset) -> list[str]:
    return [
        one.decode()
        for features, _ in dataset.as_numpy_iterator()
        for one in features["id"]
    ]


def shards_of_videos(folder: Path, shards: int, each: int) -> str:
    for s in range(shards):
        made = [records.video(f"{s}-{i:02d}") for i in range(each)]
        records.write(folder / f"train{s:02d}.tfrecord", made)
    return str(folder / "train*.tfrecord")


def test_video_level(tmp_path):
    rgb = np.arange(1024, dtype=np.float32)
    made = [
        records.video("aaaa", [0, 4], rgb=rgb.tolist()),
        records.video("bbbb", [], id_key="video_id"),
    ]
    path = records.write(tmp_path / "a", made)
    features, labels = only(data.load(path, num_classes=5, with_id=True))
    assert sorted(features) == ["audio", "id", "rgb"]
    assert features["rgb"].dtype == np.float32
    np.testing.assert_array_equal(features["rgb"][0], rgb)
    np.testing.assert_array_equal(features["rgb"][1], np.full(1024, 0.5))
    np.testing.assert_array_equal(features["audio"], np.full((2, 128), 0.25))
    assert features["id"].tolist() == [b"aaaa", b"bbbb"]
    assert labels.dtype == np.uint8
    assert labels.tolist() == [[1, 0, 0, 0, 1], [0, 0, 0, 0, 0]]


def test_a_label_given_twice_is_still_one(tmp_path):
    path = records.write(tmp_path / "a", [records.video(labels=[2, 2])])
    _, labels = only(data.load(path, num_classes=3))
    assert labels.tolist() == [[0, 0, 1]]


def test_an_absent_modality_is_a_row_of_zeros_at_video_level(tmp_path):
    path = records.write(tmp_path / "a", [records.video(absent=["mean_audio"])])
    features, _ = only(data.load(path))
    assert not features["audio"].any()
    assert features["audio"].shape == (1, 128)
    assert features["rgb"].all()


def test_frame_level(tmp_path):
    made = [records.frames(rgb=2, audio=3), records.frames(rgb=1, audio=0)]
    path = records.write(tmp_path / "a", made)
    features, labels = only(data.load(path, num_classes=2))
    assert {name: x.shape for name, x in features.items()} == {
        "rgb": (2, 60, 1024),
        "audio": (2, 60, 128),
        "rgb_mask": (2, 60),
        "audio_mask": (2, 60),
    }
    assert features["rgb"].dtype == features["audio"].dtype == np.uint8
    # The helper's frame i holds i + 1 in rgb and i + 101 in audio.
    assert features["rgb"][0, :4, 0].tolist() == [1, 2, 0, 0]
    assert features["rgb"][0, :4, 1023].tolist() == [1, 2, 0, 0]
    assert features["audio"][0, :4, 127].tolist() == [101, 102, 103, 0]
    assert features["rgb"][1, :2, 5].tolist() == [1, 0]
    assert features["rgb_mask"].dtype == bool
    assert features["rgb_mask"].sum(axis=1).tolist() == [2, 1]
    assert features["rgb_mask"][0, :3].tolist() == [True, True, False]
    assert features["audio_mask"].sum(axis=1).tolist() == [3, 0]
    assert labels.tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("frames", "width", "real"),
    [
        (1, 60, 1),
        (59, 60, 59),
        (60, 60, 60),
        (61, 120, 61),
        (299, 300, 299),
        (300, 300, 300),
        (310, 300, 300),
    ],
)
def test_batches_are_padded_to_few_widths(tmp_path, frames, width, real):
    record = records.frames(rgb=frames, audio=1)
    path = records.write(tmp_path / "a", [record])
    features, _ = only(data.load(path))
    assert features["rgb"].shape == (1, width, 1024)
    assert features["audio"].shape == (1, width, 128)
    assert features["rgb_mask"].sum() == real
    assert features["rgb_mask"][0, :real].all()
    expected = [(i + 1) % 256 for i in range(real)] + [0] * (width - real)
    assert features["rgb"][0, :, 7].tolist() == expected


def test_max_frames_cuts(tmp_path):
    path = records.write(tmp_path / "a", [records.frames(rgb=80, audio=90)])
    features, _ = only(data.load(path, max_frames=70))
    assert features["rgb"].shape == (1, 70, 1024)
    assert features["rgb_mask"].all()
    assert features["audio"][0, 69, 0] == 170


@pytest.mark.parametrize("direct", [True, False])
def test_max_frames_that_is_given_wins_over_the_schema(tmp_path, direct):
    path = records.write(tmp_path / "a", [records.frames(rgb=None, audio=420)])
    more = {} if direct else {"cache": "memory"}
    sound = (data.Modality("audio", "audio", 128),)
    short = data.Schema("frame", sound, max_frames=10)
    long = data.Schema("frame", sound, max_frames=600)
    for schema, given, expected in [
        (None, {}, 300),
        (None, {"max_frames": 415}, 415),
        (None, {"max_frames": 1000}, 420),
        (short, {}, 10),
        (short, {"max_frames": 330}, 330),
        (long, {}, 420),
        (long, {"max_frames": 20}, 20),
    ]:
        load = data.load(path, schema=schema, **given, **more)
        features, _ = only(load)
        assert features["audio_mask"].sum() == expected
        frame = (expected - 1 + 101) % 256
        assert features["audio"][0, expected - 1, 0] == frame


def test_an_absent_feature_list_has_an_empty_mask(tmp_path):
    path = records.write(tmp_path / "a", [records.frames(audio=None)])
    features, _ = only(data.load(path))
    assert not features["audio_mask"].any()
    assert not features["audio"].any()


def test_segment_records_read_as_frames(tmp_path):
    record = records.frames(segment_start_times=[0, 5])
    path = records.write(tmp_path / "a", [record])
    for level in ("auto", "frame", "segment"):
        features, _ = only(data.load(path, level))
        assert features["rgb_mask"].sum() == 3


def test_a_subset_of_modalities(tmp_path):
    path = records.write(tmp_path / "a", [records.frames(rgb=70, audio=2)])
    features, _ = only(data.load(path, modalities=("audio",)))
    assert sorted(features) == ["audio", "audio_mask"]
    assert features["audio"].shape == (1, 60, 128)


def test_a_record_without_the_one_modality_asked_for_stays(tmp_path):
    made = [records.frames(audio=None), records.frames()]
    path = records.write(tmp_path / "a", made)
    features, _ = only(data.load(path, modalities=("audio",)))
    assert features["audio_mask"].sum(axis=1).tolist() == [0, 3]


def test_another_schema(tmp_path):
    record = records.frames(rgb=None, audio=2, id_key="video_id")
    record = record.replace(b"audio", b"sound")  # As long as the old name.
    path = records.write(tmp_path / "a", [record])
    schema = data.Schema(
        "frame", (data.Modality("audio", "sound", 128),), max_frames=10
    )
    features, _ = only(data.load(path, schema=schema, with_id=True))
    assert features["audio"].shape == (1, 10, 128)
    assert features["id"].tolist() == [b"aaaa"]
    with pytest.raises(ValueError, match="the schema is for 'frame'"):
        data.load(path, level="video", schema=schema)


def test_static_shapes(tmp_path):
    path = records.write(tmp_path / "a", [records.frames()] * 3)
    features, labels = data.load(path, batch_size=2).element_spec
    assert features["rgb"].shape.as_list() == [None, None, 1024]
    assert features["audio_mask"].shape.as_list() == [None, None]
    assert labels.shape.as_list() == [None, 3862]
    whole = data.load(path, batch_size=2, drop_remainder=True)
    features, labels = whole.element_spec
    assert features["rgb"].shape.as_list() == [2, None, 1024]
    assert labels.shape.as_list() == [2, 3862]
    assert len(list(whole)) == 1


def test_every_video_comes_once_in_order(tmp_path):
    pattern = shards_of_videos(tmp_path, shards=6, each=5)
    load = data.load(pattern, batch_size=4, with_id=True)
    first = ids(load)
    assert sorted(first) == [f"{s}-{i:02d}" for s in range(6) for i in range(5)]
    assert ids(load) == first
    assert ids(data.load(pattern, batch_size=4, with_id=True)) == first


def test_shuffling_is_complete_and_differs_each_epoch(tmp_path):
    pattern = shards_of_videos(tmp_path, shards=6, each=5)
    plain = ids(data.load(pattern, with_id=True))
    load = data.load(pattern, with_id=True, shuffle=True, seed=3)
    first, second = ids(load), ids(load)
    assert first != plain
    assert first != second
    assert sorted(first) == sorted(second) == sorted(plain)


def test_a_seed_fixes_the_order(tmp_path):
    pattern = shards_of_videos(tmp_path, shards=6, each=5)

    def epochs(seed):
        load = data.load(pattern, with_id=True, shuffle=True, seed=seed)
        return [ids(load), ids(load)]

    assert epochs(3) == epochs(3)
    assert epochs(3) != epochs(4)


def test_a_seed_fixes_the_order_in_another_process(tmp_path):
    pattern = shards_of_videos(tmp_path, shards=3, each=5)
    tf.random.set_seed(7)
    load = data.load(pattern, with_id=True, shuffle=True, seed=5)
    here = ids(load)
    program = (
        "import sys; from keras_attend_fusion import data\n"
        "import tensorflow as tf; tf.random.set_seed(7)\n"
        "load = data.load(sys.argv[1], with_id=True, shuffle=True, seed=5)\n"
        "print(*(i.decode() for x, _ in load for i in x['id'].numpy()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, pattern],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert ran.stdout.split() == here


def test_repeat_goes_on_across_epochs(tmp_path):
    path = records.write(tmp_path / "a", [records.video()] * 3)
    load = data.load(path, batch_size=2, repeat=True)
    sizes = [len(labels) for _, labels in load.take(4)]
    assert sizes == [2, 2, 2, 2]


def test_the_autotuner_is_off(tmp_path):
    path = records.write(tmp_path / "a", [records.video()])
    assert data.load(path).options().autotune.enabled is False


def test_no_stage_asks_for_autotuned_parallelism(tmp_path, monkeypatch):
    asked = []
    for name in ("map", "interleave"):
        original = getattr(tf.data.Dataset, name)

        def spy(self, *args, _original=original, **kwargs):
            asked.append(kwargs.get("num_parallel_calls"))
            return _original(self, *args, **kwargs)

        monkeypatch.setattr(tf.data.Dataset, name, spy)
    path = records.write(tmp_path / "a", [records.video()])
    data.load(path)
    assert len(asked) == 1
    data.load(path, cache="memory")
    assert len(asked) == 3
    assert all(one is not None and one >= 1 for one in asked)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size has to be positive, got 0"),
        ({"num_classes": 0}, "num_classes has to be positive, got 0"),
        ({"max_frames": 0}, "max_frames has to be positive, got 0"),
        ({"level": "clip"}, "level has to be .* got 'clip'"),
        ({"on_corrupt": "drop"}, "'error' or 'skip', got 'drop'"),
        ({"modalities": ("text",)}, "some of rgb, audio, got text"),
        ({"modalities": ()}, "some of rgb, audio, got none"),
    ],
)
def test_arguments_out_of_range(tmp_path, arguments, message):
    path = records.write(tmp_path / "a", [records.video()])
    with pytest.raises(ValueError, match=message):
        data.load(path, **arguments)


def test_an_empty_shard_is_named_at_once(tmp_path):
    records.write(tmp_path / "a", [records.video()])
    (tmp_path / "b").touch()
    with pytest.raises(data.CorruptRecordError, match=r"b: .*file is empty"):
        data.load(str(tmp_path / "*"))


def test_auto_passes_over_a_shard_that_can_not_be_read(tmp_path):
    records.write(tmp_path / "a", [b"no record at all"])
    records.write(tmp_path / "b", [records.frames()])
    load = data.load(str(tmp_path / "*"), on_corrupt="skip")
    assert "rgb_mask" in load.element_spec[0]


def test_auto_says_what_it_found_if_no_shard_can_be_read(tmp_path):
    path = records.write(tmp_path / "a", [b"no record at all"])
    with pytest.raises(data.CorruptRecordError, match="a: first record: 16"):
        data.load(path)


@pytest.mark.real_data
def test_real_video_shards(real_data):
    load = data.load(
        [
            real_data / "yt8m_video/validate0000.tfrecord",
            real_data / "yt8m_video/validate0001.tfrecord",
        ],
        with_id=True,
    )
    videos = labels_total = 0
    for features, labels in load.as_numpy_iterator():
        videos += len(labels)
        labels_total += int(labels.sum())
        assert np.abs(features["rgb"]).max() < 2.01
        assert all(len(one) == 4 for one in features["id"])
    stats = data.inspect(str(real_data / "yt8m_video/validate000[01]*"))
    assert videos == stats[0].videos + stats[1].videos
    assert labels_total == stats[0].labels_total + stats[1].labels_total


@pytest.mark.real_data
def test_the_real_frame_level_video(real_data):
    path = real_data / "yt8m_frame/one_video.tfrecord"
    features, labels = only(data.load(path, with_id=True))
    assert features["id"].tolist() == [b"SjJ3"]
    assert features["rgb"].shape == (1, 180, 1024)
    assert features["rgb_mask"].sum() == 170
    assert np.flatnonzero(labels).tolist() == [11]


@pytest.mark.real_data
def test_the_counts_of_the_real_splits(real_data):
    def count(pattern):
        load = data.load(
            str(real_data / "yt8m_video" / pattern), num_classes=3862
        )
        return sum(len(labels) for _, labels in load)

    assert count("validate00*.tfrecord") == 28_792
    assert count("validate01*.tfrecord") == 5_758


@pytest.mark.parametrize("level", ["video", "frame"])
def test_what_a_model_takes_is_without_ids(tmp_path, level):
    data.synthesize(tmp_path / "a", level, videos=10, shards=1, classes=4)
    load = functools.partial(
        data.load, f"{tmp_path}/a/train-*", batch_size=4, num_classes=4
    )
    plain = list(load().as_numpy_iterator())
    named = data.without_id(load(with_id=True))
    for (features, labels), (same, same_labels) in zip(
        plain, named.as_numpy_iterator(), strict=True
    ):
        assert sorted(features) == sorted(same)
        for name, values in features.items():
            np.testing.assert_array_equal(values, same[name])
        np.testing.assert_array_equal(labels, same_labels)
    model = models.build("attend_fusion", "mobile", level, 4, trunk_units=8)
    assert model.predict(named, verbose=0).shape == (10, 4)
