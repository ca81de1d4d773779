"""`attend-fusion compare`."""

from __future__ import annotations

import json

import pytest

from keras_attend_fusion.cli.main import main
from tests.reports.test_comparison import write_run


@pytest.fixture
def folders(tmp_path):
    return [
        str(write_run(tmp_path / "a", seed=1)),
        str(write_run(tmp_path / "b", gap=0.75, seed=2)),
    ]


def test_tables_page_and_file(folders, tmp_path, capsys):
    out, file = tmp_path / "page.html", tmp_path / "c.json"
    words = ["compare", *folders, f"--out={out}", f"--json={file}"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "gap_at_20" in printed
    assert printed.endswith(f"Wrote {out}.\n")
    assert json.loads(file.read_text())["settings"] == {"seed": [1, 2]}
    assert "Comparison of 2 runs" in out.read_text()
    assert main(words) == 1  # the page is there
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["a"], 2, "expected two folders or more"),
        (["a", "b", "--out=c.png"], 2, "has to end in .html"),
        (["a", "nowhere"], 1, "nowhere"),
        (["a", "a"], 1, "comes twice"),
    ],
)
def test_one_line_of_error(
    folders, tmp_path, monkeypatch, capsys, words, status, said
):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *words]) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
