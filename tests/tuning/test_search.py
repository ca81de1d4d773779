"""Trials are trained, scored, noted, and gone on with."""

from __future__ import annotations

import json

import keras
import pytest

from keras_attend_fusion import training, tuning
from tests.tuning import tiny


def search(folder, **changes):
    arguments = {"max_trials": 2, "seed": 5, **changes}
    return tuning.Search(tiny.space(epochs=1), folder, **arguments)


def run(folder, train=tiny.Videos, **changes):
    return search(folder, **changes).run(train, tiny.validation)


def killed(*_):
    raise KeyboardInterrupt


def noted(rows):
    """What does not change from machine to machine."""
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def test_a_search_that_was_killed_ends_as_one_that_was_not(tmp_path):
    whole = run(tmp_path / "whole")
    assert [row["status"] for row in whole] == ["COMPLETED"] * 2
    scores = [row["val_gap_at_20"] for row in whole]
    assert scores == sorted(scores, reverse=True)

    folder = tmp_path / "killed"
    one = search(folder)
    one.oracle.update_trial = killed  # its result is written, no more
    with pytest.raises(KeyboardInterrupt):
        one.run(tiny.Videos, tiny.validation)
    assert len(search(folder).trials()) == 1
    with pytest.raises(KeyboardInterrupt):
        run(folder, killed)  # as the second begins
    assert len(search(folder).trials()) == 1

    made = []
    rows = run(folder, lambda size: made.append(size) or tiny.Videos(size))
    assert len(made) == 1
    assert {row["trial"] for row in rows} == {row["trial"] for row in whole}
    by_values = {json.dumps(r["values"], sort_keys=True): r for r in rows}
    for row in whole:
        same = by_values[json.dumps(row["values"], sort_keys=True)]
        assert noted([same]) == noted([row])

    # All is done: nothing more is trained.
    assert run(folder, lambda size: pytest.fail("trained")) == rows


def test_a_trial_is_what_fit_by_hand_gives(tmp_path):
    followed = []

    def callbacks(trial, folder, scores):
        followed.append((trial.trial_id, folder, scores))
        return []

    (row,) = search(tmp_path, max_trials=1).run(
        tiny.Videos, tiny.validation, callbacks=callbacks
    )
    ((number, folder, scores),) = followed
    assert (number, folder) == ("0", tmp_path / "trial_0")
    assert scores.evaluator.result()["gap_at_20"] == row["val_gap_at_20"]
    (epoch,) = training.read_history(folder / "history.csv", 9)
    assert epoch["epoch"] == "1"
    assert float(epoch["val_gap_at_20"]) == row["val_gap_at_20"]
    keras.utils.set_random_seed(3)
    chosen = row["arguments"]
    model = tiny.space().build(keras_hp(row["values"]))
    training.compile_model(model, 3, row["learning_rate"], row["weight_decay"])
    assert row["batch_size"] == 8
    assert chosen["trunk_units"] == 176
    model.fit(tiny.Videos(8), epochs=1, shuffle=False, verbose=0)
    metrics = training.score(model, tiny.validation(8)).result()
    for name in ("gap_at_20", "f1_micro", "hit_at_1"):
        assert row[f"val_{name}"] == pytest.approx(metrics[name], abs=1e-6)
    assert row["parameters"] == model.count_params()


def keras_hp(values):
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    hp.values |= values
    return hp


def test_trials_that_are_lost_are_noted(tmp_path):
    with pytest.raises(
        ValueError,
        match="was completed, of 1 that were tried; trial 0 failed: the loss",
    ):
        run(tmp_path, tiny.spoilt, max_trials=1)
    rows = search(tmp_path).trials()
    assert [row["status"] for row in rows] == ["FAILED"]
    assert "not a number at step 1" in rows[0]["message"]
    # Gone on with, it trains nothing, and is as little of a success.
    with pytest.raises(ValueError, match="was completed, of 1 that"):
        run(tmp_path, pytest.fail, max_trials=1)


def test_another_error_is_not_the_trial_s_fault(tmp_path):
    def broken(batch_size):
        raise OSError("no such shard")

    with pytest.raises(OSError, match="no such shard"):
        run(tmp_path, broken)
    assert search(tmp_path).trials() == []
