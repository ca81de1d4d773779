"""Private names of other packages, which any release of them may change."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

# The oldest and the newest release that have every name asked for here.
TRIED = {
    "keras": ("3.11.3", "3.15.1"),
    "keras-tuner": ("1.4.7", "1.4.8"),
    "tensorflow": ("2.16.2", "2.21.0"),
}


class UntriedVersionError(ValueError):
    """The installed release of a package lacks what older ones have."""


def private(owner: Any, name: str, package: str) -> Any:
    """A private attribute of another package, or an error that says more.

    Args:
        owner: What has it: an object, or a module by its dotted name.
        name: The attribute, or the submodule.
        package: Whose it is, a key of `TRIED`.

    Raises:
        UntriedVersionError: It does not exist.

    Example:

    >>> private("keras.src.backend", "numpy", "keras").__name__.split(".")[:2]
    ['keras', 'src']
    """
    place = owner
    if not isinstance(owner, str):
        place = getattr(owner, "__name__", type(owner).__name__)
    try:
        if isinstance(owner, str):
            return _imported(owner, name)
        return getattr(owner, name)
    except (AttributeError, ImportError) as error:
        raise untried(package, f"has no `{name}` in {place}") from error


def untried(package: str, fault: str) -> UntriedVersionError:
    """The error to raise where a package is not as it was.

    Args:
        package: A key of `TRIED`.
        fault: What is wrong with the installed one, after its name.

    Example:

    >>> str(untried("keras", "has no `x` in Layer")).split(": ")[-1]
    'pip install "keras>=3.11.3,<=3.15.1"'
    """
    oldest, newest = TRIED[package]
    try:
        version = f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:  # such as tensorflow-cpu
        version = package
    return UntriedVersionError(
        f"{version} {fault}; this works with releases {oldest} to {newest}: "
        f'pip install "{package}>={oldest},<={newest}"'
    )


def _imported(owner: str, name: str) -> Any:
    """As `from owner import name`."""
    module = importlib.import_module(owner)
    if not hasattr(module, name):
        importlib.import_module(f"{owner}.{name}")
    return getattr(module, name)
