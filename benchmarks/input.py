"""How fast shards become batches, with frames and without, in one run.

    python benchmarks/input.py [--videos 3000] [--repeats 7] [--json FILE]

What `attend-fusion benchmark input` compares (a bare read of the bytes, which
is the limit; the way of older code bases; `kaf.data.load`), for frame-level
shards that it makes, and for video-level shards: those of YT8M_DATA where that
names a folder, else made ones.
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


def figures(*flags: str) -> dict[str, Any]:
    """What the command measures with some flags."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        words = ["benchmark", "input", f"--json={out}", *flags]
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
    framed = figures("--level=frame", f"--videos={options.videos}", repeats)
    real = os.environ.get("YT8M_DATA")
    shards = f"--data={real}/yt8m_video/*.tfrecord" if real else "--level=video"
    plain = figures(shards, repeats)
    text = json.dumps({"frame": framed, "video": plain}, indent=2)
    options.json.write_text(f"{text}\n")
    print(f"Wrote {options.json}")


if __name__ == "__main__":
    main()
