"""Sets up this project and runs it, from a clone with Python alone.

    python3 dev.py demo     the main job, on shards that it makes
    python3 dev.py test     every check: style, types, tests on each backend
    python3 dev.py test --quick     style, types, tests without a training

All make what they need under `.venv/` and install the versions pinned in
`constraints.txt`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ROOT / ".venv"
BACKENDS = ("tensorflow", "jax", "torch")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}


class Failure(Exception):
    """A step that did not succeed."""


def run(*command: str | Path, **variables: str) -> None:
    """Runs a command in the project's folder; `Failure` if it fails."""
    words = [str(word) for word in command]
    print(f"\n$ {' '.join(words)}", flush=True)
    if subprocess.run(words, **_where(variables)).returncode:
        raise Failure(" ".join(words))


def run_beside(*command: str | Path, **variables: str) -> None:
    """As `run`, but prints in one piece, at the end: others run beside."""
    words = [str(word) for word in command]
    shown = [f"{name}={value}" for name, value in variables.items()] + words
    print(f"Started: {' '.join(shown)}", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **_where(variables),
    )
    seconds = time.monotonic() - started
    how = "Failed" if done.returncode else "Ended"
    head = f"\n{how} after {seconds:.0f} s: {' '.join(shown)}\n"
    sys.stdout.buffer.write(head.encode() + done.stdout)
    sys.stdout.flush()
    if done.returncode:
        raise Failure(" ".join(words))


def _where(variables: dict[str, str]) -> dict[str, Any]:
    environment = {**os.environ, **QUIET, **variables}
    environment.pop("PYTHONPATH", None)
    return {"cwd": ROOT, "env": environment, "check": False}


def environment(
    name: str, wanted: str, constraints: str, editable: bool = True
) -> Path:
    """The Python of a virtual environment that holds `wanted`.

    It is made afresh only when what it should hold has changed.
    """
    folder = ENVIRONMENTS / name
    stamp = folder / "installed"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    state = hashlib.sha256(
        b"".join(
            [
                wanted.encode(),
                sys.version.encode(),
                (ROOT / "pyproject.toml").read_bytes(),
                (ROOT / constraints).read_bytes(),
            ]
        )
    ).hexdigest()
    if stamp.is_file() and stamp.read_text() == state:
        return python
    print(f"Setting up {folder.relative_to(ROOT)} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "-q")
    run(*pip, "-c", constraints, *(["-e"] if editable else []), wanted)
    stamp.write_text(state)
    return python


def newest() -> Path:
    """Every extra that lives in one environment, with the newest releases."""
    return environment("newest", ".[all,dev,docs]", "constraints.txt")


def oldest() -> Path | None:
    """The oldest TensorFlow, which tensorflow-io needs, where it exists."""
    if sys.version_info >= (3, 13):
        print("TensorFlow 2.16 has no release for this Python: left out.")
        return None
    return environment("oldest", ".[io,dev,s3-tests]", "constraints-io.txt")


def wheel() -> Path:
    """An environment that holds the built wheel and what it asks for."""
    python = newest()
    with tempfile.TemporaryDirectory() as folder:
        run(python, "-m", "build", "--wheel", "--outdir", folder, ".")
        (built,) = Path(folder).glob("*.whl")
        shutil.rmtree(ENVIRONMENTS / "wheel", ignore_errors=True)
        return environment(
            "wheel", str(built), "constraints.txt", editable=False
        )


def demo(folder: Path, python: Path) -> None:
    """synthesize → train → evaluate → export → run the TFLite file."""
    if folder.exists():
        raise Failure(f"{folder} exists: remove it or pass another --out")

    def attend_fusion(*words: str | Path) -> None:
        run(python, "-m", "attend_fusion", *words)

    shards, model, export = folder / "shards", folder / "run", folder / "export"
    attend_fusion("synthesize", shards, "--videos=2000", "--classes=24")
    attend_fusion(
        "train",
        f"--train={shards}/train-*.tfrecord",
        f"--validate={shards}/validate-*.tfrecord",
        f"--out={model}",
        "--preset=mobile",
        "--epochs=4",
        "--batch-size=64",
    )
    validate = f"--data={shards}/validate-*.tfrecord"
    attend_fusion("evaluate", f"--model={model}", validate)
    attend_fusion("export", f"--model={model}", f"--out={export}")
    example = ROOT / "examples" / "export_and_run_on_litert.py"
    shard = next(iter(sorted(shards.glob("validate-*.tfrecord"))))
    run(python, example, export / "model.tflite", shard)


def test(quick: bool) -> None:
    """Style, types, tests on each backend and both ends, wheel and demo.

    Args:
        quick: Whether to leave out what takes long: tests that train or
            export, other backends, other environments.
    """
    python = newest()
    run(python, "-m", "ruff", "check", ".")
    run(python, "-m", "ruff", "format", "--check", ".")
    pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=20")

    def tests(
        *words: str, with_: Path = python, on: str = "tensorflow"
    ) -> None:
        run_beside(with_, *pytest, *words, KERAS_BACKEND=on)

    def tests_of_oldest() -> None:
        old = oldest()
        if old is not None:
            tests(*(f"tests/{part}" for part in OF_TENSORFLOW), with_=old)

    def types() -> None:
        run_beside(python, "-m", "mypy")

    def demo_of_wheel() -> None:
        with tempfile.TemporaryDirectory() as folder:
            demo(Path(folder, "demo"), wheel())

    portable = [f"tests/{part}" for part in PORTABLE]
    portable.append("--ignore=tests/models/test_build.py")  # it counts
    apart = [f"tests/{part}" for part in APART]
    without = [f"--ignore={path}" for path in apart]
    doctests = ("--doctest-modules", "keras_attend_fusion")
    others = ["tests", *doctests, *without, "--ignore=tests/cli"]
    jobs: list[Callable[[], None]] = [
        *(
            partial(tests, *(f"tests/{part}" for part in parts))
            for parts in QUICK
        ),
        types,
    ]
    if not quick:
        jobs = [  # the longest first, so that the lanes end together
            partial(tests, *others),
            partial(tests, "tests/cli", *without),
            partial(tests, *apart),
            partial(tests, *portable, on="jax"),
            tests_of_oldest,
            partial(tests, *portable, on="torch"),
            demo_of_wheel,
            types,
        ]
    with ThreadPoolExecutor(2) as pool:  # much of it keeps one core busy
        lanes = [pool.submit(job) for job in jobs]
    for lane in lanes:
        lane.result()


# What neither trains nor exports, in two lanes.
QUICK = (
    (
        "layers",
        "metrics",
        "files",
        "runs/test_keras_file.py",
        "runs/test_out_folder.py",
        "runs/test_pr_curve.py",
        "runs/test_settings.py",
        "test_docs.py",
        "test_extras.py",
        "test_imports.py",
        "test_project_files.py",
    ),
    (
        "data",
        "reports",
        "predictions",
        "cli/test_compare.py",
        "cli/test_download.py",
        "cli/test_errors.py",
        "cli/test_interrupts.py",
        "cli/test_modalities.py",
        "cli/test_notes.py",
        "cli/test_processes.py",
        "cli/test_setting_flags.py",
        "cli/test_shards.py",
    ),
)
# On every backend.
PORTABLE = (
    "layers",
    "models",
    "metrics/streaming",
    "metrics/exact/test_evaluate.py",  # the rest of it is NumPy's alone
    "training",
    "explain",
)
# Pages, benchmarks and tuning: a run of their own, beside the rest.
APART = (
    "cli/benchmarks",
    "cli/test_tune.py",
    "tuning",
    "test_docs.py",
    "test_docs_data.py",
    "test_planted.py",
    "test_quality.py",
    "test_readme.py",
    "test_site.py",
)
# What meets TensorFlow itself, so that its oldest release may differ.
OF_TENSORFLOW = (
    "data",
    "export",
    "training",
    "cli/test_main_job.py",
    "cli/test_on_corrupt.py",
    "cli/test_real_data.py",
    "cli/test_shards.py",
    "test_imports.py",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    shown = commands.add_parser("demo", help="the main job, in minutes")
    shown.add_argument("--out", type=Path, default=Path("demo"))
    checked = commands.add_parser("test", help="every check")
    checked.add_argument("--quick", action="store_true", help="in minutes")
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        if arguments.command == "demo":
            python = environment("demo", ".[litert]", "constraints.txt")
            demo(arguments.out.resolve(), python)
        else:
            test(arguments.quick)
    except Failure as failure:
        print(f"\nFAILED: {failure}", file=sys.stderr)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
