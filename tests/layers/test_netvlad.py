"""NetVLAD by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from keras_attend_fusion.layers import NetVLAD
from keras_attend_fusion.layers.netvlad import l2_normalize, residuals
from tests.layer_test_case import as_numpy

LOG3 = math.log(3.0)


def netvlad(
    kernel: list[list[float]], shift: list[float], centres: list[list[float]]
) -> NetVLAD:
    """A layer whose norm only adds `shift`."""
    layer = NetVLAD(num_clusters=2)
    layer.build((None, None, 2))
    layer.assign.set_weights([np.float32(kernel)])
    variance = np.full(2, 1.0 - layer.norm.epsilon)
    layer.norm.set_weights(
        [np.ones(2), np.float32(shift), np.zeros(2), variance]
    )
    layer.centres.assign(np.float32(centres))
    return layer


def test_differences_from_the_centres_by_hand() -> None:
    # Any frame is a quarter of cluster 0's, three quarters of cluster 1's.
    # Cluster 0: (0, 2) + (3, 2) = (3, 4), of length 5.
    # Cluster 1: (0.5, 0) + (3.5, 0) = (4, 0). Both are then of length 1, so
    # the whole is divided by sqrt(2).
    layer = netvlad([[0, 0], [0, 0]], [0, LOG3], [[1, 0], [0.5, 2]])
    vector = as_numpy(layer(np.float32([[[1, 2], [4, 2]]])))
    expected = np.array([[0.6, 0.8, 1, 0]]) / math.sqrt(2)
    np.testing.assert_allclose(vector, expected, atol=1e-5)


def test_soft_assignment_by_hand() -> None:
    # Frame (1, 0): logits (0, log 3), assigned (1/4, 3/4). Frame (0, 1):
    # logits 0, assigned (1/2, 1/2). The centres are zeros, so the clusters
    # are (1/4, 1/2) and (3/4, 1/2), of direction (1, 2) and (3, 2).
    layer = netvlad([[0, LOG3], [0, 0]], [0, 0], [[0, 0], [0, 0]])
    frames = np.float32([[[1, 0], [0, 1], [50, 50]]])
    vector = as_numpy(layer(frames, mask=np.array([[True, True, False]])))
    first, second = np.array([1, 2]) / 5**0.5, np.array([3, 2]) / 13**0.5
    expected = np.concatenate([first, second])[None] / 2**0.5
    np.testing.assert_allclose(vector, expected, atol=1e-5)


def test_an_all_masked_row_is_a_vector_of_zeros() -> None:
    layer = netvlad([[0, 1], [1, 0]], [0, 0], [[1, 2], [3, 4]])
    frames = np.full((1, 3, 2), 1e4, "float32")
    vector = layer(frames, mask=np.zeros((1, 3), bool))
    np.testing.assert_array_equal(as_numpy(vector), np.zeros((1, 4)))


def test_a_video_twice_over_is_the_same() -> None:
    layer = netvlad([[0, 1], [1, 0]], [0, 1], [[1, 2], [3, 4]])
    frames = np.float32([[[1, 0], [2, 1], [5, 3]]])
    twice = np.concatenate([frames, frames], 1)
    np.testing.assert_allclose(
        as_numpy(layer(twice)), as_numpy(layer(frames)), atol=1e-6
    )


def test_the_functions_alone() -> None:
    # One cluster, weights 1 and 2: (1, 1) - c + 2 ((4, 1) - c), c = (1, 0).
    away = residuals(
        np.float32([[[1, 1], [4, 1]]]),
        np.float32([[[1], [2]]]),
        np.float32([[1, 0]]),
    )
    np.testing.assert_allclose(
        as_numpy(away), [[np.array([6, 3]) / 45**0.5]], 1e-5
    )
    rows = as_numpy(l2_normalize(np.float32([[5, 12], [0, 0]])))
    np.testing.assert_allclose(rows, [[5 / 13, 12 / 13], [0, 0]], 1e-5)


def test_errors() -> None:
    with pytest.raises(ValueError, match="num_clusters=0; it must be at"):
        NetVLAD(0)
    with pytest.raises(ValueError, match=r"needs \(batch, frames, features"):
        NetVLAD(4)(np.zeros((2, 3), "float32"))
