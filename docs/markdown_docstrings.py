"""Docstrings as Keras writes them, in Markdown, for Sphinx to read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

LINK = re.compile(r"\[([^\]]+)\]\(\s*(https?:[^)\s]+)\)")
FENCE = re.compile(r"( *)```(\w*)$")


def to_rst(lines: Iterable[str]) -> list[str]:
    """Code, fenced blocks and links in reStructuredText; the rest as it is.

    Example:

    >>> to_rst(["See `load` in [the guide](https://a.b/).", "```", "x", "```"])
    ['See ``load`` in `the guide <https://a.b/>`__.', \
'', '.. code-block:: text', '', '    x', '']
    """
    found: list[str] = []
    text: list[str] = []  # what stands between two blocks
    margin = None  # of the block that is open
    for line in lines:
        fence = FENCE.match(line)
        if margin is not None:
            if fence:
                margin = None
                found.append("")
            else:
                found.append("    " + line if line else "")
        elif fence:
            found += _inline(text)
            text = []
            margin, language = fence.groups()
            found += ["", f"{margin}.. code-block:: {language or 'text'}", ""]
        else:
            text.append(line)
    return found + _inline(text)


def _inline(lines: list[str]) -> list[str]:
    """Code spans and links; bars outside of code are no substitutions."""
    parts = re.split(r"(?<!`)`([^`]+)`(?!`)", "\n".join(lines))
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = f"``{' '.join(part.split())}``"
        else:
            link = re.sub(LINK, r"`\1 <\2>`__", part)
            parts[i] = link.replace("|", r"\|")
    return "".join(parts).split("\n") if lines else []


def _convert(
    app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = to_rst(lines)


def setup(app: Any) -> dict[str, Any]:
    """Makes this a Sphinx extension."""
    app.setup_extension("sphinx.ext.autodoc")
    # Before Napoleon, which takes the sections of a docstring apart.
    app.connect("autodoc-process-docstring", _convert, priority=100)
    return {"parallel_read_safe": True}
