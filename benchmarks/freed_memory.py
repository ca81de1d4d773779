"""What keeping freed memory brings to a training step on the CPU.

    python benchmarks/freed_memory.py [--rounds 2]

Trains `mobile` at frame and at video level, with and without
`training.keep_freed_memory`, each in a process of its own, in turns. Prints
the seconds of a step, the peak of memory and the loss.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from statistics import median

STEP = """
import json, resource, sys, time
import keras, numpy as np
import keras_attend_fusion as kaf
level, keep = sys.argv[1], sys.argv[2] == "kept"
if keep:
    assert kaf.training.keep_freed_memory()
keras.utils.set_random_seed(0)
batch = 64 if level == "frame" else 512
model = kaf.models.build("attend_fusion", "mobile", level=level)
kaf.training.compile_model(model, 100)
rng = np.random.default_rng(0)
lead = (batch, 300) if level == "frame" else (batch,)
if level == "frame":
    x = {
        "rgb": rng.integers(0, 256, (*lead, 1024), "uint8"),
        "audio": rng.integers(0, 256, (*lead, 128), "uint8"),
        "rgb_mask": np.ones(lead, bool),
        "audio_mask": np.ones(lead, bool),
    }
else:
    x = {
        "rgb": rng.normal(size=(*lead, 1024)).astype("float32"),
        "audio": rng.normal(size=(*lead, 128)).astype("float32"),
    }
x = {name: x[name] for name in model.input}
y = (rng.random((batch, 3862)) < 0.001).astype("float32")
times = []
for step in range(12):
    started = time.perf_counter()
    loss = float(model.train_on_batch(x, y))
    times.append(time.perf_counter() - started)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"step": sorted(times[2:])[5], "peak": peak, "loss": loss}))
"""


def run(level: str, way: str) -> dict[str, float]:
    output = subprocess.run(
        [sys.executable, "-c", STEP, level, way],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    values: dict[str, float] = json.loads(output.splitlines()[-1])
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    rounds = parser.parse_args().rounds
    for level in ("frame", "video"):
        results: dict[str, list[dict[str, float]]] = {"left": [], "kept": []}
        for _ in range(rounds):
            for way, values in results.items():
                values.append(run(level, way))
        for way, values in results.items():
            print(
                f"{level} {way}: {median(v['step'] for v in values):.3f} s a "
                f"step, {max(v['peak'] for v in values):.0f} MB at most, "
                f"loss {values[0]['loss']:.6f}"
            )
        ratio = median(
            left["step"] / kept["step"]
            for left, kept in zip(*results.values(), strict=True)
        )
        print(f"{level}: {ratio:.2f} times as fast")


if __name__ == "__main__":
    main()
