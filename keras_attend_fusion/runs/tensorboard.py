"""What TensorBoard shows of a training, written without TensorBoard."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_attend_fusion.runs.pr_curve import summary_value
from keras_attend_fusion.training import ValidationScores


class TensorBoardLog(keras.callbacks.Callback):
    """Writes each epoch's logs, and the curve of precision against recall.

    An event file is a TFRecord file of `Event` messages, so TensorFlow alone
    writes it: its summary operations would need the package tensorboard,
    which newer releases of TensorFlow do not bring.

    Args:
        folder: where the event file goes.
        scores: what the curve is of; it comes before this callback.
    """

    def __init__(self, folder: Path, scores: ValidationScores) -> None:
        super().__init__()
        self.folder = folder
        self.scores = scores

    def on_train_begin(self, logs: Any = None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}"
        self.writer = tf.io.TFRecordWriter(str(self.folder / name))
        self._write(file_version="brain.Event:2")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
        values = [
            tf.compat.v1.Summary.Value(tag=tag, simple_value=float(value))
            for tag, value in logs.items()
        ]
        if self.scores.evaluator is not None:
            values.append(summary_value(self.scores.evaluator))
        summary = tf.compat.v1.Summary(value=values)
        self._write(step=epoch + 1, summary=summary)

    def on_train_end(self, logs: Any = None) -> None:
        self.writer.close()
        del self.writer  # cannot be copied, as KerasTuner copies callbacks

    def _write(self, **fields: Any) -> None:
        event = tf.compat.v1.Event(wall_time=time.time(), **fields)
        self.writer.write(event.SerializeToString())
        self.writer.flush()
