"""Models by name, and the promises on their size."""

from __future__ import annotations

import gc
import inspect
from typing import Any
from unittest import mock

import keras
import pytest

from keras_attend_fusion import models
from keras_attend_fusion.models.build import BUILDERS
from tests.models import tiny

LEVELS = ["video", "frame"]
YOUTUBE_8M_CLASSES = 3862


def parameters(*args: Any, **kwargs: Any) -> int:
    """Counts a model's parameters without a value for any of them."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            return models.build(*args, **kwargs).count_params()
    finally:
        # Forgets the variables without values. There is nothing to collect,
        # which would take half a second among all that the tests loaded.
        with mock.patch.object(gc, "collect"):
            keras.utils.clear_session()


def test_counting_without_values_counts_the_same() -> None:
    arguments: dict[str, Any] = {"num_classes": 3, **tiny.SIZES}
    model = models.build("attend_fusion", "mobile", "frame", **arguments)
    assert model.count_params() == parameters(
        "attend_fusion", "mobile", "frame", **arguments
    )


COUNTS = {  # at video level and at frame level
    ("attend_fusion", "base"): (68_881_240, 71_058_008),
    ("attend_fusion", "small"): (16_897_068, 19_073_836),
    ("attend_fusion", "mobile"): (4_141_266, 4_481_682),
    ("attend_fusion", "audio"): (41_972_568, 42_039_384),
    ("attend_fusion", "visual"): (46_115_672, 48_225_624),
    ("fully_connected", "base"): (341_200_662, 341_200_662),
    ("fully_connected", "normalized"): (341_352_726, 341_352_726),
    ("fully_connected", "medium"): (54_581_014, 54_581_014),
    ("fully_connected", "small"): (18_186_006, 18_186_006),
    ("fully_connected", "audio"): (166_932_246, 166_932_246),
    ("fully_connected", "visual"): (174_272_278, 174_272_278),
    ("early_fusion", "base"): (54_107_926, 54_107_926),
    ("early_fusion", "normalized"): (37_355_798, 37_355_798),
    ("early_fusion", "small"): (16_869_142, 16_869_142),
    ("early_fusion", "large"): (175_320_854, 175_320_854),
    ("residual", "base"): (54_795_286, 54_795_286),
    ("residual", "small"): (16_745_494, 16_745_494),
    ("residual", "large"): (341_352_726, 341_352_726),
    ("residual_gating", "base"): (54_259_990, 54_259_990),
    ("residual_gating", "small"): (16_753_942, 16_753_942),
    ("residual_gating", "large"): (374_939_926, 374_939_926),
    # (1152 + 1) * 3862, and 1152 * 3 * 3862 + (1152 + 1) * 2 * 3862.
    ("logistic", "base"): (4_452_886, 4_452_886),
    ("mixture_of_experts", "base"): (22_252_844, 22_252_844),
    ("dbof", "base"): (37_783_596, 37_783_596),
    ("dbof", "small"): (16_538_668, 16_538_668),
    ("netvlad", "base"): (297_608_214, 297_608_214),
    ("netvlad", "willow"): (306_607_660, 306_607_660),
    ("netvlad", "medium"): (53_094_294, 53_094_294),
    ("netvlad", "small"): (16_661_398, 16_661_398),
    ("nextvlad", "base"): (88_970_274, 88_970_274),
    ("nextvlad", "entry"): (78_714_274, 78_714_274),
    ("nextvlad", "medium"): (53_314_606, 53_314_606),
    ("nextvlad", "small"): (16_307_438, 16_307_438),
    ("lstm", "base"): (39_301_420, 39_301_420),
    ("lstm", "small"): (16_459_692, 16_459_692),
}


@pytest.mark.parametrize(("name", "preset"), COUNTS)
def test_the_count_of_every_preset(name: str, preset: str) -> None:
    assert COUNTS[name, preset] == tuple(
        parameters(name, preset, level, YOUTUBE_8M_CLASSES) for level in LEVELS
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
    # Of `build`, and of the builders that it calls.
    defaults = {"level": "video", "num_classes": YOUTUBE_8M_CLASSES}
    for builder in (models.build, *BUILDERS.values()):
        found = inspect.signature(builder).parameters
        assert defaults == {name: found[name].default for name in defaults}
    assert (
        inspect.signature(models.build).parameters["preset"].default == "base"
    )
    assert parameters("logistic") == COUNTS["logistic", "base"][0]


def test_names_and_presets() -> None:
    assert models.names() == sorted(models.names())
    every = {
        (x, preset) for x in models.names() for preset in models.presets(x)
    }
    assert every == set(COUNTS)
    for name in models.names():
        assert models.presets(name)[0] == "base"
    assert models.presets("attend_fusion") == [
        preset for name, preset in COUNTS if name == "attend_fusion"
    ]


def test_modalities() -> None:
    assert models.modalities("residual") == ["rgb", "audio"]
    for name in ("attend_fusion", "fully_connected"):
        assert models.modalities(name, "small") == ["rgb", "audio"]
        assert models.modalities(name, "audio") == ["audio"]
        assert models.modalities(name, "visual") == ["rgb"]
    with pytest.raises(ValueError, match="'residual' has no preset 'audio'"):
        models.modalities("residual", "audio")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_every_model_and_preset_is_built(name: str, level: str) -> None:
    for preset in models.presets(name):
        with keras.StatelessScope(initialize_variables=False):
            model = models.build(name, preset, level, num_classes=7)
            assert model.output.shape == (None, 7)
            masks = [f"{one}_mask" for one in models.modalities(name, preset)]
            assert [x for x in model.input if x.endswith("_mask")] == (
                masks if level == "frame" else []
            )
    keras.utils.clear_session()


RGB_ALONE, AUDIO_ALONE = ("rgb", 300, "audio"), ("audio", 13, "rgb")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_every_preset_takes_one_modality_of_any_size(
    name: str, level: str
) -> None:
    presets = models.presets(name)
    for preset in {presets[0], presets[-1]}:
        for kept, size, dropped in RGB_ALONE, AUDIO_ALONE:
            sizes = {f"{kept}_size": size, f"{dropped}_size": None}
            with keras.StatelessScope(initialize_variables=False):
                model = models.build(name, preset, level, 7, **sizes)
            assert model.output.shape == (None, 7)
            taken = [kept] if level == "video" else [kept, f"{kept}_mask"]
            assert list(model.input) == taken
    keras.utils.clear_session()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", models.names())
def test_every_model_takes_both_modalities_of_any_size(
    name: str, level: str
) -> None:
    for rgb, audio in ((2, 7), (2050, 13)):
        with keras.StatelessScope(initialize_variables=False):
            model = models.build(
                name, "base", level, 7, rgb_size=rgb, audio_size=audio
            )
        assert model.output.shape == (None, 7)
        assert model.input["audio"].shape[-1] == audio
    keras.utils.clear_session()


def test_counts_that_are_given_have_to_divide() -> None:
    sizes: dict[str, Any] = {"rgb_size": 300, "audio_size": None}
    model = models.build("nextvlad", "medium", "frame", 3, **sizes)
    assert model.get_layer("rgb_nextvlad").groups == 15  # of 600, up to 16
    with pytest.raises(ValueError, match="groups=16 for 300 features"):
        models.build("nextvlad", level="frame", visual_groups=16, **sizes)


@pytest.mark.parametrize("size", [0, -3, 2.5, "8"])
def test_sizes_below_one(size: Any) -> None:
    with pytest.raises(ValueError, match=f"rgb_size is {size!r}; pass 1 or m"):
        models.build("logistic", rgb_size=size)


def test_overrides_win_over_the_preset() -> None:
    model = models.build("attend_fusion", "mobile", "video", 3, **tiny.SIZES)
    assert model.input["rgb"].shape == (None, tiny.RGB)
    head = model.get_layer("fusion_head_1")
    assert head.hidden_units == tiny.SIZES["hidden_units"]
    assert head.num_heads == tiny.SIZES["num_heads"]


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(
        ValueError,
        match="no model 'nothing'; the models are attend_fusion, ",
    ):
        models.build("nothing")
    with pytest.raises(ValueError, match="no model 'nothing'"):
        models.presets("nothing")
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
