"""What the loss of a step takes: from scores, from logits, on sparse labels.

    python benchmarks/loss.py [--batch-size 512] [--classes 3862]

Forward and backward of binary cross-entropy alone, on TensorFlow, in turn,
several rounds over; the fastest of each counts. `scores` is what models are
trained with: the labels are bytes and the model ends in a sigmoid. `logits`
computes the same before the sigmoid, `sparse` also without a label a class.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

LABELS, ROUNDS, CALLS = 3, 5, 20  # labels a video, as in YouTube-8M


def ways(labels: np.ndarray) -> dict[str, Callable[[Any], Any]]:
    """The mean loss of a batch of logits, computed in three ways."""
    places = np.argwhere(labels)
    videos, classes = labels.shape

    def scores(logits: Any) -> Any:
        found = tf.sigmoid(logits)
        return tf.reduce_mean(keras.losses.binary_crossentropy(labels, found))

    def from_logits(logits: Any) -> Any:
        hits = logits * tf.cast(labels, "float32")
        return tf.reduce_mean(tf.nn.softplus(logits) - hits)

    def sparse(logits: Any) -> Any:
        hits = tf.reduce_sum(tf.gather_nd(logits, places))
        total = tf.reduce_sum(tf.nn.softplus(logits)) - hits
        return total / (videos * classes)

    return {"scores": scores, "logits": from_logits, "sparse": sparse}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--classes", type=int, default=3862)
    arguments = parser.parse_args()
    shape = (arguments.batch_size, arguments.classes)
    rng = np.random.default_rng(0)
    logits = tf.constant(rng.normal(-6.0, 2.0, shape), tf.float32)
    labels = np.zeros(shape, np.uint8)
    chosen = rng.integers(0, shape[1], (shape[0], LABELS))
    np.put_along_axis(labels, chosen, 1, axis=1)

    def gradient(loss: Callable[[Any], Any]) -> Any:
        @tf.function
        def both(logits: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                tape.watch(logits)
                value = loss(logits)
            return value, tape.gradient(value, logits)

        return both

    calls = {name: gradient(loss) for name, loss in ways(labels).items()}
    values = {name: float(call(logits)[0]) for name, call in calls.items()}
    if np.ptp(list(values.values())) > 1e-4 * values["scores"]:
        raise SystemExit(f"the losses differ: {values}")
    best = dict.fromkeys(calls, np.inf)
    for _ in range(ROUNDS):
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(CALLS):
                call(logits)
            spent = (time.perf_counter() - started) / CALLS
            best[name] = min(best[name], spent)
    for name, seconds in best.items():
        share = seconds / best["scores"]
        print(f"{name}: {1000 * seconds:.2f} ms, {share:.2f} of scores")


if __name__ == "__main__":
    main()
