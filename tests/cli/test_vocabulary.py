"""Vocabularies and lists of classes, and what is none."""

from __future__ import annotations

import gzip

import pytest

from keras_attend_fusion.data.vocabulary import (
    read_classes,
    read_vocabulary,
    require_names,
)

BAD = [
    (b"", "has the columns none: a vocabulary needs Index and Name"),
    (b"a,b\n1,x\n", "has the columns a, b: a vocabulary needs Index and"),
    (b"Index,Title\n1,x\n", "has the columns Index, Title: a vocabulary"),
    (
        b"Index,Name\n0,a\nx,b\n",
        "line 3: the Index is 'x', expected a whole number",
    ),
    (b"Name,Index\na\n", "line 2: the Index is None, expected a whole"),
    (b"Index,Name\n-1,a\n", "line 2: the Index is '-1', expected a whole"),
    (b"Index,Name\n1,\xff\xfe\n", "is not UTF-8 text"),
    (
        b'Index,Name\n5,a\n7,"b\nc"\n5,d\n',
        "line 5: the Index 5 was on line 2 already",
    ),
    (b"Index,Name\n1," + b"x" * 200_000, "line 2 is not CSV: field larger"),
]


@pytest.mark.parametrize(("content", "expected"), BAD)
@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_vocabulary_that_is_none(fails, tmp_path, name, content, expected):
    path = tmp_path / "vocabulary.csv"
    path.write_bytes(content)
    given = {
        "evaluate": [f"--per-class={tmp_path / 'c.csv'}"],
        "predict": [f"--out={tmp_path / 'p.jsonl'}"],
    }[name]
    flags = ["--model=nope", "--data=nope", f"--vocabulary={path}", *given]
    line = fails(name, *flags)
    assert f"{path} " in line
    assert expected in line
    assert list(tmp_path.iterdir()) == [path]


def test_a_vocabulary_that_is_not_there(fails, tmp_path):
    line = fails(
        "predict",
        "--model=nope",
        "--data=nope",
        f"--out={tmp_path / 'p.jsonl'}",
        f"--vocabulary={tmp_path / 'nope.csv'}",
    )
    assert "No such file" in line
    assert str(tmp_path / "nope.csv") in line


@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_vocabulary_without_some_classes(video, fails, tmp_path, name):
    path = tmp_path / "vocabulary.csv"
    path.write_text("Index,Name\n" + "".join(f"{c},x\n" for c in (0, 9, 5)))
    out = tmp_path / "out.csv"
    given = {"evaluate": f"--per-class={out}", "predict": f"--out={out}"}[name]
    flags = [f"--model={video.run}", f"--data={video.validate}", given]
    line = fails(name, *flags, f"--vocabulary={path}")
    assert f"{path} lacks 6 of the 8 classes (Index 1, 2, 3, 4, 6, …)" in line
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("gzipped", [False, True])
def test_order_columns_line_ends_and_a_mark_do_not_matter(tmp_path, gzipped):
    text = '\ufeffName,Other,Index\r\n"a, “b”",1,2\r\n,2,0\r\nc,3,1\r\n'
    path = tmp_path / ("v.csv.gz" if gzipped else "v.csv")
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if gzipped else raw)
    names = read_vocabulary(str(path))
    assert names == {2: "a, “b”", 0: "", 1: "c"}
    require_names(names, str(path), range(3))
    with pytest.raises(ValueError, match=r"lacks 2 of the 5 .*Index 3, 4\)"):
        require_names(names, str(path), range(5))


def test_no_vocabulary_has_no_names_and_lacks_none():
    assert read_vocabulary(None) == {}
    require_names({}, None, range(5))


def test_a_list_of_classes_is_sorted(tmp_path):
    path = tmp_path / "classes.csv"
    path.write_text("Index\n7\n3\n")
    assert read_classes(str(path), range(8)) == [3, 7]
    assert read_classes(None, range(3)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3\n7\n", "has the columns 3: a list of classes needs Index"),
        ("Index\n", "names no class: expected an Index a line"),
        ("Index\n3\n3\n", "line 3: the Index 3 was on line 2 already"),
        (
            "Index\n3\n8\n9\n",
            r"names 2 unknown classes \(Index 8, 9\): expected some of 0 to 7",
        ),
    ],
)
def test_a_list_that_is_none(tmp_path, text, expected):
    path = tmp_path / "classes.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=expected):
        read_classes(str(path), range(8))


NAMES = {0: "Speech, loud", 1: "Music", 2: ""}
KINDS = {
    "class_labels_indices.csv": (
        'index,mid,display_name\n0,/m/0,"Speech, loud"\n1,/m/1,Music\n2,/m/2,\n'
    ),
    "label_names_2018.csv": (
        'label_id,label_name\n0,"Speech, loud"\n1,Music\n2,\n'
    ),
    "capitals.csv": 'ID,Name\n0,"Speech, loud"\n1,Music\n2,\n',
    "generic.csv": 'class,name\n0,"Speech, loud"\n1,Music\n2,\n',
    "index_class.csv": 'Class,Index\n"Speech, loud",0\nMusic,1\n,2\n',
    "tabs.tsv": "class_id\tclass name\r\n0\tSpeech, loud\r\n1\tMusic\r\n2\t",
    "tabs.txt": "index\tlabel\n0\tSpeech, loud\n1\tMusic\n2\t\n",
    "semicolons.csv": "Index;Name\n0;Speech, loud\n1;Music\n2;\n",
    "labels.txt": "Speech, loud\nMusic\n\n",
    "list.json": '["Speech, loud", "Music", null]',
    "object.json": '{"1": "Music", "0": "Speech, loud", "2": ""}',
    "back.json": '{"Speech, loud": 0, "Music": 1, "": 2}',
}


@pytest.mark.parametrize("name", KINDS)
def test_lists_of_every_kind(tmp_path, name):
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path = tmp_path / name
        path.write_text(KINDS[name], encoding, newline="")
        read = read_vocabulary(str(path))
        if name == "class_labels_indices.csv":
            assert read == NAMES | {2: "/m/2"}
        else:
            assert read == NAMES


@pytest.mark.parametrize(
    "name", ["class_labels_indices.csv", "label_names_2018.csv", "tabs.tsv"]
)
def test_a_vocabulary_lists_its_classes(tmp_path, name):
    (tmp_path / name).write_text(KINDS[name])
    assert read_classes(str(tmp_path / name), range(9)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "7\n\n3\n"),
        ("b.txt", "Index\n7\n3\n"),
        ("c.json", "[7, 3]"),
        ("d.json", '{"7": "x", "3": "y"}'),
        ("e.csv", "id\n7\n3\n"),
    ],
)
def test_lists_of_indices_alone(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_classes(str(tmp_path / name), range(9)) == [3, 7]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", "mid;title\n", "has the columns mid, title: a vocabulary ne"),
        ("a.csv", "mid,display_name\n", "needs Index and Name, or columns tha"),
        ("a.csv", "id,name\n/m/1,x\n", "line 2: the id is '/m/1', expected"),
        ("a.csv", "id,name\n1_0,x\n", "line 2: the id is '1_0', expected"),
        ("a.csv", f"id,name\n{'1' * 5000},x\n", "line 2: the id is '1{20}…'"),
        ("a.json", "5", "a.json holds 5: expected a JSON object"),
        ("a.json", "[[1]]", r"entry 1: the name is \[1\], expected a text"),
        ("a.json", '{"x": "y"}', "entry 1: the Index is 'x', expected a whole"),
        ("a.json", '{"1": "y", "01": "z"}', "entry 2: the Index 1 was on entr"),
    ],
)
def test_a_list_of_names_that_is_none(tmp_path, name, text, expected):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=expected):
        read_vocabulary(str(tmp_path / name))


def test_a_list_of_names_is_not_one_of_indices(tmp_path):
    (tmp_path / "labels.txt").write_text("Speech\nMusic\n")
    with pytest.raises(ValueError, match="line 1: the Index is 'Speech', exp"):
        read_classes(str(tmp_path / "labels.txt"), range(9))


@pytest.mark.real_data
def test_the_real_files(real_data):
    path = str(real_data / "vocabulary.csv")
    names = read_vocabulary(path)
    assert sorted(names) == list(range(3862))
    assert names[0] == "Game"
    require_names(names, path, range(3862))
    assert all(names.values())
    unnamed = [name for name in names.values() if name.startswith("/m/")]
    assert len(unnamed) == 56
    classes = read_classes(
        str(real_data / "segment_label_ids.csv"), range(3862)
    )
    assert len(classes) == 1000
    assert classes[:3] == [3, 7, 8]
