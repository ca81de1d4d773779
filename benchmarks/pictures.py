"""The picture of an explanation that the documentation shows.

    python benchmarks/pictures.py

Synthetic videos hold classes that show for 3 to 5 seconds (`data/planted.py`).
A small model is trained on them, and one validation video of such a class is
explained: `docs/explanation.svg`, with the planted seconds shaded. The plot of
score against size, `docs/results.svg`, is drawn by `quality`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

import keras_attend_fusion as kaf
from keras_attend_fusion.reports import explanation_plot as plot
from keras_attend_fusion.reports import figures
from keras_attend_fusion.reports.explanation_summary import tell

DOCS = Path(__file__).parent.parent / "docs"
VIDEOS, CLASSES, SECONDS, EPOCHS, BATCH = 1600, 8, (40, 60), 8, 32
NAMES = {
    "visual": "in the picture",
    "audio": "in the sound",
    "both": "in both",
    "moment": "for some seconds",
}


def main() -> None:
    keras.utils.set_random_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        manifest = json.loads(
            kaf.data.synthesize(
                folder, "frame", VIDEOS, 1, CLASSES, seed=1, seconds=SECONDS
            ).read_text()
        )
        model = trained(folder)
        load = kaf.data.load(
            f"{folder}/validate-*",
            batch_size=VIDEOS,
            num_classes=CLASSES,
            with_id=True,
        )
        ((features, labels),) = load.as_numpy_iterator()
    ids = [text.decode() for text in features.pop("id")]
    row, moment = clearest(model, features, labels, manifest["videos"], ids)
    video = {name: values[row : row + 1] for name, values in features.items()}
    explanation = kaf.explain(model, video, top_k=3)
    story = tell(
        explanation,
        labels[row],
        {
            index: f"{chr(65 + index)}, {NAMES[one['kind']]}"
            for index, one in enumerate(manifest["classes"])
        },
        video=ids[row],
        model="attend_fusion",
        seconds=int(video["rgb_mask"].sum()),
        window=int(explanation.window[0]),
    )
    figure = plot.draw(story)
    for axes in figure.axes[1:]:
        axes.axvspan(
            moment["start"] - 0.5,
            moment["end"] - 0.5,
            color=figures.GREY,
            alpha=0.2,
            linewidth=0,
        )
    figures.save(figure, DOCS / "explanation.svg")


def trained(folder: str) -> keras.Model:
    """A small model of both modalities."""
    videos = kaf.data.load(
        f"{folder}/train-*",
        batch_size=BATCH,
        num_classes=CLASSES,
        shuffle=True,
        seed=0,
    )
    model = kaf.models.build(
        "attend_fusion",
        "mobile",
        level="frame",
        num_classes=CLASSES,
        trunk_units=64,
        hidden_units=64,
        key_dim=16,
        visual_heads=1,
        visual_key_dim=8,
        audio_heads=1,
        audio_key_dim=8,
    )
    steps = kaf.data.count(f"{folder}/train-*") // BATCH * EPOCHS
    kaf.training.compile_model(model, total_steps=steps, learning_rate=1e-3)
    model.fit(videos, epochs=EPOCHS, shuffle=False, verbose=2)
    return model


def clearest(
    model: keras.Model,
    features: dict[str, Any],
    labels: np.ndarray,
    videos: dict[str, Any],
    ids: list[str],
) -> tuple[int, dict[str, int]]:
    """The video with one moment whose class has the highest score."""
    scores = model.predict(features, batch_size=BATCH, verbose=0)
    best, chosen = -1.0, None
    for row, name in enumerate(ids):
        moments = videos[name]["moments"]
        if len(moments) == 1 and labels[row].sum() > 1:
            score = float(scores[row, moments[0]["label"]])
            if score > best:
                best, chosen = score, (row, moments[0])
    assert chosen is not None
    return chosen


if __name__ == "__main__":
    main()
