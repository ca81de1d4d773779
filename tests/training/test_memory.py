"""Freed memory stays with the process."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
if sys.argv[1] == "keep":
    import importlib.util
    spec = importlib.util.spec_from_file_location("memory", sys.argv[2])
    memory = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(memory)
    assert memory.keep_memory()
for step in range(20):
    if step == 2:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.full(2**23, 1.0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_an_array_of_every_step_costs_no_new_pages():
    from keras_attend_fusion.training import memory

    def faults(choice):
        command = [sys.executable, "-c", FAULTS, choice, memory.__file__]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    # 64 MB, 18 times: 16,384 pages of 4 kB each time, or big pages.
    assert faults("keep") < faults("leave") / 10


def test_elsewhere_there_is_nothing_to_tell(monkeypatch):
    from keras_attend_fusion.training import memory

    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert memory.keep_memory() is False
