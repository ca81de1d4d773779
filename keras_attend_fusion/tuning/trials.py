"""The trials of a search, as its folder has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULT = "result.json"


def read_trials(folder: str | Path, objective: str) -> list[dict[str, Any]]:
    """The trials that have ended, the best first and the failed last.

    Args:
        folder: where `Search` put them.
        objective: what makes a trial good, such as `val_gap_at_20`.

    Returns:
        For each what its `result.json` says: `trial`, `status` (`COMPLETED`
        or `FAILED`, with a `message`), `values`, what they stand for,
        `parameters`, `seconds` and the scores of its best epoch.

    Example:

    >>> read_trials("no such folder", "val_gap_at_20")
    []
    """
    trials = [
        json.loads(path.read_text())
        for path in sorted(Path(folder).glob(f"trial_*/{RESULT}"))
    ]
    return sorted(trials, key=lambda trial: -trial.get(objective, -1.0))
