"""Requests over HTTP, and their errors in one line."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import requests

from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    StoppedError,
    TransientError,
)
from keras_attend_fusion.data.downloads.patience import patiently, retry_after
from keras_attend_fusion.version import __version__

T = TypeVar("T")

CHUNK = 1 << 14  # Bytes; so many are lost, at most, when a connection is.
LONGEST_CONNECT = 10.0
CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-[0-9]+/([0-9]+|\*)")


@dataclass(frozen=True)
class Answer:
    """A file, or the rest of one, that is about to come.

    Attributes:
        status: 200, 206 or 416.
        start: The first byte that comes; None if the server does not say.
        total: Bytes of the whole file; None if the server does not say.
        chunks: Its bytes.
    """

    status: int
    start: int | None
    total: int | None
    chunks: Iterator[bytes]


class Client:
    """Fetches over HTTP, from any thread.

    Args:
        retries: How often to try again after failures in a row.
        timeout: Seconds to wait for a connection (10 at most) and for the
            next bytes.

    Attributes:
        stop: Set to end all that is going on.
    """

    def __init__(self, retries: int = 5, timeout: float = 60.0) -> None:
        if retries < 0:
            raise ValueError(f"retries is {retries}: pass 0 or more")
        if not 0 < timeout < threading.TIMEOUT_MAX:
            raise ValueError(f"timeout is {timeout}: pass seconds, more than 0")
        self.retries = retries
        self.timeout = timeout
        self.stop = threading.Event()
        self._local = threading.local()

    def patiently(
        self, attempt: Callable[[], T], gained: Callable[[], int] = lambda: 0
    ) -> T:
        """As the function of that name; ends when `stop` is set."""
        return patiently(attempt, self.retries, self._wait, gained)

    def _wait(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise StoppedError

    def read(self, url: str) -> bytes:
        """The whole of a small file.

        Raises:
            DownloadError: It can not be had.
        """
        return self.patiently(lambda: self._send("GET", url).content)

    def part(self, url: str, start: int, count: int) -> bytes:
        """At most `count` bytes from byte `start` on; none behind the end.

        Raises:
            DownloadError: They can not be had.
        """
        wanted = {"Range": f"bytes={start}-{start + count - 1}"}

        def once() -> bytes:
            response = self._send("GET", url, wanted, (206, 416))
            return response.content if response.status_code == 206 else b""

        return self.patiently(once)

    def length(self, url: str) -> int | None:
        """The size of a file as a HEAD request, tried once, has it."""
        try:
            with self._send("HEAD", url) as response:
                return _length(response)
        except DownloadError:
            return None

    @contextlib.contextmanager
    def open(self, url: str, start: int = 0) -> Iterator[Answer]:
        """A file from byte `start` on, tried once.

        Raises:
            TransientError: at once or while the bytes come.
            DownloadError: at once, if another try is of no use.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        allowed = (200, 206, 416) if start else (200, 206)
        with self._send("GET", url, headers, allowed, stream=True) as response:
            first: int | None = 0
            total = _length(response)
            if response.status_code == 206:
                first, total = _range(response)
            chunks = self._chunks(url, response)
            yield Answer(response.status_code, first, total, chunks)

    def _chunks(self, url: str, response: requests.Response) -> Iterator[bytes]:
        try:
            for chunk in response.iter_content(CHUNK):
                if self.stop.is_set():
                    raise StoppedError
                yield chunk
        except requests.RequestException as error:
            raise TransientError(f"{url}: {_reason(error)}") from error

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        allowed: tuple[int, ...] = (200,),
        stream: bool = False,
    ) -> requests.Response:
        waits = (min(self.timeout, LONGEST_CONNECT), self.timeout)
        try:
            response = self._session().request(
                method, url, headers=headers, timeout=waits, stream=stream
            )
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            raise TransientError(f"{url}: {_reason(error)}") from error
        except requests.RequestException as error:
            raise DownloadError(f"{url}: {error}") from error
        status = response.status_code
        if status in allowed:
            return response
        response.close()
        message = f"{url}: status {status} {response.reason}".rstrip()
        if status == 429 or status >= 500:
            after = retry_after(response.headers.get("Retry-After"))
            raise TransientError(message, after)
        raise DownloadError(message)

    def _session(self) -> requests.Session:
        """One for each thread: they keep their connections."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.headers["User-Agent"] = f"keras-attend-fusion/{__version__}"
            session.headers["Accept-Encoding"] = "identity"
            self._local.session = session
        return self._local.session


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    if "Content-Encoding" in response.headers or not re.fullmatch(
        "[0-9]+", text
    ):
        return None
    return int(text)


def _range(response: requests.Response) -> tuple[int | None, int | None]:
    found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None:
        return None, None
    start, total = found.groups()
    return int(start), None if total == "*" else int(total)


def _reason(error: BaseException) -> str:
    """What is at the bottom of an error: the operating system's words."""
    while error.__context__ is not None:
        error = error.__context__
    return str(error) or type(error).__name__
