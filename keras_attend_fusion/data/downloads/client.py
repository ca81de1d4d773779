"""Requests over HTTP, and their errors in one line."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import requests
import urllib3

from keras_attend_fusion.data.downloads.errors import (
    DownloadError,
    StoppedError,
    TooMuchError,
    TransientError,
)
from keras_attend_fusion.data.downloads.headers import (
    compressed_once,
    length_of,
    range_of,
)
from keras_attend_fusion.data.downloads.retry import patiently, retry_after
from keras_attend_fusion.data.downloads.session import Session
from keras_attend_fusion.data.downloads.watch import Watch
from keras_attend_fusion.files import printable

T = TypeVar("T")

CHUNK = 1 << 14  # Bytes that are read at once, at most.
MOST_SMALL = 64 << 20  # Bytes of a plan or a list.
MOST_BYTES = 4 << 30  # Of a shard: YouTube-8M's have 0.5 GB at most.
MOST_UNTOLD = 1 << 30  # Of one whose size the server does not tell.
READ_TIMES = 10  # A plan or a list may take this many time-outs in all.
LONGEST_CONNECT = 10.0


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
        timeout: Seconds to wait for a connection (10 at most), for the
            headers of an answer and for the next bytes.
        least_rate: Bytes a second, at least, within any `timeout` seconds; 0
            for none. Fewer count as a failure.
        file_timeout: Seconds that a file may take, retries included.
        most_bytes: The largest file that is fetched.

    Attributes:
        stop: Set to end all that is going on.
    """

    def __init__(
        self,
        retries: int = 5,
        timeout: float = 60.0,
        least_rate: float = 1000.0,
        file_timeout: float = 86_400.0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        if retries < 0:
            raise ValueError(f"retries is {retries}: pass 0 or more")
        for name, seconds in (
            ("timeout", timeout),
            ("file_timeout", file_timeout),
        ):
            if not 0 < seconds < threading.TIMEOUT_MAX:
                raise ValueError(
                    f"{name} is {seconds}: pass seconds, more than 0"
                )
        if not 0 <= least_rate < float("inf"):
            raise ValueError(
                f"least_rate is {least_rate}: pass bytes a second, 0 for none"
            )
        self.retries = retries
        self.timeout = timeout
        self.least_rate = least_rate
        self.file_timeout = file_timeout
        self.most_bytes = most_bytes
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

    def read(self, url: str, once: bool = False) -> bytes:
        """The whole of a small file, 64 MB at most.

        Args:
            url: Its address.
            once: Whether a failure is one at the first try.

        Raises:
            DownloadError: It cannot be had, or is larger.
        """
        until = time.monotonic() + READ_TIMES * self.timeout

        def attempt() -> bytes:
            return self._small(url, {}, (200,), MOST_SMALL, until)

        return attempt() if once else self.patiently(attempt)

    def part(self, url: str, start: int, count: int) -> bytes:
        """At most `count` bytes from byte `start` on; none behind the end.

        Raises:
            DownloadError: They cannot be had, or more come.
        """
        wanted = {"Range": f"bytes={start}-{start + count - 1}"}
        until = time.monotonic() + self.file_timeout

        def attempt() -> bytes:
            return self._small(url, wanted, (206, 416), count, until)

        return self.patiently(attempt)

    def _small(
        self,
        url: str,
        headers: dict[str, str],
        allowed: tuple[int, ...],
        most: int,
        until: float,
    ) -> bytes:
        """What is read as a whole; nothing for the status 416."""
        with self._send("GET", url, headers, allowed) as response:
            if response.status_code == 416:
                return b""
            return b"".join(self._chunks(url, response, most, until))

    def length(self, url: str) -> int | None:
        """The size of a file as a HEAD request, tried once, has it.

        None if it is not told, or is more than is fetched.
        """
        try:
            with self._send("HEAD", url) as response:
                size = length_of(response)
        except DownloadError:
            return None
        return None if size is None or size > self.most_bytes else size

    @contextlib.contextmanager
    def open(
        self,
        url: str,
        start: int = 0,
        until: float | None = None,
        size: int | None = None,
    ) -> Iterator[Answer]:
        """A file from byte `start` on, tried once.

        Args:
            url: Its address.
            start: The first byte that is wanted.
            until: The `time.monotonic()` at which it has to be whole.
            size: Its bytes, as far as known, where this answer does not tell.

        Raises:
            TransientError: at once or while the bytes come.
            DownloadError: at once, if another try is of no use.
        """
        if until is None:
            until = time.monotonic() + self.file_timeout
        headers = {"Range": f"bytes={start}-"} if start else {}
        allowed = (200, 206, 416) if start else (200, 206)
        with self._send("GET", url, headers, allowed) as response:
            first: int | None = 0
            total = length_of(response)
            if response.status_code == 206:
                first, total = range_of(response)
            if total is not None and total > self.most_bytes:
                raise TooMuchError(
                    f"{url}: the server announces {total} bytes, expected "
                    f"{self.most_bytes} at most"
                )
            untold = size or min(self.most_bytes, MOST_UNTOLD)
            most = (untold if total is None else total) - (first or 0)
            chunks = self._chunks(url, response, most, until)
            yield Answer(response.status_code, first, total, chunks)

    def _chunks(
        self, url: str, response: requests.Response, most: int, until: float
    ) -> Iterator[bytes]:
        """The bytes of an answer, `most` of them and no more."""
        watch = Watch(
            url, response.raw.shutdown, self.timeout, self.least_rate, until
        )
        left = most
        try:
            with watch:
                # In contrast to `iter_content`, it gives what has come.
                while chunk := response.raw.read1(CHUNK, decode_content=True):
                    if self.stop.is_set():
                        raise StoppedError
                    watch.come += len(chunk)
                    left -= len(chunk)
                    if left < 0:
                        raise TooMuchError(
                            f"{url}: the server sends more than the {most} "
                            "bytes that are expected at most"
                        )
                    yield chunk
        except urllib3.exceptions.HTTPError as error:
            if watch.failure is None:
                raise TransientError(f"{url}: {_reason(error)}") from error
        if watch.failure is not None:
            raise watch.failure

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        allowed: tuple[int, ...] = (200,),
    ) -> requests.Response:
        """An answer with one of some statuses, none of its body read."""
        try:
            waits = (min(self.timeout, LONGEST_CONNECT), self.timeout)
            response = self._session().answer(method, url, headers, waits)
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            raise TransientError(f"{url}: {_reason(error)}") from error
        except DownloadError:
            raise
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            ValueError,  # of headers and addresses that cannot be parsed
        ) as error:
            raise DownloadError(f"{url}: {printable(error)}") from error
        status = response.status_code
        if status in allowed and compressed_once(response):
            return response
        response.close()
        if status in allowed:
            raise DownloadError(f"{url}: it is compressed more than once")
        reason = printable(response.reason or "", 60)
        message = f"{url}: status {status} {reason}".rstrip()
        if status == 429 or status >= 500:
            after = retry_after(response.headers.get("Retry-After"))
            raise TransientError(message, after)
        raise DownloadError(message)

    def _session(self) -> Session:
        """One for each thread: they keep their connections."""
        if not hasattr(self._local, "session"):
            self._local.session = Session()
        session: Session = self._local.session
        return session


def _reason(error: BaseException) -> str:
    """What is at the bottom of an error: the operating system's words."""
    while error.__context__ is not None:
        error = error.__context__
    return printable(str(error) or type(error).__name__)
