"""Two processes with a core each beside one process with one core.

    python benchmarks/processes.py [--preset base] [--rounds 3] [--json FILE]

`attend-fusion train` on JAX, at video level and 3862 classes, on synthetic
shards that are made first: by one process on one core with batches of 1024,
and by two processes on two cores, with as many for each of them and with half
of that. In turn, several rounds over. Compared are the videos a second of the
second epoch on, without the validation; the median of the rounds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import keras_attend_fusion as kaf

VIDEOS, EPOCHS, CLASSES = 4096, 3, 3862
WAYS = {  # processes, and videos in a batch of all of them
    "one process, 1024 videos": (1, 1024),
    "two processes, 1024 videos each": (2, 2048),
    "two processes, 512 videos each": (2, 1024),
}
ROOT = Path(__file__).parents[1]


def train(
    shards: Path, out: Path, preset: str, count: int, batch_size: int
) -> float:
    """Videos a second of `count` processes with a core each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    together = [f"--coordinator=127.0.0.1:{port}", f"--num-processes={count}"]
    running = [
        subprocess.Popen(
            [
                *("taskset", "-c", str(index)),
                *(sys.executable, "-m", "attend_fusion", "train"),
                f"--train={shards}/train-*",
                f"--validate={shards}/validate-*",
                f"--out={out}",
                f"--preset={preset}",
                f"--num-classes={CLASSES}",
                f"--batch-size={batch_size}",
                f"--epochs={EPOCHS}",
                "--dtype-policy=float32",
                *(together if count > 1 else []),
                f"--process-id={index}" if count > 1 else "--seed=0",
            ],
            env={
                **os.environ,
                "KERAS_BACKEND": "jax",
                "PYTHONPATH": str(ROOT),
                "TF_CPP_MIN_LOG_LEVEL": "3",
            },
            stdout=subprocess.DEVNULL,
        )
        for index in range(count)
    ]
    if any([one.wait() for one in running]):
        raise SystemExit("a training failed")
    with (out / "history.csv").open(newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    return VIDEOS / statistics.median(seconds[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="base")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        shards = Path(folder, "shards")
        kaf.data.synthesize(shards, "video", VIDEOS, 8, classes=24)
        for turn in range(arguments.rounds):
            for number, (name, way) in enumerate(WAYS.items()):
                out = Path(folder, f"{turn}-{number}")
                found[name].append(train(shards, out, arguments.preset, *way))
    one, *_ = medians = [statistics.median(speeds) for speeds in found.values()]
    print(f"{arguments.preset}, videos a second")
    for (name, speeds), median in zip(found.items(), medians, strict=True):
        print(f"{name}: {median:.0f}, {median / one:.2f} times; {speeds}")
    if arguments.json:
        result = {
            "preset": arguments.preset,
            "videos_a_second": found,
            "ratios": [median / one for median in medians],
        }
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
