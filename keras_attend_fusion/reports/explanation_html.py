"""The story of a video as one page of HTML that asks for nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from importlib import resources
from string import Template

from keras_attend_fusion.reports.axes import (
    TALL,
    WIDE,
    Axis,
    axis_of,
    bars,
    plot,
    round_ticks,
)
from keras_attend_fusion.reports.explanation_summary import Story, TopClass
from keras_attend_fusion.reports.markup import isolated, scrolling

CURSOR = '<div class="cursor"></div>'


def render(story: Story) -> str:
    """The page, whole."""
    return Template(_file("explanation_page.html")).substitute(
        css=_file("explanation_page.css"),
        script=_file("explanation_page.js"),
        video=escape(story.video),
        model=escape(story.model),
        length=_length(story.seconds),
        share=_share(story),
        classes=_classes(story),
        labels=_labels(story),
        timeline=_timeline(story),
        data=_data(story),
    )


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


def _file(name: str) -> str:
    folder = resources.files("keras_attend_fusion.reports")
    return (folder / name).read_text(encoding="utf-8")


def _length(seconds: int) -> str:
    if not seconds:
        return "one vector"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _share(story: Story) -> str:
    """Both shares in the decision, in words and as a bar."""
    words = list(story.classes[0].without)
    if len(words) < 2:
        return f"<p>The model takes the {words[0]} alone.</p>"
    if story.picture is None:
        return "<p>Neither picture nor sound speaks for any class.</p>"
    sound = 1 - story.picture
    return (
        f"<p>Of this decision, <strong>{percent(story.picture)}</strong> is "
        f"the picture’s and <strong>{percent(sound)}</strong> the sound’s.</p>"
        '<div class="share" aria-hidden="true">'
        f'<span class="picture" style="flex-grow:{story.picture:.4f}"></span>'
        f'<span class="sound" style="flex-grow:{sound:.4f}"></span></div>'
    )


def _classes(story: Story) -> str:
    words = list(story.classes[0].without)
    heads = ["Class", "Score", *(f"Without {word}" for word in words)]
    if len(words) > 1:
        heads.append("Picture’s share")
    rows = [_class_row(place, top) for place, top in enumerate(story.classes)]
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return scrolling(
        f"<table><thead><tr>{cells}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>",
        'aria-labelledby="classes-title"',
        len(heads) - 1,
    )


def _class_row(place: int, top: TopClass) -> str:
    name = isolated(top.name)
    if top.change:  # there are bars to switch to
        chosen = " checked" if place == 0 else ""
        name = (
            f'<label><input type="radio" name="class" value="{place}"{chosen}>'
            f" <span>{name}</span></label>"
        )
    if top.is_label:
        name += ' <span class="tag">✓ true label</span>'
    cells = [f"<td>{top.score:.3f}</td>"]
    for score in top.without.values():
        change = signed(score - top.score)
        cells.append(f"<td>{score:.3f} <small>{change}</small></td>")
    if len(top.without) > 1:
        share = "none" if top.picture is None else percent(top.picture)
        cells.append(f"<td>{share}</td>")
    return f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>'


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
        _attention(word, values, time)
        for word, values in story.attention.items()
    ]
    if not strips:
        strips = ["<p>The model has no attention over seconds.</p>"]
    return Template(_file("explanation_timeline.html")).substitute(
        strips="".join([*strips, _changes(story, time)]),
        last=story.seconds - 1,
        numbers=_numbers(story),
    )


def _time(seconds: int) -> Axis:
    """A place for the bar of each second, without a margin."""
    low, high = -0.5, seconds - 0.5
    ticks, step = round_ticks(low, high, 8, whole=True)
    return Axis(low, high, tuple(ticks), step)


def _attention(word: str, values: list[float], time: Axis) -> str:
    most = max(values)
    axis = axis_of([0.0, 100 * (most or 1.0)], least=0.0, count=4, unit=" %")
    axis = replace(axis, low=0.0)
    heights = [100 * value for value in values]
    caption = f"Attention to the {word}, at most {percent(most)} in a second"
    path = f'<path class="{word}" d="{bars(heights, time, axis)}"/>'
    return _strip(caption, path, time, axis)


def _changes(story: Story, time: Axis) -> str:
    """The bars of each class, all on one scale; one class is shown."""
    most = max(abs(v) for top in story.classes for v in top.log_odds) or 1.0
    axis = axis_of([-most, most], count=5)
    zero = (1 - axis.part(0.0)) * TALL
    paths = "".join(
        f'<path class="change{"" if place else " shown"}" '
        f'd="{bars(top.log_odds, time, axis)}"/>'
        for place, top in enumerate(story.classes)
    )
    caption = (
        f"Change of the log-odds of <bdi id=followed>"
        f"{escape(story.classes[0].name)}</bdi> without {taken_away(story)}"
    )
    line = f'<path class="zero" d="M0 {zero:.2f}H{WIDE}"/>'
    return _strip(caption, paths + line, time, axis, "second")


def _strip(caption: str, shapes: str, x: Axis, y: Axis, name: str = "") -> str:
    picture = plot(shapes, x, y, x_name=name, above=CURSOR)
    return f"<figure><figcaption>{caption}</figcaption>{picture}</figure>"


def _numbers(story: Story) -> str:
    heads = ["Second", *(f"Attention, {word}" for word in story.attention)]
    heads += [f"Change, {isolated(top.name)}" for top in story.classes]
    rows = []
    for second in range(story.seconds):
        cells = [percent(shares[second]) for shares in story.attention.values()]
        cells += [signed(top.change[second]) for top in story.classes]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{second}</th>{row}</tr>')
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"


def _data(story: Story) -> str:
    """JSON that no name can end early."""
    data = {
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
    return json.dumps(data).replace("<", "\\u003c")
