"""Whether all processes of a training were started with the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keras_attend_fusion.cli.resume import FIXED

if TYPE_CHECKING:
    from keras_attend_fusion.training import Processes


def check_agreement(
    config: dict[str, Any], epoch: int, processes: Processes
) -> None:
    """Raises `ValueError` if a process was started with something else.

    Nothing may be written before all processes have come by here.

    Args:
        config: What the run folder will say of the run.
        epoch: After which one this process goes on.
        processes: All of them; each calls this.
    """
    from keras_attend_fusion import training

    mine = {name: config[name] for name in (*FIXED, "backend", "versions")}
    for name, shards in config["shards"].items():
        mine[f"shards to {name}"] = shards
    mine["epochs done in --out"] = epoch
    sent = training.exchange(json.dumps(mine).encode(), processes)
    first, *others = (json.loads(one) for one in sent)
    for index, other in enumerate(others, 1):
        for name, value in first.items():
            if other[name] != value:
                raise ValueError(
                    f"process {index} has {name} {other[name]!r}, but process "
                    f"0 has {value!r}: start all with the same flags, "
                    "shards and --out"
                )
