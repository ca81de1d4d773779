"""Which files patterns name, as a shell reads them."""

from __future__ import annotations

import glob
import itertools
import os
import re
from collections.abc import Iterator

import tensorflow as tf

from keras_attend_fusion.data.errors import NoShardsError
from keras_attend_fusion.data.framing import WEB
from keras_attend_fusion.data.remote import connect

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
RANGE = re.compile(r"(-?[0-9]+)\.\.(-?[0-9]+)")
MOST_PARTS = 16  # that commas within one path separate
MOST_ALTERNATIVES = 100_000  # of the braces of one pattern


def split_patterns(text: str) -> list[str]:
    """The comma-separated patterns of a flag.

    A comma within braces does not separate, nor one in the name of a file or
    folder: as many parts as name something together are one pattern. What
    follows the address of a file on the web, and names nothing by itself, is
    of the address. Parts beside each other that name nothing stay together,
    for the error.

    Example:

    >>> split_patterns("http://host/a?parts=1,2, http://host/b")
    ['http://host/a?parts=1,2', 'http://host/b']
    """
    parts = list(_parts(text))
    if len(parts) == 1:
        return _named(parts)
    patterns: list[str] = []
    lost: list[str] = []  # parts before this one that name nothing
    while parts:
        count = _matching(parts)
        if count:
            patterns += _named(lost)
            lost = []
            patterns.append(",".join(parts[:count]).strip())
        elif parts[0].lstrip().startswith(WEB):
            patterns += _named(lost)
            lost = []
            count = _address(parts)
            patterns.append(",".join(parts[:count]).strip())
        elif SCHEME.match(parts[0].lstrip()):
            patterns += _named(lost)
            lost, count = [parts[0]], 1
        else:
            lost, count = [*lost, parts[0]], 1
        parts = parts[count:]
    return [*patterns, *_named(lost)]


def _named(parts: list[str]) -> list[str]:
    """Parts that name nothing, as one: an error names them all."""
    text = ",".join(part.strip() for part in parts if part.strip())
    return [text] if text else []


def _parts(text: str) -> Iterator[str]:
    """Cuts text at the commas that are not within braces."""
    start = depth = 0
    for at, letter in enumerate(text):
        if letter == "{" and _closing(text, at) is not None:
            depth += 1
        elif letter == "}" and depth:
            depth -= 1
        elif letter == "," and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _matching(parts: list[str]) -> int:
    """How many of the first parts name something together, at most."""
    most = 1
    for part in parts[1:MOST_PARTS]:
        if SCHEME.match(part.lstrip()):
            break  # a pattern of its own
        most += 1
    if most == 1 and SCHEME.match(parts[0].lstrip()):
        return 1  # whatever is there: asking takes a server's answer
    for count in range(most, 0, -1):
        text = ",".join(parts[:count]).strip()
        if text and not text.startswith(WEB) and _names(text):
            return count
    return 0


def _address(parts: list[str]) -> int:
    """How many of the first parts are of the address that the first starts."""
    for count, part in enumerate(parts[1:], 1):
        if SCHEME.match(part.lstrip()) or _matching(parts[count:]):
            return count
    return len(parts)


def _names(pattern: str) -> bool:
    """Whether a pattern names a file or folder."""
    try:
        connect(pattern)
        return any(_found(text) for text in [pattern, *braces(pattern)])
    except (ValueError, OSError, tf.errors.OpError):
        return False


def files_of(pattern: str) -> list[str]:
    """The files that one pattern names, sorted.

    Raises:
        NoShardsError: It names none, or a folder.
        RemoteError: Its scheme needs tensorflow-io.
    """
    connect(pattern)
    if pattern.startswith(WEB):
        return [pattern]
    paths = _found(pattern)
    alternatives = [pattern] if paths else braces(pattern)
    files: list[str] = []
    for text in alternatives:
        files += _files(text, paths or _found(text))
    return list(dict.fromkeys(files))


def _files(pattern: str, paths: list[str]) -> list[str]:
    files = [path for path in paths if not _is_folder(path)]
    if files:
        return files
    if paths:
        folder = pattern if len(paths) == 1 else pattern.rstrip("/")
        inside = os.path.join(folder, "*.tfrecord")
        problem = "is a folder" if len(paths) == 1 else "matches folders alone"
        raise NoShardsError(f"{pattern} {problem}: give a glob like {inside}.")
    hint = ""
    if "," in pattern:
        hint = ", neither whole nor at its commas; in Python, pass a list"
    raise NoShardsError(
        f"No shards: {pattern} matches no file{hint}; check the path, and "
        "quote a glob in a shell."
    )


def _found(pattern: str) -> list[str]:
    """The files and folders that a pattern without braces names."""
    if "://" in pattern:
        if tf.io.gfile.exists(pattern):
            return [pattern]
        return sorted(tf.io.gfile.glob(pattern))
    path = os.path.expanduser(pattern)
    if os.path.lexists(path):  # Also a name with glob characters in it.
        return [path]
    # TensorFlow's glob decodes names as UTF-8 and fails at others.
    return sorted(glob.glob(path.replace("[^", "[!")))


def _is_folder(path: str) -> bool:
    if "://" in path:
        return bool(tf.io.gfile.isdir(path))
    return os.path.isdir(path)


def braces(pattern: str) -> list[str]:
    """The alternatives that braces stand for, in a shell's order.

    Example:

    >>> braces("{a,b{1..3}}.txt")
    ['a.txt', 'b1.txt', 'b2.txt', 'b3.txt']
    >>> braces("{a}.txt")
    ['{a}.txt']
    """
    texts = list(_some_alternatives(pattern))
    if len(texts) > MOST_ALTERNATIVES:
        raise NoShardsError(
            f"No shards: {pattern} stands for more than {MOST_ALTERNATIVES} "
            "names."
        )
    return texts


def _some_alternatives(text: str) -> Iterator[str]:
    """One more than there may be, at most: braces multiply."""
    return itertools.islice(_alternatives(text), MOST_ALTERNATIVES + 1)


def _alternatives(text: str) -> Iterator[str]:
    for at, letter in enumerate(text):
        if letter != "{":
            continue
        end = _closing(text, at)
        if end is None:
            continue
        options = _options(text[at + 1 : end])
        if not options:
            continue
        rests = list(_some_alternatives(text[end + 1 :]))
        for option in options:
            for inner in _alternatives(option):
                for rest in rests:
                    yield f"{text[:at]}{inner}{rest}"
        return
    yield text


def _closing(text: str, at: int) -> int | None:
    """Where the brace that opens at `at` is closed."""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if not depth:
            return place
    return None


def _options(text: str) -> list[str]:
    """What stands between the commas of braces; the numbers of a range."""
    numbers = RANGE.fullmatch(text)
    if numbers:
        first, last = numbers.groups()
        padded = any(re.match("-?0[0-9]", bound) for bound in (first, last))
        width = max(len(first), len(last)) if padded else 0
        step = 1 if int(first) <= int(last) else -1
        count = abs(int(last) - int(first)) + 1
        if count > MOST_ALTERNATIVES:
            raise NoShardsError(f"No shards: {{{text}}} is a range too long.")
        values = range(int(first), int(last) + step, step)
        return [f"{value:0{width}d}" for value in values]
    options = list(_parts(text))
    return options if len(options) > 1 else []
