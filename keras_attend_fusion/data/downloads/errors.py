"""What can go wrong in a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras_attend_fusion.data.downloads.report import DownloadReport


class DownloadError(ValueError):
    """Files that could not be downloaded.

    Attributes:
        report: What was done all the same; None if nothing was begun.
    """

    def __init__(
        self, message: str, report: DownloadReport | None = None
    ) -> None:
        super().__init__(message)
        self.report = report


class PlanError(DownloadError):
    """A plan that cannot be read, or names what must not be written."""


class TransientError(DownloadError):
    """A failure that may be over in a while.

    Attributes:
        after: Seconds after which the server wants to be asked again, if it
            said so.
    """

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class TooSlowError(TransientError):
    """A server that sends, but less than can be waited for."""


class TooMuchError(DownloadError):
    """A server that sends more than it announced, or than there can be."""


class WrongRangeError(DownloadError):
    """A server that sent another part of a file than it was asked for."""


class DiskFullError(DownloadError):
    """No space is left for what is still to come."""


class StoppedError(Exception):
    """Work that was given up because all of it is."""
