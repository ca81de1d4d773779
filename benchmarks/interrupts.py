"""Does every subcommand end at a Ctrl-C, and at a SIGTERM?

    python benchmarks/interrupts.py [--tries 20] [--only train,predict]
        [--seed 0] [--json FILE]

Runs each subcommand on small synthetic shards, first to its end, then again
and again with a signal at a random moment of that duration, SIGINT and SIGTERM
in turn. A try holds if the process ends within `PATIENCE` seconds, with exit
status 130 or 143, one line on standard error, and no unfinished file beside
what it was to write; or with 0 and no line, if its work was done. `train` is
also resumed after each of its interruptions.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0
STARTED = 0.5  # seconds until Python runs the command's first lines
STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}
UNFINISHED = re.compile(r"\.[0-9a-f]{8}\..*")


def command(*words: str | Path) -> subprocess.Popen[str]:
    """Starts `attend-fusion` as a shell would."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "attend_fusion", *map(str, words)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*words: str | Path) -> float:
    """Runs a command to its end; the seconds it took."""
    started = time.monotonic()
    process = command(*words)
    output, error = process.communicate()
    if process.returncode:
        raise SystemExit(f"{words} failed:\n{output}{error}")
    return time.monotonic() - started


def subcommands(folder: Path) -> dict[str, list[str]]:
    """Each subcommand's words but for its output, `{out}`."""
    shards, run = folder / "shards", folder / "run"
    train = [
        f"--train={shards}/train-*",
        f"--validate={shards}/validate-*",
        "--out={out}",
        "--batch-size=16",
    ]
    model = [f"--model={run}", f"--data={shards}/*.tfrecord"]
    return {
        "train": [*train, "--preset=mobile", "--epochs=4"],
        "synthesize": ["{out}", "--level=frame", "--videos=4000"],
        "inspect": [f"{shards}/*.tfrecord", "--json={out}"],
        "evaluate": [*model, "--json={out}"],
        "predict": [*model, "--out={out}.csv"],
        "explain": [*model, "--out={out}.html"],
        "report": [str(run), *model[1:], "--out={out}.html"],
        "export": [model[0], "--out={out}", "--quantize=none,dynamic"],
        "benchmark": ["metrics", "--videos=20000", "--json={out}"],
        "tune": [
            *train,
            "--presets=mobile",
            "--max-trials=2",
            "--epochs=1",
            "--tuner=random",
        ],
    }


def attempt(
    words: list[str], out: Path, number: signal.Signals, moment: float
) -> str:
    """What was wrong with the end after a signal; empty if nothing."""
    process = command(*words)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    sent = time.monotonic()
    try:
        _, error = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"did not end within {PATIENCE:.0f} s"
    seconds = time.monotonic() - sent
    lines = error.splitlines()
    if process.returncode == 0:
        return f"status 0, but printed {lines[0]}" if lines else ""
    # Python ends by the signal itself, which a shell reports as the same
    # status, if it came while an extension module ran Python code.
    if process.returncode not in (STATUS[number], -number):
        return f"status {process.returncode}: {error[-300:]}"
    if len(lines) != 1 or not lines[0].startswith("attend-fusion"):
        return f"printed {len(lines)} lines: {error[-600:]}"
    left = [
        path.name
        for path in out.parent.rglob(".*")
        if UNFINISHED.fullmatch(path.name)
    ]
    if left:
        return f"left {', '.join(left)}"
    print(f"    after {seconds:.1f} s: {lines[0]}", flush=True)
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--only", help="subcommands, comma-separated")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file of the counts")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    counts: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        finish(
            *("synthesize", folder / "shards", "--level=frame"),
            *("--videos=96", "--shards=3", "--classes=8"),
        )
        every = subcommands(folder)
        finish(
            *("train", *every["train"][:2], f"--out={folder}/run"),
            *("--preset=mobile", "--epochs=1"),
        )
        only = (arguments.only or ",".join(every)).split(",")
        for name in only:
            template = every[name]
            place = folder / name
            place.mkdir()
            words = [word.replace("{out}", f"{place}/0") for word in template]
            seconds = finish(name, *words)
            held = 0
            for index in range(1, arguments.tries + 1):
                out = place / str(index)
                words = [
                    name,
                    *(w.replace("{out}", str(out)) for w in template),
                ]
                number = (signal.SIGINT, signal.SIGTERM)[index % 2]
                moment = rng.uniform(STARTED, seconds)
                fault = attempt(words, out, number, moment)
                if name == "train" and not fault:
                    finish(*words, "--resume")
                held += not fault
                shown = f"{name} {index}: {number.name} at {moment:.1f} s"
                print(f"{shown}: {fault or 'ended'}", flush=True)
            counts[name] = {"tries": arguments.tries, "held": held}
    text = json.dumps(counts, indent=2)
    print(text)
    if arguments.json:
        Path(arguments.json).write_text(text + "\n")
    if any(row["held"] != row["tries"] for row in counts.values()):
        raise SystemExit("a subcommand did not end as it should")


if __name__ == "__main__":
    main()
