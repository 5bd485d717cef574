"""The log's door: SCRAPI for those who register, C2SP for those who watch.

    POST /entries                   201, the receipt          PUT /acts/<sha256>   204
    GET  /entries/<index>           200, a fresh receipt      …/statement          with it attached
    GET  /.well-known/scitt-keys    all keys of receipts      …/<kid>              one of them
    GET  /checkpoint /tile/… /acts/… /trust.json /subjects/…  the public face

draft-ietf-scitt-scrapi-11; C2SP tlog-tiles. Plain ASGI, since a registration costs less than
a framework would. Nothing is answered as registered before it is on the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from vidimus.core.seal import key_set, problem, statement, submitted
from vidimus.errors import NotFound, OutsideFailed, TooLarge, VidimusError
from vidimus.operations.registrar import Gathering, Outcome, Registered, Registrar, Submission
from vidimus.web.limits import Limits
from vidimus.web.service.public import PublicFace
from vidimus.web.service.replies import CBOR, COSE, Reply, of_error, refusal
from vidimus.web.service.staging import LONGEST as LONGEST_STAGED
from vidimus.web.service.staging import Staging
from vidimus.web.shell.guard import Buckets, client_of

LOG = logging.getLogger("vidimus.service")

# Accepted registrations are cheap and signed by people whom the log knows; what is refused
# costs as much and is signed by anybody.
LIMITS = Limits(bucket=8_000.0, refill=4_000.0, body_seconds=30.0)
COST, REFUSED_COST = 1.0, 50.0
# What takes the database, and a signature or 256 hashes, longer than a registration does.
DEARER = {"/tile/": 10.0, "/acts/": 10.0, "/subjects/": 10.0, "/entries/": 5.0}

INDEX = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
SHA = re.compile(r"[0-9a-f]{64}")
KEYS = "/.well-known/scitt-keys"


# Told of each piece of a request as it arrives. Raises OutsideFailed where there is no room.
Taken = Callable[[int], None]


class _Late(Exception):
    """The body did not arrive in time, or its sender went away."""


class Service:
    """An ASGI application over one registrar. Runs its own writing thread while it is up."""

    def __init__(
        self,
        registrar: Registrar,
        face: PublicFace,
        *,
        limits: Limits = LIMITS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registrar = registrar
        self._face = face
        self._limits = limits
        self._buckets = Buckets(limits, monotonic)
        self._staging = Staging(monotonic)
        self._arriving = 0  # bytes of requests that are being received or registered
        self._gathering = Gathering(registrar, self._delivered, _log)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer: threading.Thread | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        method, client = scope["method"], _client(*(scope.get("client") or ())[:1])
        wait = self._buckets.take(client, cost_of(scope["path"]))
        if wait:
            reply = _later(wait)
        else:
            try:
                reply = await self._reply(method, scope, receive)
            except VidimusError as error:
                reply = of_error(error)
            except _Late:
                reply = refusal(problem.TOO_SLOW)
            except Exception as error:
                _log(error)
                reply = refusal(problem.INTERNAL)
            if reply.status >= 400:
                self._buckets.charge(client, REFUSED_COST)
        with suppress(OSError):
            await reply.send(send, only_head=method == "HEAD")

    async def _reply(self, method: str, scope: Scope, receive: Receive) -> Reply:
        path: str = scope["path"]
        if path == "/entries":
            if method != "POST":
                return _only(b"POST")
            return await self._register(scope, receive)
        if path.startswith("/acts/") and SHA.fullmatch(path[6:]) and method == "PUT":
            return await self._put(path[6:], scope, receive)
        if method not in ("GET", "HEAD"):
            return _only(b"GET, HEAD")
        return await run_in_threadpool(self._got, path)

    # --- reading ----------------------------------------------------------------------------

    def _got(self, path: str) -> Reply:
        if path.startswith("/entries/"):
            return self._entry(path.removeprefix("/entries/"))
        if path == KEYS:
            return Reply(200, CBOR, key_set.write(self._registrar.receipt_keys()))
        if path.startswith(f"{KEYS}/"):
            return self._key(path.removeprefix(f"{KEYS}/"))
        return self._face.reply(path)

    def _entry(self, name: str) -> Reply:
        number, _, more = name.partition("/")
        if not INDEX.fullmatch(number) or more not in ("", "statement"):
            return refusal(problem.NOT_FOUND, f"no entry is called {name[:40]!r}")
        try:
            if more:
                return Reply(200, COSE, self._registrar.transparent(int(number)))
            found = self._registrar.receipt(int(number))
        except NotFound as error:
            return of_error(error, problem.NOT_FOUND)
        return Reply(200, COSE, found, [_location(int(number))])

    def _key(self, name: str) -> Reply:
        for key in self._registrar.receipt_keys():
            if key_set.name(key) == name:
                return Reply(200, CBOR, key_set.write_key(key))
        return refusal(problem.NO_SUCH_KEY)

    # --- registering ------------------------------------------------------------------------

    async def _register(self, scope: Scope, receive: Receive) -> Reply:
        media = _header(scope, b"content-type").partition(b";")[0].strip().lower()
        if media not in (COSE, b"application/scitt-statement+cose"):
            return refusal(problem.UNSUPPORTED)
        with self._room(scope) as taken:
            body = await _body(scope, receive, submitted.LONGEST, self._limits.body_seconds, taken)
            try:
                submission = self._submission(submitted.read(body))
                outcome = await self._outcome(submission)
            except VidimusError as error:
                return of_error(error, problem.of_statement(body, error))
        if isinstance(outcome, Registered):
            return Reply(201, COSE, outcome.receipt, [_location(outcome.index)])
        return of_error(outcome, problem.of_statement(body, outcome))

    def _submission(self, sent: submitted.Submitted) -> Submission:
        """With what was sent before, where it does not travel along."""
        named = statement.parse(sent.entry).digest
        document = sent.document if sent.document is not None else self._staging.get(named)
        if document is None:
            raise NotFound(
                f"the document with the SHA-256 {named.hex()} is not here",
                hint=f"send it first: PUT /acts/{named.hex()}",
            )
        text = sent.text
        if text is None:
            wanted = submitted.text_named(document)
            text = self._staging.get(wanted) if wanted is not None else None
        return Submission(sent.entry, document, text)

    async def _outcome(self, submission: Submission) -> Outcome:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._gathering.submit(future, submission)
        return await future

    def _delivered(self, outcomes: Sequence[tuple[object, Outcome]]) -> None:
        """On the writing thread: hand one transaction's outcomes to the loop at once."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, outcomes)

    async def _put(self, sha: str, scope: Scope, receive: Receive) -> Reply:
        with self._room(scope) as taken:
            content = await _body(scope, receive, LONGEST_STAGED, self._limits.body_seconds, taken)
        digest = hashlib.sha256(content).digest()
        if digest.hex() != sha:
            return refusal(
                problem.MALFORMED, f"this content has the SHA-256 {digest.hex()}, not {sha}"
            )
        if not self._staging.put(digest, content, client_of(scope)):
            return refusal(problem.UNAVAILABLE, headers=[(b"retry-after", b"60")])
        return Reply(204, b"text/plain", b"")

    @contextmanager
    def _room(self, scope: Scope) -> Iterator[Taken]:
        """Room in memory for what arrives. Raises OutsideFailed where there is none.

        What was announced is refused in time, and what is here counts: else a few hundred
        who announce much and send nothing would keep everybody out.
        """
        held = 0

        def free(length: int) -> None:
            if self._arriving + length > self._limits.bodies_bytes:
                raise OutsideFailed(
                    "too much is arriving at once", hint="come back in a few seconds"
                )

        def taken(length: int) -> None:
            nonlocal held
            free(length)
            held += length
            self._arriving += length

        declared = _header(scope, b"content-length")
        free(int(declared) if declared.isdigit() and len(declared) < 12 else 0)
        try:
            yield taken
        finally:
            self._arriving -= held

    # --- its life ---------------------------------------------------------------------------

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._loop = asyncio.get_running_loop()
                self._writer = threading.Thread(target=self._gathering.run, name="writer")
                self._writer.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._gathering.close()
                if self._writer is not None:
                    await run_in_threadpool(self._writer.join)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _log(error: Exception) -> None:
    """Its kind and the line of code: what it says might quote a letter."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    LOG.error("%s at %s", type(error).__name__, place)


def cost_of(path: str) -> float:
    if path == "/entries":
        return COST
    return next((cost for prefix, cost in DEARER.items() if path.startswith(prefix)), COST)


def _settle(outcomes: Sequence[tuple[Any, Outcome]]) -> None:
    for future, outcome in outcomes:
        if not future.done():  # its client may have gone
            future.set_result(outcome)


@lru_cache(maxsize=4096)
def _client(*host: str) -> str:
    """As `client_of`: who registers much comes from one address, which need not be read anew."""
    return client_of({"client": (*host, 0) if host else None})


def _location(index: int) -> tuple[bytes, bytes]:
    return b"location", f"/entries/{index}".encode()


def _only(methods: bytes) -> Reply:
    return refusal(problem.NOT_ALLOWED_HERE, headers=[(b"allow", methods)])


def _later(seconds: float) -> Reply:
    retry = str(int(seconds) + 1).encode()
    return refusal(problem.TOO_MANY_REQUESTS, headers=[(b"retry-after", retry)])


def _header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


async def _body(
    scope: Scope, receive: Receive, longest: int, seconds: float, taken: Taken
) -> bytes:
    """All of it, in bounded space and time. Raises TooLarge or _Late."""
    declared = _header(scope, b"content-length")
    if declared.isdigit() and (len(declared) > 12 or int(declared) > longest):
        raise TooLarge(f"a request of {declared.decode()[:20]} bytes, at most {longest}")
    try:
        # From the first byte on: who sends none at all holds the room for it as well.
        async with asyncio.timeout(seconds):
            return await _rest(receive, longest, taken)
    except TimeoutError as error:
        raise _Late from error


async def _rest(receive: Receive, longest: int, taken: Taken) -> bytes:
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Late
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        _within(length, longest)
        taken(len(parts[-1]))
        more = message.get("more_body", False)
    return b"".join(parts)


def _within(length: int, longest: int) -> None:
    if length > longest:
        raise TooLarge(f"a request of more than {longest} bytes")
