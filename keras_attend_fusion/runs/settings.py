"""What is trained, on what, and how."""

# ruff: noqa: RUF009 (`setting` makes a `dataclasses.field`)

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from keras_attend_fusion.arguments import ArgumentError

# As `models.names()`, which needs Keras.
MODELS = (
    "attend_fusion",
    "dbof",
    "early_fusion",
    "fully_connected",
    "logistic",
    "lstm",
    "mixture_of_experts",
    "netvlad",
    "nextvlad",
    "residual",
    "residual_gating",
)
# Arguments of every builder that settings and shards decide.
DECIDED = (
    "num_classes",
    "level",
    "rgb_size",
    "audio_size",
    "modalities",
    "feature_dtype",
    "feature_range",
    "activation",
    "name",
)


class SettingError(ArgumentError):
    """A setting out of its range, or one that does not go with the others."""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) < 1 << 53


KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a word", lambda value: isinstance(value, str)),
    "whole": ("a whole number", lambda value: type(value) is int),
    "number": ("a finite number", _is_number),
    "switch": ("true or false", lambda value: isinstance(value, bool)),
    "object": ("a JSON object", lambda value: isinstance(value, Mapping)),
}


@dataclass(frozen=True)
class Setting:
    """What is known of a field of `TrainSettings` beside its default.

    Attributes:
        help: What it is, for `--help`.
        kind: A key of `KINDS`.
        fixed: Whether a run that is resumed keeps it: it made the checkpoint
            what it is.
        compiles: Whether `training.compile_model` takes it by its name.
        kept: Whether config.json has it.
        flag: Whether the command line has it.
        least: The lowest whole number.
        most: The highest one.
        fits: Whether a value is in range,
        expected: and what it has to be.
        options: The words there are.
    """

    help: str
    kind: str = "text"
    fixed: bool = True
    compiles: bool = False
    kept: bool = True
    flag: bool = True
    least: int = 1
    most: int | None = None
    fits: Callable[[Any], bool] | None = None
    expected: str = ""
    options: tuple[str, ...] = ()

    def refusal(self, value: Any) -> str | None:
        """What was expected in place of a value; None if it is right."""
        name, is_one = KINDS[self.kind]
        if not is_one(value):
            return f"expected {name}"
        if self.options and value not in self.options:
            return f"expected {', '.join(self.options)}"
        if self.kind == "whole":
            most = math.inf if self.most is None else self.most
            if not self.least <= value <= most:
                limit = "" if self.most is None else f", at most {self.most}"
                return f"expected {name}, {self.least} or more{limit}"
        if self.fits is not None and not self.fits(value):
            return self.expected
        return None


def setting(default: Any, help: str, **known: Any) -> Any:
    """A field of `TrainSettings`; see `Setting`."""
    metadata = {"setting": Setting(help, **known)}
    if isinstance(default, dict):
        return dataclasses.field(
            default_factory=lambda: dict(default), metadata=metadata
        )
    return dataclasses.field(default=default, metadata=metadata)


POSITIVE = {
    "kind": "number",
    "fits": lambda value: 0.0 < value < math.inf,
    "expected": "pass a number above 0",
}


@dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """All that decides a training; nothing changes it once it is made.

    `runs.train` takes one, or its fields as keywords. The flags of `train`,
    config.json, what `resume` compares and what several processes compare
    follow from the fields.

    Attributes:
        train: Globs of the training shards, comma-separated.
        validate: Those of the validation shards.
        model: A name of `models.names()`; or a function that builds a model
            of your own, or its name, `package.module:function` (see
            `models.build`).
        preset: One of `models.presets(model)`.
        arguments: Of the model's builder, over the preset.
        modalities: What the model learns from, comma-separated; None for
            what the preset takes.
        num_classes: The classes that labels have; None for those of the
            schema or of synthetic shards, else 3862.
        classes: Those of them to learn: a file of classes, or indices; None
            for all.
        schema: The layout of records that are not YouTube-8M's; None for
            the `schema.json` beside the training shards, if there is one.
        task: "multi_label", or "single_label" where every video has exactly
            one class; None for what the schema says.
        segments: Whether to train on the rated segments.
        bucket: Whether batches hold videos of similar length.
        cache: "memory", or a folder in which to keep what was read.
        initial: A run folder or .keras file whose weights to start from.
        epochs: Passes over the training shards.
        batch_size: Videos in a batch.
        learning_rate: The peak of the schedule; None for what suits the
            model's size.
        weight_decay: AdamW's decay of weights, a step.
        warm_up: The share of all steps over which the rate rises.
        clip_norm: The most that the norm of all gradients together may be.
        accumulate: Batches whose mean gradient makes one step.
        ema: The momentum of an average of the weights.
        early_stopping: Epochs without a better validation GAP before the end.
        steps_per_execution: Steps that run at once.
        dtype_policy: The precision; "auto" for what is fastest.
        seed: Fixes weights and the order of videos.
        on_corrupt: "error" or "skip".

    Raises:
        SettingError: A value is out of its range, or two do not go together.

    Example:

    >>> settings = TrainSettings(train="a*", validate="b*", epochs=2)
    >>> settings.epochs, settings.preset
    (2, 'base')
    >>> try:
    ...     TrainSettings(train="a*", validate="b*", warm_up=2.0)
    ... except ValueError as error:
    ...     print(error)
    `warm_up` is 2.0: pass 0 or more, below 1
    """

    train: str = setting(
        dataclasses.MISSING, "glob of training shards, quoted", fixed=False
    )
    validate: str = setting(
        dataclasses.MISSING, "glob of validation shards, quoted", fixed=False
    )
    model: Any = setting(
        "attend_fusion",
        f"{', '.join(MODELS)}; or package.module:function, which builds one of "
        "your own",
        fits=lambda value: value in MODELS or ":" in value,
        expected=f"expected {', '.join(MODELS)}, or package.module:function",
    )
    preset: str = setting("base", "size of the model, such as small or mobile")
    arguments: dict[str, Any] = setting(
        {}, "arguments of the model's builder", kind="object", flag=False
    )
    num_classes: int | None = setting(
        None,
        "classes; by default those of the schema, else 3862",
        kind="whole",
    )
    classes: str | None = setting(
        None,
        "the classes to learn: a CSV file with a column Index, or "
        "comma-separated indices; by default all",
    )
    schema: Any = setting(
        None,
        "layout of records that are not YouTube-8M's: audioset, or a JSON "
        "file; by default the schema.json beside the training shards",
    )
    task: str | None = setting(
        None,
        "multi_label, or single_label where every video has exactly one class "
        "(softmax); by default what the schema says",
        options=("multi_label", "single_label"),
    )
    modalities: str | None = setting(
        None,
        "what the model learns from, comma-separated, such as rgb,audio; by "
        "default all that the schema has and the preset takes",
        fixed=False,  # the sizes of what is built are
    )
    segments: bool = setting(
        False,
        "train and validate on the rated segments of frame-level shards",
        kind="switch",
    )
    bucket: bool = setting(
        False,
        "at frame level: batches of videos of similar length (less padding)",
        kind="switch",
    )
    cache: str | None = setting(
        None,
        "keep the training records: memory, or a folder on a fast disk",
        fixed=False,
        kept=False,
    )
    initial: str | None = setting(
        None,
        "run folder, or .keras file, whose weights to start from; classes "
        "may be others",
    )
    epochs: int = setting(6, "passes over the training shards", kind="whole")
    batch_size: int = setting(512, "videos in a batch", kind="whole")
    learning_rate: float | None = setting(
        None,
        "peak of the schedule; by default what suits the model's size",
        **POSITIVE,
    )
    weight_decay: float = setting(
        0.02,
        "AdamW's decay of weights, a step",
        kind="number",
        fits=lambda value: 0.0 <= value < math.inf,
        expected="pass 0 or more",
        compiles=True,
    )
    warm_up: float = setting(
        0.05,
        "share of all steps over which the learning rate rises to its peak",
        kind="number",
        fits=lambda value: 0.0 <= value < 1.0,
        expected="pass 0 or more, below 1",
        compiles=True,
    )
    clip_norm: float | None = setting(
        None,
        "the most that the norm of all gradients together may be",
        **POSITIVE,
        compiles=True,
    )
    accumulate: int = setting(
        1,
        "batches whose mean gradient makes one step, for large ones in little "
        "memory",
        kind="whole",
        compiles=True,
    )
    ema: float | None = setting(
        None,
        "momentum, such as 0.98, of an average of the weights after every "
        "step, which is scored and becomes the model",
        kind="number",
        fits=lambda value: 0.0 < value < 1.0,
        expected="pass one between 0 and 1",
        compiles=True,
    )
    early_stopping: int | None = setting(
        None,
        "end after so many epochs without a better validation GAP",
        kind="whole",
    )
    steps_per_execution: int = setting(
        1,
        "steps that run at once, without a look at the loss between them",
        kind="whole",
        compiles=True,
    )
    dtype_policy: str = setting(
        "auto",
        "precision; auto takes what is fastest on this machine",
        options=("auto", "float32", "mixed_bfloat16", "mixed_float16"),
    )
    seed: int = setting(
        0,
        "fixes weights and the order of videos",
        kind="whole",
        least=0,
        most=2**32 - 1,
    )
    on_corrupt: str = setting(
        "error",
        "what to do about a record that cannot be used",
        options=("error", "skip"),
        fixed=False,
        kept=False,
    )

    AS_TEXT: ClassVar[tuple[str, ...]] = ("classes", "modalities")

    def __post_init__(self) -> None:
        for name in self.AS_TEXT:  # of Python's callers, who may have lists
            value = getattr(self, name)
            if isinstance(value, list | tuple | range):
                text = ",".join(str(each) for each in value)
                object.__setattr__(self, name, text)
        if callable(self.model):
            from keras_attend_fusion.models.own_builder import name_of

            object.__setattr__(self, "model", name_of(self.model))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue
            if field.name == "schema" and not isinstance(value, str):
                continue  # a `data.Schema`, or one as a config has it
            refusal = field.metadata["setting"].refusal(value)
            if refusal:
                raise SettingError(f"`{field.name}` is {value!r}: {refusal}")
            if field.metadata["setting"].kind == "number":
                object.__setattr__(self, field.name, float(value))
        self._check_together()

    def _check_together(self) -> None:
        if self.segments and (self.bucket or self.cache):
            raise SettingError("`segments` goes without `bucket` and `cache`")
        if self.steps_per_execution > 1:
            import keras  # slow to load, and the other checks do without

            if keras.backend.backend() == "torch":
                raise SettingError(
                    f"`steps_per_execution` is {self.steps_per_execution}: it "
                    "is 1 on PyTorch"
                )
        from keras_attend_fusion import models

        sizes = models.presets(self.model)
        if self.preset not in sizes:
            raise SettingError(
                f"`preset` is {self.preset!r}: {self.model} comes as "
                f"{', '.join(sizes)}"
            )
        check_arguments(self.model, self.arguments, "`arguments`")

    @property
    def precision(self) -> str:
        """The dtype policy that `dtype_policy` means on this machine."""
        if self.dtype_policy != "auto":
            return self.dtype_policy
        from keras_attend_fusion import training

        return training.default_dtype_policy()

    @property
    def compile_arguments(self) -> dict[str, Any]:
        """Those fields that `training.compile_model` takes by their names."""
        return {
            name: getattr(self, name)
            for name, known in known_settings(type(self)).items()
            if known.compiles
        }


def known_settings(kind: type[TrainSettings]) -> dict[str, Setting]:
    """What is known of each field."""
    return {
        field.name: field.metadata["setting"]
        for field in dataclasses.fields(kind)
    }


def fixed_names(kind: type[TrainSettings]) -> tuple[str, ...]:
    """What a run that is resumed keeps, and processes have to agree on.

    What the shards decided follows the setting that it belongs to.
    """
    names = []
    beside = {"arguments": "level", "classes": "sizes"}
    for name, known in known_settings(kind).items():
        if known.fixed:
            names.append(name)
            names += [beside[name]] if name in beside else []
    return (*names, "train_videos")


def defaults(kind: type[TrainSettings]) -> dict[str, Any]:
    """The defaults of a config's settings, for runs that began before them."""
    values = {}
    for field in dataclasses.fields(kind):
        if field.metadata["setting"].kept and field.name != "schema":
            if field.default is not dataclasses.MISSING:
                values[field.name] = field.default
            elif field.default_factory is not dataclasses.MISSING:
                values[field.name] = field.default_factory()
    return values


def check_arguments(
    model: str, arguments: Mapping[str, Any], where: str
) -> None:
    """Raises `SettingError` unless a model's builder takes arguments.

    Args:
        model: The model's name.
        arguments: Those to pass, over a preset.
        where: Where they stand, for errors.
    """
    from keras_attend_fusion.models.build import BUILDERS

    if model not in BUILDERS:  # one of the user's own checks them itself
        return
    builder = inspect.signature(BUILDERS[model]).parameters
    taken = [name for name in builder if name not in DECIDED]
    for name, value in arguments.items():
        if name not in taken:
            raise SettingError(
                f"{where}: {name} is not an argument of {model}, which takes "
                f"{', '.join(taken)}"
            )
        default = builder[name].default
        if value is None and "None" in str(builder[name].annotation):
            continue
        kind = type(0 if default is None else default)
        if type(value) is not kind and (kind, type(value)) != (float, int):
            raise SettingError(
                f"{where}: {name} is {value!r}: expected {_NAMES[kind]}"
            )


_NAMES: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
}


def split_words(text: str) -> list[str]:
    """The comma-separated words of a setting."""
    return [word.strip() for word in text.split(",") if word.strip()]


def require_whole(**values: int | None) -> None:
    """Raises `SettingError` if a value by its name is below 1.

    Example:

    >>> require_whole(top_k=20, num_classes=None)
    >>> try:
    ...     require_whole(top_k=0)
    ... except ValueError as error:
    ...     print(error)
    `top_k` is 0: pass 1 or more
    """
    for name, value in values.items():
        if value is not None and value < 1:
            raise SettingError(f"`{name}` is {value}: pass 1 or more")
