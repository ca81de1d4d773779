"""Saved evaluators that are damaged, old or not what they say."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from keras_attend_fusion.metrics import Evaluator, SegmentEvaluator

CLASSES = 9


def filled(ranking: str) -> Evaluator:
    """An evaluator of forty videos, some of them with many labels."""
    rng = np.random.default_rng(7)
    scores = rng.random((40, CLASSES), dtype="float32")
    labels = rng.random(scores.shape) < rng.random((40, 1))
    evaluator = Evaluator(CLASSES, top_k=4, ranking=ranking)
    evaluator.update(scores[:25], labels[:25])
    evaluator.update(scores[25:], labels[25:])
    return evaluator


def arrays_of(evaluator: Evaluator, folder: Path) -> dict[str, np.ndarray]:
    """What `save` writes, without the checksum, as earlier versions did."""
    evaluator.save(folder / "whole.npz")
    with np.load(folder / "whole.npz") as file:
        arrays = dict(file)
    assert len(arrays.pop("checksum").item()) == 64
    return arrays


def load(folder: Path, arrays: dict[str, np.ndarray]) -> Evaluator:
    np.savez(folder / "again.npz", **arrays)
    return Evaluator.load(folder / "again.npz")


@pytest.mark.parametrize("ranking", ["all", "top_4"])
def test_a_file_without_a_checksum_is_read(
    tmp_path: Path, ranking: str
) -> None:
    evaluator = filled(ranking)
    again = load(tmp_path, arrays_of(evaluator, tmp_path))
    assert repr(again.result()) == repr(evaluator.result())


@pytest.mark.parametrize(
    ("ranking", "name", "value"),
    [
        ("all", "top_classes", 40),
        ("all", "top_classes", -1),
        ("all", "top_scores", np.nan),
        ("all", "top_scores", -3.0),
        ("all", "top_hits", None),
        ("all", "label_counts", -1),
        ("all", "label_counts", 2**30),
        ("all", "perr", np.inf),
        ("all", "perr", 0.123),
        ("all", "label_classes", CLASSES),
        ("all", "label_scores", np.inf),
        ("all", "left_out", 0.999),
        ("all", "scores_0", np.nan),
        ("all", "scores_0", 7.0),
        ("all", "num_classes", 10),
        ("all", "top_k", 0),
        ("all", "memory", -1),
        ("top_4", "top_classes", 40),
        ("top_4", "top_scores", np.inf),
        ("top_4", "top_scores", -3.0),
        ("top_4", "top_hits", None),
        ("top_4", "label_counts", 2**30),
        ("top_4", "perr", 4.94),
        ("top_4", "perr", 0.123),
        ("top_4", "label_classes", -7),
        ("top_4", "label_scores", 0.5),
        ("top_4", "left_out", np.nan),
        ("top_4", "num_classes", 2**40),
        ("top_4", "top_k", 3),
    ],
)
def test_a_wrong_number_is_refused(
    tmp_path: Path, ranking: str, name: str, value: float | None
) -> None:
    arrays = arrays_of(filled(ranking), tmp_path)
    changed = arrays[name].reshape(-1)
    changed[0] = not changed[0] if value is None else value
    arrays[name] = changed.reshape(arrays[name].shape)
    with pytest.raises(
        ValueError, match=r"again.npz is not a saved eval.*, or"
    ):
        load(tmp_path, arrays)


def test_a_number_that_could_be_right_is_told_by_the_checksum(
    tmp_path: Path,
) -> None:
    evaluator = filled("all")
    arrays = arrays_of(evaluator, tmp_path)
    block, counts = arrays["scores_0"].copy(), arrays["label_counts"][:25]
    rows = np.repeat(np.arange(25), counts)
    block[arrays["label_classes"][: rows.size], rows] = 9.0
    lowest = np.unravel_index(block.argmin(), block.shape)
    with np.load(tmp_path / "whole.npz") as file:
        arrays["checksum"] = file["checksum"]
    assert load(tmp_path, arrays).result() == evaluator.result()
    arrays["scores_0"][lowest] -= 1  # neither a label nor among the best
    with pytest.raises(ValueError, match=r"again.npz .*its checksum is not"):
        load(tmp_path, arrays)


def test_arrays_that_do_not_belong_together_are_refused(
    tmp_path: Path,
) -> None:
    whole = arrays_of(filled("all"), tmp_path)
    tops = arrays_of(filled("top_4"), tmp_path)
    cases = {
        "a block is missing": {
            k: v for k, v in whole.items() if k != "scores_1"
        },
        "a block is left": {**whole, "scores_3": whole["scores_0"]},
        "a block comes twice": {**whole, "scores_2": whole["scores_0"]},
        "blocks change places": {
            **whole,
            "scores_0": whole["scores_1"],
            "scores_1": whole["scores_0"],
        },
        "blocks of the tops": {**tops, "scores_0": whole["scores_0"]},
        "the tops' ranking": {**whole, "ranking": np.array("top_4")},
        "the ranking of all": {**tops, "ranking": np.array("all")},
        "no ranking": {**whole, "ranking": np.array("top_5")},
        "a field is missing": {k: v for k, v in whole.items() if k != "perr"},
        "float64": {**whole, "scores_0": whole["scores_0"].astype("float64")},
        "big-endian": {**whole, "perr": whole["perr"].astype(">f8")},
        "a list of counts": {**whole, "num_classes": np.array([CLASSES])},
        "a flat top": {**whole, "top_scores": whole["top_scores"].ravel()},
        "fewer labels": {**whole, "label_classes": whole["label_classes"][1:]},
        "no videos": {k: v[:0] if v.ndim else v for k, v in tops.items()},
    }
    for name, arrays in cases.items():
        with pytest.raises(ValueError, match=r"again.npz is not a saved eval"):
            print(name, load(tmp_path, arrays).result())


def test_what_unpacks_to_more_than_the_file_is_refused(tmp_path: Path) -> None:
    arrays = arrays_of(filled("top_4"), tmp_path)
    path = tmp_path / "bomb.npz"
    large = {**arrays, "top_scores": np.zeros((1000, 1000), "float32")}
    np.savez_compressed(path, **large)
    with pytest.raises(ValueError, match=r"bomb.npz .*compressed"):
        Evaluator.load(path)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header,
        {"descr": "<f4", "fortran_order": False, "shape": (1 << 40, 4)},
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array)
            raw = member.getvalue()
            if name == "top_scores":
                raw = header.getvalue()
            archive.writestr(f"{name}.npy", raw)
    with pytest.raises(ValueError, match=r"bomb.npz .*top_scores.npy has the"):
        Evaluator.load(path)


def test_every_damaged_byte_is_told(tmp_path: Path) -> None:
    evaluator = filled("all")
    evaluator.save(tmp_path / "whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    expected = repr(evaluator.result())
    path, rng = tmp_path / "damaged.npz", np.random.default_rng(0)
    outcomes = []
    for place in rng.integers(len(whole), size=100):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            outcomes.append(repr(Evaluator.load(path).result()))
        except ValueError as error:
            outcomes.append(str(error))
    refused = [text for text in outcomes if text != expected]
    assert len(refused) > 70  # others are as times in the archive's headers
    assert all(text.startswith(str(path)) for text in refused)


def test_a_file_that_is_not_there_is_not_called_damaged(
    tmp_path: Path,
) -> None:
    with pytest.raises(FileNotFoundError):
        Evaluator.load(tmp_path / "none.npz")


def test_tops_that_were_filled_up_beyond_the_classes(tmp_path: Path) -> None:
    """Earlier versions kept `top_k` entries where there are fewer classes."""
    evaluator = Evaluator(2, top_k=3, ranking="top_3")
    evaluator.update_top([[1]], [[0.5]], [[1]])
    arrays = arrays_of(evaluator, tmp_path)
    for name, blank in (
        ("top_classes", -1),
        ("top_scores", -np.inf),
        ("top_hits", False),
    ):
        arrays[name] = np.pad(
            arrays[name], ((0, 0), (0, 1)), constant_values=blank
        )
    again = load(tmp_path, arrays)
    again.update([[0.9, 0.1]], [[1, 0]])
    again.merge(evaluator)
    assert again.result()["gap_at_3"] == 1.0
    assert again.result()["videos"] == 3


def test_scores_and_tops_in_one_evaluator() -> None:
    """With fewer classes than `top_k`, which both count alike."""
    evaluator = Evaluator(3, ranking="top_20")
    evaluator.update([[0.1, 0.2, 0.3]], [[0, 0, 1]])
    evaluator.update_top([[1]], [[0.5]], [[1]])
    assert evaluator.result()["gap_at_20"] == 1.0


def test_evaluators_of_two_kinds_are_not_merged() -> None:
    videos, segments = Evaluator(3, top_k=5), SegmentEvaluator(3, top_k=5)
    with pytest.raises(ValueError, match="is a SegmentEvaluator; expected ano"):
        videos.merge(segments)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is a Evaluator; expected another"):
        segments.merge(videos)  # type: ignore[arg-type]
