"""Score a model, or a file of predictions, on labelled shards: GAP@20, mAP,
Hit@1, PERR, F1 and more, exact, over the whole set. A run's F1 uses the
threshold that was picked on its validation videos, unless --threshold gives
another. --predictions scores any model's file as Kaggle takes it
(VideoId,LabelConfidencePairs); videos that it lacks count as predicted
nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keras_attend_fusion.cli import shards
from keras_attend_fusion.cli.common import (
    CLASSES,
    MODEL,
    VOCABULARY,
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import form, write_json

if TYPE_CHECKING:
    from keras_attend_fusion.predictions import Evaluation

USAGE = "--model DIR | --predictions FILE.csv[.gz] --data GLOB [flags]"


def define(add: Flags) -> None:
    add.string("model", None, MODEL)
    add.string(
        "predictions", None, "Kaggle's CSV of any model, in place of --model"
    )
    add.string("data", None, "glob of labelled shards, quoted")
    add.string("json", None, "write the metrics to this file too")
    add.string(
        "per-class", None, "write a row a class to this .csv or .csv.gz file"
    )
    add.string("vocabulary", None, f"{VOCABULARY}, for names in --per-class")
    add.string("plots", None, "write plots to this folder")
    add.choice("plot-format", "png", ["png", "pdf", "svg"], "form of the plots")
    add.number("threshold", None, "threshold of F1, from 0 to 1")
    add.choice(
        "ranking",
        None,
        ["all", "top_20"],
        "what to keep: every score, or each video's top 20 alone, which needs "
        "little memory but has no map; by default all for --model",
    )
    add.choice(
        "empty-classes",
        "drop",
        ["drop", "zero"],
        "classes without a positive, in means over classes",
    )
    add.integer(
        "num-classes",
        None,
        "with --predictions: classes of the labels; by default those of "
        "synthetic shards, else 3862",
    )
    add.string(
        "classes",
        None,
        f"with --predictions: the classes to score, {CLASSES}, or "
        "comma-separated indices; by default all",
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    _check_flags(flag)
    from keras_attend_fusion import reports
    from keras_attend_fusion.runs.text_tables import metrics_table

    evaluation = _evaluated(flag)
    metrics = evaluation.metrics
    print(metrics_table(metrics))
    if metrics.get("missing_videos"):
        print(
            f"{metrics['missing_videos']} of {metrics['videos']} videos are "
            f"not in {flag['predictions']}: they count as predicted nothing."
        )
    print(
        f"F1 at threshold {evaluation.threshold:.4f}, "
        f"{evaluation.threshold_source}."
    )
    if flag["json"]:
        write_json(flag["json"], metrics)
    if flag["per-class"]:
        reports.write_classes(flag["per-class"], evaluation)
        print(f"Wrote {flag['per-class']}.")
    if flag["plots"]:
        files = reports.write_plots(
            flag["plots"],
            evaluation,
            form=flag["plot-format"],
            run=flag["model"],
        )
        names = ", ".join(path.name for path in files)
        print(f"Wrote {Path(flag['plots'])}: {names}.")
    return 0


def _evaluated(flag: Flags) -> Evaluation:
    from keras_attend_fusion import predictions

    options = {
        "threshold": flag["threshold"],
        "empty_classes": flag["empty-classes"],
        "vocabulary": flag["vocabulary"],
        "progress": progress,
        **shards.options(flag),
    }
    if flag["model"]:
        ranking = flag["ranking"] or "all"
        return predictions.evaluate_model(
            flag["model"], flag["data"], ranking=ranking, **options
        )
    return predictions.evaluate_file(
        flag["predictions"],
        flag["data"],
        num_classes=flag["num-classes"],
        classes=flag["classes"],
        **options,
    )


def _check_flags(flag: Flags) -> None:
    if not flag["model"] and not flag["predictions"]:
        raise UsageError("missing --model, or --predictions")
    required(flag, "data")
    if flag["model"] and flag["predictions"]:
        raise UsageError("--model and --predictions: pass one of them")
    if flag["predictions"] and flag["ranking"] == "all":
        raise UsageError(
            "--ranking=all needs every score: it goes with --model"
        )
    for name in ("num-classes", "classes"):
        if flag["model"] and flag.given(name):
            raise UsageError(
                f"--{name} goes with --predictions: a model has its own"
            )
    if flag["per-class"] and form(flag["per-class"]) != ".csv":
        raise UsageError(
            f"--per-class is {flag['per-class']}: it has to end in .csv or "
            ".csv.gz"
        )
    for name in ("json", "per-class"):  # found now, not after the long work
        if flag[name] and Path(flag[name]).is_dir():
            raise ValueError(f"--{name} {flag[name]} is a folder: name a file")
    if flag["plots"]:
        from keras_attend_fusion.reports import evaluation, figures

        if Path(flag["plots"]).exists() and not Path(flag["plots"]).is_dir():
            raise ValueError(
                f"--plots {flag['plots']} is a file: name a folder"
            )
        figures.require_matplotlib()
        evaluation.read_history(flag["model"])
