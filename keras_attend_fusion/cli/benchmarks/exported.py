"""Models with random weights, exported for `benchmark inference`."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from keras_attend_fusion import models
from keras_attend_fusion.cli.common import FORMATS, QUANTIZED, Flags
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.export.quiet import quiet
from keras_attend_fusion.files import bytes_of
from keras_attend_fusion.models.own_builder import is_own, load_builder
from keras_attend_fusion.runs.settings import split_words

SUFFIXES = {"saved_model": "", "litert": ".tflite", "onnx": ".onnx"}
CALIBRATION = 100  # videos, the least that an 8-bit export takes
Kind = tuple[str, str]  # format, and how its weights are stored
Features = dict[str, Any]


class Wanted(NamedTuple):
    """A model, and the files that are to be made of it."""

    model: str
    preset: str
    kinds: list[Kind]


class Exported(NamedTuple):
    """A file, and one video of each length to call it with."""

    model: str
    preset: str
    format: str
    quantize: str
    parameters: int
    path: Path
    bytes: int
    videos: dict[int | None, Features]


def wanted(flag: Flags) -> list[Wanted]:
    """What the flags ask for."""
    formats = _known("formats", flag["formats"], FORMATS)
    quantize = _known("quantize", flag["quantize"], QUANTIZED)
    kinds = [
        (name, kind)
        for name in formats
        for kind in (quantize if name == "litert" else ["none"])
    ]
    text = flag["models"]
    if text is None:
        model = flag["model"]
        if is_own(model) and flag["preset"] != "base":
            raise UsageError(
                f"--preset is {flag['preset']!r}: {model} comes as base"
            )
        text = model if is_own(model) else f"{model}:{flag['preset']}"
    given = split_words(text)
    if not given:
        raise UsageError(
            f"--models is {text!r}: pass comma-separated NAME:PRESET"
        )
    return [_one(text, kinds) for text in given]


def _one(text: str, kinds: list[Kind]) -> Wanted:
    """NAME, NAME:PRESET or NAME:PRESET:KIND+KIND.

    For a model of the user's, package.module:function stands for NAME:PRESET.
    """
    name, *others = text.split(":", 2)
    preset = others[0] if others else "base"
    if others and name not in models.names():
        name, preset = f"{name}:{preset}", "base"
    try:
        sizes = models.presets(name)
        if is_own(name):
            load_builder(name)
    except ValueError as error:
        raise UsageError(f"--models has {text!r}: {error}") from None
    if preset not in sizes:
        raise UsageError(
            f"--models has {text!r}: {name} comes as {', '.join(sizes)}"
        )
    if len(others) == 2:
        chosen = others[1].split("+")
        files = {kind: ("litert", kind) for kind in QUANTIZED}
        files |= {kind: (kind, "none") for kind in FORMATS if kind != "litert"}
        if not set(chosen) <= set(files):
            raise UsageError(
                f"--models has {text!r}: after a second colon pass some of "
                f"{', '.join(files)}, joined by +"
            )
        kinds = [files[kind] for kind in chosen]
    return Wanted(name, preset, kinds)


def _known(flag: str, text: str, options: tuple[str, ...]) -> list[str]:
    chosen = list(dict.fromkeys(split_words(text)))
    if not chosen or not set(chosen) <= set(options):
        raise UsageError(
            f"--{flag} is {text!r}: pass some of {', '.join(options)}"
        )
    return chosen


def export_all(
    all_wanted: list[Wanted],
    flag: Flags,
    lengths: list[int | None],
    folder: Path,
) -> Iterator[Exported]:
    """Writes one file after the other, each in a process of its own: what a
    converter of a large model held is given back."""
    how = (flag["level"], flag["classes"], flag["seed"])
    for number, (name, preset, kinds) in enumerate(all_wanted):
        for kind in kinds:
            file = f"{number}_{'_'.join(kind)}{SUFFIXES[kind[0]]}"
            job = (name, preset, kind, *how, lengths, folder / file)
            yield _alone(job)


def _alone(job: tuple[Any, ...]) -> Exported:
    """Does `_exported` in a process, which ends even if this one is killed."""
    spawn = get_context("spawn")
    receiver, sender = spawn.Pipe()
    process = spawn.Process(target=_send, args=(sender, job))
    with quiet():
        process.start()
    sender.close()
    try:
        outcome = receiver.recv()
    except EOFError:
        raise ValueError(
            f"converting {job[0]}:{job[1]} ended without a file: a converter "
            "of a large model takes more memory than there may be"
        ) from None
    finally:
        process.join()
    if isinstance(outcome, ValueError):
        raise outcome
    return cast(Exported, outcome)


def _send(sender: Connection, job: tuple[Any, ...]) -> None:
    try:
        sender.send(_exported(*job))
    except ValueError as error:
        sender.send(error)


def _exported(
    name: str,
    preset: str,
    kind: Kind,
    level: str,
    classes: int,
    seed: int,
    lengths: list[int | None],
    path: Path,
) -> Exported:
    """Builds a model and writes a file of it."""
    import keras

    from keras_attend_fusion import export

    keras.utils.set_random_seed(seed)
    model = models.build(name, preset, level, classes)
    _write(model, path, *kind)
    return Exported(
        name,
        preset,
        *kind,
        model.count_params(),
        path,
        bytes_of(path),
        {length: export.one_video(model, length or 1) for length in lengths},
    )


def _write(model: Any, path: Path, format: str, quantize: str) -> None:
    from keras_attend_fusion import export

    if format == "saved_model":
        export.saved_model(model, path)
    elif format == "onnx":
        export.onnx(model, path)
    else:
        video = export.one_video(model, 60)
        given = [repeated(video, CALIBRATION)] if quantize == "int8" else None
        export.litert(model, path, quantize, given)


def repeated(video: Features, times: int) -> Features:
    """A batch of the same video."""
    return {name: np.repeat(values, times, 0) for name, values in video.items()}
