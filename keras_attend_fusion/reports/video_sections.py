"""The parts of the page that labelled videos fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from keras_attend_fusion.metrics import Calibration, ClassScores
from keras_attend_fusion.reports.explanation_summary import word_of
from keras_attend_fusion.reports.hardest_videos import Found, Guess, HardVideo
from keras_attend_fusion.reports.html_charts import bar, line_chart
from keras_attend_fusion.reports.markup import folded, isolated, table
from keras_attend_fusion.reports.run_sections import number
from keras_attend_fusion.reports.series import calibration_lines

CLASSES = 10  # best ones, and worst ones
ENOUGH = 10  # videos that carry a class, for its score to tell much
MOST_BARS = 20


def classes(class_scores: list[ClassScores]) -> str:
    """The classes with the highest and the lowest average precision.

    No class is in both lists, and none is among the worst that is as good
    as the best.
    """
    scored = [
        scores
        for scores in class_scores
        if scores.average_precision is not None
    ]
    often = [scores for scores in scored if scores.positives >= ENOUGH]
    chosen, words = often, f"carried by {ENOUGH} videos or more"
    if len(often) < 2 * CLASSES:
        chosen, words = scored, "with a label here"
    ranked = sorted(
        chosen, key=lambda scores: (-_precision(scores), scores.index)
    )
    half = min(CLASSES, (len(ranked) + 1) // 2)
    best, others = ranked[:half], ranked[half:]
    lower = [
        scores for scores in others if _precision(scores) < _precision(best[0])
    ]
    worst = lower[-CLASSES:][::-1]
    count = "1 class" if len(ranked) == 1 else f"{len(ranked):,} classes"
    text = "<p>None: no class scores lower than the best.</p>"
    return (
        f"<p>Of {count} {words}, by average precision over all videos’ "
        "scores.</p>"
        f"<h3>Best</h3>{_classes(best, 'Best classes')}<h3>Worst</h3>"
        + (_classes(worst, "Worst classes") if worst else text)
    )


def _precision(scores: ClassScores) -> float:
    return scores.average_precision or 0.0


def _classes(chosen: Sequence[ClassScores], label: str) -> str:
    heads = ["Class", "Videos", "Average precision", "Precision", "Recall"]
    rows = [
        [
            isolated(scores.name or f"class {scores.index}"),
            number(scores.positives),
            f"{scores.average_precision:.4f}",
            f"{scores.precision:.3f}",
            f"{scores.recall:.3f}",
            f"{scores.f1:.3f}",
        ]
        for scores in chosen
    ]
    return table([*heads, "F1"], rows, label, stacked=True)


def calibration(curve: Calibration | None) -> str:
    """Scores against the share of hits they promise."""
    if curve is None:
        return "<p>The scores are not probabilities.</p>"
    picture = line_chart(
        f"Share of hits among each video’s top 20, by score: "
        f"{curve.error:.4f} away from what the scores promise, on average "
        "over predictions.",
        calibration_lines(curve),
        x_name="score",
        least=0.0,
        most=1.0,
    )
    bins = len(curve.predictions)
    rows = [
        [
            f"{place / bins:.3f} to {(place + 1) / bins:.3f}",
            number(int(curve.predictions[place])),
            f"{curve.confidence[place]:.4f}",
            f"{curve.accuracy[place]:.4f}",
        ]
        for place in np.flatnonzero(curve.predictions).tolist()
    ]
    heads = ["Scores", "Predictions", "Mean score", "Share of hits"]
    numbers = table(heads, rows, "Calibration by score")
    return picture + folded("Every bin", numbers)


def hardest(videos: Sequence[HardVideo]) -> str:
    """Videos whose labels rank low, with what the model says instead.

    Where all labels rank above all other classes, nothing is hard.
    """
    hard = [video for video in videos if video.average_precision < 1.0]
    if not hard:
        return (
            "<p>None: in every video, each true label scores higher than "
            "every other class.</p>"
        )
    items = []
    for video in hard:
        true = [_guess(guess, ranked=True) for guess in video.labels]
        if video.more:
            true.append(f"and {video.more} more")
        said = [_guess(guess, ranked=False) for guess in video.top]
        items.append(
            f"<li><h3>Video {escape(video.id)}</h3>"
            f"<p>Average precision {video.average_precision:.4f}</p>"
            f"<dl><div><dt>True labels</dt><dd>{_list(true)}</dd></div>"
            f"<div><dt>Highest scores</dt><dd>{_list(said)}</dd></div></dl>"
            "</li>"
        )
    return f'<ol class="videos">{"".join(items)}</ol>'


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _guess(guess: Guess, ranked: bool) -> str:
    place = f", rank {guess.rank:,}" if ranked else ""
    text = f"{isolated(guess.name)} <small>{guess.score:.3f}{place}</small>"
    if guess.is_label and not ranked:
        text += ' <span class="tag">✓ true label</span>'
    return text


def data(shards: Sequence[Any], evaluation: Found) -> str:
    """What the shards hold: `data.ShardStats`, and labels a video."""
    rows = [
        ["Shards", number(len(shards))],
        ["Megabytes", f"{sum(shard.bytes for shard in shards) / 1e6:,.1f}"],
        ["Videos", number(sum(shard.videos for shard in shards))],
    ]
    framed = [shard for shard in shards if shard.frames_mean is not None]
    if framed:
        videos = sum(shard.videos for shard in framed)
        mean = (
            sum(shard.frames_mean * shard.videos for shard in framed) / videos
        )
        low = min(shard.frames_min for shard in framed)
        high = max(shard.frames_max for shard in framed)
        rows.append(["Frames a video", f"{low} to {high}, mean {mean:.1f}"])
    unlabelled = sum(shard.without_labels for shard in shards)
    rows.append(["Videos without labels", number(unlabelled)])
    modalities = dict.fromkeys(n for shard in shards for n in shard.without)
    for name in modalities:
        lacking = sum(shard.without.get(name, 0) for shard in shards)
        words = f"Videos without {escape(word_of(name))}"
        rows.append([words, number(lacking)])
    if "audio" in modalities:
        alike = sum(shard.duplicate_audio for shard in shards)
        words = "Videos that share their sound in a shard"
        rows.append([words, number(alike)])
    broken = sum(len(shard.corrupt) for shard in shards)
    rows.append(["Records that cannot be used", number(broken)])
    return table(["What", "How many"], rows, "What the shards hold") + (
        f"<h3>Labels a video</h3>{_labels(evaluation.label_counts)}"
    )


def _labels(counts: Counter[int]) -> str:
    videos = sum(counts.values())
    mean = sum(n * count for n, count in counts.items()) / videos
    folded_counts: Counter[int] = Counter()
    for n, count in counts.items():
        folded_counts[min(n, MOST_BARS)] += count
    most, last = max(folded_counts.values()), max(folded_counts)
    rows = [
        [
            f"{n} or more" if n == MOST_BARS else str(n),
            number(folded_counts[n]),
            bar(folded_counts[n] / most),
        ]
        for n in range(last + 1)
    ]
    return f"<p>{mean:.2f} on average.</p>" + table(
        ["Labels", "Videos", '<span class="wide">Share</span>'],
        rows,
        "Labels a video",
    )
