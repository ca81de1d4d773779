"""One training, and its scores."""

from __future__ import annotations

import gc
import inspect
import math
import time
from typing import Any

import keras
import numpy as np

import keras_attend_fusion as kaf
from keras_attend_fusion.models import flops
from keras_attend_fusion.models.build import BUILDERS
from keras_attend_fusion.models.own_builder import is_own, load_builder
from keras_attend_fusion.training.terminate_on_non_finite import lost_scores

from .rows import CLIP
from .videos import FIRST_HALF, SECOND_HALF, Videos


def build(job: dict[str, Any], num_classes: int) -> keras.Model:
    """The model of a job, with the dropout of its setting everywhere.

    `changes` of the job are arguments of the builder; and `attention`, False
    for a model without any between the modalities.
    """
    dropout = job["setting"].get("dropout")
    if job["preset"] == CLIP:
        from .clips import clip_model

        return clip_model(job["model"], num_classes, dropout or 0.0)
    name = job["model"]
    builder = load_builder(name) if is_own(name) else BUILDERS[name]
    arguments = inspect.signature(builder).parameters
    rates = [each for each in arguments if each.endswith("dropout")]
    changes = {} if dropout is None else dict.fromkeys(rates, dropout)
    changes |= job.get("changes", {})
    if not changes.pop("attention", True):
        from .without_attention import without_attention

        return without_attention(num_classes, **changes)
    return kaf.models.build(
        name, job["preset"], job["level"], num_classes, **changes
    )


def fit(
    job: dict[str, Any],
    videos: Videos,
    rows: np.ndarray,
    soft: np.ndarray | None = None,
) -> keras.Model | None:
    """Trains the model of a job; None if the loss was lost.

    The recipe is `kaf.training.compile_model` alone, unless the job says
    more: `ema` (momentum of an average of the weights, which becomes the
    model), `mixup` (parameter of the Beta distribution that pairs of videos
    are mixed by), `smoothing` (what a label is less than 1), `soft` (share of
    soft targets in the labels).

    Args:
        job: what to train, see `Runs.get`.
        videos: where the batches come from.
        rows: those to train on.
        soft: soft targets, a row for each training video of `videos`.
    """
    setting, recipe = job["setting"], job["recipe"]
    keras.utils.set_random_seed(job["seed"])
    model = build(job, videos.num_classes)
    size = min(job["batch_size"], len(rows))
    steps = len(rows) // size  # of one shape: what is left over waits
    kaf.training.compile_model(
        model,
        steps * setting["epochs"],
        learning_rate(job, model),
        setting["weight_decay"],
    )
    if recipe.get("ema"):
        model.optimizer.use_ema = True
        model.optimizer.ema_momentum = recipe["ema"]
    rng = np.random.default_rng(job["seed"])
    place = np.cumsum(videos.part == 0) - 1  # of a video in `soft`
    for _ in range(setting["epochs"]):
        order = rng.permutation(rows)
        for step in range(steps):
            some = order[step * size : (step + 1) * size]
            features, labels = videos.batch(some)
            labels = (1 - recipe.get("smoothing", 0)) * labels
            if recipe.get("soft"):
                assert soft is not None
                weight = recipe["soft"]
                targets = soft[place[some]].astype("float32")
                labels = (1 - weight) * labels + weight * targets
            if recipe.get("mixup"):
                features, labels = mixed(features, labels, recipe["mixup"], rng)
            try:
                with lost_scores():
                    loss = model.train_on_batch(features, labels)
            except kaf.training.LostError:
                return None
            if not math.isfinite(float(np.asarray(loss).flat[0])):
                return None
    if recipe.get("ema"):
        model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def learning_rate(job: dict[str, Any], model: keras.Model) -> float:
    """The peak: `rate` times what suits a model of this size."""
    suits = kaf.training.default_learning_rate(model)
    return float(job["setting"]["rate"] * suits)


def mixed(
    features: dict[str, np.ndarray],
    labels: np.ndarray,
    alpha: float,
    rng: np.random.Generator,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Each video of a batch mixed with another one, vectors and labels."""
    share = np.float32(rng.beta(alpha, alpha))
    other = rng.permutation(len(labels))

    def mix(values: np.ndarray) -> np.ndarray:
        return share * values + (1 - share) * values[other]

    return {name: mix(v) for name, v in features.items()}, mix(labels)


def predict(
    model: keras.Model, videos: Videos, rows: np.ndarray, size: int = 512
) -> np.ndarray:
    """Scores of some videos, in batches of one shape."""
    scores = []
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        full = np.resize(some, size)  # the last batch repeats itself
        features, _ = videos.batch(full)
        outputs = model.predict_on_batch(features)
        scores.append(np.asarray(outputs, "float32")[: len(some)])
    return np.concatenate(scores)


def evaluate(model: keras.Model, videos: Videos) -> dict[str, float | int]:
    """Every metric over all validation videos.

    `f1_micro_frozen` is the F1 of the second half at the threshold that is
    best for the first (`threshold_frozen`); `f1_micro` is at the best
    threshold of both together.
    """
    halves = []
    for part in (FIRST_HALF, SECOND_HALF):
        rows = videos.rows(part)
        evaluator = kaf.metrics.Evaluator(videos.num_classes)
        evaluator.update(predict(model, videos, rows), videos.batch(rows)[1])
        halves.append(evaluator)
    threshold = halves[0].result()["threshold"]
    frozen = halves[1].result(threshold)["f1_micro"]
    halves[0].merge(halves[1])
    return {
        **halves[0].result(),
        "f1_micro_frozen": frozen,
        "threshold_frozen": threshold,
    }


def run(
    job: dict[str, Any], videos: Videos, soft: np.ndarray | None = None
) -> dict[str, Any]:
    """Trains and scores; metrics are None if the loss was lost."""
    policy = kaf.training.default_dtype_policy()
    keras.config.set_dtype_policy(policy)
    started = time.perf_counter()
    model = fit(job, videos, videos.train_rows(job["share"]), soft)
    trained = time.perf_counter() - started
    metrics = None if model is None else evaluate(model, videos)
    if model is None:
        model = build(job, videos.num_classes)
    result = {
        "job": job,
        "metrics": metrics,
        "parameters": model.count_params(),
        "flops": flops(model, 10 if job["preset"] == CLIP else 300),
        "learning_rate": learning_rate(job, model),
        "train_seconds": round(trained, 1),
        "seconds": round(time.perf_counter() - started, 1),
        "backend": keras.backend.backend(),
        "device": device(),
        "dtype_policy": policy,
        "keras": keras.__version__,
    }
    forget()
    return result


def forget() -> None:
    """Frees what the last model held."""
    keras.backend.clear_session()
    gc.collect()
    if keras.backend.backend() == "torch":
        import torch

        torch.cuda.empty_cache()


def device() -> str:
    """What the backend computes on."""
    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        if torch.cuda.is_available():
            return str(torch.cuda.get_device_name())
    if backend == "jax":
        import jax

        if jax.devices()[0].platform != "cpu":
            return str(jax.devices()[0].device_kind)
    accelerated = kaf.training.precision.has_accelerator()
    return "accelerator" if accelerated else "CPU"
