"""Own features written as shards, and read back in every way."""

from __future__ import annotations

import errno
import json
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import data
from keras_attend_fusion.data.quantisation import dequantised
from keras_attend_fusion.data.shard_file import ShardFile

MODULE = sys.modules["keras_attend_fusion.data.write"]
SIZES = {"rgb": 24, "audio": 5, "text": 7}


def unit(rng: np.random.Generator, *shape: int) -> np.ndarray:
    values = rng.standard_normal(shape).astype(np.float32)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def videos(count: int = 12, level: str = "frame", **more) -> list[dict]:
    """Some with other numbers of frames, some without sound."""
    rng = np.random.default_rng(0)
    made = []
    for n in range(count):
        frames = () if level == "video" else (n % 3 + 2,)
        video = {
            "id": f"clip {n}",
            "labels": [n % 3] if n % 2 else [n % 3, 4],
            "rgb": unit(rng, *frames, SIZES["rgb"]),
            "audio": unit(rng, *frames, SIZES["audio"]),
            "text": unit(rng, SIZES["text"]),
        }
        if n % 4 == 3:
            del video["audio"]
        made.append({**video, **more})
    return made


def read_back(folder, **more) -> dict[str, dict]:
    """By id, what `load` delivers of each video."""
    load = data.load(f"{folder}/*.tfrecord", with_id=True, **more)
    by_id = {}
    for features, labels in load.as_numpy_iterator():
        for row, name in enumerate(features["id"]):
            video = {key: part[row] for key, part in features.items()}
            by_id[name.decode()] = {**video, "labels": labels[row]}
    return by_id


DTYPES = ["uint8", "float16", "float32"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", ["video", "frame"])
@pytest.mark.parametrize("cached", [False, True])
def test_a_round_trip(tmp_path, level, dtype, cached):
    made = videos(level=level)
    report = data.write(tmp_path / "out", made, level, dtype=dtype, shards=2)
    assert report.videos == {"train": 12}
    assert report.present == {"rgb": 12, "audio": 9, "text": 12}
    more = {"cache": "memory"} if cached else {}
    by_id = read_back(tmp_path / "out", **more)
    assert len(by_id) == 12
    for video in made:
        came = by_id[video["id"]]
        assert np.flatnonzero(came["labels"]).tolist() == video["labels"]
        assert came["labels"].shape == (5,)
        for name in SIZES:
            given = video.get(name, np.zeros((0, SIZES[name]), np.float32))
            given = np.atleast_2d(given)
            values = np.atleast_2d(came[name])
            if level == "frame":
                assert came[f"{name}_mask"].sum() == len(given)
                assert not values[len(given) :].any()
                values = values[: len(given)]
            elif not len(given):
                assert not values.any()
                continue
            if dtype == "uint8":
                span = report.schema.ranges[name]
                step = (span[1] - span[0]) / 255
                values = dequantised(values, span)
                np.testing.assert_allclose(values, given, atol=0.5001 * step)
            else:
                np.testing.assert_array_equal(values, given.astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensorflows_own_parser_reads_it(tmp_path, dtype):
    made = videos(4)
    report = data.write(tmp_path / "out", made, dtype=dtype)
    (name,) = report.shards["train"]
    assert name == "train-00000-of-00001.tfrecord"
    raws = tf.data.TFRecordDataset(str(tmp_path / "out" / name))
    for raw, video in zip(raws, made, strict=True):
        record = tf.train.SequenceExample.FromString(raw.numpy())
        context = record.context.feature
        assert context["id"].bytes_list.value == [video["id"].encode()]
        assert list(context["labels"].int64_list.value) == video["labels"]
        for part in report.schema.modalities:
            lists = record.feature_lists.feature_list
            if part.name not in video:
                assert part.key not in lists
                continue
            stored = [
                np.frombuffer(feature.bytes_list.value[0], part.stored_dtype)
                for feature in lists[part.key].feature
            ]
            given = np.atleast_2d(video[part.name])
            if dtype != "uint8":
                np.testing.assert_array_equal(stored, given.astype(dtype))


def test_bytes_are_written_as_they_are(tmp_path):
    rng = np.random.default_rng(1)
    made = [
        {"id": n, "labels": n, "rgb": rng.integers(0, 256, (3, 9), np.uint8)}
        for n in range(5)
    ]
    report = data.write(tmp_path / "a", made)
    assert report.schema.modalities[0].range is None
    assert report.schema.ranges == {"rgb": (-2.0, 2.0)}
    assert report.decibels == report.clipped == {}
    by_id = read_back(tmp_path / "a")
    for video in made:
        came = by_id[str(video["id"])]["rgb"][:3]
        np.testing.assert_array_equal(came, video["rgb"])
    report = data.write(tmp_path / "b", made, ranges=(0, 1))
    assert report.schema.ranges == {"rgb": (0.0, 1.0)}


@pytest.mark.parametrize("as_iterator", [False, True])
def test_a_fitted_range_is_at_least_35_db(tmp_path, as_iterator):
    """Of unit-norm 768-d vectors; YouTube-8M's range would give 18 dB."""
    rng = np.random.default_rng(0)
    made = [
        {"id": n, "labels": [0], "rgb": unit(rng, 20, 768)} for n in range(20)
    ]
    source = iter(made) if as_iterator else made
    report = data.write(tmp_path / "out", source)
    by_id = read_back(tmp_path / "out")
    given = np.stack([video["rgb"] for video in made])
    span = report.schema.ranges["rgb"]
    bytes_ = np.stack([by_id[str(n)]["rgb"][:20] for n in range(20)])
    noise = np.square(dequantised(bytes_, span) - given).mean()
    decibels = 10 * np.log10(np.square(given).mean() / noise)
    assert decibels > 35
    assert report.decibels["rgb"] == pytest.approx(decibels, abs=0.3)
    assert report.clipped == {"rgb": 0}
    report = data.write(tmp_path / "native", made, ranges=(-2, 2))
    assert 17 < report.decibels["rgb"] < 20


def test_values_beyond_the_range_are_counted(tmp_path, monkeypatch):
    made = [{"id": n, "labels": 0, "x": [[1.0, -1.0, 0.5]]} for n in range(9)]
    report = data.write(tmp_path / "given", made, ranges={"x": (-0.6, 0.6)})
    assert report.clipped == {"x": 18}
    assert report.schema.ranges == {"x": (-0.6, 0.6)}
    assert "18 values (0.67 of all) beyond the range" in report.summary()
    monkeypatch.setattr(MODULE, "FITTED_VIDEOS", 4)
    made[6]["x"] = [[1.1, -1.1, 5.0]]
    report = data.write(tmp_path / "first", iter(made))
    assert report.clipped == {"x": 1}  # 1.1 is within the margin
    report = data.write(tmp_path / "all", made)
    assert report.clipped == {"x": 0}


def test_a_modality_that_comes_late(tmp_path, monkeypatch):
    monkeypatch.setattr(MODULE, "FITTED_VIDEOS", 2)
    made = [{"id": n, "labels": 0, "x": [[1.0, 2.0]]} for n in range(6)]
    made[4]["y"] = [[1.0, 3.0]]
    made[5]["y"] = [[0.5, 3.5]]
    report = data.write(tmp_path / "out", iter(made))
    assert report.schema.names == ("x", "y")
    assert report.clipped == {"x": 0, "y": 0}
    assert report.present == {"x": 6, "y": 2}


def test_tensors_and_lists(tmp_path):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    values = rng.standard_normal((4, 3))
    made = [
        {
            "id": "torch",
            "labels": torch.tensor([1, 2]),
            "x": torch.tensor(values),
        },
        {"id": np.str_("numpy"), "labels": np.int64(1), "x": values},
        {"id": b"list", "labels": (), "x": values.tolist()},
        {"id": 7, "x": values.astype(np.float16)},
    ]
    data.write(tmp_path / "out", made, dtype="float32")
    by_id = read_back(tmp_path / "out")
    assert sorted(by_id) == ["7", "list", "numpy", "torch"]
    for name in ("torch", "numpy", "list"):
        x = by_id[name]["x"][:4]
        np.testing.assert_array_equal(x, values.astype(np.float32))
    assert by_id["torch"]["labels"].tolist() == [0, 1, 1]
    assert by_id["7"]["labels"].tolist() == [0, 0, 0]


def test_the_schema_holds_everything(tmp_path):
    made = videos(6, labels="dog")
    report = data.write(
        tmp_path / "out",
        made,
        classes=["cat", "dog"],
        task="single_label",
        dtype={"text": "float32"},
    )
    schema = data.find_schema(f"{tmp_path}/out/train*")
    assert schema == report.schema
    assert (schema.classes, schema.task) == (("cat", "dog"), "single_label")
    assert schema.dtypes == {
        "rgb": "uint8",
        "audio": "uint8",
        "text": "float32",
    }
    assert schema.max_frames == 4
    text = (tmp_path / "out" / "schema.json").read_text()
    assert list(json.loads(text)) == [
        *("level", "modalities", "id_keys", "labels_key", "max_frames"),
        *("classes", "task"),
    ]
    assert [s.corrupt for s in data.inspect(f"{tmp_path}/out/*.tfrecord")] == [
        []
    ]


def test_names_of_classes(tmp_path):
    made = [{"id": n, "x": [[1.0, 2.0]]} for n in range(4)]
    for video, labels in zip(made, [["b"], ["a", "b"], [], "c"], strict=True):
        video["labels"] = labels
    assert data.write(tmp_path / "a", made).schema.classes == ("b", "a", "c")
    report = data.write(tmp_path / "b", made, classes=["a", "b", "c", "d"])
    assert report.schema.classes == ("a", "b", "c", "d")
    assert report.labels == 4
    by_id = read_back(tmp_path / "b")
    assert by_id["1"]["labels"].tolist() == [1, 1, 0, 0]
    unlabelled = [{"id": 1, "x": [[1.0, 2.0]]}]
    assert data.write(tmp_path / "c", unlabelled).schema.classes is None


def test_splits_and_shards(tmp_path):
    made = [{"id": n, "labels": 0, "x": [[1.0, n]]} for n in range(200)]
    report = data.write(tmp_path / "a", made, shards=4, validate=0.3)
    assert [len(names) for names in report.shards.values()] == [4, 1]
    assert sum(report.videos.values()) == 200
    assert 40 < report.videos["validate"] < 80
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(
        ["schema.json", *report.shards["train"], *report.shards["validate"]]
    )
    sizes = [
        data.count(tmp_path / "a" / name) for name in report.shards["train"]
    ]
    assert max(sizes) - min(sizes) <= 1
    assert sum(sizes) == report.videos["train"]
    # Which split a video is in depends on its id alone.
    again = data.write(tmp_path / "b", made[::-1], validate=0.3)
    assert again.videos == report.videos
    size = sum(p.stat().st_size for p in (tmp_path / "b").glob("*.tfrecord"))
    assert size == again.bytes


GOOD = {"id": "a", "labels": [0], "x": [[1.0, 2.0]]}
WRONG = {
    "ragged": ({"x": [[1.0], [1.0, 2.0]]}, r"video 'b' \(row 1\): x cannot be"),
    "size": ({"x": [[1.0, 2.0, 3.0]]}, r"x has 3 values, but 2 in video 'a'"),
    "nan": ({"x": [[1.0, 2.0], [3.0, np.nan]]}, r"x holds nan \(frame 1, valu"),
    "inf": ({"x": [1.0, np.inf]}, r"video 'b' \(row 1\): x holds inf \(value"),
    "huge": ({"x": [1.0, 1e300]}, r"x holds inf"),
    "shape": ({"x": np.ones((1, 2, 2))}, r"x has the shape \(1, 2, 2\), expec"),
    "text": ({"x": ["a"]}, r"x is an array of <U1, expected floats or uint8"),
    "object": ({"x": np.array([None, {}])}, r"x is an array of object"),
    "kind": ({"x": np.uint8([[1, 2]])}, r"x is uint8, but floats in video 'a'"),
    "nothing": ({"x": None}, r"video 'b' \(row 1\) has no modality"),
    "empty": ({"x": []}, r"has no modality"),
    "id": ({"id": "a"}, r"id 'a' is in row 0 and in row 1"),
    "no id": ({"id": None}, r"row 1 has no id: expected a text or a number"),
    "label": ({"labels": [2]}, r"label 2, but there are 2 classes, 0 to 1"),
    "name": ({"labels": "cow"}, r"label 'cow' is not one of the 2 classes"),
    "negative": ({"labels": -1}, r"video 'b' \(row 1\): label -1 is negative"),
    "float": ({"labels": [0.5]}, r"label 0.5 is neither an index nor a name"),
    "bool": ({"labels": True}, r"label True is neither"),
    "modality": ({"start": [1.0]}, r"A modality cannot be named start"),
    "key": ({3: [1.0]}, r"has the key 3: the names of modalities are strings"),
}


@pytest.mark.parametrize("as_iterator", [False, True])
@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_written_is_named(tmp_path, case, as_iterator):
    change, message = WRONG[case]
    made = [GOOD, {**GOOD, "id": "b", **change}]
    source = iter(made) if as_iterator else made
    with pytest.raises(ValueError, match=message):
        data.write(tmp_path / "out", source, classes=["cat", "dog"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"videos": []}, "no videos to write"),
        ({"videos": {}}, "an iterable of dicts, one a video, got dict"),
        ({"videos": "a.parquet"}, "read_table reads a file"),
        ({"videos": [5]}, "row 0 is int, expected a dict"),
        ({"level": "segment"}, "level has to be 'video' or 'frame'"),
        ({"task": "softmax"}, "task has to be one of"),
        ({"shards": 0}, "shards has to be positive"),
        ({"shards": 3}, "shards is 3, but there are 1 videos to train"),
        ({"validate": 1}, "validate is a share"),
        ({"validate": 1e-9}, "of 1 videos none is to validate"),
        ({"dtype": "float64"}, "dtype has to be one of"),
        ({"dtype": {"y": "uint8"}}, "dtype names 'y', but the videos have x"),
        ({"ranges": {"y": (0, 1)}}, "ranges names 'y', but the videos have x"),
        ({"ranges": (1, 0)}, "two finite numbers in rising order"),
        ({"ranges": "all"}, "ranges has to be 'fit'"),
        ({"ranges": {"x": (0, 1)}, "dtype": "float32"}, "ranges are of uint8"),
        ({"classes": ["a", "a"]}, "classes has 'a' twice"),
        ({"classes": "cat"}, "give a list of names"),
        ({"classes": []}, "classes has no names"),
        ({"task": "single_label", "videos": [{**GOOD, "labels": []}]}, "0 lab"),
        ({"dtype": "float16", "videos": [{**GOOD, "x": [7e4]}]}, "float16"),
        (
            {"level": "video", "videos": [{**GOOD, "x": [0.0, 0.0]}]},
            "zeros alone, which stand for what is absent",
        ),
        (
            {"level": "video"},
            r"x has the shape \(1, 2\), expected \(size,\)",
        ),
        (
            {"videos": [GOOD, {**GOOD, "id": "b", "labels": "cat"}]},
            "'cat' is a name, but labels before it are indices",
        ),
    ],
)
def test_arguments(tmp_path, arguments, message):
    arguments = {"videos": [GOOD], **arguments}
    with pytest.raises(ValueError, match=message):
        data.write(tmp_path / "out", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_stays(tmp_path):
    (tmp_path / "a").write_text("mine")
    with pytest.raises(data.OutputExistsError, match="not an empty folder"):
        data.write(tmp_path, [GOOD])
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_interruption_leaves_nothing(tmp_path):
    def interrupted():
        yield GOOD
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.write(tmp_path / "out", interrupted(), dtype="float32")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch):
    class Full:
        def write(self, content):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    original = ShardFile.__init__

    def opened(self, *arguments):
        original(self, *arguments)
        self._file.close()
        self._file = Full()

    monkeypatch.setattr(ShardFile, "__init__", opened)
    with pytest.raises(OSError, match=r"No space left on device: .*train-0"):
        data.write(tmp_path / "out", [GOOD])
    assert list(tmp_path.iterdir()) == []


def test_progress(tmp_path):
    seen = []
    data.write(tmp_path / "out", videos(3), progress=seen.append)
    assert seen == [1, 2, 3]


def test_more_of_the_same(tmp_path):
    """What is written later has the classes and the ranges of before."""
    rng = np.random.default_rng(0)

    def videos(scale, *names):
        return [
            {
                "id": f"v{i}",
                "labels": [i % 2],
                "rgb": scale * rng.normal(size=(3, 4)),
                **{name: rng.normal(size=2) for name in names},
            }
            for i in range(8)
        ]

    first = data.write(
        tmp_path / "a", videos(1.0, "text"), "frame", ["no", "yes"]
    ).schema
    more = data.write(tmp_path / "b", videos(9.0, "text"), schema=first)
    assert more.schema == first
    assert data.find_schema(f"{tmp_path}/b/train-*") == first
    assert more.clipped["rgb"] > 10
    with pytest.raises(ValueError, match=r"depth of 2 values, .* no such"):
        data.write(tmp_path / "c", videos(1.0, "text", "depth"), schema=first)
    assert not (tmp_path / "c").exists()
