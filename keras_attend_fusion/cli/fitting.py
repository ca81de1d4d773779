"""Training a planned run, epoch after epoch, and finishing its folder."""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.cli import class_list, resume, run_folder
from keras_attend_fusion.cli.common import metrics_table, write_json
from keras_attend_fusion.cli.run_plan import Run
from keras_attend_fusion.cli.tensorboard import TensorBoardLog
from keras_attend_fusion.cli.threshold import WEIGHTS, fingerprint
from keras_attend_fusion.files import beside


def compiled(run: Run) -> Any:
    """The model of a run as it is before the first step."""
    import keras

    from keras_attend_fusion import training

    config = run.config
    keras.config.set_dtype_policy(config["dtype_policy"])
    keras.utils.set_random_seed(config["seed"])
    model = models.build(
        config["model"],
        config["preset"],
        config["level"],
        len(run.examples.classes.indices),
        **{**config["arguments"], **config["sizes"]},
    )
    if config["learning_rate"] is None:
        config["learning_rate"] = training.default_learning_rate(model)
    training.compile_model(
        model,
        run.total_steps,
        config["learning_rate"],
        config["weight_decay"],
        classwise_weights=config["segments"],
        warm_up=config["warm_up"],
        clip_norm=config["clip_norm"],
        accumulate=config["accumulate"],
        ema=config["ema"],
        steps_per_execution=config["steps_per_execution"],
    )
    if config["initial"]:
        left = training.transfer(
            model, run_folder.load_model(config["initial"])
        )
        print(
            f"Weights of {config['initial']}; new: {', '.join(left) or 'none'}"
        )
    return model


def fit(run: Run, out: Path) -> None:
    """Trains from the last checkpoint in `out`, if any, and finishes."""
    from keras_attend_fusion import training

    config = run.config
    batch_size = config["batch_size"]
    model = compiled(run)
    first_epoch, rows = resume.go_on(model, out)
    print(headline(run, model))
    writes = run.processes.first
    if writes:
        write_json(out / run_folder.CONFIG, config)
    started = time.perf_counter()
    checkpoints = training.Checkpoints(
        out / run_folder.CHECKPOINTS,
        out / run_folder.HISTORY,
        rows,
        writes,
        lambda path: class_list.keep(path, run.examples.classes),
    )
    scores = training.ValidationScores(
        run.examples.validation(batch_size), run.processes
    )
    callbacks = [training.Guard(), scores, checkpoints]
    if config["ema"]:
        average = training.AverageWeights(resumed=first_epoch > 0)
        callbacks.insert(1, average)
    if writes:
        callbacks.append(TensorBoardLog(out / run_folder.LOGS, scores))
    epochs, patience = config["epochs"], config["early_stopping"]
    if patience:
        callbacks.append(training.EarlyStopping(checkpoints, patience))
        if training.epochs_without_gain(rows) >= patience:
            epochs = first_epoch  # it had ended
    with warnings.catch_warnings():
        # How many batches skipping leaves is known at an epoch's end alone.
        warnings.filterwarnings("ignore", "Your input ran out of data")
        with training.lost_scores():
            model.fit(
                run.examples.training(batch_size, first_epoch),
                epochs=epochs,
                initial_epoch=first_epoch,
                shuffle=False,  # the dataset shuffles
                verbose=(1 if sys.stdout.isatty() else 2) if writes else 0,
                callbacks=callbacks,
            )
    seconds = time.perf_counter() - started
    done = len(checkpoints.rows)
    if done < config["epochs"]:
        print(f"Ended after epoch {done}: {patience} without a better GAP")
    facts = {"parameters": model.count_params(), "seconds": round(seconds, 1)}
    _finish(run, out, facts)


def headline(run: Run, model: Any) -> str:
    """What is trained on what, in a line."""
    config = run.config
    where = config["backend"]
    if run.processes.devices > 1:
        where += f", {run.processes.devices} devices"
    if run.processes.count > 1:
        where += f" of {run.processes.count} processes"
    return (
        f"{config['model']} {config['preset']}, {config['level']} level, "
        f"{_classes(run)} classes, {model.count_params():,} "
        f"parameters; {config['train_videos']} {run.examples.what}, "
        f"{run.steps} steps an epoch; {config['dtype_policy']} on {where}"
    )


def _classes(run: Run) -> str:
    known = run.examples.classes
    count = len(known.indices)
    return f"{count} of {known.of}" if known.some else str(count)


def _finish(run: Run, out: Path, facts: dict[str, Any]) -> None:
    import keras

    from keras_attend_fusion import training

    training.exchange(b"", run.processes)  # the first one has written it
    best = out / run_folder.CHECKPOINTS / training.BEST
    with training.on_this_process():
        model = keras.saving.load_model(best, compile=False)
    validation = run.examples.validation(run.config["batch_size"])
    _, metrics = training.pooled_score(model, validation, run.processes)
    if not run.processes.first:
        return
    with beside(out / run_folder.MODEL) as unfinished:
        model.save(unfinished)
        class_list.keep(unfinished, run.examples.classes)
    facts = {**facts, WEIGHTS: fingerprint(model)}
    write_json(out / run_folder.METRICS, {**metrics, **facts})
    print("Best epoch on the validation videos:")
    print(metrics_table(metrics))
    print(f"Wrote {out}: {run_folder.MODEL}, {run_folder.METRICS}, …")
