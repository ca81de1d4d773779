"""Telling one set of shards from another without reading them through."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from keras_attend_fusion.data.patterns import split_patterns

HEAD = 4096  # bytes of each shard that `hash` is of
AT_ONCE = 16  # shards; remote ones answer slowly
CONTENTS = "contents"  # key that earlier versions did not write


def identity(
    text: str, digests: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What tells the shards that a flag names from others.

    Args:
        text: The value of the flag.
        digests: What `count` has found of their framing, by path.

    Returns:
        How many `shards` there are, their `bytes`, a `hash` of their names,
        sizes and first bytes, and `contents`, a hash of each one's
        `contents_digest`. It does not matter which folder they are in.
    """
    from keras_attend_fusion import data
    from keras_attend_fusion.data.contents import contents_digest
    from keras_attend_fusion.data.framing import opened
    from keras_attend_fusion.data.shards import size_of

    def described(path: str) -> tuple[int, bytes, str]:
        """The size, the head and the contents of a shard."""
        try:
            size = size_of(path)
        except data.UnreadableShardError:  # reading it is an error, or skipped
            return 0, b"", ""
        with opened(path) as read:
            return size, read(0, HEAD), contents_digest(path, digests)

    paths = data.list_shards(split_patterns(text))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shards = list(pool.map(described, paths))
    sizes, heads, inside = zip(*shards, strict=True)
    digest = hashlib.blake2b(digest_size=8)
    for path, size, first in zip(paths, sizes, heads, strict=True):
        digest.update(f"{os.path.basename(path)} {size}\n".encode())
        digest.update(hashlib.blake2b(first).digest())
    return {
        "shards": len(paths),
        "bytes": sum(sizes),
        "hash": digest.hexdigest(),
        CONTENTS: hashlib.blake2b(
            "\n".join(inside).encode(), digest_size=8
        ).hexdigest(),
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """How the shards of two identities differ, for a person; None if not.

    An identity of an earlier version is compared by what it has.
    """
    if all(before[name] == after[name] for name in after if name in before):
        return None
    then = f"{before['shards']} shards of {before['bytes']:,} bytes"
    today = f"{after['shards']} of {after['bytes']:,}"
    if f"{before['shards']} of {before['bytes']:,}" == today:
        return f"{then}, and as many now, but other names or contents"
    return f"{then}, now it is {today}"
