"""Train Attend-Fusion from YouTube-8M shards with `fit`.

    python examples/train_from_shards.py [TRAIN_GLOB VALIDATE_GLOB CLASSES]

Without arguments it makes small synthetic shards first. `kaf.runs.train` does
the same with checkpoints, logs and resuming.
"""

import sys
import tempfile

import keras

import keras_attend_fusion as kaf

EPOCHS, BATCH = 5, 64

if len(sys.argv) == 4:
    train_glob, validate_glob, classes = *sys.argv[1:3], int(sys.argv[3])
else:
    folder, classes = tempfile.mkdtemp(), 12
    kaf.data.synthesize(folder, level="video", videos=1000, classes=classes)
    train_glob = f"{folder}/train-*.tfrecord"
    validate_glob = f"{folder}/validate-*.tfrecord"

train = kaf.data.load(
    train_glob, batch_size=BATCH, num_classes=classes, shuffle=True, seed=0
)
validate = kaf.data.load(validate_glob, num_classes=classes)
level = "frame" if "rgb_mask" in train.element_spec[0] else "video"

# Precision and compilation that are fast on this machine.
keras.config.set_dtype_policy(kaf.training.default_dtype_policy())
model = kaf.models.build(
    "attend_fusion", preset="mobile", level=level, num_classes=classes
)
steps = -(-kaf.data.count(train_glob) // BATCH)
kaf.training.compile_model(model, total_steps=EPOCHS * steps)
model.fit(
    train,
    epochs=EPOCHS,
    shuffle=False,  # the dataset shuffles
    verbose=2,
    callbacks=[kaf.training.ValidationScores(validate)],
)
for name, value in kaf.training.score(model, validate).result().items():
    print(f"{name:>24} {value:.4f}")
