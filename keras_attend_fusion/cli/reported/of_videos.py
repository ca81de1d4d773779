"""The parts of the page that labelled videos fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from keras_attend_fusion.cli.reported.charts import (
    Line,
    bar,
    chart,
    folded,
    table,
)
from keras_attend_fusion.cli.reported.of_run import number
from keras_attend_fusion.cli.reported.videos import Found, Guess, HardVideo
from keras_attend_fusion.metrics import Calibration, ClassScores

CLASSES = 10  # best ones, and worst ones
ENOUGH = 10  # videos that carry a class, for its score to tell much
MOST_BARS = 20


def classes(found: list[ClassScores]) -> str:
    """The classes with the highest and the lowest average precision."""
    seen = [one for one in found if one.average_precision is not None]
    often = [one for one in seen if one.positives >= ENOUGH]
    chosen, words = often, f"carried by {ENOUGH} videos or more"
    if len(often) < 2 * CLASSES:
        chosen, words = seen, "with a label here"
    ranked = sorted(
        chosen, key=lambda one: (-(one.average_precision or 0.0), one.index)
    )
    half = min(CLASSES, (len(ranked) + 1) // 2)
    best, worst = ranked[:half], ranked[half:][-CLASSES:][::-1]
    parts = [
        f"<p>Of {number(len(ranked))} classes {words}, by average precision "
        "over all videos’ scores.</p>",
        f"<h3>Best</h3>{_classes(best, 'Best classes')}",
    ]
    if worst:
        parts.append(f"<h3>Worst</h3>{_classes(worst, 'Worst classes')}")
    return "".join(parts)


def _classes(chosen: Sequence[ClassScores], label: str) -> str:
    heads = ["Class", "Videos", "Average precision", "Precision", "Recall"]
    rows = [
        [
            escape(one.name or f"class {one.index}"),
            number(one.positives),
            f"{one.average_precision:.4f}",
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            f"{one.f1:.3f}",
        ]
        for one in chosen
    ]
    return table([*heads, "F1"], rows, label)


def calibration(found: Calibration | None) -> str:
    """Scores against the share of hits they promise."""
    if found is None:
        return "<p>The scores are no probabilities.</p>"
    filled = np.flatnonzero(found.predictions)
    x = found.confidence[filled].tolist()
    y = found.accuracy[filled].tolist()
    picture = chart(
        f"Share of hits among each video’s top 20, by score: "
        f"{found.error:.4f} away from what the scores promise, in the mean "
        "over predictions.",
        [
            Line("perfectly calibrated", [0, 1], [0, 1], kind=2, dots=False),
            Line("the model", x, y),
        ],
        x_range=(0, 1),
        y_range=(0, 1),
        x_name="score",
    )
    bins = len(found.predictions)
    rows = [
        [
            f"{place / bins:.3f} to {(place + 1) / bins:.3f}",
            number(int(found.predictions[place])),
            f"{found.confidence[place]:.4f}",
            f"{found.accuracy[place]:.4f}",
        ]
        for place in filled.tolist()
    ]
    heads = ["Scores", "Predictions", "Mean score", "Share of hits"]
    numbers = table(heads, rows, "Calibration by score")
    return picture + folded("Every bin", numbers)


def hardest(found: Sequence[HardVideo]) -> str:
    """Videos whose labels rank low, with what the model says instead."""
    items = []
    for one in found:
        true = [_guess(guess, ranked=True) for guess in one.labels]
        if one.more:
            true.append(f"and {one.more} more")
        said = [_guess(guess, ranked=False) for guess in one.top]
        items.append(
            f"<li><h3>Video {escape(one.id)}</h3>"
            f"<p>Average precision {one.average_precision:.4f}</p>"
            f"<dl><div><dt>True labels</dt><dd>{_list(true)}</dd></div>"
            f"<div><dt>Highest scores</dt><dd>{_list(said)}</dd></div></dl>"
            "</li>"
        )
    return f'<ol class="videos">{"".join(items)}</ol>'


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{one}</li>' for one in items)}</ul>"


def _guess(one: Guess, ranked: bool) -> str:
    place = f", rank {one.rank:,}" if ranked else ""
    text = f"{escape(one.name)} <small>{one.score:.3f}{place}</small>"
    if one.is_label and not ranked:
        text += ' <span class="tag">✓ true label</span>'
    return text


def data(shards: Sequence[Any], found: Found) -> str:
    """What the shards hold: `data.ShardStats`, and labels a video."""
    rows = [
        ["Shards", number(len(shards))],
        ["Megabytes", f"{sum(one.bytes for one in shards) / 1e6:,.1f}"],
        ["Videos", number(sum(one.videos for one in shards))],
    ]
    framed = [one for one in shards if one.frames_mean is not None]
    if framed:
        videos = sum(one.videos for one in framed)
        mean = sum(one.frames_mean * one.videos for one in framed) / videos
        low = min(one.frames_min for one in framed)
        high = max(one.frames_max for one in framed)
        rows.append(["Frames a video", f"{low} to {high}, mean {mean:.1f}"])
    for name, words in (
        ("without_labels", "Videos without labels"),
        ("without_rgb", "Videos without picture"),
        ("without_audio", "Videos without sound"),
        ("duplicate_audio", "Videos that share their sound in a shard"),
    ):
        rows.append([words, number(sum(getattr(one, name) for one in shards))])
    broken = sum(len(one.corrupt) for one in shards)
    rows.append(["Records that cannot be used", number(broken)])
    return table(["What", "How many"], rows, "What the shards hold") + (
        f"<h3>Labels a video</h3>{_labels(found.label_counts)}"
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
            bar(folded_counts[n], most),
        ]
        for n in range(last + 1)
    ]
    return f"<p>{mean:.2f} in the mean.</p>" + table(
        ["Labels", "Videos", '<span class="wide">Share</span>'],
        rows,
        "Labels a video",
    )
