"""A training from its settings to its folder."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import out_folder
from keras_attend_fusion.runs import resume as resuming
from keras_attend_fusion.runs.fit import fit
from keras_attend_fusion.runs.plan import plan
from keras_attend_fusion.runs.run import Run, load
from keras_attend_fusion.runs.settings import TrainSettings
from keras_attend_fusion.training.processes import reraise_lost_peer

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes


def train(
    settings: TrainSettings | None = None,
    *,
    out: str | Path,
    resume: bool = False,
    processes: Processes | None = None,
    **values: Any,
) -> Run:
    """Trains a model on labelled shards, as `attend-fusion train` does.

    After each epoch the model is scored exactly on the validation shards and
    a checkpoint is written. The epoch with the highest GAP@20 becomes the
    model. A folder is written by one training at a time. If the training ends
    before its first checkpoint, it leaves nothing.

    Args:
        settings: What to train, and how; or its fields as keywords.
        out: The folder to write; it must not exist, or be empty.
        resume: Whether to go on after the last whole epoch in `out`. The
            result is the same, to the last bit, as without the interruption.
        processes: What `training.join` returned; by default all local
            devices of this process.
        **values: Fields of `TrainSettings`, over those of `settings`.

    Returns:
        The run.

    Raises:
        ValueError: Settings, shards and model do not go together; `out` is
            not empty, or the run in it is another.
        files.InUseError: Another process writes to `out`.

    Example:

    >>> import tempfile, keras_attend_fusion as kaf
    >>> folder = tempfile.mkdtemp()
    >>> _ = kaf.data.synthesize(f"{folder}/shards", "video", 60, classes=4)
    >>> run = kaf.runs.train(  # doctest: +SKIP
    ...     train=f"{folder}/shards/train-*",
    ...     validate=f"{folder}/shards/validate-*",
    ...     out=f"{folder}/run",
    ...     preset="mobile",
    ... )
    >>> run.metrics["gap_at_20"]  # doctest: +SKIP
    """
    from keras_attend_fusion import training

    if settings is None:
        settings = TrainSettings(**values)
    elif values:
        settings = dataclasses.replace(settings, **values)
    out, team = Path(out), processes or training.join()

    def check() -> bool:
        """Whether a run has started in `out`, which is to be new or resumed."""
        started = resuming.has_started(out)
        if not (resume and started):
            hint = ", or go on with `resume`" if started else ""
            # To resume, what a kill left of a start does not matter.
            out_folder.new_folder(str(out), hint, hidden=resume)
        return started

    with contextlib.ExitStack() as stack:
        if team.first:  # the others do not write
            stack.enter_context(out_folder.claimed(out, check))
        started = check()
        if resume and team.first:
            resuming.tidy(out)
        _train_in(out, started, resume, settings, team)
    return load(out)


def _train_in(
    out: Path,
    started: bool,
    resume: bool,
    settings: TrainSettings,
    team: Processes,
) -> None:

    if started:
        settings = resuming.resumed(settings, out)
    made = plan(settings, team)
    if started:
        resuming.check_unchanged(made, out)
    elif resume:
        print(f"{out} holds no run to resume: training starts")
    done = resuming.checkpoints(out)
    resuming.check_agreement(made, done[-1][0] if done else 0)
    with (
        _kept_or_removed(out, started or not team.first),
        reraise_lost_peer(team),
        made.data.named_errors(),
    ):
        fit(made, out)


@contextlib.contextmanager
def _kept_or_removed(out: Path, keep: bool) -> Iterator[None]:
    """Empties a folder if the run ends early with nothing to go on from.

    `keep` is for a run that had started before, or that is another's.
    """
    try:
        yield
    except BaseException as error:
        explained = resuming.explained(error, out)
        if not keep and not resuming.checkpoints(out):
            run_folder.clear(out)
        if explained is not None:
            raise explained from error
        raise
