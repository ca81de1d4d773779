"""Two trainings into one folder at the same time: does one win, and whole?

    python benchmarks/contention.py [--pairs 10] [--seed 0]

Trains on a small synthetic set, first alone, then again and again in two
processes with the same --out, which start within a second of each other. One
of them has to end as the one that was alone did, bit for bit but for seconds;
the other has to say in a line that the folder is in use, and by which process,
and to touch nothing. In every second pair both are given --resume.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import keras_attend_fusion as kaf

ROOT = Path(__file__).parents[1]
EPOCHS = 3


def start(shards: Path, out: Path, *flags: str) -> subprocess.Popen[str]:
    """A training of some seconds."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "attend_fusion", "train"),
            f"--train={shards}/train-*",
            f"--validate={shards}/validate-*",
            f"--out={out}",
            *("--model=logistic", "--batch-size=32", f"--epochs={EPOCHS}"),
            "--dtype-policy=float32",
            *flags,
        ],
        env={**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(out: Path) -> dict[str, Any]:
    """All that a run leaves but its seconds, to be compared with `==`."""
    with (out / "history.csv").open(newline="") as file:
        history = list(csv.DictReader(file))
    metrics = json.loads((out / "metrics.json").read_text())
    for values in (metrics, *history):
        del values["seconds"]
    files = [str(path.relative_to(out)) for path in out.rglob("*")]
    events = [name for name in files if "events" in name]
    return {
        "history": history,
        "metrics": metrics,  # with the fingerprint of the weights
        "files": sorted(set(files) - set(events)),
        "logs": len(events),  # one for each process that trained
    }


def pair(
    shards: Path,
    out: Path,
    whole: dict[str, Any],
    delay: float,
    flags: list[str],
) -> str:
    """What became of two trainings into one folder."""
    processes = []
    for _ in range(2):
        processes.append(start(shards, out, *flags))
        time.sleep(delay)
    answers = [process.communicate() for process in processes]
    winners = [p for p in processes if not p.returncode]
    if len(winners) != 1:
        return f"{len(winners)} ended well: {answers}"
    loser = processes.index(winners[0]) ^ 1
    if processes[loser].returncode != 1:
        return f"the other ended with {processes[loser].returncode}"
    lines = answers[loser][1].splitlines()
    in_use = f"attend-fusion train: {re.escape(str(out))} is in use by "
    in_use += f"process {winners[0].pid} on .*"
    if len(lines) != 1 or not re.fullmatch(in_use, lines[0]):
        return f"the other said {lines}"
    differ = [name for name in whole if whole[name] != result(out)[name]]
    return f"other {', '.join(differ)}" if differ else "one won, whole"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        shards = Path(folder, "shards")
        kaf.data.synthesize(shards, "video", 200, 1, 8)
        alone = start(shards, Path(folder, "alone"))
        _, error = alone.communicate()
        if alone.returncode:
            raise SystemExit(error)
        whole = result(Path(folder, "alone"))
        for number in range(arguments.pairs):
            delay = rng.choice([0.0, rng.uniform(0.0, 1.0)])
            flags = ["--resume"] if number % 2 else []
            out = Path(folder, f"run-{number}")
            outcome = pair(shards, out, whole, delay, flags)
            print(f"{number}: {delay:.2f} s apart, {outcome}", flush=True)
            counts[outcome] += 1
    print(json.dumps(counts, indent=2))
    if set(counts) != {"one won, whole"}:
        raise SystemExit("a pair did not end as it has to")


if __name__ == "__main__":
    main()
