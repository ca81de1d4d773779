"""A page of sections, in one file that asks for nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Any


def page(
    *,
    title: str,
    heading: str,
    introduction: str,
    sections: Mapping[str, str],
    footer: str,
    script: str = "",
    script_data: Any = None,
) -> str:
    """The page, whole; every text is HTML but that of the script.

    Args:
        title: Of the window.
        heading: At the top.
        introduction: Below the heading.
        sections: The content below each heading, in order.
        footer: At the end.
        script: JavaScript that runs when the page is there; none may without.
        script_data: What the script finds as JSON in the element `page-data`.
    """
    return Template(read_file("page.html")).substitute(
        css=read_file("page.css") + read_file("charts.css"),
        allowed=" script-src 'unsafe-inline';" if script else "",
        title=title,
        heading=heading,
        introduction=introduction,
        contents="".join(
            f'<li><a href="#{_anchor(name)}">{name}</a></li>'
            for name in sections
        ),
        sections="".join(
            f'<section aria-labelledby="{_anchor(name)}">'
            f'<h2 id="{_anchor(name)}">{name}</h2>{content}</section>'
            for name, content in sections.items()
        ),
        footer=footer,
        script=_script(script, script_data) if script else "",
    )


def read_file(name: str) -> str:
    """A style sheet, script or template of this package."""
    folder = resources.files("keras_attend_fusion.reports")
    return (folder / name).read_text(encoding="utf-8")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _script(script: str, data: Any) -> str:
    # Without "<", no name among the data can end the element early.
    text = json.dumps(data).replace("<", "\\u003c")
    return (
        f'\n<script type="application/json" id="page-data">{text}</script>'
        f"\n<script>\n{script}</script>"
    )
