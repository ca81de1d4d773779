"""Does a killed training end as if it had not been killed?

    python benchmarks/kills.py [--runs 20] [--seed 0] [--json FILE]

Trains on small synthetic sets, of videos and of frames, with `attend-fusion
train --resume`: once without interruption, then again and again, killed with
SIGKILL at a random moment of that duration or while a random epoch's
checkpoint is written, and started with the same command until it is done. Half
of the runs are killed twice. The weights of the model, those of the last
checkpoint with the states of optimiser and dropout, history.csv and
metrics.json must be those of the uninterrupted run, bit for bit; seconds alone
may differ.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

import keras_attend_fusion as kaf
from keras_attend_fusion.training.checkpoints import epochs_in

VIDEOS = {"video": 400, "frame": 128}
CLASSES, EPOCHS = 8, 12
ROOT = Path(__file__).parents[1]
WRITING = re.compile(r"\.[0-9a-f]{8}\.(.+)")


def start(shards: Path, out: Path) -> subprocess.Popen[str]:
    """The command that a restart loop repeats."""
    flags = [
        f"--train={shards}/train-*",
        f"--validate={shards}/validate-*",
        f"--out={out}",
        f"--epochs={EPOCHS}",
        "--preset=mobile",
        "--batch-size=32",
        "--dtype-policy=float32",
        "--resume",
    ]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "attend_fusion", "train", *flags],
        env={**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> None:
    """Waits for the end; an error ends the benchmark."""
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"train failed after a kill:\n{output}")


def kill(process: subprocess.Popen[str], out: Path, moment: Any) -> str:
    """Kills at a moment, and says what that hit.

    Args:
        process: what `start` started.
        out: its folder.
        moment: seconds from now, or the name of a file: as soon as it is
            being written, and a few milliseconds more.
    """
    if isinstance(moment, tuple):
        name, delay = moment
        pattern = f".*.{name}"
        while process.poll() is None and not list(out.rglob(pattern)):
            time.sleep(0.001)
        time.sleep(delay)
    else:
        deadline = time.monotonic() + moment
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode == 0:
        return "nothing: it had ended"
    return hit(out)


def hit(out: Path) -> str:
    """What a kill interrupted, by what it left."""
    unfinished = [WRITING.fullmatch(one.name) for one in out.rglob(".*")]
    names = sorted(one[1] for one in unfinished if one)
    if names:
        kind = "a checkpoint" if names[0].startswith("epoch") else names[0]
        return f"while {kind} was written"
    if not (out / "config.json").exists():
        return "before the run had a folder"
    done = epochs_in(out / "checkpoints")
    if not done:
        return "before the first checkpoint"
    if done[-1][0] == EPOCHS:
        return "after the last epoch"
    return "between two checkpoints"


def result(out: Path) -> dict[str, Any]:
    """All that a run leaves but its seconds, to be compared with `==`."""
    with (out / "history.csv").open(newline="") as file:
        history = list(csv.DictReader(file))
    for row in history:
        del row["seconds"]
    metrics = json.loads((out / "metrics.json").read_text())
    del metrics["seconds"]
    last = out / "checkpoints" / f"epoch-{EPOCHS:04d}.keras"
    with zipfile.ZipFile(last) as file:
        random_state = file.read("random_state.json")
    return {
        "history": history,
        "metrics": metrics,
        "model": arrays(out / "model.keras"),
        "checkpoint": arrays(last),
        "random_state": random_state,
        "files": sorted(
            str(one.relative_to(out))
            for one in out.rglob("*")
            if "events" not in one.name
        ),
    }


def arrays(path: Path) -> dict[str, bytes]:
    """The bytes of every array in a `.keras` file, optimiser included."""
    found = {}

    def visit(name: str, one: Any) -> None:
        if isinstance(one, h5py.Dataset):
            found[name] = one[()].tobytes()

    with zipfile.ZipFile(path) as file:
        weights = io.BytesIO(file.read("model.weights.h5"))
    with h5py.File(weights) as file:
        file.visititems(visit)
    return found


def draw(rng: random.Random, seconds: float, writing: bool) -> Any:
    """A moment for `kill`."""
    if not writing:
        return rng.uniform(0.0, seconds)
    name = rng.choice(["best.keras", f"epoch-{rng.randint(1, 4):04d}.keras"])
    return name, rng.uniform(0.0, 0.03)


def of_level(level: str, runs: int, rng: random.Random) -> Iterator[Any]:
    """The runs of one level; yields what is known after each."""
    hits: Counter[str] = Counter()
    same = 0
    with tempfile.TemporaryDirectory() as folder:
        shards = Path(folder, "shards")
        kaf.data.synthesize(shards, level, VIDEOS[level], 2, CLASSES)
        started = time.monotonic()
        finish(start(shards, Path(folder, "whole")))
        seconds = time.monotonic() - started
        whole = result(Path(folder, "whole"))
        for number in range(runs):
            out = Path(folder, f"run-{number}")
            for again in range(1 + number % 2):
                moment = draw(rng, seconds, writing=(number + again) % 3 == 2)
                what = kill(start(shards, out), out, moment)
                print(f"{level} {number}: killed {what}", flush=True)
                hits[what] += 1
            finish(start(shards, out))
            ours = result(out)
            differ = [name for name in whole if whole[name] != ours[name]]
            same += not differ
            print(f"{level} {number}: {differ or 'the same'}", flush=True)
            yield {
                "runs": number + 1,
                "bit_for_bit": same,
                "kills": hits.total(),
                "hit": dict(sorted(hits.items())),
            }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file of the counts, after every run")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    half = arguments.runs // 2
    found: dict[str, Any] = {}
    for level, runs in (("video", arguments.runs - half), ("frame", half)):
        for counts in of_level(level, runs, rng):
            found[level] = counts
            if arguments.json:
                text = json.dumps(found, indent=2)
                Path(arguments.json).write_text(text + "\n")
    print(json.dumps(found, indent=2))
    if any(one["bit_for_bit"] != one["runs"] for one in found.values()):
        raise SystemExit("a run did not end as the uninterrupted one did")


if __name__ == "__main__":
    main()
