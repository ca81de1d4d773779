"""The exact metrics beside the older way and scikit-learn, in one run.

    python benchmarks/metrics.py [--starter DIR] [--predictions FILE.npz]
                                 [--json FILE] [--million] [--validate-split]

GAP, mAP, Hit@1, PERR and F1 of 12,000 videos × 3862 classes, in turn:

- the limit: one copy of the scores,
- `kaf.metrics.evaluate`, everything in one pass,
- the older way, written anew here: a heap for each video, Python lists for
  each class, top 20 only, on a share of the videos,
- with `--starter`, the real one, on that share: a folder that holds the
  calculators of https://github.com/google/youtube-8m (`eval_util.py` and the
  two it imports, made to run under Python 3): as its `eval.py` feeds them,
  top 20 only, and with every score, which `map` needs,
- scikit-learn, where it is installed: the same numbers, as far as it has
  them.

`--predictions` takes scores and labels from a file in place of synthetic
ones. `--million` adds GAP over a million videos' top 20, `--validate-split`
the whole dictionary over 1,112,356 videos × 3862 classes, the size of the
validate split of 2018, in a process with bounded memory (17 GB of disk).
Both run in a process of their own, whose peak memory is given.
"""

from __future__ import annotations

import argparse
import functools
import heapq
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

VIDEOS, CLASSES, TOP_K = 12_000, 3862, 20
OLDER_VIDEOS = 2_000
MILLION = 1_000_000
VALIDATE = 1_112_356


def synthetic(videos: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Sigmoid outputs of a fair model; three labels a video, few classes
    often and most of them seldom."""
    rng = np.random.default_rng(seed)
    often = 1.0 / np.arange(1, CLASSES + 1) ** 0.9
    often *= 3 / often.sum()
    labels = rng.random((videos, CLASSES), dtype="float32") < often
    scores = rng.standard_normal((videos, CLASSES), dtype="float32")
    scores *= 1.2
    scores += np.log(often / (1 - often)).astype("float32")
    scores[labels] += 8 * rng.random(int(labels.sum()), dtype="float32")
    return 1 / (1 + np.exp(-scores)), labels


def older_way(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """A heap for each video, lists for each class, and a walk down them."""
    pooled: list[tuple[float, bool]] = []
    of_classes: list[list[tuple[float, bool]]] = [[] for _ in range(CLASSES)]
    positives = [0] * CLASSES
    hits = perr = 0.0
    for row, truth in zip(scores, labels, strict=True):
        best = heapq.nlargest(TOP_K, range(CLASSES), row.__getitem__)
        for index in best:
            entry = (float(row[index]), bool(truth[index]))
            pooled.append(entry)
            of_classes[index].append(entry)
        for index in np.flatnonzero(truth):
            positives[index] += 1
        hits += truth[np.argmax(row)]
        count = int(truth.sum())
        if count:
            few = np.argpartition(row, -count)[-count:]
            perr += truth[few].sum() / count

    def average_precision(entries: list[tuple[float, bool]], of: int) -> float:
        total, found = 0.0, 0
        entries.sort(key=lambda entry: -entry[0])
        for place, (_, hit) in enumerate(entries, 1):
            if hit:
                found += 1
                total += found / place
        return total / of

    present = [index for index in range(CLASSES) if positives[index]]
    of_present = [
        average_precision(of_classes[index], positives[index])
        for index in present
    ]
    return {
        "gap_at_20": average_precision(pooled, sum(positives)),
        "map_top_20": sum(of_present) / len(of_present),
        "hit_at_1": hits / len(scores),
        "perr": perr / len(scores),
    }


def starter_way(
    folder: str, scores: np.ndarray, labels: np.ndarray
) -> dict[str, float]:
    """As the starter code's `eval.py` does it, in batches of 1024."""
    sys.path.insert(0, folder)
    import eval_util  # type: ignore[import-not-found]

    metrics = eval_util.EvaluationMetrics(CLASSES, TOP_K)
    for start in range(0, len(scores), 1024):
        some = slice(start, start + 1024)
        loss = np.zeros(len(scores[some]))
        metrics.accumulate(scores[some], labels[some].astype("float32"), loss)
    values = metrics.get()
    return {
        "gap_at_20": float(values["gap"]),
        # It gives a class without positives no place in the mean, but 0.
        "map_top_20, empty 0": float(np.mean(values["aps"])),
        "hit_at_1": float(values["avg_hit_at_one"]),
        "perr": float(values["avg_perr"]),
    }


def starter_calculators(
    folder: str, scores: np.ndarray, labels: np.ndarray
) -> dict[str, float]:
    """The same four, with every score in mAP."""
    sys.path.insert(0, folder)
    import eval_util
    import mean_average_precision_calculator as mean_calculator  # type: ignore[import-not-found]

    hot = labels.astype("float32")
    by_class = mean_calculator.MeanAveragePrecisionCalculator(CLASSES)
    by_class.accumulate(scores.T, hot.T)
    return {
        "gap_at_20": float(eval_util.calculate_gap(scores, hot, TOP_K)),
        "map, empty 0": float(np.mean(by_class.peek_map_at_n())),
        "hit_at_1": float(eval_util.calculate_hit_at_one(scores, hot)),
        "perr": float(
            eval_util.calculate_precision_at_equal_recall_rate(scores, hot)
        ),
    }


def scikit_learn(
    scores: np.ndarray, labels: np.ndarray, threshold: float
) -> dict[str, float]:
    from sklearn import metrics

    present = labels.any(axis=0)
    chosen = scores >= np.float32(threshold)
    return {
        "map": float(
            metrics.average_precision_score(
                labels[:, present], scores[:, present], average="macro"
            )
        ),
        "f1_micro": float(metrics.f1_score(labels, chosen, average="micro")),
    }


def timed(function: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """The least of some times in seconds, and what was returned."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        value = function()
        times.append(time.perf_counter() - started)
    return min(times), value


def side_by_side(arguments: argparse.Namespace) -> dict[str, Any]:
    import keras_attend_fusion as kaf

    if arguments.predictions:
        with np.load(arguments.predictions) as file:
            scores, labels = file["scores"], file["labels"].astype(bool)
    else:
        scores, labels = synthetic(VIDEOS)
    videos = len(scores)
    few = slice(0, min(OLDER_VIDEOS, videos))
    rows: dict[str, Any] = {}

    def add(name: str, function: Callable[[], Any], of: int, n: int = 1) -> Any:
        seconds, value = timed(function, n)
        rows[name] = {"videos": of, "seconds": round(seconds, 4)}
        rows[name]["ms_a_video"] = round(1000 * seconds / of, 5)
        return value

    add("a copy of the scores", scores.copy, videos, 5)
    ours = add(
        "kaf.metrics.evaluate",
        lambda: kaf.metrics.evaluate(scores, labels),
        videos,
        5,
    )
    of_few = kaf.metrics.evaluate(scores[few], labels[few])
    zero = kaf.metrics.evaluate(scores[few], labels[few], empty_classes="zero")
    of_few |= {f"{key}, empty 0": value for key, value in zero.items()}
    others = {"a heap a video, top 20": older_way}
    if arguments.starter:
        others["starter code's eval.py, top 20"] = functools.partial(
            starter_way, arguments.starter
        )
        others["starter code, every score"] = functools.partial(
            starter_calculators, arguments.starter
        )
    for name, function in others.items():
        values = add(
            name,
            lambda function=function: function(scores[few], labels[few]),
            len(scores[few]),
        )
        rows[name]["differs_by"] = max(
            abs(of_few[key] - value) for key, value in values.items()
        )
    try:
        name = "scikit-learn, mAP and F1 alone"
        values = add(
            name,
            lambda: scikit_learn(scores[few], labels[few], of_few["threshold"]),
            len(scores[few]),
        )
        rows[name]["differs_by"] = max(
            abs(of_few[key] - value) for key, value in values.items()
        )
    except ImportError:
        print("scikit-learn is not installed: left out", file=sys.stderr)
    mine = rows["kaf.metrics.evaluate"]["ms_a_video"]
    for row in rows.values():
        row["times_ours"] = round(row["ms_a_video"] / mine, 2)
    return {"videos": videos, "rows": rows, "scores": ours}


def top_of_a_million() -> dict[str, Any]:
    """GAP and what else the 20 best of a million videos give."""
    import keras_attend_fusion as kaf

    rng = np.random.default_rng(1)
    evaluator = kaf.metrics.Evaluator(CLASSES, TOP_K, ranking="top_20")
    making, started = 0.0, time.perf_counter()
    for _ in range(0, MILLION, 10_000):
        begun = time.perf_counter()
        first = rng.integers(0, CLASSES, (10_000, 1))
        classes = (first + 193 * np.arange(TOP_K)) % CLASSES
        scores = np.sort(rng.random((10_000, TOP_K), dtype="float32"))[:, ::-1]
        labels = classes[:, ::7].tolist()
        making += time.perf_counter() - begun
        evaluator.update_top(classes, scores, labels)
    collected = time.perf_counter() - started - making
    seconds, result = timed(evaluator.result)
    return {
        "videos": MILLION,
        "collect_seconds": round(collected, 2),
        "result_seconds": round(seconds, 2),
        "peak_gb": peak_gb(),
        "gap_at_20": result["gap_at_20"],
    }


def whole_split() -> dict[str, Any]:
    """Everything about as many videos as the validate split has."""
    import keras_attend_fusion as kaf

    evaluator = kaf.metrics.Evaluator(CLASSES)
    scores, labels = synthetic(10_000)
    collecting = 0.0
    for start in range(0, VALIDATE, len(scores)):
        some = slice(0, min(len(scores), VALIDATE - start))
        # Other videos each time, at little cost: the classes moved around.
        by = start // len(scores)
        moved = np.roll(scores[some], by, axis=1)
        hot = np.roll(labels[some], by, axis=1)
        begun = time.perf_counter()
        evaluator.update(moved, hot)
        collecting += time.perf_counter() - begun
    seconds, result = timed(evaluator.result)
    return {
        "videos": result["videos"],
        "collect_seconds": round(collecting, 1),
        "result_seconds": round(seconds, 1),
        "peak_gb": peak_gb(),
        "map": result["map"],
    }


def peak_gb() -> float:
    """The most memory that this process has held, as Linux counts it.

    `getrusage` would count what the parent held when it forked as well.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return round(int(line.split()[1]) * 1024 / 1e9, 2)
    raise RuntimeError("this system does not tell a process's peak memory")


def in_a_process(function: Callable[[], Any]) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--starter", help="folder of the starter code")
    parser.add_argument("--predictions", help=".npz with scores and labels")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--validate-split", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    result = side_by_side(arguments)
    print(f"{result['videos']} videos × {CLASSES} classes, exact metrics")
    for name, row in result["rows"].items():
        note = ""
        if "differs_by" in row:
            note = f"   values differ by {row['differs_by']:.1e}"
        print(
            f"  {name:<32}{row['ms_a_video']:>9.4f} ms a video "
            f"{row['times_ours']:>8.2f} ×{note}"
        )
    for name, function in (
        ("million", top_of_a_million),
        ("validate_split", whole_split),
    ):
        if getattr(arguments, name):
            result[name] = in_a_process(function)
            print(f"{name}: {result[name]}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
