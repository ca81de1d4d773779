"""Telling one set of shards from another without reading them through."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from keras_attend_fusion.cli.common import patterns

HEAD = 4096  # bytes of each shard that are looked at
AT_ONCE = 16  # shards; remote ones answer slowly


def identity(text: str) -> dict[str, Any]:
    """What tells the shards that a flag names from others.

    Returns:
        How many `shards` there are, their `bytes`, and a `hash` of their
        names, sizes and first bytes. It does not matter which folder they
        are in.
    """
    from keras_attend_fusion import data
    from keras_attend_fusion.data.framing import opened
    from keras_attend_fusion.data.shards import size_of

    def head(path: str) -> bytes:
        with opened(path) as read:
            return read(0, HEAD)

    paths = data.expand(patterns(text))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sizes = list(pool.map(size_of, paths))
        heads = list(pool.map(head, paths))
    digest = hashlib.blake2b(digest_size=8)
    for path, size, first in zip(paths, sizes, heads, strict=True):
        digest.update(f"{os.path.basename(path)} {size}\n".encode())
        digest.update(hashlib.blake2b(first).digest())
    return {
        "shards": len(paths),
        "bytes": sum(sizes),
        "hash": digest.hexdigest(),
    }


def difference(before: dict[str, Any], now: dict[str, Any]) -> str | None:
    """How the shards of two identities differ, for a person; None if not."""
    if before == now:
        return None
    then = f"{before['shards']} shards of {before['bytes']:,} bytes"
    today = f"{now['shards']} of {now['bytes']:,}"
    if f"{before['shards']} of {before['bytes']:,}" == today:
        return f"{then}, and as many now, but other names or contents"
    return f"{then}, now it is {today}"
