"""Private names of other packages: asked for once, missed with one line."""

from __future__ import annotations

import ast
import importlib.metadata
from pathlib import Path

import keras
import pytest

import keras_attend_fusion
from keras_attend_fusion.private import (
    TRIED,
    UntriedVersionError,
    private,
    untried,
)

PACKAGE = Path(keras_attend_fusion.__file__).parent
# Modules that are private to their packages, though their names do not say so.
INTERNAL = ("keras.src", "keras_tuner.src", "tensorflow.lite", "jax._src")


def test_what_exists_is_what_one_gets() -> None:
    assert private(keras.Model, "_flatten_layers", "keras")
    backend = private("keras.src.backend", "numpy", "keras")
    assert backend is private("keras.src", "backend", "keras").numpy


@pytest.mark.parametrize(
    ("owner", "place"),
    [
        (keras.Model, "Model"),
        (keras, "keras"),
        ("keras.src.backend", "keras.src.backend"),
        ("keras.nowhere", "keras.nowhere"),
    ],
)
def test_what_is_gone_is_named_with_the_releases_that_have_it(
    owner, place
) -> None:
    with pytest.raises(UntriedVersionError) as caught:
        private(owner, "_gone", "keras")
    version = importlib.metadata.version("keras")
    oldest, newest = TRIED["keras"]
    assert str(caught.value) == (
        f"keras {version} has no `_gone` in {place}; this works with releases "
        f'{oldest} to {newest}: pip install "keras>={oldest},<={newest}"'
    )


def test_a_package_of_another_distribution(monkeypatch) -> None:
    monkeypatch.setitem(TRIED, "nothing-of-this-name", ("1.0", "2.0"))
    message = str(untried("nothing-of-this-name", "is gone"))
    assert message.startswith("nothing-of-this-name is gone; this works with ")


def test_nothing_imports_a_private_module_itself() -> None:
    def internal(source: str) -> list[str]:
        return [
            name
            for node in ast.walk(ast.parse(source))
            for name in imported(node)
            if name.startswith(INTERNAL)
        ]

    def imported(node: ast.AST) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            return [f"{node.module}.{alias.name}" for alias in node.names]
        return []

    assert internal("from keras.src import backend")
    for path in PACKAGE.rglob("*.py"):
        assert internal(path.read_text(encoding="utf-8")) == [], path
