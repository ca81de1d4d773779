"""A page of sections, in one file that asks for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from string import Template


def page(
    *,
    title: str,
    heading: str,
    introduction: str,
    sections: Mapping[str, str],
    footer: str,
) -> str:
    """The page, whole; every argument is HTML.

    Args:
        title: Of the window.
        heading: At the top.
        introduction: Below the heading.
        sections: The content below each heading, in order.
        footer: At the end.
    """
    return Template(read_file("page.html")).substitute(
        css=read_file("explanation_page.css") + read_file("run_page.css"),
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
    )


def read_file(name: str) -> str:
    """A style sheet, script or template of this package."""
    folder = resources.files("keras_attend_fusion.reports")
    return (folder / name).read_text(encoding="utf-8")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
