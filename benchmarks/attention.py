"""A training step through `SelfAttention` and Keras' `MultiHeadAttention`.

    python benchmarks/attention.py

The same attention over two tokens of 2048, 8 heads of 128, a batch of 512,
float32: forward, backward and SGD in `fit`, in turn on the backend that
KERAS_BACKEND names (without XLA on TensorFlow).
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import keras
import numpy as np

import keras_attend_fusion as kaf

BATCH, TOKENS, FEATURES, HEADS, SIZE, STEPS = 512, 2, 2048, 8, 128, 5


class Clock(keras.callbacks.Callback):
    """The time at the end of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.times.append(time.perf_counter())


def seconds_a_step(attend: Any) -> float:
    tokens = keras.Input((TOKENS, FEATURES))
    model = keras.Model(tokens, attend(tokens))
    model.compile("sgd", "mse", jit_compile=kaf.training.default_jit_compile())
    videos = np.random.default_rng(0).normal(
        size=(BATCH * STEPS, TOKENS, FEATURES)
    )
    videos = videos.astype("float32")
    clock = Clock()
    model.fit(videos, videos, batch_size=BATCH, verbose=0, callbacks=[clock])
    return statistics.median(np.diff(clock.times)[1:])


def ours(tokens: Any) -> Any:
    return kaf.layers.SelfAttention(HEADS, SIZE)(tokens)


def theirs(tokens: Any) -> Any:
    attended = keras.layers.MultiHeadAttention(HEADS, SIZE)(tokens, tokens)
    return keras.layers.LayerNormalization()(tokens + attended)


def main() -> None:
    rounds = [(seconds_a_step(ours), seconds_a_step(theirs)) for _ in range(2)]
    for name, times in zip(
        ("SelfAttention", "MultiHeadAttention"),
        zip(*rounds, strict=True),
        strict=True,
    ):
        print(f"{name:<20} {1000 * statistics.median(times):8.1f} ms a step")
    ratio = statistics.median(b / a for a, b in rounds)
    print(f"{keras.backend.backend()}: MultiHeadAttention / ours = {ratio:.1f}")


if __name__ == "__main__":
    main()
