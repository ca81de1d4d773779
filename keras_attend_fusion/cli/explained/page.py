"""The story of a video as one page of HTML that asks for nothing else."""

from __future__ import annotations

import json
from html import escape
from importlib import resources
from string import Template

from keras_attend_fusion.cli.explained.story import Story, TopClass

TALL = 100  # units of a strip, whatever its size on the screen


def render(story: Story) -> str:
    """The page, whole."""
    return Template(_file("page.html")).substitute(
        css=_file("page.css"),
        script=_file("page.js"),
        video=escape(story.video),
        model=escape(story.model),
        length=f"{story.seconds} seconds" if story.seconds else "one vector",
        share=_share(story),
        classes=_classes(story),
        labels=_labels(story),
        timeline=_timeline(story),
        data=_data(story),
    )


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def signed(change: float) -> str:
    """A change of a score, with a sign that is read out."""
    text = f"{change:+.3f}".replace("-", "−")
    return "0.000" if float(f"{change:.3f}") == 0 else text


def _file(name: str) -> str:
    folder = resources.files("keras_attend_fusion.cli.explained")
    return (folder / name).read_text(encoding="utf-8")


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
    rows = [
        _class_row(story, place, one) for place, one in enumerate(story.classes)
    ]
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody>"


def _class_row(story: Story, place: int, one: TopClass) -> str:
    name = escape(one.name)
    if one.change:  # there is a line to switch to
        chosen = " checked" if place == 0 else ""
        name = (
            f'<label><input type="radio" name="class" value="{place}"{chosen}>'
            f" <span>{name}</span></label>"
        )
    if one.is_label:
        name += ' <span class="tag">✓ true label</span>'
    cells = [f"<td>{one.score:.3f}</td>"]
    for score in one.without.values():
        change = signed(score - one.score)
        cells.append(f"<td>{score:.3f} <small>{change}</small></td>")
    if len(one.without) > 1:
        share = "none" if one.picture is None else percent(one.picture)
        cells.append(f"<td>{share}</td>")
    return f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>'


def _labels(story: Story) -> str:
    if not story.labels:
        return "<p>The shard gives this video no label.</p>"
    items = [
        f"<li>{escape(one.name)}: score {one.score:.3f}, rank {one.rank}</li>"
        for one in story.labels
    ]
    return f"<ul>{''.join(items)}</ul>"


def _timeline(story: Story) -> str:
    """Strips over one axis of time, and every number as a table."""
    if not story.seconds:
        return (
            "<p>The model takes one vector a video, so there is no time "
            "line.</p>"
        )
    strips = [
        _strip(
            f"Attention to the {word}, at most {percent(max(values))}",
            f"0 -{TALL} {story.seconds} {TALL}",
            f'<path class="{word}" d="{_steps(values, max(values))}"/>',
        )
        for word, values in story.attention.items()
    ]
    if not strips:
        strips = ["<p>The model has no attention over seconds.</p>"]
    most = max(abs(v) for one in story.classes for v in one.log_odds)
    lines = [
        f'<path class="change{"" if place else " shown"}" '
        f'd="{_steps(one.log_odds, most)}"/>'
        for place, one in enumerate(story.classes)
    ]
    name = escape(story.classes[0].name)
    change = _strip(
        f"Log-odds of <span id=followed>{name}</span> without the "
        f"{story.window} seconds around, scale ±{most:.2f}",
        f"0 -{TALL} {story.seconds} {2 * TALL}",
        f'<path class="zero" d="M0 0H{story.seconds}"/>{"".join(lines)}',
    )
    return Template(_file("timeline.html")).substitute(
        strips="".join([*strips, change]),
        last=story.seconds - 1,
        numbers=_numbers(story),
    )


def _strip(caption: str, box: str, shapes: str) -> str:
    return (
        f"<figure><figcaption>{caption}</figcaption>"
        f'<svg viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">'
        f"{shapes}</svg></figure>"
    )


def _steps(values: list[float], most: float) -> str:
    """A path with a step a second; `most` is as high as the strip."""
    scale = TALL / (most or 1.0)
    steps = [f"V{-v * scale:.2f}H{i}" for i, v in enumerate(values, 1)]
    return f"M0 0{''.join(steps)}V0Z"


def _numbers(story: Story) -> str:
    heads = ["Second", *(f"Attention, {word}" for word in story.attention)]
    heads += [f"Change, {escape(one.name)}" for one in story.classes]
    rows = []
    for second in range(story.seconds):
        cells = [percent(one[second]) for one in story.attention.values()]
        cells += [signed(one.change[second]) for one in story.classes]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{second}</th>{row}</tr>')
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"


def _data(story: Story) -> str:
    """JSON that no name can end early."""
    data = {
        "window": story.window,
        "attention": story.attention,
        "classes": [
            {
                "name": one.name,
                "change": one.change,
                "log_odds": one.log_odds,
            }
            for one in story.classes
        ],
    }
    return json.dumps(data).replace("<", "\\u003c")
