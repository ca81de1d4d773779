"""NeXtVLAD by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from keras_attend_fusion.layers import NeXtVLAD
from tests.layer_test_case import as_numpy

# With one cluster, its softmax is 1 on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax")
LOG3 = math.log(3.0)
# A frame (1, 0) becomes (1, 0, 0, 1): the groups (1, 0) and (0, 1).
EXPAND = np.float32([[1, 0, 0, 1], [0, 1, 1, 0]])
FRAME = np.float32([[[1, 0]]])


def nextvlad(shift: list[float], centres: list[list[float]]) -> NeXtVLAD:
    """Two groups with 1/2 and 3/4 of a say; the norm only adds `shift`."""
    layer = NeXtVLAD(len(centres), groups=2, expansion=2)
    layer.build((None, None, 2))
    logits = 2 * len(centres)
    layer.expand.set_weights([EXPAND, np.zeros(4)])
    layer.attend.set_weights([np.zeros((4, 2)), np.float32([0, LOG3])])
    layer.assign.set_weights([np.zeros((4, logits))])
    variance = np.full(logits, 1.0 - layer.norm.epsilon)
    layer.norm.set_weights(
        [np.ones(logits), np.float32(shift), np.zeros(logits), variance]
    )
    layer.centres.assign(np.float32(centres))
    return layer


def test_groups_have_their_say() -> None:
    # 1/2 (1, 0) + 3/4 (0, 1).
    vector = as_numpy(nextvlad([0, 0], [[0, 0]])(FRAME))
    np.testing.assert_allclose(vector, [[2 / 13**0.5, 3 / 13**0.5]], 1e-5)


def test_groups_share_the_centres() -> None:
    # 1/2 (0, -1) + 3/4 (-1, 0).
    vector = as_numpy(nextvlad([0, 0], [[1, 1]])(FRAME))
    np.testing.assert_allclose(vector, [[-3 / 13**0.5, -2 / 13**0.5]], 1e-5)


def test_groups_are_assigned_one_by_one() -> None:
    # Group 0 is assigned (1/4, 3/4), group 1 (1/2, 1/2). Cluster 0:
    # 1/2 1/4 (1, 0) + 3/4 1/2 (0, 1), of direction (1, 3). Cluster 1:
    # 1/2 3/4 (1, 0) + 3/4 1/2 (0, 1), of direction (1, 1).
    layer = nextvlad([0, LOG3, 0, 0], [[0, 0], [0, 0]])
    vector = as_numpy(layer(FRAME))
    expected = [[1 / 10**0.5, 3 / 10**0.5, 1 / 2**0.5, 1 / 2**0.5]]
    np.testing.assert_allclose(vector, expected, 1e-5)


def test_frames_add_up_and_padding_does_not() -> None:
    # Frame (0, 1) becomes (0, 1, 1, 0): 1/2 (0, 1) + 3/4 (1, 0). With the
    # frame above: (5/4, 5/4).
    frames = np.float32([[[1, 0], [0, 1], [70, -9]]])
    layer = nextvlad([0, 0], [[0, 0]])
    vector = as_numpy(layer(frames, mask=np.array([[True, True, False]])))
    np.testing.assert_allclose(vector, [[0.5**0.5, 0.5**0.5]], 1e-5)


def test_an_all_masked_row_is_a_vector_of_zeros() -> None:
    vector = nextvlad([0, 0], [[1, 1]])(FRAME, mask=np.array([[False]]))
    np.testing.assert_array_equal(as_numpy(vector), np.zeros((1, 2)))


def test_errors() -> None:
    for sizes in ((0, 8, 2), (4, 0, 2), (4, 8, 0)):
        with pytest.raises(ValueError, match="all must be at least 1"):
            NeXtVLAD(*sizes)
    with pytest.raises(
        ValueError, match=r"groups=3 for 2 features made 2 times .* divide 4"
    ):
        NeXtVLAD(4, groups=3, expansion=2)(FRAME)
    with pytest.raises(ValueError, match=r"needs \(batch, frames, features"):
        NeXtVLAD(4)(FRAME[:, 0])
