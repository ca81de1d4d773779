"""A model in pieces says what it says at once."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.explain.passes import pieces, run
from tests.models import tiny


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [
        (4, 2, [[0, 1], [2, 3]]),
        (5, 2, [[0, 1], [2, 3], [4, 4]]),
        (3, 9, [[0, 1, 2]]),
        (1, 1, [[0]]),
    ],
)
def test_pieces_of_one_length(count, size, expected):
    assert [rows.tolist() for rows in pieces(count, size)] == expected


def test_pieces_add_up_to_the_whole():
    model, features = tiny.attend_fusion("frame"), tiny.videos("frame", 5)
    whole = run(model, features, 5)
    assert whole.shape == (5, tiny.CLASSES)
    assert whole.dtype == np.float32
    assert run(model, features, 2) == pytest.approx(whole, abs=1e-6)
