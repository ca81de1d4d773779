"""Text of others, made safe to show on a terminal."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"  # part of words in some scripts, and of emoji
MOST_CHARACTERS = 300


def printable(text: object, most: int | None = MOST_CHARACTERS) -> str:
    """A text on one line, with its control characters written out.

    A server's words, a name in a file: whatever escape codes, line ends and
    changes of writing direction it holds are shown as `\\x1b`, so that it
    cannot move the cursor, hide text or look like another line.

    Args:
        text: Anything; what is not text is shown as `str` does.
        most: Characters to show; None for all.

    Example:

    >>> printable("Not\\x1b[2JFound")
    'Not\\\\x1b[2JFound'
    >>> printable("Vidéo")
    'Vidéo'
    """
    shown = str(text)
    if most is not None and len(shown) > most:
        shown = f"{shown[:most]}…"
    if shown.isprintable():
        return shown
    return "".join(map(_shown, shown))


def _shown(character: str) -> str:
    if (
        character.isprintable()
        or character in JOINERS
        or unicodedata.category(character) == "Zs"
    ):
        return character
    return character.encode("unicode_escape").decode()
