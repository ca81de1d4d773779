"""Models by name, and the promises on their size."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from keras_attend_fusion import models
from tests.models import tiny

LEVELS = ["video", "frame"]
YOUTUBE_8M_CLASSES = 3862


def parameters(*args: Any, **kwargs: Any) -> int:
    """Counts a model's parameters without a value for any of them."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            return models.build(*args, **kwargs).count_params()
    finally:
        keras.utils.clear_session()


def test_counting_without_values_counts_the_same() -> None:
    arguments: dict[str, Any] = {"num_classes": 3, **tiny.SIZES}
    model = models.build("attend_fusion", "mobile", "frame", **arguments)
    assert model.count_params() == parameters(
        "attend_fusion", "mobile", "frame", **arguments
    )


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("preset", "budget"),
    [("base", 72_000_000), ("small", 20_000_000), ("mobile", 5_000_000)],
)
def test_the_parameter_budget(preset: str, budget: int, level: str) -> None:
    count = parameters("attend_fusion", preset, level, YOUTUBE_8M_CLASSES)
    # At least the classifier's biases, so that a count of 0 would show.
    assert YOUTUBE_8M_CLASSES < count <= budget


def test_presets_grow() -> None:
    counts = [
        parameters("attend_fusion", preset)
        for preset in ("mobile", "small", "base")
    ]
    assert counts == sorted(set(counts))


@pytest.mark.parametrize("level", LEVELS)
def test_the_fully_connected_baseline_has_the_papers_341_millions(
    level: str,
) -> None:
    # Three layers of 8192 for each modality, joined, with biases:
    #   rgb    1024*8192 + 8192 + 2 * (8192*8192 + 8192) = 142,630,912
    #   audio   128*8192 + 8192 + 2 * (8192*8192 + 8192) = 135,290,880
    #   joined  16384*3862 + 3862                        =  63,278,870
    count = parameters("fully_connected", "base", level, YOUTUBE_8M_CLASSES)
    assert count == 142_630_912 + 135_290_880 + 63_278_870 == 341_200_662


def test_the_defaults_are_base_at_video_level_for_youtube_8m() -> None:
    for name in models.names():
        assert parameters(name) == parameters(
            name, preset="base", level="video", num_classes=YOUTUBE_8M_CLASSES
        )


def test_names_and_presets() -> None:
    assert models.names() == ["attend_fusion", "fully_connected"]
    assert models.presets("attend_fusion") == ["base", "small", "mobile"]
    assert models.presets("fully_connected")[0] == "base"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_every_model_and_preset_is_built(name: str, level: str) -> None:
    for preset in models.presets(name):
        with keras.StatelessScope(initialize_variables=False):
            model = models.build(name, preset, level, num_classes=7)
            assert model.output.shape == (None, 7)
            assert ("rgb_mask" in model.input) == (level == "frame")
    keras.utils.clear_session()


def test_overrides_win_over_the_preset() -> None:
    model = models.build("attend_fusion", "mobile", "video", 3, **tiny.SIZES)
    assert model.input["rgb"].shape == (None, tiny.RGB)
    head = model.get_layer("fusion_head")
    assert head.hidden_units == tiny.SIZES["hidden_units"]
    assert head.num_heads == tiny.SIZES["num_heads"]


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(
        ValueError,
        match="no model 'netvlad'; the models are attend_fusion, fully_conn",
    ):
        models.build("netvlad")
    with pytest.raises(ValueError, match="no model 'netvlad'"):
        models.presets("netvlad")
    with pytest.raises(
        ValueError,
        match="'attend_fusion' has no preset 'huge'; it has base, small, mob",
    ):
        models.build("attend_fusion", "huge")
    with pytest.raises(
        ValueError, match=r"level is 'shot'; pass one of \('video', 'frame'\)"
    ):
        models.build("attend_fusion", "mobile", "shot")
    with pytest.raises(TypeError, match="no_such_argument"):
        models.build("attend_fusion", no_such_argument=1)
