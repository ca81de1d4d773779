"""Whether what a run folder says of a run is what `train` writes."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs.settings import TrainSettings, known_settings

SHOWN = 60  # characters of a value that an error quotes
Kind = tuple[str, Callable[[Any], bool]]  # its name, and what is one


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # of an integer of hundreds of digits
        return False


def _is_whole(value: Any) -> bool:
    return is_number(value) and isinstance(value, int)


def _is_list_of_classes(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_whole, value))


WORD: Kind = ("a word", lambda value: isinstance(value, str))
FLAG: Kind = ("true or false", lambda value: isinstance(value, bool))
WHOLE: Kind = ("a whole number", _is_whole)
NUMBER: Kind = ("a finite number", is_number)
SHARE: Kind = (
    "a number from 0 to 1",
    lambda value: is_number(value) and 0 <= value <= 1,
)
OBJECT: Kind = ("a JSON object", lambda value: isinstance(value, dict))
CLASSES: Kind = ("a list of class indices", _is_list_of_classes)


def _all(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


KINDS = {
    "text": WORD,
    "whole": WHOLE,
    "number": NUMBER,
    "switch": FLAG,
    "object": OBJECT,
}
# Other keys may hold anything.
CONFIG = {
    **{
        name: KINDS[known.kind]
        for name, known in known_settings(TrainSettings).items()
        if known.kept and name != "schema"
    },
    "classes": CLASSES,
    **_all(WORD, "level backend"),
    **_all(WHOLE, "train_videos"),
    **_all(OBJECT, "sizes shards versions found"),
}
IDENTITY = {**_all(WHOLE, "shards bytes"), **_all(WORD, "hash contents")}
METRICS = {
    **_all(SHARE, "gap_at_20 map map_top_20 hit_at_1 perr f1_micro f1_macro"),
    **_all(SHARE, "f1_samples threshold calibration_error"),
    **_all(WHOLE, "videos classes_with_positives parameters"),
    **_all(NUMBER, "seconds"),
    **_all(WORD, "weights"),
}


def read_config(path: str | Path) -> dict[str, Any]:
    """The config.json of a run folder; empty for a bare `.keras` file.

    Raises:
        ValueError: if a value is of another kind than `train` writes.
    """
    config = run_folder.read_json(path, run_folder.CONFIG)
    check_config(config, Path(path) / run_folder.CONFIG)
    return config


def check_config(config: dict[str, Any], file: Path) -> None:
    """Raises `ValueError` unless a config is one as `train` writes."""
    check_values(config, CONFIG, f"{file}: ")
    for flag, shards in (config.get("shards") or {}).items():
        where = f"{file}: shards: "
        check_values({flag: shards}, {flag: OBJECT}, where)
        values = dict.fromkeys(("shards", "bytes", "hash")) | (shards or {})
        check_values(values, IDENTITY, f"{where}{flag}: ", optional=False)


def read_metrics(path: str | Path) -> dict[str, Any]:
    """The metrics.json of a run folder; empty where there is none.

    Raises:
        ValueError: if a value is not one that `train` writes.
    """
    metrics = run_folder.read_json(path, run_folder.METRICS)
    where = f"{Path(path) / run_folder.METRICS}: "
    check_values(metrics, METRICS, where, mark=";")
    return metrics


def check_values(
    values: dict[str, Any],
    kinds: dict[str, Kind],
    where: str,
    optional: bool = True,
    mark: str = ":",
) -> None:
    """Raises `ValueError` if a value is not of its key's kind.

    Args:
        values: What was read.
        kinds: What is expected, by key.
        where: The file, for the error.
        optional: Whether null stands for none.
        mark: What parts the value from what was expected.
    """
    for name, (expected, is_one) in kinds.items():
        value = values.get(name)
        if name not in values or (value is None and optional):
            continue
        if not is_one(value):
            shown = repr(value)
            if len(shown) > SHOWN:
                shown = f"{shown[:SHOWN]}…"
            raise ValueError(
                f"{where}{name} is {shown}{mark} expected {expected}"
            )
