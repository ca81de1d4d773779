"""How long exported models take, and how large they are, in one run a level.

    python benchmarks/inference.py [--repeats 5] [--calls 30] [--json FILE]

What `attend-fusion benchmark inference` measures: at video level, Attend-Fusion
in three sizes and NeXtVLAD in every format, compared with the paper's large
late fusion in float32; with 1, 60 and 300 frames, one video or 32 at once,
Attend-Fusion as LiteRT files. Weights are random. The files take 5 GB of the
temporary folder, and converting the late fusion 10 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LEVELS = {
    "video": [
        "--models=fully_connected:base:none,attend_fusion:base,"
        "attend_fusion:small:none+int8+int4,attend_fusion:mobile,"
        "nextvlad:base:none+int8",
        "--formats=saved_model,litert,onnx",
        "--quantize=none,float16,dynamic,int8,int4",
    ],
    "frame": [
        "--models=attend_fusion:base,attend_fusion:mobile",
        "--formats=litert",
        "--quantize=none,dynamic,int8,int4",
        "--frames=1,60,300",
    ],
}


def figures(level: str, *flags: str) -> dict[str, Any]:
    """What `attend-fusion benchmark inference` measures at a level."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        words = ["benchmark", "inference", f"--level={level}", f"--json={out}"]
        subprocess.run(
            [sys.executable, "-m", "attend_fusion", *words, *flags], check=True
        )
        return dict(json.loads(out.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--repeats", type=int, default=5)
    add("--calls", type=int, default=30, help="timed in each round")
    add("--levels", nargs="+", default=list(LEVELS), choices=list(LEVELS))
    add("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    times = [f"--repeats={options.repeats}", f"--steps={options.calls}"]
    found = {
        level: figures(level, *LEVELS[level], *times)
        for level in options.levels
    }
    text = json.dumps(found, indent=2)
    options.json.write_text(f"{text}\n")
    print(f"Wrote {options.json}")


if __name__ == "__main__":
    main()
