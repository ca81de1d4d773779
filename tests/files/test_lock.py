"""A folder for one process at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from keras_attend_fusion.files import LOCK, InUseError, lock, locked

# The module alone: the package would load Keras.
HOLDER = """
import pathlib, runpy, sys, time
locked = runpy.run_path(sys.argv[1])["locked"]
with locked(pathlib.Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_whoever_comes_second_is_told(tmp_path):
    with locked(tmp_path):
        holder = (tmp_path / LOCK).read_text()
        with pytest.raises(InUseError, match=f"process {os.getpid()} on ") as e:
            locked(tmp_path).__enter__()
        assert str(e.value).startswith(f"{tmp_path} is in use by ")
        assert (tmp_path / LOCK).read_text() == holder
    assert not list(tmp_path.iterdir())
    with locked(tmp_path):  # again
        pass


def test_an_error_gives_it_free(tmp_path):
    with pytest.raises(KeyboardInterrupt), locked(tmp_path):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_gone_at_the_end(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with locked(folder):
        (folder / LOCK).unlink()
        folder.rmdir()
    assert not folder.exists()


def test_a_kill_leaves_no_lock(tmp_path):
    """Of another process; what it leaves of the file does not matter."""
    command = [sys.executable, "-c", HOLDER, lock.__file__, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InUseError, match=f"process {holder.pid} on "):
            locked(tmp_path).__enter__()
        holder.send_signal(signal.SIGKILL)
    assert (tmp_path / LOCK).exists()
    with locked(tmp_path):
        assert f"{os.getpid()} on " in (tmp_path / LOCK).read_text()
    assert not list(tmp_path.iterdir())


def test_a_file_that_its_holder_removes_meanwhile(tmp_path, monkeypatch):
    """What was opened before the removal is not the lock any more."""
    import fcntl

    flock, stale = fcntl.flock, []

    def removed(handle, how):
        flock(handle, how)
        if not stale:
            stale.append(handle)
            (tmp_path / LOCK).unlink()

    monkeypatch.setattr(fcntl, "flock", removed)
    with locked(tmp_path):
        assert stale
        with pytest.raises(InUseError):
            locked(tmp_path).__enter__()


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    import fcntl

    def unable(handle, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unable)
    with pytest.warns(UserWarning, match="without locks"), locked(tmp_path):
        pass
