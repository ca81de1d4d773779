"""From a run folder to its page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import new_file
from keras_attend_fusion.data.patterns import split_patterns
from keras_attend_fusion.files import writing
from keras_attend_fusion.predictions.evaluation import HERE
from keras_attend_fusion.progress import Progress, silent
from keras_attend_fusion.reports.hardest_videos import look
from keras_attend_fusion.reports.run_html import Report, render
from keras_attend_fusion.reports.run_record import (
    read_baselines,
    read_export,
    read_run,
)
from keras_attend_fusion.runs.run import Run
from keras_attend_fusion.runs.settings import SettingError, require_whole
from keras_attend_fusion.runs.shard_pass import shard_pass
from keras_attend_fusion.runs.stored_model import StoredModel, stored_keras

PAGE = "report.html"


def run_page(
    run: str | Path | Run,
    out: str | Path | None = None,
    *,
    data: str | Path | None = None,
    export: str | Path | None = None,
    baselines: str | Path | None = None,
    vocabulary: str | Path | None = None,
    batch_size: int = 512,
    on_corrupt: str = "error",
    schema: Any = None,
    progress: Progress = silent,
) -> Path:
    """Writes a report of a training, one page that needs no network.

    It is what `attend-fusion report` calls. A training that has not come to
    its end has a page, too.

    Args:
        run: The run, or its folder.
        out: The page to write, ending in `.html`; None for `report.html` in
            the run's folder, which is replaced.
        data: Globs of labelled shards to score: the best and worst classes,
            calibration, the hardest videos, and what the shards hold.
        export: A folder that `export` wrote of this run.
        baselines: A file of scores to show the run beside, in the form of
            the repository's `docs/results.json`.
        vocabulary: A file of class names, with `data`; None for those of the
            model.
        batch_size: Videos in a batch.
        on_corrupt: "error", or "skip" for records that cannot be used.
        schema: The layout of the shards; None for the one that the model
            learned.
        progress: Shows what is done; see `keras_attend_fusion.progress`.

    Returns:
        The page's file.

    Raises:
        ValueError: The folder holds no run, `out` exists or has another
            ending, the export is of another model, or the shards have no
            label.

    Example:

    >>> run_page("run")  # doctest: +SKIP
    PosixPath('run/report.html')
    """
    folder = run.folder if isinstance(run, Run) else Path(run)
    if vocabulary and not data:
        raise SettingError("`vocabulary` goes with `data`")
    require_whole(batch_size=batch_size)
    page = Path(out or folder / PAGE)
    if page.suffix != ".html":
        raise SettingError(f"`out` is {page}: it has to end in .html")
    if out:
        new_file(page)
    record = read_run(folder)
    parts: dict[str, Any] = {}
    if export:
        parts["export"] = read_export(export, record)
    if baselines:
        parts["baselines"] = read_baselines(baselines)
        parts["source"] = str(baselines)
    if data:
        source = stored_keras(run)
        names = source.classes.shown(source.read_names(vocabulary))
        options = {"on_corrupt": on_corrupt, "schema": schema}
        parts |= _look(source, str(data), names, batch_size, options, progress)
    with writing(page) as file:
        file.write(render(Report(record, **parts)))
    return page


def _look(
    source: StoredModel,
    text: str,
    names: dict[int, str],
    batch_size: int,
    options: dict[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    """What the model says of labelled videos, and what their shards hold."""
    from keras_attend_fusion import data

    model = source.model
    threshold, origin = source.threshold
    reader = source.reader(batch_size, **options)
    with shard_pass(reader, model, text, progress, with_id=True) as shards:
        evaluation = look(
            model, shards.dataset, names, threshold, shards.update
        )
    with progress("shards", None) as update:
        stats = data.inspect(
            split_patterns(text),
            num_classes=source.classes.of,
            progress=update,
            schema=reader.fitted(model, text).schema,
        )
    return {
        "data": text,
        "found": evaluation,
        "shards": stats,
        "threshold_source": origin or HERE,
    }
