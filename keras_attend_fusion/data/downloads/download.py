"""Downloads a partition of YouTube-8M, or a fraction of it."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from keras_attend_fusion.data.downloads.errors import (
    DiskFullError,
    DownloadError,
)
from keras_attend_fusion.data.downloads.fetch import Remote, fetch
from keras_attend_fusion.data.downloads.folder import (
    check_case,
    check_space,
    free_bytes,
)
from keras_attend_fusion.data.downloads.parallel import in_parallel
from keras_attend_fusion.data.downloads.partition import (
    check_shard,
    find_source,
)
from keras_attend_fusion.data.downloads.plan_download import (
    DownloadPlan,
    plan_download,
)
from keras_attend_fusion.data.downloads.report import DownloadReport

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.client import Client

Progress = Callable[[int, int | None], None]
FULL = (errno.ENOSPC, errno.EDQUOT)


def download(
    partition: str,
    out: str | Path,
    *,
    mirror: str = "us",
    shard: tuple[int, int] = (1, 1),
    server: str | None = None,
    plan: str | None = None,
    parallel: int = 4,
    retries: int = 5,
    timeout: float = 60.0,
    least_rate: float = 1000.0,
    file_timeout: float = 86_400.0,
    progress: Progress | None = None,
) -> DownloadReport:
    """Downloads the shards of a partition, verified by their MD5 sums.

    Files that are there with the right sum are left alone. Others are
    received beside their place, as `name.part`, and moved there once they are
    whole and verified; so a file with a wrong sum stays until then, and a
    call that was interrupted goes on where it stopped when it is repeated.

    Time-outs, broken connections and the statuses 429 and 5xx are tried
    again after waits that double, or that the server asks for. A file that
    cannot be had does not keep the others from coming.

    The plan is asked for over HTTPS, and where the server has none over plain
    HTTP, with a warning: the MD5 sums are as good as the way they came by.

    Args:
        partition: Such as `"2/video/train"`: version, level, split.
        out: The folder, made if it is not there. Files of all levels have
            the same names, so each partition needs a folder of its own.
        mirror: `"us"`, `"eu"` or `"asia"`.
        shard: `(X, Y)`: of Y fractions the X-th, counted from 1; files with
            `int(md5(name), 16) % Y == X - 1`.
        server: The base address of a server that takes the place of the
            mirror, with the same folders below it.
        plan: The path or address of a plan to use instead of the server's.
        parallel: Files fetched at once.
        retries: How often a file is tried again after failures in a row.
        timeout: Seconds without an answer, or with less than `least_rate`.
        least_rate: Bytes a second, at least, over `timeout` seconds; 0 for
            none. Fewer count as a failure, whose retry goes on from there.
        file_timeout: Seconds that a file may take, retries included.
        progress: Called with `(bytes done, bytes in all)`; the latter is
            None if the server does not tell the sizes.

    Returns:
        A `DownloadReport`.

    Raises:
        ValueError: An argument is out of range.
        DownloadError: The plan cannot be had, there is not enough space, or
            some files could not be fetched: its `report` says which.
        OSError: The folder cannot be read or written.

    Example:

    A hundredth of the validation videos, for a first look:

    >>> def first_look():
    ...     return download("2/video/validate", "shards", shard=(1, 100))

    Which files that takes rests on their names alone:

    >>> from keras_attend_fusion.data.downloads.partition import in_shard
    >>> in_shard("validate00.tfrecord", (1, 100))
    False
    """
    from keras_attend_fusion.data.downloads.client import Client

    source = find_source(partition, mirror, server)
    check_shard(shard)
    client = Client(retries, timeout, least_rate, file_timeout)
    order = plan_download(
        source, out, shard, client, plan=plan, parallel=parallel
    )
    if order.note:
        warnings.warn(order.note, stacklevel=2)
    return transfer(order, client, parallel, progress)


def transfer(
    order: DownloadPlan,
    client: Client,
    parallel: int = 4,
    progress: Progress | None = None,
) -> DownloadReport:
    """Fetches what a plan lists; arguments and errors as `download`."""
    check_space(order.out, order.to_come)
    order.out.mkdir(parents=True, exist_ok=True)
    check_case(order.out, [remote.path.name for remote in order.wanted])
    come = {remote: remote.come for remote in order.wanted}
    most = 0

    def work(remote: Remote) -> str | None:
        try:
            fetch(remote, client, lambda n: come.update({remote: n}))
        except OSError as error:
            if error.errno in FULL:
                raise _full(order, come) from error
            return str(error)
        except DownloadError as error:
            return str(error)
        return None

    def tick(_: int) -> None:
        nonlocal most
        most = max(most, sum(come.values()))  # A file may begin anew.
        if progress is not None:
            progress(most, order.total)

    errors = in_parallel(work, order.wanted, parallel, client.stop, tick)
    report = DownloadReport(
        order.source.partition,
        str(order.out),
        order.shard,
        order.listed,
        order.there,
    )
    for remote, error in zip(order.wanted, errors, strict=True):
        if error is None:
            report.downloaded.append(remote.path.name)
            report.bytes += remote.path.stat().st_size
        else:
            report.failed[remote.path.name] = error
    if report.failed:
        raise _failed(report, len(order.wanted))
    return report


def _full(order: DownloadPlan, come: dict[Remote, int]) -> DiskFullError:
    left = sum(max(0, (remote.size or 0) - n) for remote, n in come.items())
    return DiskFullError(
        f"{order.out}: no space is left: {left} bytes are still to "
        f"come, {free_bytes(order.out)} are free: make room and run this "
        "again, it goes on from here"
    )


def _failed(report: DownloadReport, wanted: int) -> DownloadError:
    name, reason = next(iter(report.failed.items()))
    return DownloadError(
        f"{len(report.failed)} of {wanted} files failed, the first is {name}: "
        f"{reason}; the others are there, and running this again tries only "
        "what is missing",
        report,
    )
