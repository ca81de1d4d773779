"""Does `fit` wait at the end of an epoch?

    python benchmarks/soak.py [--epochs N] [--shards GLOB] [--autotune]

Trains over a real pipeline and measures, for each epoch, the time from the
end of its last step to the end of the epoch, when tf.data takes its iterator
down. The pipeline of `kaf.data.load` has tf.data's autotuner off; --autotune
takes one as the guides write it, with the autotuner choosing every number, to
see what that costs. Steps are kept long by a pause, since the autotuner sleeps
the longer the longer an epoch lasts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

import keras_attend_fusion as kaf


class Stopwatch(keras.callbacks.Callback):
    """Seconds from the last step to the end of each epoch."""

    def __init__(self, pause: float) -> None:
        super().__init__()
        self.pause = pause
        self.waits: list[float] = []
        self.last = 0.0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        time.sleep(self.pause)
        self.last = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.waits.append(time.perf_counter() - self.last)
        print(f"epoch {epoch + 1}: waited {self.waits[-1]:.2f} s", flush=True)


def autotuned(paths: list[str]) -> tf.data.Dataset:
    """The same batches from a pipeline that tf.data tunes."""
    keys = {
        "labels": tf.io.VarLenFeature(tf.int64),
        "mean_rgb": tf.io.FixedLenFeature([1024], tf.float32),
        "mean_audio": tf.io.FixedLenFeature([128], tf.float32),
    }

    def parse(serialized: tf.Tensor) -> Any:
        record = tf.io.parse_example(serialized, keys)
        labels = tf.sparse.to_dense(record["labels"], -1)
        labels = tf.reduce_max(tf.one_hot(labels, 3862, dtype=tf.uint8), 1)
        features = {"rgb": record["mean_rgb"], "audio": record["mean_audio"]}
        return features, labels

    tune = tf.data.AUTOTUNE
    shards = tf.data.Dataset.from_tensor_slices(paths).shuffle(len(paths))
    return (
        shards.interleave(tf.data.TFRecordDataset, num_parallel_calls=tune)
        .shuffle(2000)
        .batch(64)
        .map(parse, num_parallel_calls=tune)
        .prefetch(tune)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shards", help="glob of shards; made if not given")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--autotune", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pattern = arguments.shards
        if pattern is None:
            out = Path(folder, "shards")
            kaf.data.synthesize(out, level="video", videos=4000, classes=100)
            pattern = str(out / "train-*.tfrecord")
        dataset = kaf.data.load(pattern, batch_size=64, shuffle=True, seed=0)
        if arguments.autotune:
            dataset = autotuned(kaf.data.list_shards(pattern))
        steps = -(-kaf.data.count(pattern) // 64)
        model = kaf.models.build("attend_fusion", "mobile", trunk_units=64)
        kaf.training.compile_model(model, steps * arguments.epochs)
        watch = Stopwatch(pause=arguments.seconds / steps)
        model.fit(
            dataset,
            epochs=arguments.epochs,
            verbose=0,
            shuffle=False,
            callbacks=[watch],
        )
    late = [wait for wait in watch.waits if wait > 5.0]
    print(
        f"{len(watch.waits)} epochs of {arguments.seconds:.0f} s: longest wait "
        f"{max(watch.waits):.2f} s, {len(late)} above 5 s"
    )


if __name__ == "__main__":
    main()
