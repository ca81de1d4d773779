"""Shards on other machines, and what has to be there to read them."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import tensorflow as tf

from keras_attend_fusion.data.framing import WEB
from keras_attend_fusion.files import decode, read_text

BUILT_IN = ("file", "gs", "ram")  # schemes that TensorFlow reads by itself
LIST = ".txt"
PLAN = re.compile(
    r"(.+)/download_plans/(video|frame)_(train|validate|test).json"
)
PLANS_HOST, SHARDS_HOST = "//data.yt8m.org/", "//us.data.yt8m.org/"
AT_ONCE = 16
SECONDS = 30.0  # without an answer

_reached: set[str] = set()  # addresses that have answered as they should


class RemoteError(ValueError):
    """Shards of another machine that cannot be read from here."""


def connect(pattern: str) -> None:
    """Makes TensorFlow know the scheme of a path.

    Raises:
        RemoteError: tensorflow-io is not there, or does not go with this
            TensorFlow.
    """
    scheme, separator, _ = pattern.partition("://")
    if not separator or scheme in BUILT_IN:
        return
    wanted = (
        'pip install "keras-attend-fusion[io]" in an environment of its own '
        "(Python 3.11 or 3.12: tensorflow-io needs TensorFlow 2.16), or "
        "download the shards first"
    )
    try:
        import tensorflow_io  # noqa: F401
    except ImportError as error:
        raise RemoteError(
            f"{pattern}: {scheme}:// is read through tensorflow-io, which is "
            f"not installed: {wanted}."
        ) from error
    try:
        tf.io.gfile.exists(f"{scheme}://")
    except tf.errors.UnimplementedError as error:
        raise RemoteError(
            f"{pattern}: the installed tensorflow-io does not load with "
            f"TensorFlow {tf.__version__}: {wanted}."
        ) from error
    except tf.errors.OpError:
        pass  # it knows the scheme


def is_list(pattern: str) -> bool:
    """Whether a path is that of a list of shards, or of a download plan."""
    return pattern.endswith(LIST) or PLAN.fullmatch(pattern) is not None


def read_list(pattern: str) -> list[str]:
    """The paths or addresses that a list names.

    A list is a text file, local or behind an address: one path, glob or
    address a line, which may be in double quotes; empty lines and those that
    start with `#` do not count. Relative paths are relative to the working
    directory. Or it is the address of a plan of YouTube-8M's download server,
    or of one with the same folders.

    Raises:
        RemoteError: It is empty.
        ValueError: It cannot be had, or is not text.
    """
    from keras_attend_fusion.data.downloads.client import Client
    from keras_attend_fusion.data.downloads.plan import read_first

    client = Client(timeout=SECONDS)
    plan = PLAN.fullmatch(pattern)
    if plan:
        base, level, split = plan.groups()
        base = f"{base}/".replace(PLANS_HOST, SHARDS_HOST)
        secure = pattern.replace(f"http:{PLANS_HOST}", f"https:{PLANS_HOST}")
        listing = read_first(dict.fromkeys([secure, pattern]), client)
        if listing.note:
            warnings.warn(listing.note, stacklevel=2)
        paths = [f"{base}{level}/{split}/{name}" for name in listing.files]
    else:
        text = (
            decode(client.read(pattern), pattern)
            if pattern.startswith(WEB)
            else read_text(os.path.expanduser(pattern))
        )
        lines = [line.strip() for line in re.split("\r\n?|\n", text)]
        paths = [_unquoted(x) for x in lines if x and not x.startswith("#")]
    if not paths:
        raise RemoteError(f"{pattern} names no shard.")
    return paths


def _unquoted(line: str) -> str:
    """A path as Windows copies it, without its quotes."""
    return line[1:-1] if re.fullmatch('".+"', line) else line


def check_web(paths: Iterable[str]) -> None:
    """Asks for a part of every file behind an address, once a process.

    Raises:
        RemoteError: A server does not send parts of files, as records are
            read.
        ValueError: A file is not there, or its server does not answer.
    """
    from keras_attend_fusion.data.downloads.client import Client

    new = [
        path for path in paths if path.startswith(WEB) and path not in _reached
    ]
    client = Client(retries=2, timeout=SECONDS)

    def check(address: str) -> None:
        def once() -> int:
            with client.open(address, start=1) as answer:
                return answer.status

        if client.patiently(once) == 200:
            raise RemoteError(
                f"{address}: its server sends whole files alone, and no part "
                "(HTTP range): download the shards first."
            )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(check, new))
    _reached.update(new)
