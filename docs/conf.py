"""How the documentation site is built: `sphinx-build docs site`."""

from __future__ import annotations

import os
import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.util import inspect

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))

project = "keras-attend-fusion"
author = "the authors of keras-attend-fusion"
version = release = version_of(project)
language = "en-GB"

extensions = [
    "markdown_docstrings",
    "mathml",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"keras-attend-fusion {version}"
html_copy_source = False
html_show_copyright = False

# Markdown, as GitHub has it: its anchors, and formulas between `$`s.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# Docstrings of what a package re-exports, and those it has itself.
add_module_names = False
autodoc_default_options = {"members": True}
autodoc_inherit_docstrings = False
autodoc_member_order = "alphabetical"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 72
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = [
    ("Attributes", "params_style"),
    ("Call arguments", "params_style"),
    "Inputs and output",
    "Input shape",
    "Output shape",
    "Output",
    "Reference",
]

# Every name of this package that is pointed at has to be there; those of
# others would need their sites.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!keras_attend_fusion).*"),
    (r"py:class", r"keras_attend_fusion\.data\.tables\.Rows"),
    (r"py:class", r"keras_attend_fusion\.export\.runtime\.Input"),
    (r"py:class", r"keras_attend_fusion\.runs\.class_subset\.ClassList"),
    (r"py:class", r"keras_attend_fusion\.runs\.stored_model\.StoredModel"),
    (r"py:class", r"keras_attend_fusion\.tuning\.recipe_hyper_model\..*"),
]


def _formulas(app: Any, name: str, source: list[str]) -> None:
    """GitHub's inline formulas, as MyST has them."""
    source[0] = re.sub(r"\$`([^`]+)`\$", r"$\1$", source[0])


def _skips(
    app: Any, what: str, name: str, of: Any, skip: bool, options: Any
) -> bool | None:
    """Leaves out the fields of named tuples, which say nothing of their own."""
    text = getattr(of, "__doc__", None) or ""
    return True if text.startswith("Alias for field number") else None


def _signature(
    app: Any, what: str, name: str, of: Any, options: Any, text: str, gives: str
) -> tuple[str, str] | None:
    """That of `__init__`, before which Keras has a `__new__` for anything."""
    if what != "class" or text != "(*args, **kwargs)":
        return None
    taken = inspect.signature(of.__init__, bound_method=True)
    words = inspect.stringify_signature(
        taken, show_return_annotation=False, unqualified_typehints=True
    )
    return words, ""


def setup(app: Any) -> None:
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-skip-member", _skips)
    app.connect("autodoc-process-signature", _signature)
    app.connect("source-read", _formulas)
