from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import models, training


def mobile(classes, **changes):
    return models.build(
        "attend_fusion",
        "mobile",
        num_classes=classes,
        trunk_units=8,
        hidden_units=8,
        **changes,
    )


def test_all_but_the_classifier_is_taken_over():
    source, model = mobile(5, members=2), mobile(7, members=2)
    left = training.transfer(model, source)
    assert left == [
        f"fusion_head_{member}/classifier/{part}"
        for member in (1, 2)
        for part in ("kernel", "bias")
    ]
    trained = {one.path: np.asarray(one) for one in source.weights}
    for weight in model.weights:
        if weight.path not in left:
            np.testing.assert_array_equal(weight, trained[weight.path])


def test_a_model_of_other_layers_is_refused():
    source = models.build("logistic", num_classes=5)
    with pytest.raises(ValueError, match="logistic has no weights that fit"):
        training.transfer(mobile(7), source)
