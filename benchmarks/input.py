"""How fast shards become batches, with frames and without, in one run.

    python benchmarks/input.py [--videos 3000] [--repeats 7] [--json FILE]

What `attend-fusion benchmark input` compares (a bare read of the bytes, which
is the limit; the way of older code bases; `kaf.data.load`), for frame-level
shards that it makes, and for video-level shards: those of YT8M_DATA where that
names a folder, else made ones; and what `attend-fusion benchmark train` finds
that training steps wait for their batches.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def figures(kind: str, *flags: str) -> dict[str, Any]:
    """What `attend-fusion benchmark` measures with some flags."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        words = ["benchmark", kind, f"--json={out}", *flags]
        subprocess.run(
            [sys.executable, "-m", "attend_fusion", *words], check=True
        )
        return dict(json.loads(out.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--videos", type=int, default=3000, help="videos with frames")
    add("--repeats", type=int, default=7)
    add("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    repeats = f"--repeats={options.repeats}"
    real = os.environ.get("YT8M_DATA")
    shards = f"--data={real}/yt8m_video/*.tfrecord" if real else "--level=video"
    videos = f"--videos={options.videos}"
    found = {
        "frame": figures("input", "--level=frame", videos, repeats),
        "video": figures("input", shards, repeats),
        "steps": [
            figures("train", source, f"--preset={preset}")
            for source in ("--level=frame", shards)
            for preset in ("base", "mobile")
        ],
    }
    text = json.dumps(found, indent=2)
    options.json.write_text(f"{text}\n")
    print(f"Wrote {options.json}")


if __name__ == "__main__":
    main()
