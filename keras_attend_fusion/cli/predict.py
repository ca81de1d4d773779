"""Write the best classes of every video: as Kaggle's CSV
(VideoId,LabelConfidencePairs), or as one JSON object a line with names."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from keras_attend_fusion.cli import run_folder, shards
from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import beside

USAGE = "--model DIR --data GLOB --out FILE.csv|.jsonl [flags]"


def define(add: Flags) -> None:
    add.string("model", None, "folder that train wrote, or a .keras file")
    add.string("data", None, "glob of shards, quoted")
    add.string("out", None, "file to write; .csv or .jsonl says its form")
    add.integer("top-k", 20, "classes a video")
    add.string("vocabulary", None, "vocabulary.csv, for names in .jsonl")
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model", "data", "out")
    out, data = Path(flag["out"]), flag["data"]
    top_k = flag["top-k"]
    if out.suffix not in (".csv", ".jsonl"):
        raise UsageError(f"--out is {out}: it has to end in .csv or .jsonl")
    if out.exists():
        raise ValueError(f"{out} exists: remove it or name another --out")
    names = read_vocabulary(flag["vocabulary"])
    model = run_folder.load_model(flag["model"])
    reader = shards.Shards(flag)
    dataset = reader.load_for(model, data, with_id=True)
    with (
        reader.errors_for(model, data, with_id=True),
        progress("videos", reader.count(data)) as update,
        beside(out) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as file,
    ):
        videos = _write(file, out.suffix, model, dataset, top_k, names, update)
        if not videos:
            raise ValueError(f"--data {data}: no record that can be used")
    print(f"Wrote {out}: {videos} videos.")
    return 0


def read_vocabulary(path: str | None) -> dict[int, str]:
    """Class names by index, from YouTube-8M's vocabulary.csv.

    Raises:
        ValueError: if the file is not UTF-8, lacks the columns `Index` and
            `Name`, or has an index that is not a number.
    """
    if path is None:
        return {}
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or []
    if not {"Index", "Name"} <= set(columns):
        raise ValueError(
            f"{path} has the columns {', '.join(columns) or 'none'}: "
            "a vocabulary needs Index and Name"
        )
    names = {}
    for row in reader:
        try:
            names[int(row["Index"])] = row["Name"]
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{path} line {reader.line_num}: the Index is "
                f"{row['Index']!r}, expected a whole number"
            ) from error
    return names


def _write(
    file: TextIO,
    form: str,
    model: Any,
    dataset: Any,
    top_k: int,
    names: dict[int, str],
    update: Callable[[int], None],
) -> int:
    from keras_attend_fusion import training

    if form == ".csv":
        file.write("VideoId,LabelConfidencePairs\n")
    videos = 0
    for features, _ in training.as_numpy(dataset):
        ids = [video.decode(errors="replace") for video in features.pop("id")]
        scores = model.predict_on_batch(features)
        best = _best_first(scores, top_k)
        for video, row, classes in zip(ids, scores, best, strict=True):
            pairs = [(int(c), float(row[c])) for c in classes]
            file.write(_LINE[form](video, pairs, names) + "\n")
        videos += len(ids)
        update(videos)
    return videos


def _best_first(scores: Any, top_k: int) -> Any:
    """Class indices by falling score; equal scores by rising class."""
    import numpy as np

    from keras_attend_fusion.metrics import top_k_classes

    classes = top_k_classes(scores, top_k)
    picked = np.take_along_axis(scores, classes, axis=1)
    order = np.argsort(-picked, axis=1, kind="stable")
    return np.take_along_axis(classes, order, axis=1)


def _csv_line(
    video: str, pairs: list[tuple[int, float]], names: dict[int, str]
) -> str:
    return f"{video}," + " ".join(f"{c} {score:.6g}" for c, score in pairs)


def _json_line(
    video: str, pairs: list[tuple[int, float]], names: dict[int, str]
) -> str:
    labels = [
        {"index": c, "name": names.get(c), "score": score}
        if names
        else {"index": c, "score": score}
        for c, score in pairs
    ]
    return json.dumps({"id": video, "labels": labels}, ensure_ascii=False)


_LINE = {".csv": _csv_line, ".jsonl": _json_line}
