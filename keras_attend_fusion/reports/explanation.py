"""From an explanation to its page or plot."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.arguments import new_file
from keras_attend_fusion.explain import Explanation, explain
from keras_attend_fusion.files import writing
from keras_attend_fusion.predictions import Video, find_video
from keras_attend_fusion.predictions.scores import require_finite
from keras_attend_fusion.progress import Progress, silent
from keras_attend_fusion.reports import (
    explanation_html,
    explanation_plot,
    figures,
)
from keras_attend_fusion.reports.explanation_summary import tell
from keras_attend_fusion.runs.settings import SettingError
from keras_attend_fusion.runs.stored_model import ModelSource, stored_keras

FORMS = (".html", ".png", ".pdf")


def explanation_page(
    explanation: Explanation,
    out: str | Path,
    *,
    row: int = 0,
    video: str | None = None,
    labels: Any = None,
    names: Mapping[int, str] | None = None,
) -> Path:
    """Writes what a video's scores rest on, as a page or a plot.

    Args:
        explanation: What `kaf.explain` or `Run.explain` returned.
        out: The file to write: `.html` for a page that needs no network,
            `.png` or `.pdf` for a plot.
        row: Which video of the batch.
        video: Its id; None for its place in the batch.
        labels: Its true labels, multi-hot, shape `(classes,)`; None for
            none.
        names: Class names by the place of the score; None for those of the
            explanation, if any.

    Returns:
        The file.

    Raises:
        ValueError: `out` exists or has another ending, or there is no such
            video.
        MissingPackageError: A plot, and matplotlib is not installed.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> model = kaf.models.build("logistic", num_classes=8)
    >>> features = {"rgb": np.ones((2, 1024)), "audio": np.ones((2, 128))}
    >>> explanation = kaf.explain(model, features, top_k=3)
    >>> folder = tempfile.mkdtemp()
    >>> page = explanation_page(explanation, f"{folder}/page.html")
    >>> page.name
    'page.html'
    """
    out = _page_or_plot(out)
    single = explanation.of_video(row)
    if names is None:
        names = dict(enumerate(single.class_names or ()))
    if labels is None:
        labels = np.zeros(single.scores.shape[1])
    seconds, window = single.seconds, single.window
    story = tell(
        single,
        np.asarray(labels),
        names,
        video=str(row) if video is None else video,
        model=single.model,
        seconds=0 if seconds is None else int(seconds[0]),
        window=0 if window is None else int(window[0]),
    )
    if out.suffix == ".html":
        with writing(out) as file:
            file.write(explanation_html.render(story))
    else:
        with warnings.catch_warnings():  # a box stands for what it lacks
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            figures.save(explanation_plot.draw(story), out)
    return out


def explain_video(
    model: ModelSource,
    data: str | Path,
    out: str | Path,
    id: str | None = None,
    *,
    top_k: int = 5,
    window: int | None = None,
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Video:
    """Finds a video in shards, explains it and writes its page or plot.

    It is what `attend-fusion explain` calls.

    Args:
        model: A `Run`, a run folder or a `.keras` file.
        data: Globs of shards, comma-separated.
        out: The file to write; see `explanation_page`.
        id: The video's id; None for the first video.
        top_k: Classes to show.
        window: Seconds to take away at once; None for a quarter of the
            video, from 1 to 5.
        vocabulary: A file of class names; None for those of the model.
        batch_size: Videos in a batch while the video is looked for.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards; None for the one that the model
            learned.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The video.

    Raises:
        ValueError: `out` exists or has another ending, no video has the id,
            or its scores are not finite numbers.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(folder, "video", videos=20, classes=8)
    >>> model = kaf.models.build("logistic", num_classes=8)
    >>> model.save(f"{folder}/model.keras")
    >>> shards, page = f"{folder}/train-*", f"{folder}/page.html"
    >>> explain_video(f"{folder}/model.keras", shards, page).labels.shape
    (8,)
    """
    out = _page_or_plot(out)
    source = stored_keras(model)
    names = source.classes.shown(source.read_names(vocabulary))
    video = find_video(
        source,
        data,
        id,
        batch_size=batch_size,
        on_corrupt=on_corrupt,
        schema=schema,
        progress=progress,
    )
    with progress("windows of seconds", None) as update:
        explanation = explain(
            source.model,
            video.features,
            top_k=top_k,
            window=window,
            progress=update,
        )
    require_finite(explanation.scores, [video.id])
    explanation_page(
        explanation, out, video=video.id, labels=video.labels, names=names
    )
    return video


def _page_or_plot(out: str | Path) -> Path:
    """The file to write, if it may be and the packages for it are there."""
    path = Path(out)
    if path.suffix not in FORMS:
        raise SettingError(
            f"`out` is {path}: it has to end in .html, .png or .pdf"
        )
    new_file(path)
    if path.suffix != ".html":
        figures.require_matplotlib(str(path))
    return path
