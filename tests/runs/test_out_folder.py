"""Where a subcommand writes: a folder of one's own, a new one, another's."""

from __future__ import annotations

import threading

import pytest

from keras_attend_fusion.files import LOCK, InUseError, locked
from keras_attend_fusion.runs.out_folder import claimed, new_folder


def free(out):
    return claimed(out, lambda: new_folder(str(out)))


def test_what_was_made_goes_if_nothing_is_in_it(tmp_path):
    out = tmp_path / "a" / "b" / "run"
    with free(out):
        assert out.is_dir()
    assert not list(tmp_path.iterdir())
    with free(out):
        (out / "model").touch()
    assert [path.name for path in out.iterdir()] == ["model"]


def test_what_existed_stays(tmp_path):
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    folder.chmod(0o2770)
    link.symlink_to(folder)
    before = folder.stat()
    with free(link):
        pass
    after = folder.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert link.is_symlink()


def test_nothing_is_touched_where_something_is(tmp_path):
    (tmp_path / "precious").touch()
    before = tmp_path.stat().st_mtime_ns
    with pytest.raises(ValueError, match="is not an empty folder"):
        free(tmp_path).__enter__()
    assert tmp_path.stat().st_mtime_ns == before


@pytest.mark.parametrize("held", [False, True])
def test_a_folder_that_another_holds(tmp_path, held):
    """That it is in use is said first, not that something is in it."""
    out = tmp_path / "run"
    out.mkdir()
    (out / "config.json").touch()
    (out / LOCK).touch()  # of a process that was killed
    if held:
        with locked(out), pytest.raises(InUseError, match="is in use by"):
            free(out).__enter__()
    else:
        with pytest.raises(ValueError, match="is not an empty folder"):
            free(out).__enter__()
    assert (out / "config.json").exists()


@pytest.mark.parametrize("above", ["", "run"])
def test_a_link_to_nothing(tmp_path, above):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises((ValueError, OSError), match="a link to"):
        free(tmp_path / "link" / above).__enter__()
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_one_of_many_at_a_time(tmp_path):
    """Each makes the folder and removes it again: a race for its lock."""
    out, inside, errors = tmp_path / "run", [], []

    def work():
        for _ in range(20):
            try:
                with free(out):
                    inside.append(1)
                    assert len(inside) == 1
                    inside.pop()
            except InUseError:
                pass
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    # Who made the folder may have left it to another, who had not.
    assert not out.exists() or not list(out.iterdir())
