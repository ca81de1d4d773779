"""The README is true: its commands and its Python run as they stand."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from keras_attend_fusion.cli.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MODELS = (ROOT / "docs/guide/models.md").read_text()


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(text: str) -> list[list[str]]:
    joined = "\n".join(blocks(text, "sh")).replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in joined.split("\n")]
    return [words for words in lines if words]


def run(words: list[str], folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{words}: {done.stderr[-2000:]}"


def test_the_shell_tour_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, as eight others would each load TensorFlow."""
    monkeypatch.chdir(tmp_path)
    tour = commands(section("Five minutes, in the shell"))
    assert [words[1] for words in tour] == [
        "synthesize",
        "inspect",
        "train",
        "evaluate",
        "predict",
        "evaluate",
        "explain",
        "export",
    ]
    for words in tour:
        assert words[0] == "attend-fusion"
        assert main(words[1:]) == 0, words
    assert (tmp_path / "exported/model_dynamic.tflite").is_file()
    with gzip.open(tmp_path / "predictions.csv.gz", "rt") as file:
        assert len(file.readlines()) == 101
    assert (tmp_path / "classes.csv").is_file()
    assert (tmp_path / "video.html").is_file()


@pytest.mark.real_data
def test_the_measured_command_runs(tmp_path: Path, real_data: Path) -> None:
    """The command whose scores the table gives, on a smaller budget."""
    (words,) = commands(section("Scores"))
    words = [word.replace("$YT8M_DATA", str(real_data)) for word in words]
    words = [sys.executable, "-m", "attend_fusion", *words[1:]]
    run([*words, "--preset=mobile", "--epochs=2"], tmp_path)
    metrics = json.loads((tmp_path / "real/metrics.json").read_text())
    assert metrics["videos"] == 5758
    assert metrics["gap_at_20"] > 0.55  # the class prior alone: about 0.02


def test_the_python_tour_runs(tmp_path: Path) -> None:
    tour = blocks(section("Five minutes, in Python"), "python")
    tour += blocks(section("Metrics"), "python")
    assert len(tour) == 3
    program = "\n".join(tour) + "\nassert scores.shape == (50, 8)\n"
    run([sys.executable, "-c", program], tmp_path)


def test_the_two_first_commands_are_there() -> None:
    first = commands(README.split("\n## ")[0])
    assert first == [
        ["python3", "dev.py", "demo"],
        ["python3", "dev.py", "test"],
    ]
    helped = subprocess.run(
        [sys.executable, ROOT / "dev.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "demo" in helped.stdout
    assert "test" in helped.stdout


def test_the_extras_are_those_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = set(re.findall(r"\[([\w-]+)\]", section("Install")))
    assert named == set(project["optional-dependencies"])


def test_the_table_of_presets_is_true() -> None:
    import keras_attend_fusion as kaf

    for preset in kaf.models.presets("attend_fusion"):
        (row,) = re.findall(rf"^\| `{preset}`.*?\|(.*)\|(.*)\|$", MODELS, re.M)
        for level, cell in zip(("video", "frame"), row, strict=True):
            model = kaf.models.build("attend_fusion", preset, level)
            assert cell.strip() == f"{model.count_params():,}"


def test_the_table_of_baselines_is_true() -> None:
    import keras_attend_fusion as kaf
    from tests.models.test_build import COUNTS

    table = MODELS.split("| `kaf.models.build(…)` |")[1]
    given = {}
    for names, counts in re.findall(r"^\| (`.*)\|(.*)\|$", table, re.M):
        models = re.findall(r"`(\w+)`", names)
        given |= dict(zip(models, counts.split(" · "), strict=True))
    assert {*given, "attend_fusion"} == set(kaf.models.names())
    for name, count in given.items():
        assert count.strip() == f"{COUNTS[name, 'base'][0]:,}"


def test_a_newcomer_reads_it_in_three_minutes() -> None:
    assert len(README.splitlines()) <= 200


def test_its_scores_are_those_of_the_measurements() -> None:
    """Each row is one of the page's, as far as it goes."""
    page = (ROOT / "docs/measurements.md").read_text()
    rows = re.findall(
        r"^\| (`\w+` `\w+`.*?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
        section("Scores"),
        re.M,
    )
    assert len(rows) == 6
    for model, size, gap, f1 in rows:
        (row,) = [
            line
            for line in page.splitlines()
            if line.startswith(f"| {model} | {size} | {gap} |")
        ]
        assert row.endswith(f"| {f1} |")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_to_files_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    for link in links:
        assert (ROOT / link).exists(), link
