"""HTML that the pages share."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def isolated(name: str) -> str:
    """A name whose direction of writing leaves the words beside it alone.

    >>> isolated("<b>")
    '<bdi>&lt;b&gt;</bdi>'
    """
    return f"<bdi>{escape(name)}</bdi>"


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    label: str,
    stacked: bool = False,
) -> str:
    """A table whose first column names the rows; cells are HTML.

    It scrolls in itself where it is too wide, with the keyboard, too; or, if
    `stacked`, each name stands above its numbers on a narrow screen.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for first, *cells in rows
    )
    name = "scroll"
    if stacked:
        name += f' stacked" style="--columns:{len(heads) - 1}'
    return (
        f'<div class="{name}" tabindex="0" role="region" '
        f'aria-label="{escape(label)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """What a click opens."""
    return f"<details><summary>{summary}</summary>{content}</details>"
