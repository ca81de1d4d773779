"""Train a model on labelled shards and validate it on others, exactly, after
every epoch. The epoch with the highest validation GAP@20 becomes the model."""

from __future__ import annotations

import math
import shutil
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from keras_attend_fusion import models
from keras_attend_fusion.cli import (
    config_file,
    examples,
    resume,
    run_folder,
    shards,
)
from keras_attend_fusion.cli.common import (
    Flags,
    metrics_table,
    new_folder,
    no_positional,
    required,
    write_json,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.run_plan import Run, plan
from keras_attend_fusion.cli.tensorboard import TensorBoardScalars
from keras_attend_fusion.cli.threshold import WEIGHTS, fingerprint
from keras_attend_fusion.files import beside

USAGE = "--train GLOB --validate GLOB --out DIR [flags]"


def define(add: Flags) -> None:
    examples.add_flags(add)
    add.string("out", None, "folder to write; it must not exist")
    add.string(
        "config",
        None,
        "file of settings, as `tune` and `train` write; flags go before it",
    )
    add.choice("model", "attend_fusion", models.names(), "model name")
    add.string("preset", "base", "size of the model, such as small or mobile")
    add.integer("epochs", 6, "passes over the training shards")
    add.number(
        "learning-rate",
        None,
        "peak of the schedule; by default what suits the model's size",
    )
    add.number("weight-decay", 0.02, "AdamW's decay of weights, a step")
    add.boolean(
        "bucket",
        False,
        "at frame level: batches of videos of like length, padded less",
    )
    add.string(
        "cache",
        None,
        "keep the training records: memory, or a folder on a fast disk",
    )
    add.string(
        "initial",
        None,
        "run folder, or .keras file, whose weights to start from; classes "
        "may be others",
    )
    add.boolean(
        "segments",
        False,
        "train and validate on the rated segments of frame-level shards",
    )
    add.boolean("resume", False, "go on from the last epoch in --out")
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    arguments = config_file.apply(flag) if flag["config"] else {}
    required(flag, "train", "validate", "out")
    rate, decay = flag["learning-rate"], flag["weight-decay"]
    if rate is not None and not 0.0 < rate < math.inf:
        raise UsageError(f"--learning-rate is {rate}: pass a number above 0")
    if not 0.0 <= decay < math.inf:
        raise UsageError(f"--weight-decay is {decay}: pass 0 or more")
    sizes = models.presets(flag["model"])
    if flag["segments"] and (flag["bucket"] or flag["cache"]):
        raise UsageError("--segments goes without --bucket and --cache")
    if flag["preset"] not in sizes:
        raise UsageError(
            f"--preset is {flag['preset']!r}: {flag['model']} comes as "
            f"{', '.join(sizes)}"
        )
    out, resumes = Path(flag["out"]), flag["resume"]
    if not resumes:
        started = (out / run_folder.CONFIG).is_file()
        new_folder(str(out), ", or go on with --resume" if started else "")
    elif not (out / run_folder.CONFIG).is_file():
        raise ValueError(
            f"{out} holds no run to resume: it has no {run_folder.CONFIG}"
        )
    reader = shards.Shards(flag)
    run = plan(flag, reader, arguments)
    if resumes:
        resume.check_unchanged(run.config, out)
    existed = out.exists()
    try:
        with run.examples.named_errors():
            _fit(run, out, resumes)
    except BaseException as error:
        done = resume.checkpoints(out)
        if not done and not resumes:  # nothing to go on from
            shutil.rmtree(out, ignore_errors=True)
            if existed:
                out.mkdir()
        if done and isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(
                f"interrupted; --resume goes on after epoch {done[-1][0]}"
            ) from error
        raise
    return 0


def _fit(run: Run, out: Path, resumes: bool) -> None:
    import keras

    from keras_attend_fusion import training

    config = run.config
    batch_size = config["batch_size"]
    keras.config.set_dtype_policy(config["dtype_policy"])
    keras.utils.set_random_seed(config["seed"])
    model = models.build(
        config["model"],
        config["preset"],
        config["level"],
        config["num_classes"],
        **{**config["arguments"], **config["sizes"]},
    )
    if config["learning_rate"] is None:
        config["learning_rate"] = training.default_learning_rate(model)
    training.compile_model(
        model,
        run.steps * config["epochs"],
        config["learning_rate"],
        config["weight_decay"],
        classwise_weights=config["segments"],
    )
    if config["initial"]:
        left = training.transfer(
            model, run_folder.load_model(config["initial"])
        )
        print(
            f"Weights of {config['initial']}; new: {', '.join(left) or 'none'}"
        )
    first_epoch, rows = resume.go_on(model, out) if resumes else (0, [])
    parameters = model.count_params()
    print(
        f"{config['model']} {config['preset']}, {config['level']} level, "
        f"{config['num_classes']} classes, {parameters:,} parameters; "
        f"{config['train_videos']} {run.examples.what}, {run.steps} steps an "
        f"epoch; {config['dtype_policy']} on {config['backend']}"
    )
    write_json(out / run_folder.CONFIG, config)
    started = time.perf_counter()
    callbacks = [
        training.Guard(),
        training.ValidationScores(run.examples.validation(batch_size)),
        training.Checkpoints(
            out / run_folder.CHECKPOINTS, out / run_folder.HISTORY, rows
        ),
        TensorBoardScalars(out / run_folder.LOGS),
    ]
    with warnings.catch_warnings():
        # How many batches skipping leaves is known at an epoch's end alone.
        warnings.filterwarnings("ignore", "Your input ran out of data")
        with training.lost_scores():
            model.fit(
                run.examples.training(batch_size, first_epoch),
                epochs=config["epochs"],
                initial_epoch=first_epoch,
                shuffle=False,  # the dataset shuffles
                verbose=1 if sys.stdout.isatty() else 2,
                callbacks=callbacks,
            )
    seconds = time.perf_counter() - started
    _finish(run, out, {"parameters": parameters, "seconds": round(seconds, 1)})


def _finish(run: Run, out: Path, facts: dict[str, Any]) -> None:
    import keras

    from keras_attend_fusion import training

    best = out / run_folder.CHECKPOINTS / training.BEST
    model = keras.saving.load_model(best, compile=False)
    validation = run.examples.validation(run.config["batch_size"])
    metrics = training.score(model, validation).result()
    with beside(out / run_folder.MODEL) as unfinished:
        model.save(unfinished)
    facts = {**facts, WEIGHTS: fingerprint(model)}
    write_json(out / run_folder.METRICS, {**metrics, **facts})
    print("Best epoch on the validation videos:")
    print(metrics_table(metrics))
    print(f"Wrote {out}: {run_folder.MODEL}, {run_folder.METRICS}, …")
