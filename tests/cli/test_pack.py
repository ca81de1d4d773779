"""Own features, from a table, as shards."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import data


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "table.npz"
    np.savez(
        path,
        ids=[f"clip {n}" for n in range(40)],
        labels=["cat" if n % 2 else "dog" for n in range(40)],
        rgb=rng.standard_normal((40, 5, 8)),
        text=rng.standard_normal((40, 3)).astype(np.float32),
        note="something",
    )
    return path


def test_a_table_becomes_shards(command, table, tmp_path):
    (tmp_path / "names.txt").write_text("cat\ncow\ndog\n")
    out = tmp_path / "shards"
    answer = command(
        *("pack", table, "--out", out, "--labels", "labels", "--shards", 2),
        *("--validate", 0.25, "--classes", tmp_path / "names.txt"),
        *("--single-label", "--id", "ids"),
    )
    assert answer.status == 0
    assert "Not read: note" in answer.error
    head, task, rgb, text = answer.out.splitlines()
    assert head.startswith(f"Wrote {out}: ")
    assert "in 2 train shards, " in head
    assert "in 1 validate shard, " in head
    assert task == "  single_label, 3 classes, 1.00 labels a video"
    assert rgb.startswith("  rgb: 8 values, uint8 from -")
    assert " dB" in rgb
    assert text.startswith("  text: 3 values, uint8 from -")
    schema = data.find_schema(f"{out}/train-*")
    assert (schema.classes, schema.task) == (
        ("cat", "cow", "dog"),
        "single_label",
    )
    loaded = data.load(f"{out}/*.tfrecord", with_id=True)
    labels = {
        name.decode(): row.argmax()
        for features, hot in loaded.as_numpy_iterator()
        for name, row in zip(features["id"], hot, strict=True)
    }
    assert labels == {f"clip {n}": 0 if n % 2 else 2 for n in range(40)}
    answer = command("inspect", f"{out}/*.tfrecord")
    assert answer.status == 0


def test_more_for_the_same_model(command, fails, table, tmp_path):
    words = ["pack", table, "--labels", "labels", "--id", "ids"]
    first, second = tmp_path / "first", tmp_path / "second"
    answer = command(*words, "--out", first, "--single-label", "--range=-9,9")
    assert answer.status == 0
    answer = command(*words, "--out", second, f"--schema={first}/schema.json")
    assert answer.status == 0, answer.error
    kept = [(path / "schema.json").read_text() for path in (first, second)]
    assert kept[0] == kept[1]
    line = fails(
        *words,
        *("--out", tmp_path / "third", f"--schema={first}/schema.json"),
        "--range=-1,1",
        status=2,
    )
    assert "--range: --schema has its own" in line


def test_flags_of_storage(command, table, tmp_path):
    out = tmp_path / "a"
    flags = ("--labels", "labels", "--range=-9,9", "--max-frames", 4)
    assert command("pack", table, "--out", out, *flags).status == 0
    schema = data.find_schema(f"{out}/*.tfrecord")
    assert schema.ranges == {"rgb": (-9, 9), "text": (-9, 9)}
    assert schema.max_frames == 4
    out = tmp_path / "b"
    assert command("pack", table, "--out", out, "--dtype=float16").status == 0
    schema = data.find_schema(f"{out}/*.tfrecord")
    assert {part.dtype for part in schema.modalities} == {"float16"}
    assert schema.classes is None


@pytest.mark.parametrize(
    ("flags", "status", "message"),
    [
        (["--labels=tags"], 1, "has no column 'tags': it has ids, labels, rgb"),
        (["--id=name"], 1, "has no column 'name'"),
        (["--labels=labels", "--level=video"], 1, "rgb has the shape (5, 8)"),
        (["--labels=labels", "--shards=60"], 1, "shards is 60, but there are"),
        (["--range=1"], 2, "--range is LEAST,GREATEST, such as -1,1, got '1'"),
        (["--range=1,0"], 1, "two finite numbers in rising order"),
        (["--validate=2"], 1, "validate is a share"),
        (["--dtype=int8"], 2, "--dtype"),
        (["--single-label"], 1, "has 0 labels, but the task is single_label"),
    ],
)
def test_errors_are_one_line(command, table, tmp_path, flags, status, message):
    answer = command("pack", table, f"--out={tmp_path / 'out'}", *flags)
    assert answer.status == status
    assert message in answer.error.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["table.npz"]


def test_usage(command, table, tmp_path):
    assert "missing --out" in command("pack", table).error
    assert "one TABLE, got none" in command("pack", "--out=a").error
    (tmp_path / "names.txt").write_text("cat\n\ndog\n")
    answer = command(
        *("pack", table, "--out", tmp_path / "out", "--labels=labels"),
        f"--classes={tmp_path / 'names.txt'}",
    )
    assert "has no name for class 1, of 3" in answer.error
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    answer = command("pack", table, "--out", tmp_path / "full")
    assert "exists and is not an empty folder" in answer.error
