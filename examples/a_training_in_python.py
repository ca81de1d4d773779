"""A training and what comes of it, in Python alone.

    python examples/a_training_in_python.py

Each step is what a subcommand of `attend-fusion` does: it makes small
synthetic shards, trains, is killed, resumes, evaluates, predicts, exports,
explains, writes a report and compares two runs.
"""

import multiprocessing
import tempfile
import time
from pathlib import Path

import keras_attend_fusion as kaf


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    train = f"{folder}/shards/train-*"
    validate = f"{folder}/shards/validate-*"
    kaf.data.synthesize(folder / "shards", "video", videos=300, classes=8)

    settings = kaf.runs.TrainSettings(
        train=train,
        validate=validate,
        model="fully_connected",
        preset="small",
        arguments={"units": 64},
        batch_size=32,
        epochs=12,
    )
    # As if the machine went down after the first epochs.
    process = multiprocessing.get_context("spawn").Process(
        target=kaf.runs.train, args=(settings,), kwargs={"out": folder / "run"}
    )
    process.start()
    checkpoints = folder / "run/checkpoints"
    while process.is_alive() and not list(checkpoints.glob("epoch-*.keras")):
        time.sleep(0.05)
    process.kill()
    process.join()

    # Goes on after the last whole epoch, to the same weights.
    run = kaf.runs.train(settings, out=folder / "run", resume=True)

    metrics = run.evaluate(validate)
    print(f"GAP@20 {metrics['gap_at_20']:.4f}, F1 {metrics['f1_micro']:.4f}")

    written = run.predict(validate, out=folder / "predictions.csv", top_k=5)
    video, pairs = next(kaf.predictions.read_kaggle(written.path))
    print(f"{written.videos} videos; {video}: {pairs[0]}")

    report = run.export(folder / "exported", formats="litert", data=validate)
    for file in report["files"]:
        print(f"{file['file']}: {file['bytes']:,} bytes")

    record = kaf.predictions.find_video(run, validate, video)
    explanation = run.explain(record.features, top_k=3)
    for index in explanation.top_classes[0]:
        picture, _ = explanation.class_share[0, index]
        print(f"{explanation.class_names[index]}: {picture:.0%} picture")
    kaf.reports.explanation_page(
        explanation,
        folder / "video.html",
        video=record.id,
        labels=record.labels,
    )

    page = run.report(data=validate, export=folder / "exported")
    print(f"{page.name}: {page.stat().st_size:,} bytes")

    smaller = kaf.runs.train(
        settings, out=folder / "smaller", arguments={"units": 16}
    )
    print(kaf.reports.compare([run, smaller], folder / "comparison.html"))


if __name__ == "__main__":
    main()
