"""Tables of videos: Parquet, .npz, or a .csv of .npy files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

FORMS = (".parquet", ".npz", ".csv")


class Rows(Protocol):
    """What reads one kind of table."""

    columns: dict[str, int]  # modalities, and the dimensions of a cell
    others: list[str]  # columns that are not read
    count: int

    def videos(self) -> Iterator[dict[str, Any]]: ...


class Table:
    """The videos of a table, which may be read again and again.

    `read_table` makes one. Iterating gives the dicts that `write` takes.

    Attributes:
        path: The file.
        modalities: The columns that hold features, in order.
        others: The columns that are not read.
        level: `"frame"` if a modality has several vectors a video, else
            `"video"`.
    """

    def __init__(self, path: Path, rows: Rows) -> None:
        self.path = path
        self.modalities = tuple(rows.columns)
        self.others = tuple(rows.others)
        self.level = "frame" if 2 in rows.columns.values() else "video"
        self._rows = rows

    def __len__(self) -> int:
        return self._rows.count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._rows.videos()


def read_table(
    path: str | os.PathLike[str],
    labels: str | None = "labels",
    id: str = "id",
) -> Table:
    """Opens a table of videos for `write`.

    - **Parquet** (needs pyarrow): a column of ids, a column of labels (an
      index or a name, or a list of them), and every column of lists of
      numbers is a modality: a list is one vector, a list of lists is one
      vector a frame, both of fixed or of any length. A null is a modality
      that the video lacks. Read some rows at a time.
    - **.npz**: arrays `ids`, `labels` (an index or a name each, or `(videos,
      classes)` of 0 and 1), and an array a modality: `(videos, size)`, or
      `(videos, frames, size)`; with an array `NAME_frames` of counts, `NAME`
      is `(all frames, size)`, one video's behind the other's.
    - **.csv**: columns of ids and of labels (several with `;` between), and a
      column a modality with the names of `.npy` files, relative to the
      table. An empty cell is a modality that the video lacks. Labels that
      are all numbers are indices.

    Args:
        path: The file.
        labels: The column of labels; None if there are none.
        id: The column of ids; of an .npz file `"id"` is its array `ids`.

    Raises:
        ValueError: The file is of another kind, has no rows, no such column,
            or no column of features.
        MissingPackageError: It is Parquet, and pyarrow is not installed.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> name = f"{tempfile.mkdtemp()}/videos.npz"
    >>> np.savez(name, ids=["a", "b"], labels=[1, 0], rgb=np.ones((2, 5, 8)))
    >>> table = read_table(name)
    >>> len(table), table.level, table.modalities
    (2, 'frame', ('rgb',))
    """
    path = Path(path)
    form = path.suffix.lower()
    if form not in FORMS:
        raise ValueError(
            f"{path} is not a table: expected a name that ends in "
            f"{', '.join(FORMS[:-1])} or {FORMS[-1]}."
        )
    if not path.is_file():
        raise ValueError(f"{path} is not a file.")
    rows: Rows
    if form == ".parquet":
        from keras_attend_fusion.data.parquet_rows import ParquetRows

        rows = ParquetRows(path, labels, id)
    elif form == ".npz":
        from keras_attend_fusion.data.npz_rows import NpzRows

        rows = NpzRows(path, labels, id)
    else:
        from keras_attend_fusion.data.csv_rows import CsvRows

        rows = CsvRows(path, labels, id)
    if not rows.count:
        raise ValueError(f"{path} has no rows.")
    if not rows.columns:
        raise ValueError(
            f"{path} has no column of features beside "
            f"{', '.join(rows.others) or 'the ids and labels'}: expected "
            "lists of numbers (of an .npz file arrays, of a .csv file names "
            "of .npy files)."
        )
    return Table(path, rows)


def require_columns(path: Path, columns: list[str], wanted: list[str]) -> None:
    """Raises `ValueError` unless a table has the columns that are wanted."""
    for name in wanted:
        if name not in columns:
            raise ValueError(
                f"{path} has no column {name!r}: it has "
                f"{', '.join(columns) or 'none'}."
            )
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise ValueError(f"{path} has two columns {twice!r}.")
