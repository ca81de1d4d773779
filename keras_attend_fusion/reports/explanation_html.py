"""The story of a video as one page of HTML that asks for nothing else."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from string import Template
from typing import Any

from keras_attend_fusion.reports.axes import Axis, axis_of, round_ticks
from keras_attend_fusion.reports.explanation_summary import Story, TopClass
from keras_attend_fusion.reports.html_charts import bar, chart
from keras_attend_fusion.reports.markup import folded, isolated, table
from keras_attend_fusion.reports.page import page, read_file
from keras_attend_fusion.reports.series import Bars

CHANGE = 2  # the kind of the bars of a change, for their colour


def render(story: Story) -> str:
    """The page, whole."""
    return page(
        title=f"{escape(story.video)}: what the model saw and heard",
        heading="What the model saw and heard",
        introduction=f"<p>Video <strong>{escape(story.video)}</strong>, "
        f"{_length(story.seconds)} · model "
        f"<strong>{escape(story.model)}</strong></p>",
        sections={
            "Classes": f"{_share(story)}{_classes(story)}"
            f"<h3>True labels</h3>{_labels(story)}",
            "Seconds": _timeline(story),
        },
        footer="A modality’s share is what it adds to the logit of a class, "
        "averaged over every order of adding the modalities; what speaks "
        "against a class counts as nothing. “Without” is the score when a "
        "modality is taken away. Attention shows where the model looked; what "
        "the score rests on shows when seconds are taken away. Formulas and "
        "caveats: the help of <code>kaf.explain</code>.",
        script=read_file("timeline.js"),
        script_data=_script_data(story),
    )


def in_words(parts: list[str]) -> str:
    """Parts of a sentence, the last behind "and".

    Example:

    >>> in_words(["picture", "sound", "text"])
    'picture, sound and text'
    """
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def taken_away(story: Story) -> str:
    """The seconds that occlusion takes away at once, in words."""
    if story.window == 1:
        return "each second"
    return f"the {story.window} seconds around each second"


def signed(change: float) -> str:
    """A change of a score, with a sign that is read out."""
    text = f"{change:+.3f}".replace("-", "−")
    return "0.000" if float(f"{change:.3f}") == 0 else text


def _length(seconds: int) -> str:
    if not seconds:
        return "one vector"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _share(story: Story) -> str:
    """The shares in the decision, in words and as a bar."""
    words = [escape(word) for word in story.classes[0].without]
    if len(words) < 2:
        return f"<p>The model takes the {words[0]} alone.</p>"
    if not story.share:
        return f"<p>None of {in_words(words)} speaks for any class.</p>"
    shares = [
        f"<strong>{percent(share)}</strong> is the {escape(word)}’s"
        if place == 0
        else f"<strong>{percent(share)}</strong> the {escape(word)}’s"
        for place, (word, share) in enumerate(story.share.items())
    ]
    return f"<p>Of this decision, {in_words(shares)}.</p>" + bar(
        *story.share.values()
    )


def _classes(story: Story) -> str:
    words = [escape(word) for word in story.classes[0].without]
    heads = ["Class", "Score", *(f"Without {word}" for word in words)]
    rows = [_class_row(place, top) for place, top in enumerate(story.classes)]
    shares = ""
    if len(words) == 2:  # of two, one share says both
        heads.append(f"{words[0].capitalize()}’s share")
        for row, top in zip(rows, story.classes, strict=True):
            row += _share_cells(top)[:1]
    elif len(words) > 2:  # in one table they would not fit a phone
        shares = table(
            ["Class", *(word.capitalize() for word in words)],
            [[isolated(top.name), *_share_cells(top)] for top in story.classes],
            "Share of each modality",
            stacked=True,
        )
        shares = f"<h3>Share of each modality</h3>{shares}"
    return (
        "<fieldset>"
        "<legend>Top classes, with and without each modality</legend>"
        f"{table(heads, rows, 'Classes', stacked=True)}</fieldset>{shares}"
    )


def _share_cells(top: TopClass) -> list[str]:
    """The share of each modality in a class, as text."""
    if not top.share:
        return ["none"] * len(top.without)
    return [percent(share) for share in top.share.values()]


def _class_row(place: int, top: TopClass) -> list[str]:
    name = isolated(top.name)
    if top.change:  # there are bars to switch to
        chosen = " checked" if place == 0 else ""
        name = (
            f'<label><input type="radio" name="class" value="{place}"{chosen}>'
            f" <span>{name}</span></label>"
        )
    if top.is_label:
        name += ' <span class="tag">✓ true label</span>'
    cells = [name, f"{top.score:.3f}"]
    for score in top.without.values():
        change = signed(score - top.score)
        cells.append(f"{score:.3f} <small>{change}</small>")
    return cells


def _labels(story: Story) -> str:
    if not story.labels:
        return "<p>The shard gives this video no label.</p>"
    items = [
        f"<li>{isolated(label.name)}: score {label.score:.3f}, "
        f"rank {label.rank:,}</li>"
        for label in story.labels
    ]
    return f"<ul>{''.join(items)}</ul>"


def _timeline(story: Story) -> str:
    """Strips over one axis of time, and every number as a table."""
    if not story.seconds:
        return (
            "<p>The model takes one vector a video, so there is no time "
            "line.</p>"
        )
    time = _time(story.seconds)
    strips = [
        _attention(story.kinds[word], word, values, time)
        for word, values in story.attention.items()
    ]
    if not strips:
        strips = ["<p>The model has no attention over seconds.</p>"]
    return Template(read_file("timeline.html")).substitute(
        strips="".join([*strips, _changes(story, time)]),
        last=story.seconds - 1,
        numbers=folded("Every number as a table", _numbers(story)),
    )


def _time(seconds: int) -> Axis:
    """A place for the bar of each second, without a margin."""
    low, high = -0.5, seconds - 0.5
    ticks, step = round_ticks(low, high, 8, whole=True)
    return Axis(low, high, tuple(ticks), step)


def _attention(kind: int, word: str, values: list[float], time: Axis) -> str:
    most = max(values)
    axis = axis_of([0.0, 100 * (most or 1.0)], least=0.0, count=4, unit=" %")
    axis = replace(axis, low=0.0)
    bars = Bars([100 * value for value in values], kind)
    caption = (
        f"Attention to the {escape(word)}, at most {percent(most)} in a second"
    )
    return chart(caption, [bars], time, axis, cursor=True)


def _changes(story: Story, time: Axis) -> str:
    """The bars of each class, all on one scale; one class is shown."""
    most = max(abs(v) for top in story.classes for v in top.log_odds) or 1.0
    axis = axis_of([-most, most], count=5)
    bars = [
        Bars(top.log_odds, CHANGE, hidden=place > 0)
        for place, top in enumerate(story.classes)
    ]
    caption = (
        f"Change of the log-odds of <bdi id=followed>"
        f"{escape(story.classes[0].name)}</bdi> without {taken_away(story)}"
    )
    return chart(caption, bars, time, axis, x_name="second", cursor=True)


def _numbers(story: Story) -> str:
    heads = ["Second"]
    heads += [f"Attention, {escape(word)}" for word in story.attention]
    heads += [f"Change, {isolated(top.name)}" for top in story.classes]
    rows = [
        [
            str(second),
            *(percent(shares[second]) for shares in story.attention.values()),
            *(signed(top.change[second]) for top in story.classes),
        ]
        for second in range(story.seconds)
    ]
    return table(heads, rows, "Numbers of every second")


def _script_data(story: Story) -> dict[str, Any]:
    """The numbers that the script reads out."""
    return {
        "window": story.window,
        "attention": story.attention,
        "classes": [
            {
                "name": top.name,
                "change": top.change,
                "log_odds": top.log_odds,
            }
            for top in story.classes
        ],
    }
