"""The streaming metrics where they are used: inside `fit`."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_attend_fusion.metrics import (
    F1,
    CalibrationError,
    GlobalAveragePrecision,
    HitAtOne,
    MeanAveragePrecision,
    PrecisionAtEqualRecall,
    PrecisionAtK,
    RecallAtK,
    evaluate,
)

EXACT = ("gap_at_20", "map", "map_top_20", "hit_at_1", "perr", "f1_micro")
KEPT = ("gap_at_20", "map", "f1_micro")
KEYS = (*EXACT, "precision_at_5", "recall_at_5", "calibration_error")


def some_videos() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(90, 8)).astype("float32")
    labels = features @ rng.normal(size=(8, 30)) > 4.5
    return features, labels.astype("float32")


def compiled(
    dtype: str = "float32", few: bool = False, **arguments: bool
) -> keras.Model:
    """A model with every metric, or with a `few` of different kinds."""
    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(30, activation="sigmoid", dtype=dtype)
    model = keras.Sequential([keras.Input((8,)), hidden])
    metrics = [
        GlobalAveragePrecision(top_k=20),
        MeanAveragePrecision(30),
        F1(),
    ]
    if not few:
        metrics += [
            MeanAveragePrecision(30, ranking="top_20"),
            HitAtOne(),
            PrecisionAtEqualRecall(),
            PrecisionAtK(5),
            RecallAtK(5),
            CalibrationError(),
        ]
    model.compile(
        optimizer=keras.optimizers.Adam(0.05),
        loss="binary_crossentropy",
        metrics=metrics,
        **arguments,
    )
    return model


# Compiling takes PyTorch minutes, and running eagerly JAX. XLA takes a while
# for each metric, and test_counting_metric.py compiles each alone.
MODES = {
    "tensorflow": [
        {"jit_compile": False},
        {"jit_compile": True, "few": True},
        {"run_eagerly": True, "few": True},
    ],
    "jax": [{"jit_compile": True}],
    "torch": [{"jit_compile": False}],
}[keras.backend.backend()]


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_fit_and_evaluate(mode: dict[str, bool]) -> None:
    features, labels = some_videos()
    model = compiled(**mode)
    # The last batch is smaller.
    history = model.fit(
        features,
        labels,
        batch_size=40,
        epochs=4,
        validation_data=(features, labels),
        verbose=0,
    ).history
    exact = evaluate(model.predict(features, verbose=0), labels)
    last = model.evaluate(
        features, labels, batch_size=40, verbose=0, return_dict=True
    )
    keys = KEPT if mode.get("few") else KEYS
    assert set(last) == {"loss", *keys}
    for key in set(EXACT) & set(keys):
        assert last[key] == pytest.approx(exact[key], abs=1e-3)
    for key in keys:
        assert history[f"val_{key}"][-1] == pytest.approx(last[key], abs=1e-5)
    for key in KEPT:
        assert history[key][-1] > history[key][0]


def test_bfloat16_outputs() -> None:
    features, labels = some_videos()
    model = compiled("mixed_bfloat16", **MODES[0])
    model.fit(features, labels, batch_size=45, epochs=3, verbose=0)
    scores = keras.ops.cast(model.predict(features, verbose=0), "float32")
    exact = evaluate(keras.ops.convert_to_numpy(scores), labels)
    last = model.evaluate(
        features, labels, batch_size=45, verbose=0, return_dict=True
    )
    # Compiled, XLA may leave out the rounding that ties the scores.
    for key in EXACT:
        assert last[key] == pytest.approx(exact[key], abs=1e-2)
    for key in KEYS:
        assert 0 < last[key] < 1


def test_a_saved_model_brings_its_metrics_back(tmp_path: Path) -> None:
    features, labels = some_videos()
    model = compiled(**MODES[0])
    before = model.evaluate(features, labels, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    after = copy.evaluate(features, labels, verbose=0, return_dict=True)
    assert after == pytest.approx(before, abs=1e-6)
    assert set(after) == {"loss", *KEYS}
