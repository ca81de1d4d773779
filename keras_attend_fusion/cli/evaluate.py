"""Score a model, or a file of predictions, on labelled shards: GAP@20, mAP,
Hit@1, PERR, F1 and more, exact, over the whole set. A run's F1 uses the
threshold that was picked on its validation videos, unless --threshold gives
another. --predictions scores any model's file as Kaggle takes it
(VideoId,LabelConfidencePairs); videos that it lacks count as predicted
nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import (
    any_model,
    class_list,
    figures,
    joined,
    reports,
    shards,
)
from keras_attend_fusion.cli.common import (
    Flags,
    metrics_table,
    no_positional,
    progress,
    required,
    write_json,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.scored import evaluated
from keras_attend_fusion.cli.text import form, reading
from keras_attend_fusion.cli.vocabulary import read_vocabulary, require_names
from keras_attend_fusion.metrics import Evaluator

USAGE = "--model DIR | --predictions FILE.csv[.gz] --data GLOB [flags]"

HERE = "picked on these videos, so F1 is optimistic"


def define(add: Flags) -> None:
    add.string("model", None, any_model.FLAG)
    add.string(
        "predictions", None, "Kaggle's CSV of any model, in place of --model"
    )
    add.string("data", None, "glob of labelled shards, quoted")
    add.string("json", None, "write the metrics to this file too")
    add.string(
        "per-class", None, "write a row a class to this .csv or .csv.gz file"
    )
    add.string("vocabulary", None, "vocabulary.csv, for names in --per-class")
    add.string("plots", None, "write plots to this folder")
    add.choice("plot-format", "png", list(figures.FORMS), "form of the plots")
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
        "with --predictions: the classes to score, a CSV file with a column "
        "Index, or indices parted by commas; by default all",
    )
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    _check_flags(flag)
    names = read_vocabulary(flag["vocabulary"])
    run = _run_model if flag["model"] else _read_predictions
    evaluator, threshold, source, facts, known = run(flag, names)
    metrics = evaluator.result(threshold, flag["empty-classes"])
    if not metrics["classes_with_positives"]:
        raise ValueError(
            f"--data {flag['data']}: no video has a label, so there is "
            "nothing to score: pass labelled shards, or use predict"
        )
    metrics |= facts
    print(metrics_table(metrics))
    if facts.get("missing_videos"):
        print(
            f"{facts['missing_videos']} of {metrics['videos']} videos are not "
            f"in {flag['predictions']}: they count as predicted nothing."
        )
    print(f"F1 at threshold {metrics['threshold']:.4f}, {source}.")
    if flag["json"]:
        write_json(flag["json"], metrics)
    if flag["per-class"] or flag["plots"]:
        classes = [
            one._replace(index=known.indices[one.index])
            for one in evaluator.per_class(
                metrics["threshold"], known.by_score(names)
            )
        ]
    if flag["per-class"]:
        reports.write_classes(flag["per-class"], classes)
        print(f"Wrote {flag['per-class']}.")
    if flag["plots"]:
        folder, history = (
            Path(flag["plots"]),
            reports.read_history(flag["model"]),
        )
        files = reports.write_plots(
            folder, flag["plot-format"], evaluator, metrics, classes, history
        )
        print(f"Wrote {folder}: {', '.join(files)}.")
    return 0


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
    threshold = flag["threshold"]
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise UsageError(f"--threshold is {threshold}: pass one from 0 to 1")
    if flag["per-class"] and form(flag["per-class"]) != ".csv":
        raise UsageError(
            f"--per-class is {flag['per-class']}: it has to end in .csv or "
            ".csv.gz"
        )
    for name in ("json", "per-class"):  # found now, not after the long work
        if flag[name] and Path(flag[name]).is_dir():
            raise ValueError(f"--{name} {flag[name]} is a folder: name a file")
    if flag["plots"]:
        if Path(flag["plots"]).exists() and not Path(flag["plots"]).is_dir():
            raise ValueError(
                f"--plots {flag['plots']} is a file: name a folder"
            )
        figures.require_matplotlib()
        reports.read_history(flag["model"])


Outcome = tuple[
    Evaluator, float | None, str, dict[str, Any], class_list.ClassList
]


def _run_model(flag: Flags, names: dict[int, str]) -> Outcome:
    """Scores a model; returns its threshold of F1, and where that is from."""
    model, data = any_model.load_any(flag["model"]), flag["data"]
    known = class_list.of_model(flag["model"], model)
    require_names(names, flag["vocabulary"], known.indices)
    threshold, source = flag["threshold"], "given"
    if threshold is None:
        threshold, source = any_model.threshold_of(flag["model"], model)
        source = source or HERE
    reader = shards.Shards(flag, known)
    dataset = reader.load_for(model, data)
    with (
        reader.errors_for(model, data),
        progress("videos", reader.count(data)) as update,
    ):
        evaluator = evaluated(model, dataset, update, flag["ranking"] or "all")
    return evaluator, threshold, source, {}, known


def _read_predictions(flag: Flags, names: dict[int, str]) -> Outcome:
    """Scores a file of predictions; counts the videos that it lacks."""
    file, data = flag["predictions"], flag["data"]
    with reading(file):  # that it is there is found before the long work
        pass
    num_classes = flag["num-classes"] or shards.classes_of(data)
    known = class_list.chosen(flag["classes"], num_classes)
    require_names(names, flag["vocabulary"], known.indices)
    reader = shards.Shards(flag, known)
    dataset = reader.load(data, num_classes, with_id=True, modalities=["audio"])
    note = f"--num-classes is {num_classes}"
    level = shards.level_of(dataset)
    seen = reader.look("data", data, level, num_classes, note)
    seen.require_classes("pass --num-classes={} or more")
    count = reader.count(data)
    with (
        reader.named_errors([data], num_classes, "auto", True, note),
        progress("labels", count) as update,
    ):
        labels = joined.read_labels(dataset, update)
    evaluator = Evaluator(len(known.indices), ranking="top_20")
    with progress("videos", len(labels)) as update:
        missing = joined.score(evaluator, file, known, labels, update)
    source = HERE if flag["threshold"] is None else "given"
    facts = {"missing_videos": missing}
    return evaluator, flag["threshold"], source, facts, known
