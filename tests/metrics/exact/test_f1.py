from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.exact.f1 import f1_scores


def test_f1_from_counts() -> None:
    # 2·1/(2+3) = 0.4; nothing predicted, nothing there: 0.
    values = f1_scores(np.array([1, 0]), np.array([2, 0]), np.array([3, 0]))
    assert values.tolist() == [0.4, 0.0]
