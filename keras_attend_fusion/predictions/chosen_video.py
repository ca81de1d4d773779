"""One video of shards, as a model takes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.predictions.scores import require_videos, texts
from keras_attend_fusion.progress import Progress, silent
from keras_attend_fusion.runs.settings import require_whole
from keras_attend_fusion.runs.shard_pass import shard_pass
from keras_attend_fusion.runs.stored_model import ModelSource, stored_keras


@dataclass(frozen=True, eq=False)
class Video:
    """A video as a model takes it.

    Attributes:
        id: Its id, as text.
        features: A batch of one, by the names of the model's inputs.
        labels: Its true labels, multi-hot, by the model's scores.
    """

    id: str
    features: dict[str, Any]
    labels: np.ndarray


def find_video(
    model: ModelSource,
    data: str | Path,
    id: str | None = None,
    *,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Video:
    """Finds a video in shards by its id.

    Args:
        model: A `Run`, a run folder or a `.keras` file, whose inputs say
            what is read.
        data: Globs of shards, comma-separated.
        id: The id, as text; None for the first video.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards: a `data.Schema`, a name or a file;
            None for the one that the model learned.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The video; the first that has the id.

    Raises:
        ValueError: No video has the id, or the shards do not fit the model.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(folder, "video", videos=20, classes=8)
    >>> model = kaf.models.build("logistic", num_classes=8)
    >>> model.save(f"{folder}/model.keras")
    >>> video = find_video(f"{folder}/model.keras", f"{folder}/train-*")
    >>> video.features["rgb"].shape, video.labels.shape
    ((1, 1024), (8,))
    """
    from keras_attend_fusion import training

    require_whole(batch_size=batch_size)
    source, data, videos = stored_keras(model), str(data), 0
    reader = source.reader(batch_size, on_corrupt, schema)
    reader = reader.without_labels()
    with shard_pass(
        reader, source.model, data, progress, with_id=True, counted=False
    ) as shards:
        for features, labels in training.as_numpy(shards.dataset):
            ids = texts(features.pop("id"))
            if id is None or id in ids:
                row = 0 if id is None else ids.index(id)
                batch = {n: x[row : row + 1] for n, x in features.items()}
                return Video(ids[row], batch, labels[row])
            videos += len(ids)
            shards.update(videos)
    require_videos(videos, data)
    raise ArgumentError(
        f"`id` {id}: none of the {videos} videos in `data` {data} has it"
    )
