"""Training a planned run, epoch after epoch, and finishing its folder."""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from typing import Any

from keras_attend_fusion import interrupts, models
from keras_attend_fusion.files import beside, write_json
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import resume
from keras_attend_fusion.runs.plan import Plan
from keras_attend_fusion.runs.tensorboard import TensorBoardLog
from keras_attend_fusion.runs.text_tables import metrics_table
from keras_attend_fusion.runs.threshold import WEIGHTS, fingerprint
from keras_attend_fusion.training.checkpoints import BEST
from keras_attend_fusion.training.early_stopping import epochs_without_gain
from keras_attend_fusion.training.processes import (
    all_gather_bytes,
    on_this_process,
)
from keras_attend_fusion.training.score_across_processes import (
    score_across_processes,
)
from keras_attend_fusion.training.terminate_on_non_finite import lost_scores


def compiled(plan: Plan) -> tuple[Any, float]:
    """The model of a run before the first step, and its learning rate."""
    import keras

    from keras_attend_fusion import training

    settings = plan.settings
    keras.config.set_dtype_policy(settings.dtype_policy)
    keras.utils.set_random_seed(settings.seed)
    model = models.build(
        settings.model,
        settings.preset,
        plan.data.level,
        len(plan.data.classes.indices),
        **{**settings.arguments, **plan.data.sizes},
    )
    rate = settings.learning_rate or training.default_learning_rate(model)
    training.compile_model(
        model,
        plan.total_steps,
        rate,
        classwise_weights=settings.segments,
        **settings.compile_arguments,
    )
    if settings.initial:
        left = training.transfer(model, run_folder.load_model(settings.initial))
        print(
            f"Weights of {settings.initial}; new: {', '.join(left) or 'none'}"
        )
    return model, rate


def fit(plan: Plan, out: Path) -> None:
    """Trains from the last checkpoint in `out`, if any, and finishes."""
    from keras_attend_fusion import training

    settings, data = plan.settings, plan.data
    model, learning_rate = compiled(plan)
    writes = plan.processes.first
    first_epoch, rows = resume.go_on(model, out, settings.epochs, writes)
    print(headline(plan, model))
    if writes:
        write_json(out / run_folder.CONFIG, plan.config(learning_rate))
    started = time.perf_counter()
    checkpoints = training.Checkpoints(
        out / run_folder.CHECKPOINTS,
        out / run_folder.HISTORY,
        rows,
        writes,
        data.keep,
    )
    scores = training.ValidationScores(
        data.validation(settings.batch_size), plan.processes
    )
    callbacks = [
        training.TerminateOnNonFinite(),
        scores,
        checkpoints,
        _interruptible(),
    ]
    if settings.ema:
        average = training.AverageWeights(resumed=first_epoch > 0)
        callbacks.insert(1, average)
    if writes:
        callbacks.append(TensorBoardLog(out / run_folder.LOGS, scores))
    epochs, patience = settings.epochs, settings.early_stopping
    if patience:
        callbacks.append(training.EarlyStopping(checkpoints, patience))
        if epochs_without_gain(rows) >= patience:
            epochs = first_epoch  # it had ended
    # The order of the epochs that are done matters to those to come alone.
    passed = first_epoch if first_epoch < epochs else 0
    with warnings.catch_warnings():
        # How many batches skipping leaves is known at an epoch's end alone.
        warnings.filterwarnings("ignore", "Your input ran out of data")
        with lost_scores():
            model.fit(
                data.training(settings.batch_size, passed),
                epochs=epochs,
                initial_epoch=first_epoch,
                shuffle=False,  # the dataset shuffles
                verbose=(1 if sys.stdout.isatty() else 2) if writes else 0,
                callbacks=callbacks,
            )
    seconds = time.perf_counter() - started
    done = len(checkpoints.rows)
    if done < settings.epochs:
        print(f"Ended after epoch {done}: {patience} without a better GAP")
    facts = {"parameters": model.count_params(), "seconds": round(seconds, 1)}
    _finish(plan, out, facts)


def _interruptible() -> Any:
    """Ends a training between two steps at a Ctrl-C or a SIGTERM."""
    import keras

    def look(*_: Any, **__: Any) -> None:
        interrupts.check()

    return keras.callbacks.LambdaCallback(
        on_train_begin=look, on_train_batch_end=look, on_epoch_end=look
    )


def headline(plan: Plan, model: Any) -> str:
    """What is trained on what, in a line."""
    import keras

    settings, processes = plan.settings, plan.processes
    where = keras.backend.backend()
    if processes.devices > 1:
        where += f", {processes.devices} devices"
    if processes.count > 1:
        where += f" of {processes.count} processes"
    return (
        f"{settings.model} {settings.preset}, {plan.data.level} level, "
        f"{_classes(plan)} classes, {model.count_params():,} "
        f"parameters; {plan.data.count} {plan.data.what}, "
        f"{plan.steps} steps an epoch; {settings.dtype_policy} on {where}"
    )


def _classes(plan: Plan) -> str:
    known = plan.data.classes
    count = len(known.indices)
    return f"{count} of {known.of}" if known.some else str(count)


def _finish(plan: Plan, out: Path, facts: dict[str, Any]) -> None:
    import keras

    all_gather_bytes(b"", plan.processes)  # the first one has written it
    best = out / run_folder.CHECKPOINTS / BEST
    with on_this_process():
        model = keras.saving.load_model(best, compile=False)
    validation = plan.data.validation(plan.settings.batch_size)
    _, metrics = score_across_processes(model, validation, plan.processes)
    if not plan.processes.first:
        return
    with beside(out / run_folder.MODEL) as unfinished:
        model.save(unfinished)
        plan.data.keep(unfinished)
    facts = {**facts, WEIGHTS: fingerprint(model)}
    write_json(out / run_folder.METRICS, {**metrics, **facts})
    print("Best epoch on the validation videos:")
    print(metrics_table(metrics))
    print(f"Wrote {out}: {run_folder.MODEL}, {run_folder.METRICS}, …")
