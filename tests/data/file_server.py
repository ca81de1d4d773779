"""A real HTTP server of files on loopback, which can be told to fail."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import random
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG = 30.0  # Seconds at most; the end of the server ends it.
BLOCK = 1 << 14


@dataclass
class Fault:
    """How requests for a file are answered in place of the right way.

    Attributes:
        times: How many requests; None for all.
        method: Which requests.
        status: An error without a file.
        retry_after: The header of that error.
        hang: Whether nothing is sent at all.
        cut: Bytes of the body after which the connection is closed.
        stall: Bytes of the body after which nothing more is sent.
        ignore_range: Whether the whole file is sent, whatever is asked.
        content_range: This, with status 206 and the whole file.
        body: These bytes instead of the file's.
        no_length: Whether the length is not told.
        reason: What stands behind the status, in place of its own words.
        headers: More headers; one that is None is left out.
        redirect: Where the status 302 leads.
        pause: Seconds between single bytes, of the body or `slow_headers`.
        slow_headers: Whether even the headers come byte by byte.
        endless: Whether the body is sent again and again.
    """

    times: int | None = None
    method: str = "GET"
    status: int | None = None
    retry_after: str | None = None
    hang: bool = False
    cut: int | None = None
    stall: int | None = None
    ignore_range: bool = False
    content_range: str | None = None
    body: bytes | None = None
    no_length: bool = False
    reason: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    redirect: str | None = None
    pause: float | None = None
    slow_headers: bool = False
    endless: bool = False


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    range: str | None


@dataclass
class FileServer:
    """Files by path, what came, and what goes wrong.

    Attributes:
        files: The bytes of each path.
        log: The requests, in the order in which they came.
        faults: By path; the first that still applies is used.
        sent: Called with (path, bytes of the body sent so far).
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    log: list[Seen] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    sent: Callable[[str, int], None] = lambda path, count: None
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, partition: str, files: dict[str, bytes]) -> None:
        """Serves the plan and the files of a partition."""
        version, level, split = partition.split("/")
        sums = {n: hashlib.md5(b).hexdigest() for n, b in files.items()}
        plan = f"/{version}/download_plans/{level}_{split}.json"
        self.files[plan] = json.dumps({"files": sums}).encode()
        for name, body in files.items():
            self.files[f"/{partition}/{name}"] = body

    def fail(self, path: str, **how: object) -> None:
        """Adds a fault for the file whose path ends so."""
        (found,) = (one for one in self.files if one.endswith(f"/{path}"))
        self.faults.setdefault(found, []).append(Fault(**how))  # type: ignore[arg-type]

    def gets(self, name: str) -> list[str | None]:
        """The ranges that were asked of a file."""
        return [
            one.range
            for one in list(self.log)
            if one.method == "GET" and one.path.endswith(f"/{name}")
        ]

    def take_fault(self, method: str, path: str) -> Fault:
        """What is to go wrong now; a fault without effect if nothing is."""
        with self._lock:
            for fault in self.faults.get(path, []):
                if fault.method == method and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return Fault()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = HANG
    disable_nagle_algorithm = True
    files: FileServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        files = self.files
        wanted = self.headers.get("Range")
        files.log.append(Seen(self.command, self.path, wanted))
        fault = files.take_fault(self.command, self.path)
        body = files.files.get(self.path)
        if fault.hang:
            files.over.wait(HANG)
            self.close_connection = True
        elif fault.slow_headers:
            text = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000
            self._drip(text, fault.pause or 0.1)
        elif fault.redirect is not None:
            self._head(302, {"Location": fault.redirect}, fault)
            self._body(body or b"", fault)
            self.close_connection = True
        elif fault.status is not None or body is None:
            headers = {"Content-Length": "0"}
            if fault.retry_after is not None:
                headers["Retry-After"] = fault.retry_after
            self._head(fault.status or 404, headers, fault)
        else:
            self._file(fault.body or body, fault, wanted)

    def _file(self, body: bytes, fault: Fault, wanted: str | None) -> None:
        status, headers = 200, {}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
        if fault.content_range is not None:
            status, headers = 206, {"Content-Range": fault.content_range}
        elif asked and not fault.ignore_range:
            start, size = int(asked[1]), len(body)
            if start >= size:
                unmet = {"Content-Range": f"bytes */{size}"}
                self._head(416, {**unmet, "Content-Length": "0"}, fault)
                return
            last = min(int(asked[2] or size), size - 1)
            body = body[start : last + 1]
            status = 206
            headers["Content-Range"] = f"bytes {start}-{last}/{size}"
        if fault.no_length:
            self.close_connection = True
            headers["Connection"] = "close"
        else:
            headers["Content-Length"] = str(len(body))
        self._head(status, headers, fault)
        if self.command == "GET":
            self._body(body, fault)

    def _head(self, status: int, headers: dict[str, str], fault: Fault) -> None:
        self.send_response(status, fault.reason)
        for name, value in {**headers, **fault.headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def _drip(self, data: bytes, pause: float) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            for byte in data:
                self.wfile.write(bytes([byte]))
                if self.files.over.wait(pause):
                    return

    def _body(self, body: bytes, fault: Fault) -> None:
        if fault.pause is not None:
            self._drip(body, fault.pause)
            return
        if fault.endless:
            self.close_connection = True
            with contextlib.suppress(OSError):
                for _ in itertools.takewhile(
                    lambda _: not self.files.over.is_set(), itertools.count()
                ):
                    self.wfile.write(body)
            return
        end = len(body)
        for limit in (fault.cut, fault.stall):
            end = end if limit is None else min(end, limit)
        with contextlib.suppress(ConnectionError):
            for start in range(0, end, BLOCK):
                block = body[start : min(start + BLOCK, end)]
                self.wfile.write(block)
                self.files.sent(self.path, start + len(block))
            if fault.stall is not None:
                self.files.over.wait(HANG)
        if end < len(body):
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client: object) -> None:
        pass  # A client that goes away is no fault of a test.


@contextlib.contextmanager
def serving(certificate: str | None = None) -> Iterator[FileServer]:
    """A server on a free port of this machine, with no files yet.

    Args:
        certificate: A PEM file with a key and its certificate, for HTTPS.
    """
    files = FileServer()
    handler = type("Handler", (_Handler,), {"files": files})
    server = _Server(("127.0.0.1", 0), handler)
    scheme = "http"
    if certificate is not None:
        scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    files.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(
        target=server.serve_forever, args=(0.02,), daemon=True
    )
    thread.start()
    try:
        yield files
    finally:
        files.over.set()
        server.shutdown()
        server.server_close()


def closed_port() -> str:
    """The address of a port on this machine where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


def free_port() -> int:
    """A port that stays free until its test listens there.

    None of those that the system itself gives to connections, as it does
    after `bind` with port 0: another test's connection could get it meanwhile.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
