"""Files that other tools read: citation, types, hooks, workflow."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import keras_attend_fusion

ROOT = Path(__file__).parent.parent


def read(name: str) -> Any:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((ROOT / name).read_text())


def test_type_checkers_may_read_the_hints() -> None:
    package = Path(keras_attend_fusion.__file__).parent
    assert (package / "py.typed").is_file()


def test_the_citation_names_both_papers() -> None:
    citation = read("CITATION.cff")
    assert {"cff-version", "title", "message", "authors"} <= set(citation)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["title"] == project["name"]
    assert citation["license"] == project["license"]
    papers = [paper["url"].rsplit("/")[-1] for paper in citation["references"]]
    assert papers == ["2408.14441", "2411.05603"]
    for paper in citation["references"]:
        assert paper["url"].rsplit("/")[-1] in paper["doi"]


def test_the_workflow_runs_every_check_on_the_pythons_of_the_package() -> None:
    job = read(".github/workflows/tests.yml")["jobs"]["tests"]
    assert job["steps"][-1]["run"] == "python3 dev.py test"
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())
    versions = re.findall(
        r"Python :: (3\.\d+)", str(classifiers["project"]["classifiers"])
    )
    assert job["strategy"]["matrix"]["python"] == versions


def test_the_hooks_run_the_pinned_tools() -> None:
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        python, flag, tool, *_ = hook["entry"].split()
        assert (python, flag) == (".venv/newest/bin/python", "-m")
        assert f"\n{tool}==" in (ROOT / "constraints.txt").read_text()
