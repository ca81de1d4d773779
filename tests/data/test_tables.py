"""Tables of videos: what they hold, and what is wrong with them."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion import data
from keras_attend_fusion.extras import MissingPackageError

RNG = np.random.default_rng(0)
FRAMES = [RNG.standard_normal((n, 4)).astype(np.float32) for n in (3, 2, 5)]
TEXT = RNG.standard_normal((3, 2)).astype(np.float32)


def parquet(path: Path, types=None, **columns) -> Path:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as files

    arrays = {
        name: arrow.array(values, (types or {}).get(name))
        for name, values in columns.items()
    }
    files.write_table(arrow.table(arrays), path)
    return path


def table_of(path: Path, **columns) -> Path:
    """The Parquet table of most tests."""
    return parquet(
        path,
        **{
            "id": ["a", "b", "c"],
            "label": ["cat", "dog", "cat"],
            "rgb": [frames.tolist() for frames in FRAMES],
            "text": [TEXT[0].tolist(), None, TEXT[2].tolist()],
            "seconds": [3, 2, 5],
            **columns,
        },
    )


def require_same(videos: list[dict]) -> None:
    for video, frames in zip(videos, FRAMES, strict=True):
        np.testing.assert_allclose(video["rgb"], frames, rtol=1e-6)


def test_a_parquet_table(tmp_path):
    table = data.read_table(table_of(tmp_path / "t.parquet"), "label")
    assert (len(table), table.level) == (3, "frame")
    assert (table.modalities, table.others) == (("rgb", "text"), ("seconds",))
    for _ in range(2):
        videos = list(table)
        assert [video["id"] for video in videos] == ["a", "b", "c"]
        assert [video["labels"] for video in videos] == ["cat", "dog", "cat"]
        assert videos[1]["text"] is None
        require_same(videos)
    report = data.write(tmp_path / "out", table)
    assert report.schema.classes == ("cat", "dog")
    assert report.present == {"rgb": 3, "text": 2}


def test_kinds_of_parquet_columns(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    fixed = arrow.list_(arrow.float16(), 2)
    path = parquet(
        tmp_path / "t.parquet",
        {
            "a": fixed,
            "b": arrow.list_(arrow.uint8()),
            "c": arrow.large_list(arrow.list_(arrow.float32(), 2)),
            "d": arrow.list_(arrow.string()),
        },
        id=[1, 2],
        labels=[[0, 1], []],
        a=[np.float16([1, 2]), None],
        b=[[1, 255], [3, 4]],
        c=[[[1, 2], [3, 4]], []],
        d=[["x"], ["y"]],
    )
    table = data.read_table(path)
    assert (table.modalities, table.others) == (("a", "b", "c"), ("d",))
    first, second = table
    assert first["a"].tolist() == [1, 2]
    assert second["a"] is None
    assert first["b"].dtype == np.uint8
    assert first["c"].tolist() == [[1, 2], [3, 4]]
    assert second["c"] is None
    assert [video["labels"] for video in table] == [[0, 1], []]


def test_many_rows_of_a_parquet_table(tmp_path):
    values = RNG.standard_normal((150, 2, 3))
    path = parquet(
        tmp_path / "t.parquet",
        id=list(range(150)),
        labels=list(range(150)),
        x=values.tolist(),
    )
    videos = list(data.read_table(path))
    assert [video["id"] for video in videos] == list(range(150))
    np.testing.assert_array_equal([video["x"] for video in videos], values)


BAD = {
    "ragged": ([[[1.0], [1.0, 2.0]]] * 3, r"'a' \(row 0\): rgb is ragged: fra"),
    "null": ([[[1.0, None]]] * 3, "rgb has values that are null"),
    "no frame": ([[[1.0], None]] * 3, "rgb has a frame that is null"),
    "sizes": ([[[1.0]], [[1.0, 2.0]], [[1.0]]], "rgb has 2 values, but 1 in"),
}


@pytest.mark.parametrize("case", BAD)
def test_cells_that_are_wrong(tmp_path, case):
    rgb, message = BAD[case]
    path = table_of(tmp_path / "t.parquet", rgb=rgb)
    with pytest.raises(ValueError, match=message):
        data.write(tmp_path / "out", data.read_table(path, "label"))
    assert [part.name for part in tmp_path.iterdir()] == ["t.parquet"]


def test_parquet_tables_that_are_wrong(tmp_path):
    path = table_of(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match=r"has no column 'labels': it has id"):
        data.read_table(path)
    with pytest.raises(ValueError, match=r"has no column 'clip': it has id, l"):
        data.read_table(path, "label", "clip")
    path = parquet(tmp_path / "e.parquet", id=[], labels=[], x=[])
    with pytest.raises(ValueError, match=r"e.parquet has no rows"):
        data.read_table(path)
    path = parquet(tmp_path / "n.parquet", id=["a"], labels=[0], x=["y"])
    with pytest.raises(ValueError, match="no column of features beside x:"):
        data.read_table(path)
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="cannot be read as Parquet"):
        data.read_table(tmp_path / "t.parquet")


def test_pyarrow_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "t.parquet").touch()
    with pytest.raises(MissingPackageError, match=r"fusion\[parquet\]"):
        data.read_table(tmp_path / "t.parquet")


def npz(path: Path, **arrays) -> Path:
    arrays = {"ids": ["a", "b", "c"], "labels": [0, 2, 1], **arrays}
    np.savez(path, **{k: v for k, v in arrays.items() if v is not None})
    return path


def test_an_npz_file(tmp_path):
    frames = np.stack([part[:2] for part in FRAMES])
    path = npz(tmp_path / "t.npz", rgb=frames, text=TEXT, note=np.array("x"))
    table = data.read_table(path)
    assert (table.level, table.modalities) == ("frame", ("rgb", "text"))
    assert table.others == ("note",)
    videos = list(table)
    assert [video["labels"] for video in videos] == [0, 2, 1]
    assert data.write(tmp_path / "out", table).videos == {"train": 3}
    assert data.read_table(npz(tmp_path / "v.npz", x=TEXT)).level == "video"


def test_an_npz_file_of_videos_of_other_lengths(tmp_path):
    hot = np.eye(3)[[0, 2, 1]] + np.eye(3)[0]
    path = npz(
        tmp_path / "t.npz",
        labels=np.minimum(hot, 1),
        rgb=np.concatenate(FRAMES),
        rgb_frames=[3, 2, 5],
    )
    table = data.read_table(path)
    assert (table.level, table.modalities) == ("frame", ("rgb",))
    videos = list(table)
    require_same(videos)
    assert [v["labels"].tolist() for v in videos] == [[0], [0, 2], [0, 1]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": TEXT[:2]}, "x are of 2 videos, but there are 3 ids"),
        ({"x": TEXT, "labels": [1]}, "the labels are of 1 videos"),
        ({"x": TEXT, "labels": np.full((3, 2), 7)}, "hold 7, expected 0 and 1"),
        ({"x": TEXT, "ids": None}, "no column 'ids': it has labels, x"),
        ({"x": TEXT, "x_frames": [1, 1, 2]}, "x_frames adds up to 4"),
        ({"x": TEXT, "x_frames": [1.0, 1, 1]}, "has to be a count a video"),
        ({"x": np.array([{}], object)}, "cannot be read as .npz of plain arr"),
        ({"ids": [], "labels": [], "x": TEXT[:0]}, "has no rows"),
        ({}, "has no column of features"),
    ],
)
def test_npz_files_that_are_wrong(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        data.read_table(npz(tmp_path / "t.npz", **arrays))


def csv_of(path: Path, rows: list[list[str]]) -> Path:
    for name, frames in zip("abc", FRAMES, strict=True):
        np.save(path.parent / f"{name}.npy", frames)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_csv_file(tmp_path):
    rows = [
        ["id", "labels", "rgb", "note"],
        ["a", "cat; dog", "a.npy", "x"],
        ["b", "", "b.npy", ""],
        ["c", "cow", "c.npy", ""],
    ]
    table = data.read_table(csv_of(tmp_path / "t.csv", rows))
    assert (len(table), table.level, table.others) == (3, "frame", ("note",))
    videos = list(table)
    require_same(videos)
    assert [v["labels"] for v in videos] == [["cat", "dog"], [], ["cow"]]
    for row, labels in zip(rows[1:], ("1;2", "0", "2"), strict=True):
        row[1] = labels
    rows[3][2] = ""
    rows[3][3] = ""
    table = data.read_table(csv_of(tmp_path / "t.csv", rows))
    assert [video["labels"] for video in table] == [[1, 2], [0], [2]]
    with pytest.raises(ValueError, match=r"'c' .* has no modality"):
        data.write(tmp_path / "out", table)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no column 'id': it has none"),
        ([["id", "labels", "rgb"]], "has no rows"),
        ([["id", "labels"], ["a"]], "line 2: 1 cells, expected 2"),
        ([["id", "labels", "x"], ["a", "0", "y"]], "no column of features"),
        (
            [["id", "labels", "x"], ["a", "0", "no.npy"]],
            "line 2: x: .*no.npy cannot be read as an array",
        ),
        ([["id", "labels", "x", "x"], ["a", "0", "", ""]], "two columns 'x'"),
    ],
)
def test_csv_files_that_are_wrong(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        data.read_table(csv_of(tmp_path / "t.csv", rows))


def test_other_files(tmp_path):
    with pytest.raises(ValueError, match=r"not a table: expected a name that"):
        data.read_table(tmp_path / "t.xlsx")
    with pytest.raises(ValueError, match=r"t.csv is not a file"):
        data.read_table(tmp_path / "t.csv")
