"""One epoch of training: Keras on each backend beside plain PyTorch.

    python benchmarks/epoch.py [--shards GLOB] [--steps N] [--json FILE]

Every way of training the same network (`attend_fusion`, `base`, video level)
runs in a process of its own, in turn, on the same videos, batches and
precision, several rounds over; the table gives the median time of a step, and
an epoch of 28,792 videos at that pace. Without --shards the videos are random
numbers, which take as long.
"""

from __future__ import annotations

import argparse
import glob
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

CLASSES, BATCH, VIDEOS = 3862, 512, 28792
PRECISIONS = ("float32", "bfloat16")
WAYS = {
    "pytorch": {},
    "tensorflow": {"KERAS_BACKEND": "tensorflow"},
    "tensorflow_xla": {"KERAS_BACKEND": "tensorflow"},
    "jax": {"KERAS_BACKEND": "jax"},
    "torch": {"KERAS_BACKEND": "torch"},
}


def read_videos(pattern: str | None, videos: int) -> dict[str, np.ndarray]:
    if pattern is None:
        rng = np.random.default_rng(0)
        return {
            "rgb": rng.normal(scale=0.46, size=(videos, 1024)).astype("f4"),
            "audio": rng.normal(scale=0.69, size=(videos, 128)).astype("f4"),
            "labels": (rng.random((videos, CLASSES)) < 0.0008).astype("u1"),
        }
    import keras_attend_fusion as kaf

    parts: dict[str, list[np.ndarray]] = {"rgb": [], "audio": [], "labels": []}
    dataset = kaf.data.load(sorted(glob.glob(pattern)), batch_size=BATCH)
    for features, labels in dataset.as_numpy_iterator():
        for name, value in {**features, "labels": labels}.items():
            parts[name].append(value)
        if sum(map(len, parts["labels"])) >= videos:
            break
    return {k: np.concatenate(v)[:videos] for k, v in parts.items()}


def keras_times(arrays: Any, precision: str, xla: bool) -> list[float]:
    """Seconds of each step of `fit`, fed by tf.data as `train` feeds it."""
    import keras

    import keras_attend_fusion as kaf

    policy = "float32" if precision == "float32" else "mixed_bfloat16"
    keras.config.set_dtype_policy(policy)
    model = kaf.models.build("attend_fusion", "base")
    kaf.training.compile_model(
        model, total_steps=1000, jit_compile=True if xla else None
    )
    times: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            times.append(time.perf_counter())

    import tensorflow as tf

    features = {name: arrays[name] for name in ("rgb", "audio")}
    dataset = tf.data.Dataset.from_tensor_slices((features, arrays["labels"]))
    dataset = dataset.batch(BATCH, drop_remainder=True).prefetch(2)
    options = tf.data.Options()
    options.autotune.enabled = False
    model.fit(
        dataset.with_options(options),
        verbose=0,
        shuffle=False,
        callbacks=[Clock()],
    )
    return list(np.diff(times))


def pytorch_times(arrays: Any, precision: str) -> list[float]:
    """The same network, written for PyTorch, in a plain loop."""
    import torch
    from torch import nn
    from torch.nn import functional

    def norm(size: int) -> nn.Module:
        return nn.BatchNorm1d(size, eps=1e-3, momentum=0.01)

    class Member(nn.Module):
        def __init__(self, units: int, hidden: int) -> None:
            super().__init__()
            self.trunks = nn.ModuleList(
                nn.Sequential(
                    norm(size),
                    nn.Linear(size, units, bias=False),
                    norm(units),
                    nn.ReLU(),
                    nn.Dropout(0.2),
                )
                for size in (1024, 128, 1024 + 128)
            )
            self.qkv = nn.Linear(units, 3 * 4 * 64)
            self.projection = nn.Linear(4 * 64, units)
            self.norm = nn.LayerNorm(units)
            self.join = nn.Sequential(
                nn.Linear(3 * units, hidden, bias=False),
                norm(hidden),
                nn.ReLU(),
                nn.Dropout(0.2),
            )
            self.classifier = nn.Linear(hidden, CLASSES)

        def forward(self, rgb: Any, audio: Any) -> Any:
            inputs = rgb, audio, torch.cat([rgb, audio], 1)
            tokens = torch.stack(
                [
                    trunk(x)
                    for trunk, x in zip(self.trunks, inputs, strict=True)
                ],
                1,
            )
            qkv = self.qkv(tokens).view(-1, 3, 3, 4, 64)
            query, key, value = qkv.permute(2, 0, 3, 1, 4)
            attended = functional.scaled_dot_product_attention(
                query, key, value
            )
            attended = attended.transpose(1, 2).reshape(-1, 3, 4 * 64)
            tokens = self.norm(tokens + self.projection(attended))
            return self.classifier(self.join(tokens.flatten(1)))

    network = nn.ModuleList(Member(1152, 1824) for _ in range(4))
    parameters = sum(p.numel() for p in network.parameters())
    print(f"pytorch parameters: {parameters}", file=sys.stderr)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, fused=True)
    rgb, audio, labels = (
        torch.from_numpy(arrays[name]) for name in ("rgb", "audio", "labels")
    )
    times = []
    for start in range(0, len(rgb) - BATCH + 1, BATCH):
        part = slice(start, start + BATCH)
        half = precision == "bfloat16"
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = [member(rgb[part], audio[part]) for member in network]
        hot = labels[part].float()
        loss = sum(
            functional.binary_cross_entropy_with_logits(
                one.float(), hot, reduction="sum"
            )
            for one in logits
        )
        (loss / len(logits) / BATCH).backward()
        optimizer.step()
        optimizer.zero_grad()
        loss.item()
        times.append(time.perf_counter())
    return list(np.diff(times))


def measure(way: str, precision: str, source: Path) -> float:
    """The median seconds of a step, in a process of its own."""
    command = [sys.executable, __file__, "--way", way]
    command += ["--precision", precision, "--source", str(source)]
    output = subprocess.run(
        command,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **WAYS[way]},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    ).stdout
    return statistics.median(json.loads(output.splitlines()[-1])[2:])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shards", help="glob of video-level shards")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--precision", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        arrays = dict(np.load(arguments.source))
        if arguments.way == "pytorch":
            times = pytorch_times(arrays, arguments.precision)
        else:
            xla = arguments.way == "tensorflow_xla"
            times = keras_times(arrays, arguments.precision, xla)
        print(json.dumps(times))
        return
    ways = [
        way
        for way in arguments.ways
        if importlib.util.find_spec(WAYS[way].get("KERAS_BACKEND", "torch"))
    ]
    steps: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "videos.npz")
        videos = read_videos(arguments.shards, BATCH * arguments.steps)
        np.savez(source, **videos)
        for _ in range(arguments.rounds):
            for precision in PRECISIONS:
                for way in ways:
                    step = measure(way, precision, source)
                    steps.setdefault((precision, way), []).append(step)
    rows = []
    print("precision  way             s/step  videos/s  epoch s  × pytorch")
    for (precision, way), values in steps.items():
        step = statistics.median(values)
        pairs = zip(values, steps[precision, "pytorch"], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        row = {
            "precision": precision,
            "way": way,
            "seconds_a_step": round(step, 4),
            "videos_a_second": round(BATCH / step),
            "epoch_seconds": round(step * VIDEOS / BATCH, 1),
            "ratio_to_pytorch": round(ratio, 2),
        }
        rows.append(row)
        print(
            f"{precision:<10} {way:<15} {step:6.3f}  {BATCH / step:8.0f}  "
            f"{row['epoch_seconds']:7}  {ratio:9.2f}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
