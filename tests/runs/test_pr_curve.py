"""The curve in TensorBoard's event file."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_attend_fusion.metrics import Evaluator
from keras_attend_fusion.runs.pr_curve import THRESHOLDS, counts
from keras_attend_fusion.runs.tensorboard import TensorBoardLog


def test_counts_by_hand():
    ranked = np.float32([0.1, 0.2, 0.5, 0.9])
    # Four of ten pairs are in the list; three labels, one of them not in it.
    table = counts(ranked, np.float32([0.2, 0.9]), positives=3, pairs=10)
    assert table.shape == (6, THRESHOLDS)
    columns = {
        0.0: [2, 2, 5, 1, 2 / 4, 2 / 3],
        0.2: [2, 1, 6, 1, 2 / 3, 2 / 3],
        0.5: [1, 1, 6, 2, 1 / 2, 1 / 3],  # at 0.5 or above
        0.9: [1, 0, 7, 2, 1, 1 / 3],
        1.0: [0, 0, 7, 3, 1, 0],
    }
    for threshold, expected in columns.items():
        found = table[:, round(threshold * (THRESHOLDS - 1))]
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert (table[:4].sum(axis=0) == 10).all()


class Scores:
    """In the place of a callback that has just scored."""

    evaluator = Evaluator(num_classes=3)
    evaluator.update([[0.9, 0.2, 0.1]], [[1, 0, 1]])


def test_the_event_file_has_the_curve_beside_the_scalars(tmp_path):
    log = TensorBoardLog(tmp_path, Scores())
    log.on_train_begin()
    log.on_epoch_end(1, {"loss": 0.5})
    log.on_train_end()
    (path,) = tmp_path.iterdir()
    events = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(path))
    ]
    assert [event.step for event in events] == [0, 2]
    scalar, curve = events[1].summary.value
    assert (scalar.tag, scalar.simple_value) == ("loss", 0.5)
    plugin = curve.metadata.plugin_data
    # The message {version: 0, num_thresholds: 201}, whose zero is left out.
    assert (plugin.plugin_name, plugin.content) == (
        "pr_curves",
        b"\x10\xc9\x01",
    )
    table = tf.make_ndarray(curve.tensor)
    assert table.dtype == np.float32
    np.testing.assert_allclose(table[:, 0], [2, 1, 0, 0, 2 / 3, 1])
    np.testing.assert_allclose(table[:, 100], [1, 0, 1, 1, 1, 1 / 2])
