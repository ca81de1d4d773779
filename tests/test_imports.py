"""Which room imports what: promises, and proofs that the checks can fail."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models import tiny

ROOT = Path(__file__).parents[1]
PACKAGE = "keras_attend_fusion"

# Rooms that may import these and their own modules, and nothing else beyond
# the standard library.
ONLY = {
    "layers": {"keras"},
    "models": {"keras", f"{PACKAGE}.layers", f"{PACKAGE}.private"},
    "metrics": {"keras", "numpy", f"{PACKAGE}.files"},
    "explain": {"keras", "numpy", f"{PACKAGE}.layers", f"{PACKAGE}.models"},
}
# Rooms that may import all but these: data flows from the left to the right,
# imports point from the right to the left.
NEVER = {
    room: {f"{PACKAGE}.{other}" for other in others}
    for room, others in {
        "data": (
            *("layers", "models", "metrics", "training", "explain"),
            *("export", "tuning", "runs", "predictions", "reports"),
        ),
        "training": (
            *("data", "export", "tuning"),
            *("runs", "predictions", "reports"),
        ),
        "export": ("data", "tuning", "runs", "predictions", "reports"),
        "tuning": ("data", "export", "runs", "predictions", "reports"),
        "runs": ("tuning", "predictions", "reports"),
        "predictions": ("tuning", "reports"),
    }.items()
}
for room in ("training", "tuning"):
    NEVER[room].add("tensorflow")
# What `import keras_attend_fusion` must not load; nobody imports the last.
ON_FIRST_USE = {
    f"{PACKAGE}.{room}"
    for room in ("data", "export", "tuning", "runs", "predictions", "reports")
}
CLI = f"{PACKAGE}.cli"
# The one exception: what can be done with a run is a method of it, which
# imports the room that does it when it is called.
DOOR = f"{PACKAGE}/runs/run.py"
BEHIND_THE_DOOR = {f"{PACKAGE}.predictions", f"{PACKAGE}.reports"}
TYPED = "import typing\nif typing.TYPE_CHECKING:\n"
LATE = f"from {PACKAGE} import data"


def nodes(
    tree: ast.AST, typed: bool = True, at_load: bool = False
) -> Iterator[ast.AST]:
    """The nodes of a tree.

    Args:
        tree: The tree.
        typed: Whether those count that type checkers alone see.
        at_load: Whether those of functions are left out.
    """
    later = ast.FunctionDef | ast.AsyncFunctionDef
    children = list(ast.iter_child_nodes(tree))
    if not typed and isinstance(tree, ast.If):
        guarded = ast.unparse(tree.test).endswith("TYPE_CHECKING")
        children = list(tree.orelse) if guarded else children
    yield tree
    for child in children:
        if not (at_load and isinstance(child, later)):
            yield from nodes(child, typed, at_load)


def imports_of(
    path: Path, package: str, typed: bool = True, at_load: bool = False
) -> Iterator[str]:
    """Dotted names that a file of `package` imports.

    Args:
        path: The file.
        package: What it is in.
        typed: Whether imports count that type checkers alone see.
        at_load: Whether those of functions are left out.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in nodes(tree, typed, at_load):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                parents = parents[: len(parents) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func).split(".")[-1]
            name = node.args[0]
            if called in ("import_module", "__import__") and isinstance(
                name, ast.Constant
            ):
                yield str(name.value)


def within(name: str, roots: set[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def is_violation(room: str, name: str) -> bool:
    own = {f"{PACKAGE}.{room}", "__future__"}
    if within(name, own):
        return False
    if name == PACKAGE or within(name, {CLI}):
        return True  # the whole house, or the room that nobody may import
    if room in ONLY:
        return name.split(".")[0] not in sys.stdlib_module_names and not within(
            name, ONLY[room]
        )
    return within(name, NEVER.get(room, set()))


def violations(root: Path) -> list[str]:
    """`file: import` for each import against the plan under `root`."""
    found = []
    for path in sorted((root / PACKAGE).rglob("*.py")):
        relative = path.relative_to(root)
        package = ".".join(relative.parent.parts)
        whole_house = relative.parts[1] == "__init__.py"
        names = set(imports_of(path, package, typed=not whole_house))
        if whole_house:
            bad = {name for name in names if within(name, ON_FIRST_USE | {CLI})}
        elif relative.parts[1] == "cli":
            bad = set()
        else:
            room = relative.parts[1].removesuffix(".py")
            bad = {name for name in names if is_violation(room, name)}
            if relative.as_posix() == DOOR:
                now = set(imports_of(path, package, False, at_load=True))
                bad -= {n for n in names - now if within(n, BEHIND_THE_DOOR)}
        found += [f"{relative.as_posix()}: {name}" for name in sorted(bad)]
    return found


def test_every_room_imports_what_it_may() -> None:
    # Two exceptions, taken from TensorFlow where Keras runs on it already: an
    # update of weights in one operation, and training on several devices,
    # which Keras has for JAX alone.
    theirs = ("adamw.py", "mirrored.py")
    assert violations(ROOT) == [
        f"{PACKAGE}/training/{file}: tensorflow" for file in theirs
    ]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("layers/x.py", "import tensorflow as tf"),
        ("layers/x.py", "import numpy as np"),
        ("layers/x.py", "def f():\n    from tensorflow import data"),
        ("layers/x.py", "from keras_attend_fusion import models"),
        ("layers/x.py", "from ..models import build"),
        ("layers/x.py", "from .. import models"),
        ("layers/x.py", "import importlib as i\ni.import_module('tensorflow')"),
        ("models/x.py", "from keras_attend_fusion.data import load"),
        ("models/x.py", "import tensorflow.data"),
        ("models/deep/x.py", "from ...metrics import evaluate"),
        ("metrics/x.py", "import keras_attend_fusion.models"),
        ("metrics/x.py", "import keras_attend_fusion as kaf"),
        ("metrics/x.py", "from keras_attend_fusion.layers import FusionHead"),
        ("data/x.py", "from keras_attend_fusion.layers import FusionHead"),
        ("data/x.py", "from keras_attend_fusion import models"),
        ("data/x.py", "from keras_attend_fusion.cli import main"),
        ("explain/x.py", "import tensorflow as tf"),
        ("explain/x.py", "from keras_attend_fusion.metrics import evaluate"),
        ("training/x.py", "import tensorflow as tf"),
        ("export/x.py", "from keras_attend_fusion.data.reader import load"),
        ("export/x.py", "from keras_attend_fusion.cli import common"),
        ("runs/x.py", "from keras_attend_fusion.cli.common import table"),
        ("runs/x.py", "from keras_attend_fusion.reports import plots"),
        ("runs/x.py", "from keras_attend_fusion import predictions"),
        ("runs/run.py", "from keras_attend_fusion import predictions"),
        ("runs/run.py", "def f():\n    from keras_attend_fusion import tuning"),
        ("runs/x.py", "def f():\n    from keras_attend_fusion import reports"),
        ("predictions/x.py", "from keras_attend_fusion.reports import axes"),
        ("reports/x.py", "from keras_attend_fusion.cli import common"),
        ("tuning/x.py", "from keras_attend_fusion import data"),
        ("files.py", "from keras_attend_fusion import cli"),
        ("__init__.py", "from keras_attend_fusion import data as data"),
        ("__init__.py", f"{TYPED}    pass\nelse:\n    {LATE}"),
        ("runs/x.py", f"{TYPED}    from keras_attend_fusion import reports"),
    ],
)
def test_a_planted_violation_is_found(
    tmp_path: Path, file: str, line: str
) -> None:
    path = tmp_path / PACKAGE / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n", encoding="utf-8")
    found = violations(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"{PACKAGE}/{file}: ")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("layers/x.py", "import math\nimport keras\nfrom keras import ops"),
        ("layers/x.py", "from keras_attend_fusion.layers import FusionHead"),
        ("layers/x.py", "from .attention import SelfAttention"),
        ("models/x.py", "from keras_attend_fusion import layers"),
        ("metrics/x.py", "import numpy as np\nfrom collections.abc import Set"),
        ("data/x.py", "import tensorflow as tf"),
        ("export/x.py", "from keras_attend_fusion import models"),
        ("explain/x.py", "from keras_attend_fusion import models"),
        ("cli/x.py", "from keras_attend_fusion.cli import common"),
        ("__init__.py", f"{TYPED}    {LATE}"),
        (
            "runs/run.py",
            "def f():\n    from keras_attend_fusion import reports",
        ),
    ],
)
def test_a_clean_file_is_let_be(tmp_path: Path, file: str, line: str) -> None:
    path = tmp_path / PACKAGE / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n", encoding="utf-8")
    assert violations(tmp_path) == []


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "examples").glob("*.py")),
    ids=lambda path: path.name,
)
def test_an_example_uses_the_public_names_alone(path: Path) -> None:
    for name in imports_of(path, ""):
        if within(name, {PACKAGE}):
            parts = name.split(".")
            assert len(parts) <= 3, f"{name} lies below a room"
            assert not any(part.startswith("_") for part in parts), name


# Run in a process of its own: each step in turn, and after each whether
# TensorFlow is loaded. The last step is there to be noticed; an empty module
# stands for TensorFlow, which takes seconds to load.
STEPS = [
    f"import {PACKAGE} as kaf",
    f"from {PACKAGE} import layers, models, metrics",
    "import numpy as np",
    "sizes = dict(rgb_size=16, audio_size=8, trunk_units=4, hidden_units=4)",
    "sizes |= dict(members=1)",
    "model = models.build('attend_fusion', 'mobile', num_classes=2, **sizes)",
    "features = {'rgb': np.ones((1, 16)), 'audio': np.ones((1, 8))}",
    "model.predict(features, verbose=0)",
    "kaf.explain(model, features)",
    "kaf.metrics.evaluate(np.ones((2, 3)) / 2, np.ones((2, 3)))",
    "import tensorflow",
]
CHECKER = """
import json, sys
loaded = []
for step in json.loads(sys.argv[1]):
    exec(step)
    loaded.append("tensorflow" in sys.modules)
print(json.dumps(loaded))
"""


LOADER = """
import sys
import keras_attend_fusion
import keras
print(keras.models.load_model(sys.argv[1]).name)
"""


def test_an_import_registers_what_keras_files_name(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    tiny.attend_fusion("video").save(path)
    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "attend_fusion\n"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_no_tensorflow_is_loaded(backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    (tmp_path / "tensorflow.py").touch()
    path = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", CHECKER, json.dumps(STEPS)],
        cwd=ROOT,
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "PYTHONPATH": os.pathsep.join(path),
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiled to run once
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert dict(zip(STEPS, loaded, strict=True)) == {
        step: step == "import tensorflow" for step in STEPS
    }
