"""The commands of docs/data.md run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from keras_attend_fusion import data
from keras_attend_fusion.cli.main import main
from tests.data.file_server import serving

PAGE = (Path(__file__).parent.parent / "docs" / "data.md").read_text()


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


def test_every_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    first, *others = commands()
    assert first[1] == "download"
    with serving() as server:
        files = {f"train{i:02d}.tfrecord": b"%d" % i for i in range(300)}
        server.hold("2/video/train", files)
        assert main([*first[1:], f"--server={server.address}"]) == 0
    fetched = sorted((tmp_path / "yt8m" / "video").rglob("*.tfrecord"))
    assert 0 < len(fetched) < 20
    assert [words[1] for words in others] == [
        "synthesize",
        "train",
        "train",
        "predict",
        "train",
        "predict",
    ]
    for words in others:
        assert words[0] == "attend-fusion"
        assert main(words[1:]) == 0
    assert len((tmp_path / "segments.csv").read_text().splitlines()) == 1 + 8


def test_the_schema_of_the_page_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "schema.json").write_text(block)
    schema = data.read_schema(tmp_path / "schema.json")
    assert schema == data.Schema(
        "frame",
        (data.Modality("rgb", "clip_features", 768),),
        id_keys=("clip",),
        labels_key="tags",
        max_frames=120,
    )
