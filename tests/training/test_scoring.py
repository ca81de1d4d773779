"""Scores over whole sets, at once and after each epoch."""

from __future__ import annotations

import copy

import keras
import numpy as np
import pytest

from keras_attend_fusion import metrics, training
from tests.training.batches import batches, compiled


def whole_set():
    features, labels = zip(*batches(), strict=True)
    return np.concatenate(features), np.concatenate(labels)


def test_the_score_is_that_of_the_whole_set():
    model = compiled()
    done = []
    found = training.score(model, batches(), done.append).result()
    features, labels = whole_set()
    expected = metrics.evaluate(model.predict(features, verbose=0), labels)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found["videos"] == 10
    assert done == [4, 8, 10]


def test_a_dataset_is_read_as_numpy():
    class Dataset:
        def as_numpy_iterator(self):
            return iter(batches())

    found = training.score(compiled(), Dataset()).result()
    assert found["videos"] == 10


def test_scores_are_added_to_the_logs_of_each_epoch():
    model = compiled()
    scores = training.ValidationScores(batches())
    history = model.fit(*whole_set(), epochs=2, verbose=0, callbacks=[scores])
    expected = training.score(model, batches()).result()
    for name in ("gap_at_20", "f1_micro", "hit_at_1"):
        values = history.history[f"val_{name}"]
        assert len(values) == 2
        assert values[-1] == pytest.approx(expected[name], abs=1e-6)
    assert all(s >= 0.0 for s in history.history["seconds"])


class Videos(keras.utils.PyDataset):
    """The batches by their number; it has no other end."""

    def __len__(self):
        return len(batches())

    def __getitem__(self, index):
        return batches()[index % len(self)]


def tensors(kind):
    """The whole set as tensors of a library, which may not be installed."""
    convert = {
        "tensorflow": lambda: pytest.importorskip("tensorflow").constant,
        "torch": lambda: pytest.importorskip("torch").from_numpy,
    }[kind]()
    return tuple(convert(part) for part in whole_set())


def tf_data():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices(whole_set()).batch(4)


def data_loader():
    torch = pytest.importorskip("torch")
    dataset = torch.utils.data.TensorDataset(*tensors("torch"))
    return torch.utils.data.DataLoader(dataset, batch_size=4)


FORMS = {
    "arrays": whole_set,
    "list of arrays": lambda: list(whole_set()),
    "weighted arrays": lambda: (*whole_set(), np.linspace(0.1, 1, 10)),
    "no weights": lambda: (*whole_set(), None),
    "TensorFlow's tensors": lambda: tensors("tensorflow"),
    "PyTorch's tensors": lambda: tensors("torch"),
    "tf.data": tf_data,
    "PyDataset": Videos,
    "DataLoader": data_loader,
    "batches": lambda: tuple(batches()),
    "generator": lambda: (batch for batch in batches()),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_fit_takes_is_scored(form):
    model = compiled()
    expected = training.score(model, batches()).result()
    result = training.score(model, FORMS[form](), batch_size=4).result()
    assert result == pytest.approx(expected, abs=1e-6)
    assert result["videos"] == 10


def test_features_by_name_come_with_ids_or_without():
    inputs = keras.Input((5,), name="rgb")
    scores = keras.layers.Dense(3, activation="sigmoid")(inputs)
    model = keras.Model({"rgb": inputs}, scores)
    x, y = whole_set()
    ids = np.array([b"a%d" % row for row in range(10)], object)
    plain = training.score(model, ({"rgb": x}, y)).result()
    named = training.score(model, ({"rgb": x, "id": ids}, y)).result()
    assert plain == named
    assert plain["videos"] == 10


def test_a_dataset_without_an_end_is_scored_in_steps():
    def endless():
        while True:
            yield from batches()

    model = compiled()
    scores = training.ValidationScores(endless(), steps=3)
    history = model.fit(*whole_set(), verbose=0, callbacks=[scores]).history
    expected = training.score(model, batches()).result()["gap_at_20"]
    assert history["val_gap_at_20"] == [pytest.approx(expected, abs=1e-6)]
    assert scores.evaluator.result()["videos"] == 10


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (7, "got of type int: expected a tf.data.Dataset, arrays"),
        ({"rgb": np.ones((4, 5))}, "got of type dict: expected a tf.data"),
        ((np.ones((4, 5)), np.ones((3, 3))), "have 3 and 4 rows: expected as"),
        ([np.ones((4, 5))], r"a batch is of type ndarray: expected \(feat"),
        ([(np.ones((4, 5)),)], r"a batch is a tuple of 1: expected \(feat"),
        ([], "there are no videos to score"),
    ],
)
def test_what_cannot_be_scored(data, message):
    with pytest.raises(ValueError, match=message):
        training.score(compiled(), data).result()


def test_callbacks_are_copied_as_kerastuner_copies_them(tmp_path):
    dataset = iter(batches())  # which cannot be copied
    with pytest.raises(TypeError):
        copy.deepcopy(data_that_holds(dataset))
    scores = training.ValidationScores(data_that_holds(dataset))
    kept = training.Checkpoints(tmp_path, tmp_path / "history.csv")
    callbacks = [
        training.TerminateOnNonFinite(),
        training.AverageWeights(),
        scores,
        kept,
        training.EarlyStopping(kept, patience=1),
    ]
    twins = copy.deepcopy(callbacks)
    assert [type(twin) for twin in twins] == [type(one) for one in callbacks]
    assert all(
        twin is not one for twin, one in zip(twins, callbacks, strict=True)
    )
    assert twins[2].dataset is scores.dataset
    assert twins[4].checkpoints is twins[3]


def data_that_holds(dataset):
    """Stands for a dataset that has a handle no copy can be made of."""

    class Data:
        def __init__(self):
            self.batches = dataset
            self.handle = (batch for batch in [])

    return Data()


def test_a_set_without_labels_is_refused():
    """All scores would be 0, and look like those of a bad model."""
    bare = [(features, labels * 0) for features, labels in batches()]
    scores = training.ValidationScores(bare)
    with pytest.raises(ValueError, match="None of the 10 validation videos"):
        compiled().fit(*whole_set(), epochs=1, verbose=0, callbacks=[scores])
