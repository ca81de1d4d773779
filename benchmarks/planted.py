"""What attention is for: evidence that was planted, and who finds it.

    python benchmarks/planted.py

Synthetic frame-level videos hold four kinds of class (`data/planted.py`):
told by the picture, by the sound, by a match of both, or by a few seconds.
Four models, of two ways to pool the seconds and two to fuse the modalities,
are trained alike on the same videos; the table has their parameters and the
average precision of each kind's classes, mean ± standard deviation over the
seeds. Writes `docs/planted.json` and `docs/planted.md`. KERAS_BACKEND chooses
the backend.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import keras
from quality.tables import markdown

import keras_attend_fusion as kaf
from keras_attend_fusion.files import beside, write_json
from keras_attend_fusion.models import blocks

UNITS, HIDDEN, DROPOUT, BATCH = 256, 256, 0.3, 128
POOLINGS = ("mean", "attention")
FUSIONS = ("scores", "head")


def build(pooling: str, fusion: str, num_classes: int) -> keras.Model:
    """Pool each modality over its seconds, then fuse.

    "scores" is a late fusion of independent scores: a classifier a modality,
    each trained by itself, and the mean of their logits.
    """
    sizes: dict[str, int | None] = {"rgb": 1024, "audio": 128}
    inputs, branches = blocks.open_branches("frame", sizes, None)
    attention = {
        "rgb": kaf.layers.VisualAttention(),
        "audio": kaf.layers.AudioAttention(),
    }
    vectors = []
    for branch in branches:
        if pooling == "attention":
            pool: Any = attention[branch.modality]
        else:
            pool = kaf.layers.MeanPooling()
        vector = pool(branch.features, mask=branch.mask)
        vectors.append(blocks.trunk(vector, UNITS, 1, DROPOUT, branch.modality))

    def head() -> keras.layers.Layer:
        return kaf.layers.FusionHead(
            num_classes,
            hidden_units=HIDDEN,
            num_heads=4,
            key_dim=32,
            gating_rank=0,
            dropout=DROPOUT,
            activation=None,
        )

    groups = [vectors] if fusion == "head" else [[one] for one in vectors]
    logits = [head()(group) for group in groups]
    return keras.Model(inputs, kaf.layers.EnsembleMean()(logits))


def train(
    pooling: str, fusion: str, folder: Path, options: argparse.Namespace
) -> tuple[int, dict[str, list[float]]]:
    """Parameters, and for each kind the APs of its classes, seed by seed."""
    manifest = json.loads((folder / "manifest.json").read_text())
    kinds = [one["kind"] for one in manifest["classes"]]
    validation = kaf.data.load(
        f"{folder}/validate-*", batch_size=BATCH, num_classes=len(kinds)
    )
    found: dict[str, list[float]] = {kind: [] for kind in dict.fromkeys(kinds)}
    for seed in options.seeds:
        keras.utils.set_random_seed(seed)
        videos = kaf.data.load(
            f"{folder}/train-*",
            batch_size=BATCH,
            num_classes=len(kinds),
            shuffle=True,
            seed=seed,
        )
        model = build(pooling, fusion, len(kinds))
        steps = -(-options.videos // BATCH) * options.epochs
        kaf.training.compile_model(model, steps, options.learning_rate)
        model.fit(videos, epochs=options.epochs, verbose=0)
        evaluator = kaf.training.score(model, validation)
        classes = evaluator.per_class()
        for kind in found:
            of_kind = [
                one.average_precision
                for one, its in zip(classes, kinds, strict=True)
                if its == kind and one.average_precision is not None
            ]
            found[kind].append(statistics.fmean(of_kind))
        print(pooling, fusion, seed, found, flush=True)
    return model.count_params(), found


def report(docs: Path, options: dict[str, Any], rows: list[Any]) -> None:
    """Writes the JSON and the Markdown."""
    flags = [
        f"--{name.replace('_', '-')} {value}"
        for name, value in options.items()
        if name != "seeds"
    ]
    kinds = list(rows[0]["average_precision"])
    table = [["pooling", "fusion", "parameters", *kinds]]
    table.append(["---"] * len(table[0]))
    for row in rows:
        cells = [row["pooling"], row["fusion"], f"{row['parameters']:,}"]
        for values in row["average_precision"].values():
            std = statistics.stdev(values) if len(values) > 1 else 0.0
            cells.append(f"{statistics.fmean(values):.3f} ± {std:.3f}")
        table.append(cells)
    seeds = " ".join(map(str, options["seeds"]))
    count, classes = f"{options['videos']:,}", options["classes"]
    text = f"""\
# Planted evidence

Written by `benchmarks/planted.py`; the numbers are in `planted.json`.

- {count} synthetic frame-level videos to train on, a quarter as many to
  validate; {classes} classes, of four kinds in turn: told by the picture, by
  the sound, by a match of both, or by 3 to 5 seconds (`data/planted.py`).
- Pooling: *mean* over the seconds, or *attention* (`VisualAttention`,
  `AudioAttention`). Fusion: *scores* is a late fusion of independent scores, a
  classifier a modality; *head* is `FusionHead` over both.
- Average precision of each kind's classes, mean ± standard deviation over
  seeds; {options["epochs"]} epochs, nothing tuned.

```sh
python benchmarks/planted.py {" ".join(flags)} --seeds {seeds}
```

{markdown(table)}
"""
    write_json(docs / "planted.json", {"options": options, "rows": rows})
    with beside(docs / "planted.md") as path:
        path.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--videos", type=int, default=2000)
    add("--classes", type=int, default=24)
    add("--epochs", type=int, default=6)
    add("--learning-rate", type=float, default=0.003)
    add("--seeds", nargs="+", type=int, default=[0, 1, 2])
    add("--docs", type=Path, default=Path(__file__).parents[1] / "docs")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kaf.data.synthesize(
            folder, "frame", options.videos, 4, options.classes, seed=1
        )
        for pooling in POOLINGS:
            for fusion in FUSIONS:
                count, found = train(pooling, fusion, folder, options)
                rows.append(
                    {
                        "pooling": pooling,
                        "fusion": fusion,
                        "parameters": count,
                        "seeds": options.seeds,
                        "average_precision": found,
                    }
                )
    facts = {k: v for k, v in vars(options).items() if k != "docs"}
    report(options.docs, facts, rows)


if __name__ == "__main__":
    main()
