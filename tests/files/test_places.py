"""Links, streams and folders that stay what they are."""

from __future__ import annotations

import errno
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from keras_attend_fusion.files import beside, is_stream, write_json, writing
from tests.files.test_whole import names


def make(path: Path, text: str) -> None:
    """Writes a file as every writer of the package does."""
    with beside(path) as unfinished:
        unfinished.write_text(text)


def make_folder(path: Path, **files: str) -> None:
    """The same for a folder."""
    with beside(path) as unfinished:
        unfinished.mkdir()
        for name, text in files.items():
            (unfinished / name).write_text(text)


def read_in_thread(path: Path) -> tuple[threading.Thread, list[bytes]]:
    """Reads a FIFO to its end, as `cat` beside the program would."""
    content: list[bytes] = []
    thread = threading.Thread(
        target=lambda: content.append(path.read_bytes()), daemon=True
    )
    thread.start()
    return thread, content


def test_a_fifo_is_written_to_and_stays(tmp_path):
    fifo = tmp_path / "fifo.json"
    os.mkfifo(fifo)
    thread, content = read_in_thread(fifo)
    write_json(fifo, {"gap": 1})
    thread.join(60)
    assert content == [b'{\n  "gap": 1\n}\n']
    assert stat.S_ISFIFO(fifo.lstat().st_mode)
    assert names(tmp_path) == ["fifo.json"]


def test_a_fifo_gets_nothing_of_what_is_not_whole(tmp_path):
    fifo = tmp_path / "fifo.csv.gz"
    os.mkfifo(fifo)
    thread, content = read_in_thread(fifo)

    def interrupted():
        with writing(fifo) as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    thread.join(60)
    assert content == [b""]
    assert names(tmp_path) == ["fifo.csv.gz"]


def test_a_device_of_ones_own_stays(tmp_path):
    """A null device in a folder of the test, never that of the machine."""
    device = tmp_path / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:  # not root: a terminal is a device too
        _main, other = os.openpty()
        device.symlink_to(os.ttyname(other))
    make(device, "nowhere")
    assert is_stream(device)
    assert names(tmp_path) == ["null"]


@pytest.mark.parametrize("linked", [False, True])
def test_an_open_file_goes_on_where_it_is(tmp_path, linked):
    """As /dev/stdout does, where standard output goes to a file."""
    with (tmp_path / "log").open("wb", buffering=0) as log:
        log.write(b"before\n")
        path = Path(f"/dev/fd/{log.fileno()}")
        if linked:
            (tmp_path / "link").symlink_to(path)
            path = tmp_path / "link"
        make(path, "written\n")
        log.write(b"after\n")
    assert (tmp_path / "log").read_text() == "before\nwritten\nafter\n"
    assert names(tmp_path) == ["link", "log"] if linked else ["log"]


def test_standard_output_keeps_its_order(capfd):
    print("printed")
    make("/dev/stdout", "written\n")
    print("printed again")
    assert capfd.readouterr().out == "printed\nwritten\nprinted again\n"


def test_what_no_file_can_be_made_of(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # the name of a socket is short
        server.bind("s")
        with pytest.raises(OSError, match=r"s cannot be written to \(No such"):
            make(tmp_path / "s", "x")
    assert names(tmp_path) == ["s"]
    with pytest.raises(OSError, match=r"/dev/fd/999 cannot .*Bad file descr"):
        make("/dev/fd/999", "x")
    os.mkfifo(tmp_path / "fifo")
    read_in_thread(tmp_path / "fifo")
    with pytest.raises(NotADirectoryError, match="fifo is not a folder"):
        make_folder(tmp_path / "fifo")
    assert names(tmp_path) == ["fifo", "s"]


def test_a_whole_disk_is_not_written_to(tmp_path, monkeypatch):
    (tmp_path / "disk").touch()
    for name in ("S_ISREG", "S_ISDIR"):
        monkeypatch.setattr(stat, name, lambda mode: False)
    monkeypatch.setattr(stat, "S_ISBLK", lambda mode: True)
    with pytest.raises(OSError, match="it is a block device"):
        make(tmp_path / "disk", "x")


@pytest.mark.parametrize("there", [False, True])
def test_a_link_stays_and_its_target_is_written(tmp_path, there):
    target = tmp_path / "data" / "0a1b"
    if there:
        target.parent.mkdir()
        target.write_text("old")
        target.chmod(0o640)
    (tmp_path / "p.csv").symlink_to(Path("data", "0a1b"))
    with beside(tmp_path / "p.csv") as unfinished:
        assert unfinished.suffix == ".csv"  # as some writers go by it
        unfinished.write_text("new")
    assert target.read_text() == "new"
    assert not target.is_symlink()
    assert os.readlink(tmp_path / "p.csv") == "data/0a1b"
    assert names(tmp_path) == ["data", "p.csv"]
    assert names(target.parent) == ["0a1b"]
    if there:
        assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_chain_of_links_stays(tmp_path):
    (tmp_path / "c").write_text("old")
    (tmp_path / "b").symlink_to("c")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    make(tmp_path / "a", "new")
    assert (tmp_path / "c").read_text() == "new"
    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "b").is_symlink()


def test_a_loop_of_links_is_an_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"symbolic links.*a'"):
        make(tmp_path / "a", "x")
    assert names(tmp_path) == ["a", "b"]


def test_a_link_to_a_folder_stays(tmp_path):
    (tmp_path / "large").mkdir(mode=0o2750)
    (tmp_path / "large").chmod(0o2750)
    (tmp_path / "large" / "old").touch()
    (tmp_path / "out").symlink_to("large")
    make_folder(tmp_path / "out", new="1")
    assert (tmp_path / "out").is_symlink()
    assert names(tmp_path / "large") == ["new"]
    assert stat.S_IMODE((tmp_path / "large").stat().st_mode) == 0o2750
    assert names(tmp_path) == ["large", "out"]


@pytest.mark.parametrize("told", [False, True])
def test_the_content_of_a_mount_point_is_replaced(tmp_path, monkeypatch, told):
    """It cannot be renamed; whether it is one is not always told."""
    out = tmp_path / "out"
    make_folder(out, old="1", both="1")
    place = out.stat().st_ino
    real = os.replace

    def replace(source, target):
        if Path(source) == out:
            raise OSError(errno.EBUSY, "Device or resource busy")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    if told:
        monkeypatch.setattr(os.path, "ismount", lambda path: path == out)
    make_folder(out, new="2", both="2")
    assert out.stat().st_ino == place
    assert names(out) == ["both", "new"]
    assert (out / "both").read_text() == "2"
    assert names(tmp_path) == ["out"]


def test_a_mount_point_has_its_content_back_after_an_error(
    tmp_path, monkeypatch
):
    out = tmp_path / "out"
    make_folder(out, old="1", other="1")
    monkeypatch.setattr(os.path, "ismount", lambda path: path == out)

    def move(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.move", move)
    with pytest.raises(KeyboardInterrupt):
        make_folder(out, new="2")
    assert names(out) == ["old", "other"]


def test_the_current_folder_stays_current(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("old").touch()
    make_folder(Path(), new="1")
    assert os.listdir() == ["new"]


def test_a_file_that_is_a_mount_point_is_written_in_place(
    tmp_path, monkeypatch
):
    path = tmp_path / "a.json"
    path.write_text("a long old text")
    place = path.stat().st_ino

    def replace(source, target):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(os, "replace", replace)
    make(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_ino == place
    assert names(tmp_path) == ["a.json"]


def test_what_is_read_only_is_told_before_the_work(tmp_path, monkeypatch):
    """Also to root, to whom every file is writable."""
    (tmp_path / "a").write_text("old")
    locked: list[Path] = []
    monkeypatch.setattr(os, "access", lambda path, mode: path not in locked)
    for path, message in (
        (tmp_path / "a", "a is read-only: make it writable or name another"),
        (tmp_path, f"cannot be written: the folder {tmp_path} is read-only"),
    ):
        locked[:] = [path]
        with pytest.raises(PermissionError, match=message):
            beside(tmp_path / "a").__enter__()
    assert (tmp_path / "a").read_text() == "old"
    # A folder in one that is read-only can get another content.
    (tmp_path / "out").mkdir()
    make_folder(tmp_path / "out", new="1")
    assert names(tmp_path / "out") == ["new"]


def test_a_file_where_a_folder_has_to_be(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(NotADirectoryError, match=r"a is a file: .*a/b needs a"):
        make(tmp_path / "a" / "b", "x")
