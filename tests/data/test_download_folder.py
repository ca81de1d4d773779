from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from keras_attend_fusion.data.downloads import folder
from keras_attend_fusion.data.downloads.errors import DownloadError

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def hundred(monkeypatch):
    """A hundred bytes are free everywhere; which folders were asked for."""
    asked = []

    def usage(path):
        asked.append(path)
        return Usage(1000, 900, 100)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    return asked


def test_what_just_fits(hundred, tmp_path):
    folder.check_space(tmp_path, 100)
    assert hundred == [tmp_path]


def test_what_does_not(hundred, tmp_path):
    with pytest.raises(DownloadError, match="101 bytes are needed, 100 are"):
        folder.check_space(tmp_path, 101)


def test_a_folder_that_is_not_there_yet(hundred, tmp_path):
    assert folder.free_bytes(tmp_path / "a" / "b") == 100
    assert hundred == [tmp_path]


def test_names_that_differ_in_case_alone(monkeypatch, tmp_path):
    names = ["trainAb", "train00", "trainaB"]
    monkeypatch.setattr(folder, "_ignores_case", lambda _: False)
    folder.check_case(tmp_path, names)
    monkeypatch.setattr(folder, "_ignores_case", lambda _: True)
    folder.check_case(tmp_path, names[:2])
    with pytest.raises(DownloadError, match="trainAb and trainaB would be one"):
        folder.check_case(tmp_path, names)


def test_the_probe_agrees_with_the_file_system(tmp_path):
    (tmp_path / "a").touch()
    assert folder._ignores_case(tmp_path) == (tmp_path / "A").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
