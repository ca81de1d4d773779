"""Classes spread over virtual devices, against one device."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_attend_fusion import training
from tests.cli.runs import ROOT

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="JAX alone has layouts"
)
PROGRAM = """
import json
import keras
import numpy as np
import keras_attend_fusion as kaf

rng = np.random.default_rng(0)
features = {
    "rgb": rng.normal(size=(64, 1024)).astype("float32"),
    "audio": rng.normal(size=(64, 128)).astype("float32"),
}
labels = (rng.random((64, 6)) < 0.2).astype("uint8")
found = {}
for ways in (None, 1, 2):
    keras.distribution.set_distribution(
        ways and kaf.training.classifier_parallel(ways)
    )
    keras.utils.set_random_seed(0)
    model = kaf.models.build(
        "attend_fusion", "mobile", num_classes=6, trunk_units=32,
        hidden_units=32, members=1,
    )
    kaf.training.compile_model(model, 8)
    fitted = model.fit(
        features, labels, batch_size=16, epochs=2, shuffle=False, verbose=0
    )
    kernel = model.get_layer("fusion_head_1").classifier.kernel
    momentum = next(
        one for one in model.optimizer.variables
        if one.shape == kernel.shape and "momentum" in one.path
    )
    shapes = [
        list(one.value.sharding.shard_shape(one.shape))
        for one in (kernel, momentum)
    ]
    found[str(ways)] = [fitted.history["loss"], shapes]
print(json.dumps(found))
"""


def test_losses_are_those_of_one_device():
    variables = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected, ((hidden, classes), _) = found["None"]
    assert classes == 6
    for ways in (1, 2):
        losses, shapes = found[str(ways)]
        np.testing.assert_allclose(losses, expected, rtol=1e-4)
        assert shapes == [[hidden, classes // ways]] * 2


def test_ways_that_do_not_divide_the_devices():
    with pytest.raises(ValueError, match="ways=5 for"):
        training.classifier_parallel(5)
