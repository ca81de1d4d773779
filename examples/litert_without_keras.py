"""Run an exported model with NumPy and the LiteRT interpreter alone.

    python examples/litert_without_keras.py [MODEL.tflite]

Neither TensorFlow nor Keras is loaded: this is all that a device needs. Feeds
one video of random features, prints the best classes, by name where the file
holds names, and how long the first scores took, imports included. Without an
argument another process exports a small untrained model first.
"""

import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

MAKE = """
import sys
import keras_attend_fusion as kaf
sizes = dict(num_classes=3, members=1)
model = kaf.models.build("attend_fusion", "mobile", "frame", **sizes)
path = kaf.export.litert(model, sys.argv[1])
kaf.export.add_facts(path, kaf.export.describe(model), ["cat", "dog", "song"])
"""


def main(path: Path) -> None:
    start = time.perf_counter()
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path)).get_signature_runner()
    rng = np.random.default_rng(0)
    features = {}
    for name, detail in runner.get_input_details().items():
        shape = [1, *detail["shape_signature"][1:]]  # one video
        shape = [60 if size < 0 else size for size in shape]  # of a minute
        if detail["dtype"] == np.bool_:  # a mask: every second is real
            features[name] = np.ones(shape, bool)
        elif detail["dtype"] == np.uint8:  # bytes, which the model dequantises
            features[name] = rng.integers(0, 256, shape, dtype=np.uint8)
        else:
            features[name] = rng.normal(0, 0.5, shape).astype(np.float32)
    scores = runner(**features)["scores"][0]
    seconds = time.perf_counter() - start

    names = []
    if zipfile.is_zipfile(path):  # what export wrote behind the model's bytes
        with zipfile.ZipFile(path) as archive:
            if "labels.txt" in archive.namelist():
                names = archive.read("labels.txt").decode().split("\n")
    for c in scores.argsort()[::-1][:3]:
        print(names[c] if names else f"class {c}", f"{scores[c]:.3f}")
    print(f"First scores after {1000 * seconds:.0f} ms.")
    assert not {"keras", "tensorflow"} & set(sys.modules)


with tempfile.TemporaryDirectory() as folder:
    if len(sys.argv) == 2:
        file = Path(sys.argv[1])
    else:
        file = Path(folder, "model.tflite")
        subprocess.run([sys.executable, "-c", MAKE, str(file)], check=True)
    main(file)
