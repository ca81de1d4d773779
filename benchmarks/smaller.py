"""What pruning, clustering and fewer bits do to a trained model's weights.

    python benchmarks/smaller.py --model RUN --data GLOB [--json FILE]

Each way changes every matrix of the model after training, as a file would store
it, and the scores of the changed model are computed in float32. Vectors, such
as biases and the scales of norms, stay as they are. The size is that of the
weights as the way stores them, packed and then deflated, as an app's archive
does; LiteRT has no kernels that read clustered or pruned matrices, so there the
size in memory is that of 8 bits.

- `float16`, `8 bits`, `6 bits`, `4 bits`: whole numbers times a scale for each
  output, the largest weight at the end of the range.
- `32 clusters`, `16 clusters`: each weight is the nearest of that many values,
  which are found for each matrix by k-means.
- `half pruned`, `three quarters pruned`: the smallest weights of each matrix
  are 0, the others of 8 bits.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

import keras_attend_fusion as kaf

LEAST = 1024  # values of what counts as a matrix
ROUNDS = 20  # of k-means
Stored = tuple[np.ndarray, bytes]  # the values again, and what is kept of them


def as_float16(matrix: np.ndarray) -> Stored:
    half = matrix.astype("float16")
    return half.astype("float32"), half.tobytes()


def in_bits(matrix: np.ndarray, bits: int, pruned: float = 0.0) -> Stored:
    """Whole numbers of a few bits, a scale for each output (last axis)."""
    if pruned:
        kept = np.abs(matrix) > np.quantile(np.abs(matrix), pruned)
        matrix = matrix * kept
    most = 2 ** (bits - 1) - 1
    axes = tuple(range(matrix.ndim - 1))
    scale = np.abs(matrix).max(axis=axes, keepdims=True) / most
    scale = np.where(scale == 0, 1.0, scale).astype("float32")
    whole = np.rint(matrix / scale).astype("int8")
    kept_bytes = packed((whole + most).astype("uint8"), bits)
    return (whole * scale).astype("float32"), kept_bytes + scale.tobytes()


def in_clusters(matrix: np.ndarray, bits: int) -> Stored:
    """Each weight the nearest of `2 ** bits` values of its matrix."""
    values = np.sort(matrix.ravel())
    centres = np.linspace(values[0], values[-1], 2**bits)
    sums = np.concatenate([[0.0], np.cumsum(values, dtype="float64")])
    for _ in range(ROUNDS):
        ends = np.searchsorted(values, (centres[1:] + centres[:-1]) / 2)
        ends = np.concatenate([[0], ends, [len(values)]])
        counts = np.diff(ends)
        means = np.diff(sums[ends]) / np.maximum(counts, 1)
        centres = np.sort(np.where(counts > 0, means, centres))
    which = np.searchsorted((centres[1:] + centres[:-1]) / 2, matrix)
    centres = centres.astype("float32")
    kept_bytes = packed(which.astype("uint8"), bits)
    return centres[which], kept_bytes + centres.tobytes()


def packed(values: np.ndarray, bits: int) -> bytes:
    """The lowest bits of each value, end to end."""
    each = np.unpackbits(values.reshape(-1, 1), axis=1)[:, 8 - bits :]
    return np.packbits(each.ravel()).tobytes()


WAYS: dict[str, Callable[[np.ndarray], Stored]] = {
    "float32": lambda matrix: (matrix, matrix.tobytes()),
    "float16": as_float16,
    "8 bits": lambda matrix: in_bits(matrix, 8),
    "6 bits": lambda matrix: in_bits(matrix, 6),
    "4 bits": lambda matrix: in_bits(matrix, 4),
    "32 clusters": lambda matrix: in_clusters(matrix, 5),
    "16 clusters": lambda matrix: in_clusters(matrix, 4),
    "half pruned": lambda matrix: in_bits(matrix, 8, 0.5),
    "three quarters pruned": lambda matrix: in_bits(matrix, 8, 0.75),
}


def measure(model: keras.Model, data: str, way: str) -> dict[str, Any]:
    """Size and scores of a model whose matrices are stored in a way."""
    before, size = model.get_weights(), 0
    changed = []
    for weight in before:
        values, kept = weight, weight.tobytes()
        if weight.ndim > 1 and weight.size >= LEAST:
            values, kept = WAYS[way](weight)
        changed.append(values)
        size += len(zlib.compress(kept))
    model.set_weights(changed)
    classes = model.output_shape[-1]
    evaluator = kaf.metrics.Evaluator(classes, ranking="top_20")
    for features, labels in kaf.data.load(data, num_classes=classes):
        evaluator.update(model.predict_on_batch(features), labels)
    model.set_weights(before)
    found = evaluator.result()
    return {
        "way": way,
        "bytes": size,
        **{name: found[name] for name in ("gap_at_20", "f1_micro")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--model", required=True, help="folder that train wrote")
    add("--data", required=True, help="glob of labelled shards")
    add("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    model = keras.saving.load_model(
        Path(options.model) / "model.keras", compile=False
    )
    rows = []
    print(f"{'stored as':>22} {'MB':>7} {'GAP@20':>8} {'F1':>8}")
    for way in WAYS:
        row = measure(model, options.data, way)
        rows.append(row)
        print(
            f"{way:>22} {row['bytes'] / 1e6:7.2f} {row['gap_at_20']:8.4f} "
            f"{row['f1_micro']:8.4f}",
            flush=True,
        )
    if options.json:
        facts = {"parameters": model.count_params(), "rows": rows}
        text = json.dumps(facts, indent=2)
        options.json.write_text(f"{text}\n")


if __name__ == "__main__":
    main()
