"""Parts and shares of the modalities, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.explain.shares import contributions, logit, shares


def score(z):
    return 1 / (1 + np.exp(-np.float64(z)))


def test_a_logit_ends_where_float32_does():
    assert logit(np.float32(0.5)) == 0.0
    assert logit(score(3.0)) == pytest.approx(3.0)
    assert logit(np.float32(1.0)) == pytest.approx(16.118, abs=1e-3)
    assert logit(np.float32(0.0)) == pytest.approx(-16.118, abs=1e-3)


@pytest.mark.parametrize(
    ("z", "z_rgb", "z_audio", "z_0", "parts"),
    [
        (0.0, -1.0, -2.0, -3.0, (2.0, 1.0)),  # each adds its own
        (3.0, 3.0, 3.0, -1.0, (2.0, 2.0)),  # either would do
        (3.0, -1.0, -1.0, -1.0, (2.0, 2.0)),  # it takes both
        (3.0, 3.0, -1.0, -1.0, (4.0, 0.0)),  # the picture alone
        (1.0, 3.0, -3.0, -1.0, (4.0, -2.0)),  # the sound speaks against
    ],
)
def test_parts_by_hand(z, z_rgb, z_audio, z_0, parts):
    runs = [np.array([score(one)]) for one in (z, z_rgb, z_audio, z_0)]
    found = contributions(*runs)
    assert found.shape == (1, 2)
    assert found[0] == pytest.approx(parts)
    assert found.sum() == pytest.approx(z - z_0)


def test_shares_of_what_speaks_for_it():
    parts = np.array([[[2.0, 1.0], [4.0, -2.0]], [[-1.0, 0.0], [0.0, 5.0]]])
    found = shares(parts)
    assert found.dtype == np.float32
    assert found[0].tolist() == [pytest.approx([2 / 3, 1 / 3]), [1.0, 0.0]]
    assert np.isnan(found[1, 0]).all()
    assert found[1, 1].tolist() == [0.0, 1.0]
