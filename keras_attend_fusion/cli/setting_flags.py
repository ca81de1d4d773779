"""The flags of `runs.TrainSettings`, and the settings that they give."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Mapping
from typing import Any

from keras_attend_fusion.cli.common import (
    Flags,
    import_from_working_directory,
)
from keras_attend_fusion.cli.errors import UsageError, flag_name
from keras_attend_fusion.runs.config_file import read_settings
from keras_attend_fusion.runs.settings import (
    Setting,
    TrainSettings,
    known_settings,
)


def add_flags(
    add: Flags,
    names: Collection[str] | None = None,
    helps: Mapping[str, str] | None = None,
    kind: type[TrainSettings] = TrainSettings,
) -> None:
    """Adds the flags of settings.

    Args:
        add: Takes them.
        names: The settings; None for all.
        helps: Lines of help that differ from those of the settings.
        kind: Whose fields they are.
    """
    for field in dataclasses.fields(kind):
        known: Setting = field.metadata["setting"]
        if known.flag and (names is None or field.name in names):
            default = field.default
            if default is dataclasses.MISSING:
                default = None
            text = (helps or {}).get(field.name, known.help)
            _add(add, flag_name(field.name), default, text, known)


def _add(
    add: Flags, name: str, default: Any, text: str, known: Setting
) -> None:
    if known.options:
        add.choice(name, default, list(known.options), text)
    elif known.kind == "text" and known.fits is not None:
        add.word(name, default, known.refusal, text)
    elif known.kind == "whole":
        add.integer(name, default, text, known.least, known.most)
    elif known.kind == "number":
        add.number(name, default, text)
    elif known.kind == "switch":
        add.boolean(name, default, text)
    else:
        add.string(name, default, text)


def given(flag: Flags, kind: type[TrainSettings]) -> dict[str, Any]:
    """The settings that the command line names."""
    return {
        name: flag[flag_name(name)]
        for name, known in known_settings(kind).items()
        if known.flag
        and flag_name(name) in flag.values
        and flag.given(flag_name(name))
    }


def settings_of(
    flag: Flags,
    needed: Collection[str] = (),
    kind: type[TrainSettings] = TrainSettings,
    **others: Any,
) -> TrainSettings:
    """The settings of a command line, with those of --config under them.

    Args:
        flag: The flags.
        needed: Other flags without which nothing can be done.
        kind: Whose fields they are.
        **others: Settings that no flag gives.

    Raises:
        UsageError: A flag is missing, or --model or --preset is given beside
            arguments for another one in the file.
        ValueError: The file is not one of settings, or a value is out of its
            range.
    """
    file = flag["config"] if "config" in flag.values else None
    named = given(flag, kind)
    before = {}
    if file:
        model = named.get("model")
        before = read_settings(_config_file(file), kind, model)
    own = before.get("model", "")
    if ":" in own and named.get("model") != own:
        # A file of settings may come from others; this would run code.
        raise UsageError(
            f"{file} has a model that Python code builds, {own}: pass "
            f"--model={own} too, if it is to run"
        )
    if ":" in named.get("model", ""):
        import_from_working_directory()
    arguments = before.get("arguments")
    for name in ("model", "preset"):
        from_file, from_flags = before.get(name), named.get(name)
        if (
            arguments
            and None not in (from_file, from_flags)
            and from_file != from_flags
        ):
            raise UsageError(
                f"--{name} is {from_flags!r}, but {file} has arguments of "
                f"{from_file}: leave --{name} out, or take the arguments out "
                "of the file"
            )
    values = {**others, **before, **named}
    missing = [name for name in ("train", "validate") if name not in values]
    missing += [name for name in needed if flag[name] is None]
    if missing:
        raise UsageError(f"missing --{', --'.join(missing)}")
    return kind(**values)


def _config_file(path: str) -> str:
    if not os.path.isfile(path):
        raise ValueError(
            f"--config {path} is not a file: name the config.json that `tune` "
            "or `train` wrote"
        )
    return path
