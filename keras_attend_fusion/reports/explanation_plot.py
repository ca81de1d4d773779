"""The story of a video as a figure for paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_attend_fusion.reports import figures
from keras_attend_fusion.reports.explanation_summary import Story
from keras_attend_fusion.reports.plots import BLUE, GREEN, ORANGE, PURPLE
from keras_attend_fusion.reports.series import Bars

MARKS = ("v", "s", "^", "D", "P", "X")  # without a modality each
COLORS = (BLUE, ORANGE, GREEN, PURPLE, figures.GREY)
DASHES = ("-", "--", "-.", ":")
FEW = 12  # seconds, whose values are marked on their line
LONGEST = 30  # letters of a name


@figures.styled
def draw(story: Story) -> Any:
    """Scores with and without each modality, then strips over the seconds."""
    from matplotlib.ticker import MaxNLocator

    rows = len(story.attention) + bool(story.seconds)
    tall = 0.8 + 0.35 * len(story.classes)
    figure, axes = figures.make(
        f"What {_plain(story.model)} saw and heard",
        f"video {_plain(story.video)}, * true label",
        nrows=1 + rows,
        height_ratios=[tall, *[1.4] * rows],
        figsize=(7.0, 2.2 + 1.6 * tall + 1.7 * rows),
    )
    axes = np.atleast_1d(axes)
    _scores(axes[0], story)
    for strip, (word, values) in zip(
        axes[1:], story.attention.items(), strict=False
    ):
        color = COLORS[story.kinds[word] % len(COLORS)]
        width = Bars(values).width
        strip.bar(range(story.seconds), values, width=width, color=color)
        strip.set(title=f"Attention to the {word}", ylabel="Share")
    if story.seconds:
        _changes(axes[-1], story)
        for strip in axes[1:]:
            strip.set_xlim(-0.5, story.seconds - 0.5)
            strip.xaxis.set_major_locator(
                MaxNLocator(8, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])
            )
        axes[-1].set_xlabel("Second")
    return figure


def _scores(axes: Any, story: Story) -> None:
    places = range(len(story.classes))
    scores = [top.score for top in story.classes]
    axes.plot(scores, places, "o", color=figures.GREY, label="as it is")
    for word in story.classes[0].without:
        kind = story.kinds[word]
        axes.plot(
            [top.without[word] for top in story.classes],
            places,
            MARKS[kind % len(MARKS)],
            color=COLORS[kind % len(COLORS)],
            label=f"without {word}",
        )
    names = [
        _plain(top.name) + (" *" if top.is_label else "")
        for top in story.classes
    ]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.margins(y=0.1)
    axes.set(xlabel="Score", xlim=(-0.02, 1.02))
    _legend_below(axes, 3)


def _changes(axes: Any, story: Story) -> None:
    seconds = "1 second" if story.window == 1 else f"{story.window} seconds"
    for place, top in enumerate(story.classes):
        turn = place // len(COLORS)  # the same colours with other dashes
        axes.plot(
            top.log_odds,
            DASHES[(place + turn) % len(DASHES)],
            marker="." if story.seconds <= FEW else "",
            color=COLORS[place % len(COLORS)],
            label=_plain(top.name),
        )
    axes.set(
        title=f"Change of the log-odds without {seconds}",
        ylabel="Change",
    )
    longest = max(len(_plain(top.name)) for top in story.classes)
    _legend_below(axes, 1 if longest > LONGEST // 2 else 2)


def _legend_below(axes: Any, columns: int) -> None:
    """Apart from the curves, and from the label of the axis."""
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=4,
        ncols=columns,
        fontsize=9,
    )


def _plain(name: str) -> str:
    """A name as it is, no formula, and no longer than the figure bears."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return short.replace("$", r"\$")
