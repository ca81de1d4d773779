"""Which model is best: all of them, tuned alike, on the same videos.

    export YT8M_DATA=folder      # yt8m_video/, and audioset/ for --frames
    python -m benchmarks.quality [--rows MODEL:PRESET …]
    python -m benchmarks.quality --rows package.module:function
    python -m benchmarks.quality --curve
    python -m benchmarks.quality --ablation
    python -m benchmarks.quality --frames

Each row (a model in a preset, or a builder of your own) gets the same budget of
tuning, stage by stage: every setting of the first stage is trained once, with a
seed of its own, and judged by the GAP (by the mAP with --frames) on the
validation videos; the next stage tries changes of the best one. The setting
that is best at the end is then trained with each of the seeds, and the model
after its last epoch is scored.

Every finished training is a JSON file under --out, named after all that made
it what it is. A run that was killed goes on where it stopped; files that
another machine wrote into such a folder can be copied in; `--report` writes
the tables of all there is. At the end every training goes into
`docs/trainings.json` as well, which the next run knows again: take a model's
out of both when the model changes. To train where TensorFlow is not, or away
from the shards, `--write-arrays FILE.npz` writes them in a small file that
`--arrays` takes. KERAS_BACKEND chooses the backend.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from pathlib import Path

import numpy as np

from . import pages
from . import videos as video_arrays
from .rows import GRIDS, buildable
from .runs import OutOfTime, Runs
from .videos import Videos


def read_videos(options: argparse.Namespace) -> Videos:
    """The arrays of --arrays, or those of the shards."""
    if options.arrays:
        return video_arrays.read(options.arrays)
    folder = Path(os.environ.get("YT8M_DATA", "."))
    if options.frames:
        from .clips import read_clips

        return read_clips(folder / "audioset" / "bal_train.tfrecord")
    return video_arrays.from_shards(
        options.train or f"{folder}/yt8m_video/validate00*.tfrecord",
        options.validate or f"{folder}/yt8m_video/validate01*.tfrecord",
    )


def main() -> None:
    options = _options()
    grid = GRIDS.get(options.grid)
    if grid is None:
        grid = json.loads(Path(options.grid).read_text())
    videos = read_videos(options)
    if options.write_arrays:
        videos.write(options.write_arrays)
        return
    base = {
        "level": "frame" if options.frames else "video",
        "group": "plain",
        "recipe": {},
        "batch_size": options.batch_size,
        "share": 1.0,
        "data": videos.fingerprint(),
    }
    soft, soft_data = None, None
    if options.soft:
        soft = np.load(options.soft, mmap_mode="r")
        soft_data = hashlib.sha256(options.soft.read_bytes()).hexdigest()[:16]
    runs = Runs(
        options.out,
        options.docs / "trainings.json",
        videos,
        base,
        options.minutes,
        soft,
        not options.report,
    )
    options.soft_data = soft_data
    write = pages.results_page
    if options.ablation:
        write = pages.ablation_page
    elif options.curve:
        write = pages.curve_page
    elif options.frames:
        write = pages.frames_page
    try:
        if options.write_soft:
            from .soft_targets import write_soft

            rows = buildable(options.rows or ["attend_fusion:base"])
            write_soft(options.write_soft, runs, rows, grid)
            return
        write(runs, options, grid)
    except OutOfTime:
        print("Out of time: run again to go on.", flush=True)
        runs.train = False
        write(runs, options, grid)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    text = "all by default; package.module:function for a builder of your own"
    add("--rows", nargs="+", metavar="MODEL:PRESET", help=text)
    add("--seeds", nargs="+", type=int, default=[0, 1, 2])
    add("--grid", default="full", help=f"{', '.join(GRIDS)}, or a JSON file")
    add("--batch-size", type=int, default=512)
    add("--curve", action="store_true", help="by share of training videos")
    add("--ablation", action="store_true", help="Attend-Fusion part by part")
    add("--frames", action="store_true", help="poolings, on AudioSet's clips")
    add("--recipe-rows", nargs="+", default=[], metavar="MODEL:PRESET")
    add("--recipe", help="JSON of what fit.fit takes; none by default")
    add("--recipe-only", action="store_true", help="train no plain row")
    add("--soft", type=Path, help="soft targets of --write-soft, for recipes")
    add("--write-soft", type=Path, metavar="FILE.npy")
    add("--train", help="glob of training shards, quoted")
    add("--validate", help="glob of validation shards, quoted")
    add("--arrays", type=Path, metavar="FILE.npz")
    add("--write-arrays", type=Path, metavar="FILE.npz")
    add("--out", type=Path, default=Path("runs/quality"))
    add("--docs", type=Path, default=Path(__file__).parents[2] / "docs")
    add("--minutes", type=float, help="start no training that ends later")
    add("--report", action="store_true", help="train nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
