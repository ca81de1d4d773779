"""What a step frees is there for the next one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from keras_attend_fusion.training import freed_memory

FAULTS = """
import resource, runpy, sys, threading
import numpy as np
# The file alone: importing the package takes seconds.
keep_freed_memory = runpy.run_path(sys.argv[2])["keep_freed_memory"]
print(keep_freed_memory() if sys.argv[1] == "keep" else False)
def step():
    for _ in range(20):
        np.ones(96 * 2**20, "uint8")  # over 64 MiB, the heap of a thread
step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
thread = threading.Thread(target=step)
thread.start()
thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(word: str, **variables: str) -> tuple[bool, int]:
    """Whether it was set, and the page faults of 20 blocks of 96 MiB."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(freed_memory.OWN_SETTINGS)
    }
    printed = subprocess.run(
        [sys.executable, "-c", FAULTS, word, freed_memory.__file__],
        env={**own, **variables},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return printed[-2] == "True", int(printed[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="of the GNU C library")
def test_blocks_are_not_mapped_again():
    kept, few = faults("keep")
    if not kept:
        pytest.skip("another C library")
    _, many = faults("leave")
    assert few < many / 10


@pytest.mark.skipif(sys.platform != "linux", reason="of the GNU C library")
def test_settings_of_the_environment_stay():
    assert faults("keep", MALLOC_ARENA_MAX="2")[0] is False
