"""The report beside exported files, as far as it describes their bytes."""

from __future__ import annotations

from pathlib import Path

from keras_attend_fusion.files import read_json

REPORT = "export.json"
SHA256 = "sha256"  # of a file, or of the list of checksums in a folder


def digest_of(path: Path) -> str:
    """What `export.json` has as the checksum of an exported file."""
    from keras_attend_fusion.export import checksum, notes

    if path.is_dir():
        path = path / notes.EXTRA / checksum.SUMS
    return checksum.file_digest(path) if path.is_file() else ""


def check_report(path: Path) -> None:
    """Raises `ValueError` if a file is not the one that a report is of.

    Passes where there is no `export.json` beside it, where that does not
    name the file, and where it has no checksum, as earlier versions wrote.
    """
    report = path.parent / REPORT
    if not report.is_file():
        return
    files = read_json(report).get("files")
    if not isinstance(files, list) or not all(
        isinstance(entry, dict) for entry in files
    ):
        raise ValueError(
            f"{report}: expected a list of files, as `attend-fusion export` "
            "writes"
        )
    for entry in files:
        if entry.get("file") == path.name and SHA256 in entry:
            if digest_of(path) == entry[SHA256]:
                continue
            raise ValueError(
                f"{path} is damaged, or not the one that {REPORT} beside it "
                "is of: its SHA-256 is another; export it again, or move it "
                "to a folder of its own"
            )
