"""The oracles choose within bounds, and what they write is whole."""

from __future__ import annotations

import json

import keras_tuner
import pytest

from keras_attend_fusion.private import UntriedVersionError
from keras_attend_fusion.tuning.oracles import PRIVATE, TUNERS, make_oracle


def make(tmp_path, tuner="random", max_trials=5, epochs=4, fits=None, seed=0):
    """An oracle over two numbers."""
    oracle = make_oracle(
        tuner, "score", max_trials, epochs, seed, tmp_path / "trials"
    )
    space = oracle.get_space()
    space.Int("a", 1, 50, default=7)
    space.Float("b", 0.0, 1.0, default=0.5)
    oracle.update_space(space)
    oracle.fits = fits or (lambda values: True)
    return oracle


def go_on(oracle, trials, score=lambda values: values["a"] / 50):
    """Ends so many trials, or fails those without a score; their values."""
    seen = []
    for _ in range(trials):
        trial = oracle.create_trial("tuner0")
        if trial.status == "STOPPED":
            break
        values = trial.hyperparameters.values
        seen.append(dict(values))
        result = score(values)
        trial.status = "FAILED" if result is None else "COMPLETED"
        if result is not None:
            oracle.update_trial(trial.trial_id, {"score": result})
        oracle.end_trial(trial)
    return seen


@pytest.mark.parametrize("tuner", TUNERS)
def test_the_defaults_come_first_and_nothing_twice(tuner, tmp_path):
    seen = go_on(make(tmp_path, tuner), 100)
    assert len(seen) == 5
    assert (seen[0]["a"], seen[0]["b"]) == (7, 0.5)
    keys = [json.dumps(one, sort_keys=True) for one in seen]
    assert len(set(keys)) == 5


@pytest.mark.parametrize("tuner", TUNERS)
def test_what_does_not_fit_is_never_tried(tuner, tmp_path):
    # The best are those that do not fit: Bayesian search is drawn to them.
    def fits(values):
        return values["a"] <= 20

    oracle = make(tmp_path, tuner, max_trials=6, fits=fits)
    seen = go_on(oracle, 100)
    assert len(seen) == 6
    assert max(one["a"] for one in seen) <= 20
    assert oracle.refused > 0


def test_a_space_of_which_nothing_fits_ends(tmp_path):
    oracle = make(tmp_path, fits=lambda values: values["a"] == 7)
    assert len(go_on(oracle, 100)) <= 5
    assert oracle.create_trial("tuner0").status == "STOPPED"


@pytest.mark.parametrize("tuner", TUNERS)
def test_the_same_seed_chooses_the_same(tuner, tmp_path):
    first = go_on(make(tmp_path / "1", tuner), 4)
    again = go_on(make(tmp_path / "2", tuner), 4)
    other = go_on(make(tmp_path / "3", tuner, seed=1), 4)
    assert first == again
    assert first[1:] != other[1:]


def test_hyperband_gives_more_epochs_to_the_best(tmp_path):
    seen = go_on(make(tmp_path, "hyperband", 100, epochs=9), 9 + 3)
    short, long = seen[:9], seen[9:]
    assert {one["tuner/epochs"] for one in short} == {1}
    best = sorted((one["a"] for one in short), reverse=True)[: len(long)]
    assert sorted((one["a"] for one in long), reverse=True) == best
    assert all(one["tuner/epochs"] > 1 for one in long)


@pytest.mark.parametrize("tuner", TUNERS)
def test_failures_do_not_end_a_search(tuner, tmp_path):
    seen = go_on(make(tmp_path, tuner), 100, score=lambda values: None)
    assert len(seen) == 5


@pytest.mark.parametrize("tuner", TUNERS)
def test_going_on_tries_what_is_left(tuner, tmp_path):
    first = go_on(make(tmp_path, tuner), 3)
    oracle = make(tmp_path, tuner)
    stopped = oracle.create_trial("tuner0")  # and killed before its end
    oracle = make(tmp_path, tuner)
    rest = go_on(oracle, 100)
    assert rest[0] == stopped.hyperparameters.values
    assert len(first) + len(rest) == 5
    assert len(go_on(make(tmp_path, tuner, max_trials=6), 100)) == 1


def test_a_kill_between_two_files_leaves_no_orphan(tmp_path, monkeypatch):
    oracle = make(tmp_path)
    go_on(oracle, 2)

    def killed():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(oracle, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            oracle.create_trial("tuner0")
    assert (tmp_path / "trials" / "trial_2" / "trial.json").is_file()
    oracle = make(tmp_path)
    assert len(oracle.trials) == 2
    assert len(go_on(oracle, 100)) == 3
    assert {one.status for one in oracle.trials.values()} == {"COMPLETED"}


def test_a_write_that_is_cut_off_leaves_the_state_before(tmp_path, monkeypatch):
    oracle = make(tmp_path)
    go_on(oracle, 2)
    path = tmp_path / "trials" / "oracle.json"
    before = path.read_text()
    monkeypatch.setattr(oracle, "get_state", lambda: {"a": object()})
    with pytest.raises(TypeError):
        oracle.save()
    assert path.read_text() == before
    assert not list(path.parent.glob(".*"))


def test_an_unknown_tuner(tmp_path):
    with pytest.raises(ValueError, match="no tuner 'grid'; the tuners are hyp"):
        make(tmp_path, "grid")


def test_the_objective_is_to_become_large(tmp_path):
    assert make(tmp_path).objective == keras_tuner.Objective("score", "max")


@pytest.mark.parametrize("name", PRIVATE)
def test_a_keras_tuner_of_other_private_methods(name, tmp_path, monkeypatch):
    make(tmp_path)
    monkeypatch.delattr(keras_tuner.Oracle, name)
    with pytest.raises(UntriedVersionError, match=f"has no `{name}` in Oracle"):
        make(tmp_path)
