"""What a search says of the videos that its trials are trained on."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.runs import class_subset as class_list
from keras_attend_fusion.runs import layout
from keras_attend_fusion.runs.plan import machine
from keras_attend_fusion.runs.training_data import TrainingData


def fixed_facts(videos: TrainingData) -> dict[str, Any]:
    """What of the videos may not change while a search goes on."""
    return {
        "level": videos.level,
        "num_classes": videos.num_classes,
        **videos.classes.facts,
        "sizes": videos.sizes,
        "schema": layout.as_json(videos.reader.schema),
        "train_videos": videos.count,
        "validation_videos": videos.validation_videos,
        "backend": machine()["backend"],
    }


def config(videos: TrainingData) -> dict[str, Any]:
    """What the config of every trial has, as config.json of a run has it."""
    settings = videos.settings
    return {
        "model": settings.model,
        "dtype_policy": settings.precision,
        "num_classes": videos.num_classes,
        "classes": videos.classes.facts.get(class_list.INDICES),
        "seed": settings.seed,
        "train": settings.train,
        "validate": settings.validate,
        "level": videos.level,
        "sizes": videos.sizes,
        "schema": layout.as_json(videos.reader.schema),
        "modalities": settings.modalities,
        "train_videos": videos.count,
        **machine(),
    }
