"""Figures in one style, and their files."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from keras_attend_fusion.extras import require
from keras_attend_fusion.files import beside

GREY = "#666666"

STYLE: dict[Any, Any] = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.formatter.min_exponent": 5,  # 1000 and not 10³
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "savefig.dpi": 150,
    "svg.hashsalt": "keras-attend-fusion",  # the same figure, the same file
}
FORMS: dict[str, dict[str, Any]] = {
    "png": {},
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
}


def require_matplotlib(asked: str = "--plots") -> None:
    """Raises `MissingPackageError` if it is not; `asked` is for a figure."""
    require("matplotlib.figure", f"{asked} draws with matplotlib")


def styled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Runs a function in our style, whatever the user's is."""

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        import matplotlib

        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(STYLE)
            return function(*arguments, **named)

    return run


@styled
def save(figure: Any, path: Path) -> None:
    """Writes a figure in the form that the suffix names."""
    form = path.suffix.removeprefix(".")
    with beside(path) as unfinished:
        figure.savefig(unfinished, format=form, metadata=FORMS[form])


def make(title: str, note: str, **layout: Any) -> tuple[Any, Any]:
    """A titled figure, apart from pyplot's state, and its axes."""
    from matplotlib.figure import Figure

    size = layout.pop("figsize", (6.4, 5.0))
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    axes = figure.subplots(**layout)
    if note:
        np.atleast_1d(axes)[0].set_title(note)
    return figure, axes
