"""Where a monitor reads a log: static files under an address, or in a folder on this disk.

Whoever serves them is a stranger: every body has a limit, every wait an end, and a slow one
keeps nobody waiting for ever. Bundles are fetched ahead, so that reading and verifying go on
at once; a connection is kept open for the next file.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import zlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from vidimus.core.log.tiles import LONGEST_FILE, WIDTH, acts_path, entries_path
from vidimus.core.monitor.mirror import Bundle
from vidimus.errors import NotFound, OutsideFailed, TooLarge, UsageError, VidimusError

LONGEST = LONGEST_FILE  # bytes of one file, unpacked; the largest is a bundle of documents
SECONDS = 30.0  # for one answer of the network
LONGEST_WAIT = 180.0  # for one file, however slowly it drips
AT_ONCE = 4  # files fetched at the same time
AHEAD = 6  # bundles that wait to be looked at
REDIRECTS = 3
RETRIES = 3
_CHUNK = 64 * 1024


def source(address: str) -> HttpSource | FolderSource:
    """The source of this address: http(s)://… or a folder. Raises UsageError."""
    if address.startswith(("http://", "https://")):
        return HttpSource(address)
    if "://" in address:
        raise UsageError(f"“{address}” is no address of a log", hint="http(s)://… or a folder")
    return FolderSource(Path(address))


class _Files:
    """What both have in common: bundles are pairs of files, and are fetched ahead."""

    def read(self, path: str) -> bytes:
        raise NotFound(path)

    def bundles(self, wanted: Iterable[tuple[int, int]]) -> Iterator[Bundle]:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bundle") as threads:
            waiting: deque[Future[Bundle]] = deque()
            try:
                for n, width in wanted:
                    waiting.append(threads.submit(self._bundle, n, width))
                    if len(waiting) >= AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                # Whoever stops in the middle waits for what is under way, and for no more.
                for each in waiting:
                    each.cancel()

    def _bundle(self, n: int, width: int) -> Bundle:
        try:
            try:
                return self._pair(n, width)
            except NotFound:
                if width == WIDTH:
                    raise
                # The log has grown, and dropped the partial bundle for the full one.
                return self._pair(n, WIDTH)
        except VidimusError as error:
            return Bundle(n, width, error=error)

    def close(self) -> None:
        """Nothing is left open."""

    def _pair(self, n: int, width: int) -> Bundle:
        entries = self.read(entries_path(n, width))
        return Bundle(n, width, entries, self.read(acts_path(n, width)))


class FolderSource(_Files):
    answers = False

    def __init__(self, folder: Path) -> None:
        self.address = str(folder)
        self._folder = folder

    def read(self, path: str) -> bytes:
        place = self._folder / path
        try:
            with place.open("rb") as file:
                content = file.read(LONGEST + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"there is no {path} in {self._folder}") from error
        except OSError as error:
            raise OutsideFailed(f"{place} cannot be read: {error.strerror}") from error
        if len(content) > LONGEST:
            raise _too_large(path)
        return content


class HttpSource(_Files):
    answers = True

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._lock = threading.Lock()
        self._idle: defaultdict[tuple[str, str], list[http.client.HTTPConnection]]
        self._idle = defaultdict(list)
        _place(self.address)

    def read(self, path: str) -> bytes:
        address = f"{self.address}/{path}"
        end = time.monotonic() + LONGEST_WAIT
        for attempt in range(RETRIES):
            try:
                return self._follow(address, end)
            except _Again as again:
                wait = again.seconds or 0.5 * 2**attempt
                if attempt + 1 == RETRIES or time.monotonic() + wait > end:
                    raise OutsideFailed(
                        f"{address} cannot be read: {again}",
                        hint="the next round tries it again",
                    ) from again
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, address: str, end: float) -> bytes:
        for _ in range(REDIRECTS + 1):
            response, body = self._ask(address, end)
            if response.status == 200:
                return body
            if response.status in (404, 410):
                raise NotFound(f"{address} is not there")
            if response.status in (429, 500, 502, 503, 504):
                raise _Again(f"the server answers {response.status}", _after(response))
            target = response.headers.get("Location", "")
            if response.status not in (301, 302, 303, 307, 308) or not target:
                raise OutsideFailed(f"{address}: the server answers {response.status}")
            further = urljoin(address, target)
            if address.startswith("https://") and not further.startswith("https://"):
                raise OutsideFailed(f"{address} leads away from https, to {further[:200]}")
            address = further
        raise OutsideFailed(f"{address}: more than {REDIRECTS} redirections")

    def _ask(self, address: str, end: float) -> tuple[http.client.HTTPResponse, bytes]:
        parts = _place(address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept-Encoding": "gzip", "User-Agent": "vidimus-monitor"}
        connection = self._connection(parts.scheme, parts.netloc)
        # A head that drips, a byte in time for each wait of the socket, has no end by itself.
        left = max(0.0, end - time.monotonic())
        watchdog = threading.Timer(left, _cut, (connection,))
        watchdog.daemon = True
        watchdog.start()
        try:
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            body = _body(response, address, end)
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            # Also where a connection that was kept open has ended meanwhile.
            connection.close()
            raise _Again(str(error) or type(error).__name__) from error
        except BaseException:
            connection.close()
            raise
        finally:
            watchdog.cancel()
            if time.monotonic() >= end:
                # What was cut off may look whole, where no length was told.
                connection.close()
                raise OutsideFailed(f"{address} is sent too slowly")
        with self._lock:
            self._idle[parts.scheme, parts.netloc].append(connection)
        return response, body

    def _connection(self, scheme: str, place: str) -> http.client.HTTPConnection:
        """One that was kept open, or else a new one, which opens itself when it is used."""
        with self._lock:
            idle = self._idle[scheme, place]
            if idle:
                return idle.pop()
        if scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(place, timeout=SECONDS, context=context)
        return http.client.HTTPConnection(place, timeout=SECONDS)

    def close(self) -> None:
        with self._lock:
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()


class _Again(Exception):
    """What may go better the next time. `seconds` if the server said when."""

    def __init__(self, fact: str, seconds: float = 0.0) -> None:
        super().__init__(fact)
        self.seconds = seconds


def _cut(connection: http.client.HTTPConnection) -> None:
    """End it for whoever waits for it: the next byte does not come."""
    held = connection.sock
    if held is not None:
        with suppress(OSError):
            # Not the method of a TLS socket, which would pull its state from under its reader.
            socket.socket.shutdown(held, socket.SHUT_RDWR)


def _place(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"“{address[:200]}” is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"“{address[:200]}” is no address of a log", hint="https://host/path")
    return parts


def _body(response: http.client.HTTPResponse, address: str, end: float) -> bytes:
    """The whole body, unpacked, within the limits."""
    unpack = None
    if response.headers.get("Content-Encoding", "").lower() == "gzip":
        unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    content = bytearray()
    while chunk := response.read1(_CHUNK):
        if time.monotonic() > end:
            raise OutsideFailed(f"{address} is sent too slowly")
        # No more than fits is ever unpacked: a small file may unpack to a very large one.
        content += chunk if unpack is None else unpack.decompress(chunk, LONGEST + 1 - len(content))
        if len(content) > LONGEST:
            raise _too_large(address)
    if response.length:
        raise _Again(f"the body is cut short by {response.length} bytes")
    response.read()  # nothing is left, but only so is the connection free for the next file
    if unpack is not None and not unpack.eof:
        raise _Again("the packed body is cut short")
    return bytes(content)


def _too_large(name: str) -> TooLarge:
    return TooLarge(f"{name} is larger than any file of a log", hint="it was not read")


def _after(response: http.client.HTTPResponse) -> float:
    said = response.headers.get("Retry-After", "")
    return min(float(said), 60.0) if said.isascii() and said.isdecimal() else 0.0
