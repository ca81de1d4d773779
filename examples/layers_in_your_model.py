"""Attention over frames inside a Keras model of your own.

    python examples/layers_in_your_model.py

A video has a minute of picture features (1024 numbers a second) and of sound
features (128), some of them padding. Two of the package's layers turn each
into one vector; the rest is plain Keras. Runs on TensorFlow, JAX or PyTorch:
set KERAS_BACKEND.
"""

import keras
import numpy as np

import keras_attend_fusion as kaf

CLASSES, FRAMES, VIDEOS = 5, 60, 400

rgb = keras.Input((None, 1024), name="rgb")
audio = keras.Input((None, 128), name="audio")
mask = keras.Input((None,), dtype="bool", name="mask")

seen = kaf.layers.VisualAttention(num_heads=4)(rgb, mask=mask)
heard = kaf.layers.AudioAttention()(audio, mask=mask)
seen = keras.layers.Dense(64, activation="relu")(seen)
heard = keras.layers.Dense(64, activation="relu")(heard)
scores = kaf.layers.FusionHead(CLASSES, hidden_units=128)([seen, heard])
model = keras.Model({"rgb": rgb, "audio": audio, "mask": mask}, scores)

# Videos whose class shows for three seconds among sixty.
rng = np.random.default_rng(0)
labels = rng.integers(0, CLASSES, VIDEOS)
features = {
    "rgb": rng.normal(size=(VIDEOS, FRAMES, 1024)).astype("float32"),
    "audio": rng.normal(size=(VIDEOS, FRAMES, 128)).astype("float32"),
    "mask": np.arange(FRAMES) < rng.integers(20, FRAMES + 1, (VIDEOS, 1)),
}
cues = rng.normal(size=(CLASSES, 1024)).astype("float32")
for video, label in enumerate(labels):
    start = rng.integers(0, 17)
    features["rgb"][video, start : start + 3] += cues[label]

model.compile(
    "adam",
    "binary_crossentropy",
    metrics=[kaf.metrics.HitAtOne()],
    jit_compile=kaf.training.default_jit_compile(),  # what is fast here
)
targets = np.eye(CLASSES)[labels]
model.fit(features, targets, epochs=3, batch_size=40, verbose=2)
