"""Packages that only some installations have, and how to get them."""

from __future__ import annotations

import importlib
from types import ModuleType

# The extra that brings a module, by the module's top-level name.
EXTRAS = {
    "jax": "jax",
    "torch": "torch",
    "keras_tuner": "tune",
    "sklearn": "tune",
    "tensorboard": "tune",
    "tensorflow_io": "io",
    "ai_edge_litert": "litert",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "tf2onnx": "onnx",
    "matplotlib": "plot",
    "pyarrow": "parquet",
}


class MissingPackageError(ImportError):
    """A package that is not installed; the message says how to get it."""


def require(module: str, purpose: str) -> ModuleType:
    """Imports a module that not every installation has.

    Args:
        module: its dotted name.
        purpose: what needs it, the start of the error message, such as
            "Export to ONNX needs tf2onnx".

    Raises:
        MissingPackageError: it cannot be imported.

    Example:

    >>> require("json", "Reading needs json").__name__
    'json'
    >>> try:
    ...     require("nothing", "This needs it")
    ... except ImportError as error:
    ...     print(error)
    This needs it, which is not installed: pip install nothing
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        name = module.split(".")[0]
        raise MissingPackageError(
            f"{purpose}, which is not installed: {install(name)}",
            name=module,
        ) from error


def install(package: str) -> str:
    """The command that installs a package.

    Example:

    >>> install("tf2onnx")
    'pip install "keras-attend-fusion[onnx]"'
    """
    extra = EXTRAS.get(package)
    if extra is None:
        return f"pip install {package}"
    return f'pip install "keras-attend-fusion[{extra}]"'


def missing(error: ImportError) -> str | None:
    """One line about a failed import; None if the module is of this package.

    Example:

    >>> missing(ModuleNotFoundError("No module named 'jax'", name="jax"))
    'No module named \\'jax\\': pip install "keras-attend-fusion[jax]"'
    """
    package = (error.name or "").split(".")[0]
    if package == "keras_attend_fusion":
        return None
    text = str(error).strip().split("\n", 1)[0]
    if isinstance(error, ModuleNotFoundError) and package:
        return f"{text}: {install(package)}"
    return text
