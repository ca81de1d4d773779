from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion.data.planted import (
    Planted,
    dequantised_mean,
    quantise,
)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted(classes=12, seed=0)


def means(planted: Planted, label: int, count: int, decoy: bool = False):
    """The mean rgb and audio of some videos of one class."""
    labels = () if decoy else (label,)
    found: dict[str, list[np.ndarray]] = {"rgb": [], "audio": []}
    for i in range(count):
        rng = np.random.default_rng([label + 1, i, int(decoy)])
        video = planted.make_video("id", labels, decoy, rng)
        for name, frames in video.frames.items():
            found[name].append(dequantised_mean(frames))
    return {name: np.stack(rows) for name, rows in found.items()}


def separation(a: np.ndarray, b: np.ndarray) -> float:
    """The share of held-out rows that the nearer centroid gets right."""
    half = len(a) // 2
    centre_a, centre_b = a[:half].mean(axis=0), b[:half].mean(axis=0)
    normal = centre_a - centre_b
    cut = normal @ (centre_a + centre_b) / 2
    right = (a[half:] @ normal > cut).sum() + (b[half:] @ normal < cut).sum()
    return float(right / (2 * (len(a) - half)))


def test_classes_are_dealt_over_the_kinds(planted):
    assert planted.kinds == ("visual", "audio", "both", "moment") * 3
    assert planted.pairs == [(2, 6)]
    assert planted.partner == {2: 6, 6: 2}
    assert planted.single == 10
    assert [planted.in_audio(label) for label in (3, 7, 11)] == [
        True,
        False,
        True,
    ]


def test_quantise_by_hand():
    x = np.array([-9.0, -2.0, -1.99, 0.0, 2.0, 9.0])
    # (-1.99 + 2) · 63.75 = 0.64 and (0 + 2) · 63.75 = 127.5, even: 128.
    assert quantise(x).tolist() == [0, 0, 1, 128, 255, 255]
    assert quantise(x).dtype == np.uint8


def test_dequantised_mean_by_hand():
    q = np.array([[0, 255], [255, 255]], np.uint8)
    # 0 is -1.9921875 and 255 is 2.0078125.
    assert dequantised_mean(q).tolist() == [0.0078125, 2.0078125]


def test_every_class_is_dealt_and_no_pair_together(planted):
    dealt = planted.deal_labels(400, np.random.default_rng(0))
    assert len(dealt) == 400
    counts = np.bincount([x for labels in dealt for x in labels], minlength=12)
    assert counts.min() >= 1
    assert counts[0] > 2 * counts[11]
    assert {len(labels) for labels in dealt} == {1, 2, 3, 4}
    assert not any({2, 6} <= set(labels) for labels in dealt)
    assert all(len(set(labels)) == len(labels) for labels in dealt)


@pytest.mark.parametrize("videos", [1, 5, 12, 13])
def test_every_class_is_dealt_while_there_are_videos(planted, videos):
    dealt = planted.deal_labels(videos, np.random.default_rng(0))
    assert all(dealt)
    distinct = {label for labels in dealt for label in labels}
    assert len(distinct) >= min(videos, 12)


def test_visual_classes_show_in_rgb_alone(planted):
    a, b = means(planted, 0, 60), means(planted, 4, 60)
    assert separation(a["rgb"], b["rgb"]) > 0.95
    assert separation(a["audio"], b["audio"]) < 0.7


def test_audio_classes_show_in_audio_alone(planted):
    a, b = means(planted, 1, 60), means(planted, 5, 60)
    assert separation(a["audio"], b["audio"]) > 0.95
    assert separation(a["rgb"], b["rgb"]) < 0.7


def test_one_modality_does_not_tell_a_pair_apart_but_two_do(planted):
    a, b = means(planted, 2, 120), means(planted, 6, 120)
    assert separation(a["rgb"], b["rgb"]) < 0.65
    assert separation(a["audio"], b["audio"]) < 0.65
    joined = [np.hstack([x["rgb"], x["audio"]]) for x in (a, b)]
    assert separation(*joined) < 0.65
    products = []
    for x in (a, b):
        picture = x["rgb"] @ _contrast(planted, "rgb", 2, 6)
        sound = x["audio"] @ _contrast(planted, "audio", 2, 6)
        products.append((picture * sound)[:, None])
    assert separation(*products) > 0.9


def test_decoys_of_the_class_without_a_partner_are_its_crossed_cues(planted):
    a, b = means(planted, 10, 120), means(planted, 10, 120, decoy=True)
    assert separation(a["rgb"], b["rgb"]) < 0.65
    products = []
    for x in (a, b):
        picture = x["rgb"] @ _contrast(planted, "rgb", 10, 12)
        sound = x["audio"] @ _contrast(planted, "audio", 10, 12)
        products.append((picture * sound)[:, None])
    assert separation(*products) > 0.9


def test_a_moment_shows_in_its_seconds_alone(planted):
    rng = np.random.default_rng(0)
    for label in (3, 7):
        video = planted.make_video("id", (label,), False, rng)
        (moment,) = video.moments
        assert moment.label == label
        assert 3 <= moment.end - moment.start <= 5
        assert 0 <= moment.start < moment.end <= video.seconds
        shown = {
            name: frames * (4 / 255) @ planted._cues[name][label]
            for name, frames in video.frames.items()
        }
        inside = np.zeros(video.seconds, bool)
        inside[moment.start : moment.end] = True
        assert shown["rgb"][inside].min() > shown["rgb"][~inside].max()
        audio = shown["audio"]
        rise = audio[inside].mean() - audio[~inside].mean()
        assert (rise > 2) == planted.in_audio(label)


def test_noise_is_about_as_wide_as_in_real_means(planted):
    x = means(planted, 0, 60)
    assert 0.35 < x["rgb"].std() < 0.55
    assert 0.5 < x["audio"].std() < 0.8


def _contrast(planted: Planted, name: str, a: int, b: int) -> np.ndarray:
    return planted._cues[name][a] - planted._cues[name][b]
