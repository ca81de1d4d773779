"""Soft targets for the training videos, by models that never saw them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

import keras_attend_fusion as kaf
from keras_attend_fusion.files import beside

from .fit import fit, forget, predict
from .rows import model_and_preset
from .videos import TRAIN

FOLDS = 4


def write_soft(path: Path, runs: Any, rows: list[str], grid: Any) -> None:
    """Writes scores of every training video, in order, as float16.

    Each row, in its best setting of the table, is trained on three quarters
    of the training videos and scores the fourth, four times over; the scores
    of the rows are averaged. Each fold is kept beside `path` until the end,
    so a killed run goes on.
    """
    videos = runs.videos
    keras.config.set_dtype_policy(kaf.training.default_dtype_policy())
    train = videos.rows(TRAIN)
    fold_of = np.random.default_rng(1).permutation(len(train)) % FOLDS
    total = np.zeros((len(train), videos.num_classes), "float32")
    parts = []
    for row in rows:
        changes, _ = runs.tuned(row, grid, "gap_at_20")
        model, preset = model_and_preset(row)
        job = {**runs.base, "model": model, "preset": preset, **changes}
        for fold in range(FOLDS):
            name = f"{path.stem}-{model}-{preset}-{fold}.npy"
            part = path.with_name(name.replace(":", "."))
            parts.append(part)
            if not part.is_file():
                job["seed"] = fold
                trained = fit(job, videos, train[fold_of != fold])
                if trained is None:
                    raise ValueError(f"{row} lost its loss in fold {fold}")
                scores = predict(trained, videos, train[fold_of == fold])
                with beside(part) as unfinished:
                    np.save(unfinished, scores.astype("float16"))
                del trained
                forget()
                print(f"{row} fold {fold} is trained", flush=True)
            total[fold_of == fold] += np.load(part)
    with beside(path) as unfinished:
        np.save(unfinished, (total / len(rows)).astype("float16"))
    for part in parts:
        part.unlink()
