"""The pages under docs/ are true: tables, examples, formulas, links."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.predictions import kaggle

DOCS = Path(__file__).parent.parent / "docs"
METRICS = (DOCS / "metrics.md").read_text()
PAGES = sorted(DOCS.glob("*.md"))
# By benchmarks/, or of what they wrote: tables, and no Python.
WRITTEN = (
    "ablation.md",
    "frames.md",
    "learning_curve.md",
    "measurements.md",
    "planted.md",
    "results.md",
)

Row = dict[str, str]


def section(title: str) -> str:
    return METRICS.split(f"\n## {title}\n")[1].split("\n## ")[0]


def plain(cell: str) -> str:
    """A cell that is all code, without its backticks."""
    return cell.strip("`") if cell.count("`") == 2 else cell


def table(text: str, first: str, *others: str) -> list[Row]:
    """The rows of the table whose header begins with these columns."""
    tables = re.findall(r"(?:^\|.*\|\n)+", text, re.M)
    for lines in tables:
        header, _, *rows = [
            [plain(cell.strip()) for cell in line[1:-1].split("|")]
            for line in lines.splitlines()
        ]
        if header[: 1 + len(others)] == [first, *others]:
            return [dict(zip(header, row, strict=True)) for row in rows]
    raise AssertionError(f"no table that begins with {first}, {others}")


def number(cell: str) -> float | None:
    return None if cell == "None" else float(Fraction(cell))


WORKED = section("Worked example")
VIDEOS = table(WORKED, "video", "labels", "class 0")
SCORES = np.array(
    [[float(row[f"class {c}"]) for c in range(4)] for row in VIDEOS]
)
LABELS = np.array(
    [
        [int(str(c) in row["labels"].split(", ")) for c in range(4)]
        for row in VIDEOS
    ]
)
RESULTS = {row["key"]: row for row in table(WORKED, "key", '"drop"')}


def worked() -> kaf.metrics.Evaluator:
    evaluator = kaf.metrics.Evaluator(num_classes=4, top_k=2)
    evaluator.update(SCORES, LABELS)
    return evaluator


def test_the_example_holds_what_it_promises() -> None:
    assert LABELS.tolist() == [
        [0, 1, 0, 0],
        [1, 0, 1, 0],
        [0, 0, 0, 0],
        [1, 0, 0, 0],
    ]
    assert SCORES[3, 0] == SCORES[3, 1]  # a tie of a hit and a miss
    assert np.sum(SCORES[1] > SCORES[1, 2]) == 2  # a label outside the top


@pytest.mark.parametrize("empty_classes", ["drop", "zero"])
def test_the_worked_example(empty_classes: str) -> None:
    result = kaf.metrics.evaluate(
        SCORES, LABELS, top_k=2, empty_classes=empty_classes
    )
    by_hand = {
        key: number(row[f'"{empty_classes}"']) for key, row in RESULTS.items()
    }
    assert result == pytest.approx(by_hand, abs=1e-7)


def test_the_worked_curve() -> None:
    by_hand = table(WORKED, "threshold", "precision", "recall")
    curve = worked().precision_recall()
    for name in ("threshold", "precision", "recall"):
        expected = [number(row[name]) for row in by_hand]
        assert getattr(curve, name).tolist() == pytest.approx(expected)


def test_the_worked_classes() -> None:
    by_hand = table(WORKED, "index", "positives")
    for row, scores in zip(by_hand, worked().per_class(), strict=True):
        expected = {name: number(cell) for name, cell in row.items()}
        given = scores._asdict()
        assert given.pop("name") is None
        assert given == pytest.approx(expected)


def test_the_worked_ranking() -> None:
    """Σ of the precisions at the hits, over four positives."""
    rows = table(WORKED, "score", "of", "hit")
    shares = [row["hits so far / entries so far"] for row in rows]
    hits = [number(share.split(",")[0]) for share in shares if share]
    assert sum(h or 0.0 for h in hits) / 4 == pytest.approx(
        number(RESULTS["gap_at_2"]['"drop"'])
    )


def test_the_worked_thresholds() -> None:
    rows = table(WORKED, "down to", "predicted", "hits")
    assert len(rows) == 4
    for row in rows:
        threshold = float(row["down to"])
        result = worked().result(threshold)
        predicted = sum(one.predicted for one in worked().per_class(threshold))
        assert predicted == int(row["predicted"])
        assert result["f1_micro"] == pytest.approx(
            number(row["micro F1"].split("=")[1].strip())
        )


@pytest.mark.parametrize(("rated", "said"), [(None, "= 1/2"), (1, "= 5/6")])
def test_the_segments_of_the_example(rated: int | None, said: str) -> None:
    """As the text says: unrated ones dropped after the cut, or before it."""
    text = section("Segments")
    rows = table(text, "segment", "score", "rated")
    if rated is not None:
        rows = [row for row in rows if int(row["rated"])]
    evaluator = kaf.metrics.SegmentEvaluator(num_classes=1, top_k=3)
    evaluator.update(
        [[float(row["score"])] for row in rows],
        [[int(row["positive"])] for row in rows],
        [[int(row["rated"])] for row in rows],
    )
    assert said in text
    assert evaluator.result()["segment_map_at_3"] == pytest.approx(
        number(said[2:])
    )


def test_the_file_of_the_worked_example(tmp_path: Path) -> None:
    """Read back, it scores as the tops do."""
    text = re.findall(r"```csv\n(.*?)```", section("Files"), re.S)[0]
    (tmp_path / "tops.csv").write_text(text)
    rows = list(kaggle.read(str(tmp_path / "tops.csv"), num_classes=4))
    assert [row.video for row in rows] == [row["video"] for row in VIDEOS]
    assert [row.classes for row in rows] == [
        sorted(range(4), key=lambda c: (-row[c], c))[:2] for row in SCORES
    ]
    evaluator = kaf.metrics.Evaluator(4, top_k=2, ranking="top_2")
    evaluator.update_top(
        [row.classes for row in rows],
        [row.scores for row in rows],
        [np.flatnonzero(row).tolist() for row in LABELS],
    )
    expected = {key: number(row['"drop"']) for key, row in RESULTS.items()}
    del expected["map"]
    assert evaluator.result() == pytest.approx(expected, abs=1e-7)


def test_the_arguments_of_the_streaming_metrics() -> None:
    for row in table(section("While training"), "metric", "key"):
        name, arguments = row["metric"].rstrip(")").split("(")
        parameters = inspect.signature(getattr(kaf.metrics, name)).parameters
        given = [
            f"{one.name}={one.default!r}".replace("'", '"')
            if one.default is not one.empty
            else one.name
            for one in parameters.values()
            if one.name not in ("name", "dtype")
        ]
        assert arguments == ", ".join(given)


def gap_with_hits_first() -> float:
    """Equal scores in the order that flatters most."""
    tops = [sorted(range(4), key=lambda c: (-row[c], c))[:2] for row in SCORES]
    pairs = [
        (SCORES[v, c], LABELS[v, c]) for v, top in enumerate(tops) for c in top
    ]
    ranked = [int(label) for _, label in sorted(pairs, reverse=True)]
    precisions = [
        sum(ranked[: place + 1]) / (place + 1)
        for place, label in enumerate(ranked)
        if label
    ]
    return sum(precisions) / int(LABELS.sum())


def evaluated(key: str, rows: slice | list[int] = slice(None)) -> float:
    return kaf.metrics.evaluate(
        SCORES[rows], LABELS[rows], top_k=2, empty_classes="drop"
    )[key]


CONVENTIONS: dict[str, Callable[[], float]] = {
    "the hit first among equal scores": gap_with_hits_first,
    "classes without positives count 0": lambda: worked().result(
        empty_classes="zero"
    )["map"],
    "only the tops are ranked": lambda: evaluated("map_top_2"),
    "mean over the batches `a` `b` and `c` `d`": lambda: (
        (evaluated("gap_at_2", slice(2)) + evaluated("gap_at_2", slice(2, 4)))
        / 2
    ),
    "predicted where score > threshold, at 0.75": lambda: worked().result(
        float(np.nextafter(np.float32(0.75), np.float32(1)))
    )["f1_micro"],
    "videos without labels left out": lambda: evaluated("perr", [0, 1, 3]),
}


def test_what_other_conventions_give() -> None:
    rows = table(section("Other code bases"), "convention", "key")
    assert [row["convention"] for row in rows] == list(CONVENTIONS)
    for row in rows:
        other = CONVENTIONS[row["convention"]]()
        assert other == pytest.approx(number(row["number"])), row
        assert evaluated(row["key"]) == pytest.approx(number(row["here"])), row
        assert number(row["number"]) != number(row["here"])


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in WRITTEN],
    ids=lambda page: page.name,
)
def test_the_python_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.M | re.S)
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)
    assert blocks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_formulas_survive_markdown(page: Path) -> None:
    """GitHub's Markdown eats a backslash before punctuation, and `$`s pair."""
    text = page.read_text()
    parts = text.split("$$")
    assert len(parts) % 2 == 1
    for formula in parts[1::2]:
        assert formula.startswith("\n"), formula
        assert formula.endswith("\n"), formula
        assert not re.search(r"\\[^a-zA-Z]|[<>*]", formula), formula
    assert text.count("$`") == text.count("`$")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    titles = re.findall(r"^#+ (.*)$", text, re.M)
    anchors = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in titles
    }
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        else:
            assert (page.parent / link.split("#")[0]).exists(), link
