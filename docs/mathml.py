"""Formulas as MathML, which browsers set without a script or a server."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

SCROLLS = "overflow: auto hidden; padding: 0.4em 0"  # where it is too wide


def _inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.Element) -> None:
    translator.body.append(translator.starttag(node, "div", style=SCROLLS))
    translator.body.append(convert(node.astext(), display="block"))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
