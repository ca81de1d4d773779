"""The page that an export folder is introduced by."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.models.describe import is_mask

RUNTIMES = {
    "saved_model": "TensorFlow",
    "litert": "LiteRT",
    "onnx": "ONNX Runtime",
}


def card(report: dict[str, Any], named: bool) -> str:
    """Markdown of what `export.json` holds.

    Args:
        report: that file's content.
        named: whether the files hold class names.
    """
    keras, command = report.get("keras"), report.get("command")
    parts = [
        f"# {' '.join([report['model'], report.get('preset', '')]).strip()}",
        f"{report['parameters']:,} parameters, {report['num_classes']:,} "
        f"classes, {report['level']} level. Made by {report['made_by']}"
        + (f" with\n\n```sh\n{command}\n```" if command else "."),
        _files(report["files"], keras),
    ]
    if keras:
        parts.append(
            f"GAP@20 and F1 on {keras['videos']:,} labelled videos "
            f"(`--data`); F1 at the threshold {keras['threshold']:.4f}."
        )
    parts.append(
        "Differences are the largest of any score, of features with padding "
        "and missing modalities among them (int8: of real videos). Latency "
        "and memory are those of one video"
        + (" of 300 frames" if report["level"] == "frame" else "")
        + " in a process without Keras, on the machine that exported; the "
        "first result counts from the start of that process."
    )
    parts += ["## What goes in", _inputs(report)]
    parts += ["## What comes out", _output(report, named)]
    parts += ["## How to run it", _example(report["files"][0]["file"])]
    return "\n\n".join(parts) + "\n"


def _files(files: list[dict[str, Any]], keras: dict[str, Any] | None) -> str:
    scores = {"GAP@20": "gap_at_20", "F1": "f1_micro", "accuracy": "accuracy"}
    scores = {head: key for head, key in scores.items() if key in (keras or {})}
    heads = ["file", "runs on", "weights", "MB", "largest difference"]
    heads += [*scores, "ms, 1 thread (p95)", "ms, 2 threads (p95)"]
    heads += ["first result, ms", "peak MB"]
    rows = [heads, ["---"] * len(heads)]
    if keras:
        rest = [""] * (len(heads) - 5 - len(scores))
        score_cells = [f"{keras[key]:.4f}" for key in scores.values()]
        rows.append(
            ["the Keras model", "Keras", "", "", "", *score_cells, *rest]
        )
    for file in files:
        kind = "float32" if file["quantize"] == "none" else file["quantize"]
        two, peak = file["two_threads"], file["peak_mb"]
        rows.append(
            [
                f"`{file['file']}`",
                RUNTIMES[file["format"]],
                kind,
                f"{file['bytes'] / 1e6:.1f}",
                f"{file['max_difference']:.1e}",
                *(f"{file[key]:.4f}" for key in scores.values()),
                f"{file['p50_ms']:.2f} ({file['p95_ms']:.2f})",
                f"{two['p50_ms']:.2f} ({two['p95_ms']:.2f})",
                f"{file['first_ms']:.0f}",
                "–" if peak is None else f"{peak:.0f}",
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _inputs(report: dict[str, Any]) -> str:
    lines = []
    for name, spec in report["inputs"].items():
        sizes = ["frames" if n is None else str(n) for n in spec["shape"]]
        text = f"- `{name}`: {spec['dtype']} (batch, {', '.join(sizes)})"
        if "dequantize" in spec:
            text += f"; the byte q stands for {_formula(**spec['dequantize'])}"
            text += ", which the model works out"
        if is_mask(name):
            text += "; true on real frames, false on padding"
        lines.append(f"{text}.")
    missing = (
        "a mask that is false throughout"
        if report["level"] == "frame"
        else "a row of zeros"
    )
    lines.append(f"- A modality that a video lacks is {missing}.")
    if any(file["format"] == "saved_model" for file in report["files"]):
        lines.append(
            "- The SavedModel's signatures `float_features` and "
            "`uint8_features` take values and bytes of these same names."
        )
    return "\n".join(lines)


def _formula(min_value: float, max_value: float) -> str:
    """What a byte stands for, as `layers.Dequantize` has it."""
    span, sign = max_value - min_value, "−" if min_value < 0 else "+"
    return f"q × {span:.9g}/255 + {span:.9g}/512 {sign} {abs(min_value):.9g}"


def _output(report: dict[str, Any], named: bool) -> str:
    text = (
        f"`scores`: float32 (batch, {report['num_classes']}), one from 0 to 1 "
        "for each class"
    )
    text += (
        "; they sum to 1: a video has one class."
        if report.get("activation") == "softmax"
        else "."
    )
    if report.get("threshold") is not None:
        text += (
            f" Classes at {report['threshold']:.4f} or more are said to be "
            "there: the threshold that was best on the validation videos."
        )
    names = "`labels.txt`, the class names, and " if named else ""
    return (
        f"{text}\n\nEach file holds {names}`facts.json`, what is said here: a "
        "LiteRT file in a ZIP archive behind its own bytes (`unzip -p FILE "
        "facts.json`), which its metadata table names, an ONNX file in its "
        "metadata, a SavedModel in `assets.extra/`."
    )


def _example(file: str) -> str:
    return f"""\
```python
import keras_attend_fusion as kaf

model = kaf.export.load("{file}")
print(model.top_k(features, 5))  # a dict of the inputs above
```

Or on shards, from the shell:

```sh
attend-fusion predict --model {file} --data 'GLOB' --out predictions.csv
```"""
