"""This package's own small LiteRT files beside those of litert-quantizer.

    python benchmarks/quantizers.py --model RUN --data GLOB [--json FILE]

Both make them of one float32 file. Shown are the size, how far the scores are
from those of the float32 file, what they are worth, the milliseconds of a batch
of 32 on one thread (fastest of five rounds by turns), and how many operations
the file has. litert-quantizer (`pip install litert-quantizer`) is not among
what this package asks for. Its ways:

- `float_casting`: the matrices of dense layers in float16.
- `min_max`: whole numbers of 4 bits, the largest weight of each output at the
  end of the range; what goes into a layer in 8 bits, put there when it runs.
- `octav`, `mse`, `min_max, blocks of 32`: the same with other scales.
- `weight only`: the same as `min_max`, but made float32 again to compute.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

import keras_attend_fusion as kaf
from keras_attend_fusion.export import flatbuffer
from keras_attend_fusion.export.float16 import halved
from keras_attend_fusion.export.int4 import in_4_bits

ROUNDS, BATCH = 5, 32
DENSE = "FULLY_CONNECTED"
Way = Callable[[bytes], bytes]


def float_casting(flat: bytes) -> bytes:
    return quantized(flat, "add_weight_only_config", 16, "FLOAT_CASTING")


def four_bits(
    method: str = "add_dynamic_config",
    algorithm: str = "MIN_MAX_UNIFORM_QUANT",
    **options: Any,
) -> Way:
    return lambda flat: quantized(flat, method, 4, algorithm, **options)


def quantized(
    flat: bytes, method: str, bits: int, algorithm: str, **options: Any
) -> bytes:
    """A float32 file as litert-quantizer makes it smaller."""
    from litert_quantizer import quantizer, recipe_manager

    recipe = recipe_manager.RecipeManager()
    getattr(recipe, method)(
        regex=".*",
        operation_name=DENSE,
        num_bits=bits,
        algorithm_key=quantizer.AlgorithmName[algorithm],
        **options,
    )
    maker = quantizer.Quantizer(
        bytearray(flat), recipe.get_quantization_recipe()
    )
    return bytes(maker.quantize().quantized_model)


WAYS: dict[str, Way] = {
    "float32": lambda flat: flat,
    "float16": halved,
    "float_casting": float_casting,
    "int4": in_4_bits,
    "min_max": four_bits(),
    "octav": four_bits(algorithm="OCTAV"),
    "mse": four_bits(algorithm="MSE"),
    "min_max, blocks of 32": four_bits(granularity="BLOCKWISE_32"),
    "weight only": four_bits("add_weight_only_config"),
}


def measure(
    paths: dict[str, Path], data: str, classes: int
) -> list[dict[str, Any]]:
    """Scores of each file on the same batches, and their sizes and times."""
    files = {way: kaf.export.load(path, 1) for way, path in paths.items()}
    evaluators = {
        way: kaf.metrics.Evaluator(classes, ranking="top_20") for way in files
    }
    differences = {way: [] for way in files}
    shards = kaf.data.load(data, num_classes=classes, batch_size=BATCH)
    for features, labels in shards:
        arrays = {name: np.asarray(part) for name, part in features.items()}
        exact = files["float32"](arrays)
        for way, file in files.items():
            scores = file(arrays)
            evaluators[way].update(scores, labels)
            differences[way].append(np.abs(scores - exact))
    features, _ = next(iter(shards))
    arrays = {name: np.asarray(part) for name, part in features.items()}
    times = {way: float("inf") for way in files}
    for _ in range(ROUNDS):
        for way, file in files.items():
            started = time.perf_counter()
            for _ in range(10):
                file(arrays)
            seconds = (time.perf_counter() - started) / 10
            times[way] = min(times[way], seconds)
    rows = []
    for way, path in paths.items():
        scored = evaluators[way].result()
        apart = np.concatenate(differences[way])
        graph = flatbuffer.read(path.read_bytes()).subgraphs[0]
        rows.append(
            {
                "way": way,
                "bytes": path.stat().st_size,
                "max_difference": float(apart.max()),
                "mean_difference": float(apart.mean()),
                **{name: scored[name] for name in ("gap_at_20", "f1_micro")},
                "milliseconds": 1000 * times[way],
                "operations": len(graph.operators),
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--model", required=True, help="folder that train wrote")
    add("--data", required=True, help="glob of labelled shards")
    add("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    if importlib.util.find_spec("litert_quantizer") is None:
        sys.exit("nothing to compare with: pip install litert-quantizer")
    model = keras.saving.load_model(
        Path(options.model) / "model.keras", compile=False
    )
    with tempfile.TemporaryDirectory() as folder:
        flat = kaf.export.litert(model, Path(folder, "a.tflite")).read_bytes()
        paths = {}
        for number, (way, make) in enumerate(WAYS.items()):
            try:
                small = make(flat)
            except (ValueError, RuntimeError) as error:
                print(f"{way}: {error}")
                continue
            paths[way] = Path(folder, f"{number}.tflite")
            paths[way].write_bytes(small)
        rows = measure(paths, options.data, model.output_shape[-1])
    for row in rows:
        print(
            f"{row['way']:>22} {row['bytes'] / 1e6:7.3f} MB  "
            f"apart {row['max_difference']:.4f}, mean "
            f"{row['mean_difference']:.2e}  "
            f"GAP@20 {row['gap_at_20']:.4f}  F1 {row['f1_micro']:.4f}  "
            f"{row['milliseconds']:6.2f} ms  {row['operations']} operations"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
