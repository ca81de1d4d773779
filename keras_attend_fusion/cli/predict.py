"""Write the best classes of every video: as Kaggle's CSV
(VideoId,LabelConfidencePairs), or as one JSON object a line with names. With
--segments: the best five-second segments of every class, as Kaggle's CSV of
2019 (Class,Segments)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from keras_attend_fusion.cli import (
    any_model,
    class_list,
    kaggle,
    segments,
    shards,
)
from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.scored import scored
from keras_attend_fusion.cli.text import form, writing
from keras_attend_fusion.cli.vocabulary import (
    read_classes,
    read_vocabulary,
    require_names,
)

Pair = tuple[int, str]  # class, score
Write = Callable[[str, list[Pair]], None]

USAGE = "--model DIR --data GLOB --out FILE.csv|.jsonl[.gz] [flags]"


def define(add: Flags) -> None:
    add.string("model", None, any_model.FLAG)
    add.string("data", None, "glob of shards, quoted")
    add.string(
        "out",
        None,
        "file to write; .csv or .jsonl says its form, .gz after it compresses",
    )
    add.integer("top-k", 20, "classes a video")
    add.string(
        "vocabulary",
        None,
        "vocabulary.csv, for names in .jsonl; an exported model may have its "
        "own",
    )
    add.boolean(
        "segments",
        False,
        "score the five-second segments of frame-level shards",
    )
    add.integer("top-segments", 100_000, "with --segments: segments a class")
    add.string(
        "segment-classes",
        None,
        "with --segments: CSV file with a column Index, the classes to write; "
        "by default all of the model's",
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model", "data", "out")
    out, data = Path(flag["out"]), flag["data"]
    _check_flags(flag, out)
    if out.exists():
        raise ValueError(f"{out} exists: remove it or name another --out")
    names = read_vocabulary(flag["vocabulary"])
    model = any_model.load_any(flag["model"])
    known = class_list.of_model(flag["model"], model)
    require_names(names, flag["vocabulary"], known.indices)
    names = names or any_model.names_of(model, known.indices)
    chosen = read_classes(flag["segment-classes"], known.indices)
    place = known.place
    if flag["segments"]:
        segments.require_frames(model, flag["model"])
    reader = shards.Shards(flag, known)
    dataset = reader.load_for(model, data, with_id=True)
    count = reader.count(data)
    with (
        reader.errors_for(model, data, with_id=True),
        progress("videos", count) as update,
        writing(out) as file,
    ):
        if flag["segments"]:
            kept = segments.best(
                model,
                dataset,
                chosen,
                [place[index] for index in chosen],
                flag["top-segments"],
                count,
                update,
            )
            kept.write(file)
            videos, wrote = kept.videos, f"{kept.segments} segments of "
        else:
            write, videos, wrote = _WRITERS[form(out)](file, names), 0, ""
            for ids, scores, _ in scored(model, dataset, update):
                best = _best_pairs(scores, flag["top-k"], known.indices)
                for video, pairs in zip(ids, best, strict=True):
                    write(video, pairs)
                videos += len(ids)
        if not videos:
            raise ValueError(f"--data {data}: no record that can be used")
    print(f"Wrote {out}: {wrote}{videos} videos.")
    return 0


def _check_flags(flag: Flags, out: Path) -> None:
    if form(out) not in _WRITERS:
        raise UsageError(
            f"--out is {out}: it has to end in .csv or .jsonl, and in .gz "
            "after it to be compressed"
        )
    if not flag["segments"]:
        for name in ("top-segments", "segment-classes"):
            if flag.given(name):
                raise UsageError(f"--{name} goes with --segments")
    elif form(out) != ".csv":
        raise UsageError(
            f"--out is {out}: segments are written as .csv or .csv.gz"
        )
    elif flag.given("top-k"):
        raise UsageError("--top-k is for videos: pass --top-segments")


def _best_pairs(
    scores: Any, top_k: int, indices: Sequence[int]
) -> Iterator[list[Pair]]:
    """Each video's best classes: falling score, then rising class.

    `indices` has the class of each score, rising. Scores come as the shortest
    text that is the same float32 again.
    """
    import numpy as np

    from keras_attend_fusion.metrics import top_k_classes

    scores = np.asarray(scores, "float32")
    classes = top_k_classes(scores, top_k)
    picked = np.take_along_axis(scores, classes, axis=1)
    order = np.argsort(-picked, axis=1, kind="stable")
    classes = np.take_along_axis(classes, order, axis=1)
    classes = np.asarray(indices)[classes]
    picked = np.take_along_axis(picked, order, axis=1)
    for row in zip(classes.tolist(), picked.astype(str).tolist(), strict=True):
        yield list(zip(*row, strict=True))


def _csv_writer(file: TextIO, names: dict[int, str]) -> Write:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(kaggle.HEADER)

    def write(video: str, pairs: list[Pair]) -> None:
        writer.writerow([video, " ".join(f"{c} {s}" for c, s in pairs)])

    return write


def _json_writer(file: TextIO, names: dict[int, str]) -> Write:
    def write(video: str, pairs: list[Pair]) -> None:
        labels = [_label(c, float(score), names) for c, score in pairs]
        line = json.dumps({"id": video, "labels": labels}, ensure_ascii=False)
        file.write(f"{line}\n")

    return write


def _label(index: int, score: float, names: dict[int, str]) -> dict[str, Any]:
    named = {"name": names[index]} if names else {}
    return {"index": index, **named, "score": score}


_WRITERS = {".csv": _csv_writer, ".jsonl": _json_writer}
