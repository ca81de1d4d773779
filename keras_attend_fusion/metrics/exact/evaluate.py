"""Every metric of a whole set, in one call."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.metrics.exact.evaluator import Evaluator
from keras_attend_fusion.metrics.inputs import as_array


def evaluate(
    predictions: Any,
    labels: Any,
    *,
    threshold: float | None = None,
    top_k: int = 20,
    empty_classes: str = "drop",
) -> dict[str, float | int]:
    """Scores predictions against labels exactly, over the whole set.

    - `accuracy`, `top_5_accuracy`: share of videos whose label is their best
      class, or among their 5 best. Only where every video has exactly one
      label; the second only with more than 5 classes.
    - `gap_at_20`: the `top_k` best scores of each video, pooled and ranked;
      average precision over all positives, those outside the top included.
    - `map`: average precision of each class over every video's score; the
      mean over classes with at least one positive.
    - `map_top_20`: as `map`, but a class ranks only the scores that made a
      video's top `top_k`; still over all of its positives.
    - `hit_at_1`: share of videos whose best class is a label.
    - `perr`: precision of a video's k best classes, k being its number of
      labels; mean over all videos, 0 for one without labels.
    - `f1_micro`: F1 over all (video, class) pairs at `threshold`.
    - `f1_macro`: F1 of each class at `threshold`; the mean over classes with
      at least one positive.
    - `f1_samples`: F1 of each video at `threshold`; the mean over all videos.
      One with no label and no prediction counts 0 (scikit-learn's
      `zero_division=0`).
    - `threshold`: a class is predicted where score >= threshold.
    - `videos`, `classes_with_positives`: how many there are.
    - `precision_at_1`, `precision_at_5`, `precision_at_20`: share of labels
      among a video's k best classes; mean over all videos.
    - `recall_at_1`, `recall_at_5`, `recall_at_20`: share of a video's labels
      that are among its k best classes; mean over videos with labels.
    - `calibration_error`: Σ n/N · |share of hits - mean score| over 15 bins
      of one width, over the pooled top `top_k`. Left out where a score is
      not within 0 and 1.

    With another `top_k` it stands in place of the 20 (and of what is above
    it). Where nothing is positive, every score is 0, and calibration apart.

    Ties: equal scores in a ranked list form one group, and each hit in it
    takes the precision at the group's end; in one video's best k, ties at
    the cut go to the lower class index. No number depends on the order of
    the videos. Scores, and a threshold compared with them, are float32:
    numbers that differ by less are ties.

    Memory: a float32 copy of the predictions, and a little for each video.
    `Evaluator` takes them batch by batch and in bounded memory.

    Args:
        predictions: scores, shape (videos, classes), higher is likelier.
            Probabilities or logits: only their order counts, except against
            a given `threshold` and for calibration.
        labels: multi-hot 0 and 1 of the same shape, any dtype; or, for
            videos of one label each, class indices of shape (videos,).
        threshold: for the F1 scores. A number is applied as it is; None
            picks the one with the best `f1_micro` on these very videos, so
            the F1 scores are then optimistic: pick it on validation videos
            and pass it for test videos.
        top_k: how many of a video's best scores count; more than there are
            classes counts them all.
        empty_classes: `"drop"` takes the means over classes (`map`,
            `map_top_20`, `f1_macro`) over those with at least one positive;
            `"zero"` over all, those without counting 0.

    Returns:
        A dictionary of plain Python floats and ints.

    Raises:
        ValueError: shapes that do not match or are not two-dimensional, no
            videos, a NaN or infinite score, a label other than 0 and 1, a
            class index out of range, `top_k` below 1, a `threshold` that is
            not a finite number, another `empty_classes`.

    Example:

    >>> scores = evaluate(
    ...     [[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]], [[1, 0, 0], [0, 0, 1]]
    ... )
    >>> round(scores["gap_at_20"], 4), scores["hit_at_1"]
    (0.8333, 0.5)
    >>> round(scores["f1_micro"], 4), round(scores["threshold"], 4)
    (0.8, 0.65)
    >>> evaluate([[0.9, 0.1], [0.2, 0.8]], [0, 0])["accuracy"]
    0.5

    Reference:

    - GAP, Hit@1 and PERR as in [YouTube-8M: A Large-Scale Video
      Classification Benchmark](https://arxiv.org/abs/1609.08675) and the
      starter code at https://github.com/google/youtube-8m
    """
    predictions = as_array("predictions", predictions)
    classes = predictions.shape[1] if predictions.ndim == 2 else 1
    # The scores are here already, so another copy of them fits as well.
    evaluator = Evaluator(classes, top_k, memory=2**63)
    evaluator.update(predictions, labels)
    return evaluator.result(threshold, empty_classes)
