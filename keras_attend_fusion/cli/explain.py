"""Show what the scores of one video rest on: the top classes with and without
picture and sound, which seconds the model attended to, and what changes when
seconds are taken away. As one page that needs no network, or as a plot."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import class_list, figures, run_folder, shards
from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.cli.explained import page, plot
from keras_attend_fusion.cli.explained.story import Story, tell
from keras_attend_fusion.cli.scored import require_finite, texts
from keras_attend_fusion.cli.text import writing
from keras_attend_fusion.cli.vocabulary import read_vocabulary, require_names

USAGE = "--model DIR --data GLOB --out FILE.html|.png|.pdf [flags]"
FORMS = (".html", ".png", ".pdf")
WINDOW = 5  # seconds, as long as YouTube-8M's rated segments


def define(add: Flags) -> None:
    add.string("model", None, "folder that train wrote, or a .keras file")
    add.string("data", None, "glob of shards, quoted")
    add.string("id", None, "id of the video; by default the first one's")
    add.string(
        "out",
        None,
        "file to write; .html is a page, .png and .pdf are plots",
    )
    add.string("vocabulary", None, "vocabulary.csv, for names")
    add.integer("top-k", 5, "classes to show")
    shards.add_flags(add)


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "model", "data", "out")
    out = Path(flag["out"])
    if out.suffix not in FORMS:
        raise UsageError(
            f"--out is {out}: it has to end in .html, .png or .pdf"
        )
    if out.exists():
        raise ValueError(f"{out} exists: remove it or name another --out")
    if out.suffix != ".html":
        figures.require_matplotlib(f"--out {out}")
    story = _story(flag)
    if out.suffix == ".html":
        with writing(out) as file:
            file.write(page.render(story))
    else:
        with warnings.catch_warnings():  # a box stands for what it lacks
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            figures.save(plot.draw(story), out)
    print(f"Wrote {out}: video {story.video}.")
    return 0


def _story(flag: Flags) -> Story:
    from keras_attend_fusion.explain import explain

    names = read_vocabulary(flag["vocabulary"])
    model = run_folder.load_model(flag["model"])
    known = class_list.of_model(flag["model"], model)
    require_names(names, flag["vocabulary"], known.indices)
    video, features, labels = _find(flag, model, known)
    masks = [x[0] for name, x in features.items() if name.endswith("_mask")]
    seconds = max((int(mask.sum()) for mask in masks), default=0)
    with progress("windows of seconds") as update:
        found = explain(
            model,
            features,
            top_k=flag["top-k"],
            window=WINDOW,
            progress=update,
        )
    require_finite(found.scores, [video])
    return tell(
        found,
        labels,
        known.shown(names),
        video=video,
        model=model.name,
        seconds=seconds,
        window=WINDOW,
    )


def _find(
    flag: Flags, model: Any, known: class_list.ClassList
) -> tuple[str, dict[str, Any], Any]:
    """The id, the features (a batch of one) and the labels of the video."""
    from keras_attend_fusion import training

    data, wanted, videos = flag["data"], flag["id"], 0
    reader = shards.Shards(flag, known)
    dataset = reader.load_for(model, data, with_id=True)
    with (
        reader.errors_for(model, data, with_id=True),
        progress("videos") as update,
    ):
        for features, labels in training.as_numpy(dataset):
            ids = texts(features.pop("id"))
            if wanted is None or wanted in ids:
                row = 0 if wanted is None else ids.index(wanted)
                one = {name: x[row : row + 1] for name, x in features.items()}
                return ids[row], one, labels[row]
            videos += len(ids)
            update(videos)
    if not videos:
        raise ValueError(f"--data {data}: no record that can be used")
    raise ValueError(
        f"--id {wanted}: none of the {videos} videos in --data {data} has it"
    )
