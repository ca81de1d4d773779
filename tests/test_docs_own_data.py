"""The page about own features is true: it runs as it stands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion import export
from keras_attend_fusion.cli.main import main

PAGE = Path(__file__).parent.parent / "docs/guide/own_data.md"


def blocks() -> list[tuple[str, str]]:
    """Language and text of each block of code, in order."""
    return re.findall(r"```(python|sh)\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    subcommands = []
    for language, text in blocks():
        if language == "python":
            exec(text, names)
            continue
        for line in text.strip().splitlines():
            words = shlex.split(line)
            subcommands.append(words[1])
            assert words[0] == "attend-fusion"
            assert main(words[1:]) == 0, line
    assert subcommands[:3] == ["pack", "train", "export"]
    config = json.loads((tmp_path / "clips_run/config.json").read_text())
    assert config["schema"]["task"] == "single_label"
    metrics = json.loads((tmp_path / "clips_run/metrics.json").read_text())
    assert metrics["accuracy"] > 0.9
    model = export.load(tmp_path / "clips_files/model_int8.tflite")
    assert model.labels == ["cooking", "football", "knitting"]
    rows = (tmp_path / "names.jsonl").read_text().splitlines()
    first = json.loads(rows[0])["labels"][0]
    assert first["name"] in model.labels
    assert np.isclose(first["score"], 1.0, atol=0.5)
    alone = json.loads((tmp_path / "picture_alone/config.json").read_text())
    assert alone["sizes"]["modalities"] == {"picture": 32}
