"""Download the shards of a YouTube-8M partition, verified by their MD5 sums.
What is there is not fetched again, and what was cut off is resumed. The plan,
which holds the MD5 sums, is asked for over HTTPS; where the server has none
it comes over plain HTTP, and a line says so."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from keras_attend_fusion.cli.common import (
    Flags,
    no_positional,
    progress,
    required,
)
from keras_attend_fusion.cli.errors import UsageError
from keras_attend_fusion.files import write_json

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.plan_download import DownloadPlan

USAGE = "--partition 2/video/train --out DIR [flags]"


def define(add: Flags) -> None:
    add.string(
        "partition",
        None,
        "version/level/split: 2/video/…, 2/frame/… with train, validate or "
        "test; 3/frame/… with validate or test",
    )
    add.string("out", None, "folder for the shards, one for each partition")
    add.choice("mirror", "us", ["us", "eu", "asia"], "the nearest server")
    add.string("shard", "1,1", "X,Y: of Y fractions of the files the X-th")
    add.string("server", None, "base address that replaces the mirror")
    add.string("plan", None, "path or address of another plan")
    add.integer("parallel", 4, "files fetched at once")
    add.integer("retries", 5, "tries after failures in a row", least=0)
    add.number(
        "timeout",
        60.0,
        "seconds without an answer, or with less than --least-rate: a failure "
        "that is tried again",
    )
    add.number(
        "least-rate",
        1000.0,
        "bytes a second, at least, over --timeout seconds; 0 for none",
    )
    add.number(
        "file-timeout",
        86_400.0,
        "seconds that a file may take, retries included",
    )
    add.boolean("dry-run", False, "print files and bytes, and fetch nothing")
    add.string("json", None, "write the report to this file too")


def main(flag: Flags, positional: list[str]) -> int:
    no_positional(positional)
    required(flag, "partition", "out")
    try:
        return _download(flag)
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(
            f"{str(error) or 'interrupted'}: the same command goes on from here"
        ) from None


def _download(flag: Flags) -> int:
    from keras_attend_fusion.data.downloads import partition
    from keras_attend_fusion.data.downloads.client import Client
    from keras_attend_fusion.data.downloads.download import transfer
    from keras_attend_fusion.data.downloads.errors import DownloadError
    from keras_attend_fusion.data.downloads.plan_download import plan_download

    shard = _shard(flag["shard"])
    try:
        source = partition.find_source(
            flag["partition"], flag["mirror"], flag["server"]
        )
        partition.check_shard(shard)
        client = Client(
            flag["retries"],
            flag["timeout"],
            flag["least-rate"],
            flag["file-timeout"],
        )
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        name = name.replace("_", "-")
        raise UsageError(f"--{name} {rest}") from error
    parallel = flag["parallel"]
    with progress("files looked at") as update:
        order = plan_download(
            source,
            flag["out"],
            shard,
            client,
            plan=flag["plan"],
            parallel=parallel,
            progress=update,
        )
    if order.note:
        print(f"attend-fusion download: {order.note}", file=sys.stderr)
    print(_summary(order))
    if flag["dry-run"]:
        for remote in order.wanted:
            size = "unknown" if remote.size is None else remote.size
            print(f"  {remote.path.name}: {size} bytes")
        if flag["json"]:
            write_json(flag["json"], order.as_dict())
        return 0
    try:
        with progress("bytes") as update:
            report = transfer(order, client, parallel, update)
    except DownloadError as error:
        if flag["json"] and error.report is not None:
            write_json(flag["json"], error.report.as_dict())
        raise
    print(f"Wrote {order.out}: {len(report.downloaded)} files", end="")
    print(f", {report.bytes} bytes, every MD5 sum is right")
    if flag["json"]:
        write_json(flag["json"], report.as_dict())
    return 0


def _shard(text: str) -> tuple[int, int]:
    try:
        x, y = (int(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--shard is {text!r}: pass X,Y with 1 <= X <= Y"
        ) from error
    return x, y


def _summary(order: DownloadPlan) -> str:
    chosen = len(order.there) + len(order.wanted)
    total = "unknown" if order.total is None else order.total
    return (
        f"{order.source.partition}: {chosen} of {order.listed} files chosen, "
        f"{len(order.there)} there already, {len(order.wanted)} to download: "
        f"{total} bytes"
    )
