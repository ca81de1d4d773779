"""Run an exported model on LiteRT, as a phone does.

    python examples/export_and_run_on_litert.py [MODEL.tflite SHARD]

With a `.tflite` file and a shard, prints the best classes of the shard's
first videos. Without arguments it exports a small untrained model first and
feeds it synthetic videos.
"""

import sys
import tempfile

import keras_attend_fusion as kaf

if len(sys.argv) == 3:
    file, shard = sys.argv[1:]
else:
    folder = tempfile.mkdtemp()
    model = kaf.models.build(
        "attend_fusion", "mobile", "frame", num_classes=8, members=1
    )
    file = kaf.export.litert(model, f"{folder}/model.tflite")
    kaf.data.synthesize(f"{folder}/shards", videos=8, shards=1, classes=8)
    shard = f"{folder}/shards/train-00000-of-00001.tfrecord"

phone = kaf.export.load(file)
videos = kaf.data.load(shard, batch_size=1, with_id=True).take(3)
for features, _ in videos.as_numpy_iterator():
    video = features.pop("id")[0].decode()
    scores = phone(features)[0]  # one video: uint8 features in, scores out
    best = scores.argsort()[::-1][:3]
    print(video, ", ".join(f"class {c}: {scores[c]:.3f}" for c in best))
