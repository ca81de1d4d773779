"""How long an exported model takes for one video, and how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Run in a process of its own, which loads NumPy, one runtime and the model:
# what is measured is what a machine without Keras would see. The clock starts
# with the process's first line. Linux tells the peak of this process alone.
PROGRAM = """
import time
began = time.perf_counter()
import importlib, json, sys, types
import numpy as np
for name, folder in json.loads(sys.argv[1]).items():  # not their __init__.py
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
runtime = importlib.import_module("keras_attend_fusion.export.runtime")
features = dict(np.load(sys.argv[3]))
exported = runtime.load(sys.argv[2], int(sys.argv[4]))
exported(features)
first = 1000 * (time.perf_counter() - began)
times = []
for i in range(3 + int(sys.argv[5])):
    start = time.perf_counter()
    exported(features)
    times.append(1000 * (time.perf_counter() - start))
p50, p95 = np.percentile(times[3:], (50, 95))
try:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
except (OSError, IndexError):
    peak = None
print(json.dumps(
    {"p50_ms": p50, "p95_ms": p95, "first_ms": first, "peak_mb": peak}
))
"""


def latency(
    path: str | Path,
    features: Mapping[str, Any],
    num_threads: int = 1,
    runs: int = 30,
) -> dict[str, float]:
    """Times an exported model in a fresh process, without Keras.

    Args:
        path: what `saved_model`, `litert` or `onnx` wrote.
        features: what it is called with; one video for the latency of one.
        num_threads: threads of the runtime.
        runs: calls that are timed, after four that are not.

    Returns:
        `p50_ms` and `p95_ms`, milliseconds a call; `first_ms`, from the start
        of the process to the first scores, imports and loading included;
        `peak_mb`, the largest resident memory of the process in units of 1e6
        bytes, None on other systems than Linux.

    Raises:
        ValueError: if the model does not run.
    """
    room = Path(__file__).parent
    packages = {
        "keras_attend_fusion": str(room.parent),
        "keras_attend_fusion.export": str(room),
    }
    threads = str(num_threads)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "features.npz")
        arrays: dict[str, Any] = dict(features)
        np.savez(file, **arrays)
        words = [json.dumps(packages), str(path), str(file), threads]
        words.append(str(runs))
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            env={
                **os.environ,
                "TF_NUM_INTRAOP_THREADS": threads,
                "TF_NUM_INTEROP_THREADS": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise ValueError(f"{Path(path).name} does not run: {lines[-1]}")
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured
