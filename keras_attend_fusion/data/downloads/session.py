"""HTTP connections: headers in time, and redirects that may be followed."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from keras_attend_fusion.data.downloads.errors import DownloadError
from keras_attend_fusion.files import printable
from keras_attend_fusion.version import __version__

REDIRECTS = 5


class Session(requests.Session):
    """A session for one thread; it keeps its connections."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["User-Agent"] = f"keras-attend-fusion/{__version__}"
        self.headers["Accept-Encoding"] = "identity"
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def resolve_redirects(self, *arguments: Any, **named: Any) -> Any:
        # requests calls it even if redirects are not to be followed; its own
        # reads the whole body of each, and goes from HTTPS to plain HTTP.
        return iter(())

    def answer(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None,
        timeout: tuple[float, float],
    ) -> requests.Response:
        """An answer, with redirects followed and none of a body read.

        Raises:
            DownloadError: A redirect leads where it must not, or there are
                too many.
            requests.RequestException: As requests has it.
        """
        address = url
        for _ in range(REDIRECTS + 1):
            response = self.request(
                method,
                address,
                headers=headers,
                timeout=timeout,
                stream=True,
                allow_redirects=False,
            )
            target = self.get_redirect_target(response)
            if target is None:
                return response
            response.close()
            address = _redirected(url, address, target)
        raise DownloadError(f"{url}: more than {REDIRECTS} redirects")


def _redirected(url: str, address: str, target: str) -> str:
    """Where a redirect from an address leads."""
    new = urljoin(address, target)
    schemes = urlsplit(address).scheme, urlsplit(new).scheme
    if schemes[1] not in ("http", "https"):
        raise DownloadError(f"{url}: redirected to {printable(new)}")
    if schemes == ("https", "http"):
        raise DownloadError(
            f"{url}: redirected from HTTPS to plain HTTP, {printable(new)}"
        )
    return new


class _InTime:
    """A connection whose headers have to be whole within its time-out.

    The socket's own time-out starts anew with every byte.
    """

    sock: Any
    timeout: Any

    def getresponse(self) -> Any:
        late = threading.Event()
        sock = self.sock

        def end() -> None:
            late.set()
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self.timeout, end)
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        except Exception:
            if not late.is_set():
                raise
        finally:
            timer.cancel()
            if late.is_set():  # what had come by then passes for all headers
                raise TimeoutError("its headers timed out")


class _HTTPConnection(_InTime, HTTPConnection):
    pass


class _HTTPSConnection(_InTime, HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **named)
        manager.pool_classes_by_scheme = _POOLS
        return manager


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}
