"""Parts and shares of the modalities, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.explain.shares import (
    contributions,
    logit,
    shares,
    subsets,
)


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
    names = ["rgb", "audio"]
    logits = dict(zip(subsets(names), (z_0, z_rgb, z_audio, z), strict=True))
    runs = {key: np.array([score(value)]) for key, value in logits.items()}
    found = contributions(runs, names)
    assert found.shape == (1, 2)
    assert found[0] == pytest.approx(parts)
    assert found.sum() == pytest.approx(z - z_0)


def test_parts_of_three_by_hand():
    # Three that the class takes together get a third each; a fourth that adds
    # nothing gets nothing; one that adds 2 whatever there is gets 2.
    names = ["rgb", "audio", "text", "motion", "depth"]
    runs = {
        chosen: np.array(
            [
                score(
                    6.0 * ({"rgb", "audio", "text"} <= chosen)
                    + 2.0 * ("depth" in chosen)
                )
            ]
        )
        for chosen in subsets(names)
    }
    assert len(runs) == 32
    found = contributions(runs, names)
    assert found[0] == pytest.approx([2.0, 2.0, 2.0, 0.0, 2.0])


def test_a_part_depends_on_the_order_that_others_come_in():
    # Either of two does, worth 6, with a third there; each of the two then
    # adds in 1 of the 6 orders (after the third, before the other).
    names = ["rgb", "audio", "text"]
    runs = {
        chosen: np.array([score(6.0 * ("text" in chosen and len(chosen) > 1))])
        for chosen in subsets(names)
    }
    found = contributions(runs, names)
    assert found[0] == pytest.approx([1.0, 1.0, 4.0])


def test_one_modality_adds_all():
    runs = {
        chosen: np.array([score(3.0 if chosen else -1.0)])
        for chosen in subsets(["text"])
    }
    assert contributions(runs, ["text"])[0] == pytest.approx([4.0])


def test_shares_of_what_speaks_for_it():
    parts = np.array([[[2.0, 1.0], [4.0, -2.0]], [[-1.0, 0.0], [0.0, 5.0]]])
    found = shares(parts)
    assert found.dtype == np.float32
    assert found[0].tolist() == [pytest.approx([2 / 3, 1 / 3]), [1.0, 0.0]]
    assert np.isnan(found[1, 0]).all()
    assert found[1, 1].tolist() == [0.0, 1.0]
