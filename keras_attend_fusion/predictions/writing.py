"""Writing what a model predicts for the videos of shards."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from keras_attend_fusion.arguments import new_file
from keras_attend_fusion.data.vocabulary import named, read_classes
from keras_attend_fusion.files import form, write_row, writing
from keras_attend_fusion.metrics import top_k_classes
from keras_attend_fusion.predictions import kaggle, segments
from keras_attend_fusion.predictions.scores import require_videos, scored
from keras_attend_fusion.progress import Progress, silent
from keras_attend_fusion.runs.settings import SettingError, require_whole
from keras_attend_fusion.runs.shard_pass import shard_pass
from keras_attend_fusion.runs.stored_model import ModelSource, stored

Pair = tuple[int, str]  # class, score
Write = Callable[[str, list[Pair]], None]


@dataclass(frozen=True)
class Written:
    """A file of predictions.

    Attributes:
        path: The file.
        videos: How many videos it is about.
        repeated: How many of them have the id of an earlier one.
        first_repeated: The first such id; empty if there is none.
        segments: How many segments were scored, for a file of segments.
    """

    path: Path
    videos: int
    repeated: int = 0
    first_repeated: str = ""
    segments: int = 0


class _Repeated:
    """Counts ids that come again, by a hash of each."""

    def __init__(self) -> None:
        self.count = 0
        self.first = ""
        self._hashes: set[int] = set()

    def add(self, video: str) -> None:
        """Adds the id of a video."""
        number = hash(video)
        if number in self._hashes:
            self.count += 1
            self.first = self.first or video
        self._hashes.add(number)


def write(
    model: ModelSource,
    data: str | Path,
    out: str | Path,
    *,
    top_k: int = 20,
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Written:
    """Writes the best classes of every video of some shards.

    It is what `attend-fusion predict` calls. Scores are written as the
    shortest text that is the same float32 again.

    Args:
        model: A `Run`, a run folder, a `.keras` file or an exported file.
        data: Globs of shards, comma-separated.
        out: The file to write. Its name ends in `.csv` for Kaggle's form
            (`VideoId,LabelConfidencePairs`), or in `.jsonl` for a JSON object
            a line with class names; `.gz` after it compresses.
        top_k: Classes a video.
        vocabulary: A file of class names, for `.jsonl`; None for those of
            the model, if any.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards: a `data.Schema`, a name or a file;
            None for the one that the model learned.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The file, and how many videos it is about.

    Raises:
        ValueError: `out` exists or has another ending, or the shards do not
            fit the model; then no file is left.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(folder, "video", videos=20, classes=8)
    >>> model = kaf.models.build("logistic", num_classes=8)
    >>> model.save(f"{folder}/model.keras")
    >>> file = f"{folder}/p.csv"
    >>> write(f"{folder}/model.keras", f"{folder}/train-*", file).videos
    20
    >>> video, pairs = next(kaf.predictions.read_kaggle(file))
    >>> len(pairs)
    8
    """
    out = Path(out)
    if form(out) not in _WRITERS:
        raise SettingError(
            f"`out` is {out}: it has to end in .csv or .jsonl, and in .gz "
            "after it to be compressed"
        )
    require_whole(top_k=top_k, batch_size=batch_size)
    new_file(out)
    source, data = stored(model), str(data)
    names, known = source.read_names(vocabulary), source.classes
    names = named(names or known.names, known.indices)
    reader = source.reader(batch_size, on_corrupt, schema)
    reader = reader.without_labels()
    videos, repeated = 0, _Repeated()
    with (
        shard_pass(
            reader, source.model, data, progress, with_id=True
        ) as shards,
        writing(out) as file,
    ):
        write_video = _WRITERS[form(out)](file, names)
        for ids, scores, _ in scored(
            source.model, shards.dataset, shards.update
        ):
            best = _best_pairs(scores, top_k, known.indices)
            for video, pairs in zip(ids, best, strict=True):
                write_video(video, pairs)
                repeated.add(video)
            videos += len(ids)
        require_videos(videos, data)
    return Written(out, videos, repeated.count, repeated.first)


def top_segments(
    model: ModelSource,
    data: str | Path,
    out: str | Path,
    *,
    top: int = 100_000,
    classes: str | Path | None = None,
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Written:
    """Writes the best five-second segments of every class, as Kaggle's CSV.

    It is what `attend-fusion predict --segments` calls. A row is a class of
    the 2019 competition's form (`Class,Segments`), its best segment first.

    Args:
        model: A `Run`, a run folder, a `.keras` file or an exported file, of
            frame level.
        data: Globs of frame-level shards, comma-separated.
        out: The file to write, ending in `.csv` or `.csv.gz`.
        top: Segments a class.
        classes: A file that lists the classes to write; None for all of the
            model's.
        vocabulary: A file of class names, which is checked to have all.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards: a `data.Schema`, a name or a file;
            None for the one that the model learned.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The file, and how many videos and segments were scored.

    Raises:
        ValueError: `out` exists or has another ending, the model takes no
            frames, or the shards do not fit it; then no file is left.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(folder, "frame", videos=4, classes=4)
    >>> model = kaf.models.build("logistic", level="frame", num_classes=4)
    >>> model.save(f"{folder}/model.keras")
    >>> file = f"{folder}/s.csv"
    >>> shards = f"{folder}/train-*"
    >>> top_segments(f"{folder}/model.keras", shards, file, top=2).videos
    4
    >>> open(file).readline()
    'Class,Segments\\n'
    """
    out = Path(out)
    if form(out) != ".csv":
        raise SettingError(
            f"`out` is {out}: segments are written as .csv or .csv.gz"
        )
    require_whole(top=top, batch_size=batch_size)
    new_file(out)
    source, data = stored(model), str(data)
    source.read_names(vocabulary)
    known, place = source.classes, source.classes.place
    chosen = read_classes(
        None if classes is None else str(classes), known.indices
    )
    segments.require_frames(source.model, source.path)
    reader = source.reader(batch_size, on_corrupt, schema)
    reader = reader.without_labels()
    with (
        shard_pass(
            reader, source.model, data, progress, with_id=True
        ) as shards,
        writing(out) as file,
    ):
        best = segments.best(
            source.model,
            shards.dataset,
            chosen,
            [place[index] for index in chosen],
            top,
            shards.videos,
            reader.max_frames,
            shards.update,
        )
        best.write(file)
        require_videos(best.videos, data)
    return Written(out, best.videos, segments=best.segments)


def _best_pairs(
    scores: Any, top_k: int, indices: Sequence[int]
) -> Iterator[list[Pair]]:
    """Each video's best classes: falling score, then rising class.

    `indices` has the class of each score, rising. Scores come as the shortest
    text that is the same float32 again.
    """
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
    write_row(file, kaggle.HEADER)
    return functools.partial(kaggle.write, file)


def _json_writer(file: TextIO, names: dict[int, str]) -> Write:
    def write_line(video: str, pairs: list[Pair]) -> None:
        labels = [_label(c, float(score), names) for c, score in pairs]
        line = json.dumps({"id": video, "labels": labels}, ensure_ascii=False)
        file.write(f"{line}\n")

    return write_line


def _label(index: int, score: float, names: dict[int, str]) -> dict[str, Any]:
    named = {"name": names[index]} if names else {}
    return {"index": index, **named, "score": score}


_WRITERS = {".csv": _csv_writer, ".jsonl": _json_writer}
