"""How long does the command take to answer, beside Python itself?

    python benchmarks/start_up.py [--tries 15] [--json FILE]

Runs a bare `import absl.flags`, `--help`, `train --help` and a mistyped flag
by turns in fresh processes, and prints the median of each and how many times
that of the bare import it is. `--help` is to take at most `MOST` times as long.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 3.0
BARE = "import absl.flags"
COMMANDS = {
    BARE: ["-c", BARE],
    "--help": ["-m", "attend_fusion", "--help"],
    "train --help": ["-m", "attend_fusion", "train", "--help"],
    "train --mistyped": ["-m", "attend_fusion", "train", "--mistyped"],
}


def seconds(words: list[str]) -> float:
    """How long a fresh Python takes."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    return time.perf_counter() - started


def main() -> int:
    """Prints a line for each; 1 if `--help` takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for words in COMMANDS.values():  # files into the system's cache
        seconds(words)
    for _ in range(options.tries):
        for name, words in COMMANDS.items():
            times[name].append(seconds(words))
    medians = {name: statistics.median(all) for name, all in times.items()}
    ratios = {name: value / medians[BARE] for name, value in medians.items()}
    for name, value in medians.items():
        print(f"{name:<18} {value * 1000:>6.0f} ms  {ratios[name]:>5.2f} ×")
    if options.json:
        report = {"seconds": medians, "ratios": ratios}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if ratios["--help"] <= MOST else 1


if __name__ == "__main__":
    raise SystemExit(main())
