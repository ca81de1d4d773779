"""The file in which an evaluator's state is kept."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.files import beside
from keras_attend_fusion.metrics.exact.videos import Videos

ARGUMENTS = ("num_classes", "top_k", "ranking", "memory")
_FORMAT = "keras-attend-fusion evaluator 1"


def write(
    path: str | Path,
    arguments: dict[str, Any],
    videos: Videos,
    blocks: Iterable[np.ndarray],
) -> None:
    """Writes an `.npz` file, array by array, so that none is held twice."""
    with (
        beside(path) as unfinished,
        zipfile.ZipFile(unfinished, "w", allowZip64=True) as archive,
    ):
        arrays = {"format": np.array(_FORMAT)}
        arrays |= {name: np.array(arguments[name]) for name in ARGUMENTS}
        for name, array in {**arrays, **videos._asdict()}.items():
            _write_array(archive, name, array)
        for index, block in enumerate(blocks):
            _write_array(archive, f"scores_{index}", block)


def _write_array(
    archive: zipfile.ZipFile, name: str, array: np.ndarray
) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def read(
    path: str | Path,
) -> tuple[dict[str, Any], Videos, Iterator[np.ndarray]]:
    """What `write` was given, the blocks one by one.

    Raises:
        ValueError: the file is not one that `write` wrote, or is cut.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            if file["format"].item() != _FORMAT:
                raise KeyError("format")
            arguments = {name: file[name].item() for name in ARGUMENTS}
            videos = Videos(*(file[name] for name in Videos._fields))
    except (
        TypeError,  # a single array, from np.save
        EOFError,
        KeyError,
        ValueError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(
            f"{path} is no saved evaluator, or was cut off: pass a file that "
            "Evaluator.save wrote"
        ) from error
    return arguments, videos, _read_blocks(path)


def _read_blocks(path: str | Path) -> Iterator[np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        names = [name for name in file.files if name.startswith("scores_")]
        for name in names:
            yield file[name]
