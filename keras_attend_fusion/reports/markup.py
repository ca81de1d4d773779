"""HTML that the pages share."""

from __future__ import annotations

from html import escape


def isolated(name: str) -> str:
    """A name whose direction of writing leaves the words beside it alone.

    >>> isolated("<b>")
    '<bdi>&lt;b&gt;</bdi>'
    """
    return f"<bdi>{escape(name)}</bdi>"


def scrolling(table: str, label: str, stacked: int = 0) -> str:
    """A table that scrolls in itself where it is too wide, by keyboard too.

    Args:
        table: The table, HTML.
        label: An attribute that names it.
        stacked: On a narrow screen the name of each row stands above its
            cells, if this says how many these are.
    """
    name = (
        f'scroll stacked" style="--columns:{stacked}' if stacked else "scroll"
    )
    return (
        f'<div class="{name}" tabindex="0" role="region" {label}>{table}</div>'
    )
