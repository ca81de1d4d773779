"""The streaming metrics where they are used: inside `fit`."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_attend_fusion.metrics import (
    GlobalAveragePrecision,
    HitAtOne,
    evaluate,
)


def some_videos() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(90, 8)).astype("float32")
    labels = features @ rng.normal(size=(8, 30)) > 4.5
    return features, labels.astype("float32")


def compiled(**arguments: bool) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(30, activation="sigmoid")]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(0.05),
        loss="binary_crossentropy",
        metrics=[GlobalAveragePrecision(top_k=20), HitAtOne()],
        **arguments,
    )
    return model


def modes() -> list[dict[str, bool]]:
    modes = [{"jit_compile": False}, {"run_eagerly": True}]
    if keras.backend.backend() != "torch":  # compiling there takes minutes
        modes.append({"jit_compile": True})
    return modes


@pytest.mark.parametrize("mode", modes(), ids=str)
def test_fit_and_evaluate(mode: dict[str, bool]) -> None:
    features, labels = some_videos()
    model = compiled(**mode)
    # The last batch is smaller.
    history = model.fit(
        features,
        labels,
        batch_size=40,
        epochs=6,
        validation_data=(features, labels),
        verbose=0,
    ).history
    exact = evaluate(model.predict(features, verbose=0), labels)
    last = model.evaluate(
        features, labels, batch_size=40, verbose=0, return_dict=True
    )
    for key in ("gap_at_20", "hit_at_1"):
        assert last[key] == pytest.approx(exact[key], abs=1e-3)
        assert history[f"val_{key}"][-1] == pytest.approx(last[key], abs=1e-5)
        assert history[key][-1] > history[key][0]


def test_a_saved_model_brings_its_metrics_back(tmp_path: Path) -> None:
    features, labels = some_videos()
    model = compiled(jit_compile=False)
    before = model.evaluate(features, labels, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras")
    after = copy.evaluate(features, labels, verbose=0, return_dict=True)
    assert after == pytest.approx(before, abs=1e-6)
    assert set(after) == {"loss", "gap_at_20", "hit_at_1"}
