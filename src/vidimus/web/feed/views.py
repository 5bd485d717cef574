"""GET /feed.atom and its sisters: what the log tells, for feed readers and for machines.

    /feed.atom                           the whole register
    /feed/{n}.atom                       … its archived pages (RFC 5005)
    /offices/{office}/feed.atom          one office; /offices/{office}/feed/{n}.atom
    /c/{letter}/feed.atom                one letter
    /c/{letter}/state.json               … what was told of it last

“Not changed” is answered by the ETag alone. A time of whole seconds cannot tell two acts of one
second apart, and acts may reach the log out of order by minutes: who asked by time could be told
that nothing changed, and print a letter that was withdrawn.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vidimus.core.acts.document import time as read_time
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.copies.answers import rfc3339
from vidimus.core.notices.atom import MEDIA_TYPE
from vidimus.errors import NotFound
from vidimus.operations.telling import Tellings
from vidimus.web.shell.problems import NO_LETTER, Refused

KEPT = 256  # documents
AGAIN = "no-cache"  # keep it, and ask each time whether it changed
ARCHIVED = "public, max-age=86400"


class FeedViews:
    def __init__(self, tellings: Tellings) -> None:
        self._tellings = tellings
        self._lock = threading.Lock()
        self._made: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    def routes(self) -> list[Route]:
        return [
            Route("/feed.atom", self.whole, methods=["GET"]),
            Route("/feed/{number:int}.atom", self.archived, methods=["GET"]),
            Route("/offices/{office:path}/feed.atom", self.whole, methods=["GET"]),
            Route("/offices/{office:path}/feed/{number:int}.atom", self.archived, methods=["GET"]),
            Route("/c/{name}/feed.atom", self.letter, methods=["GET"]),
            Route("/c/{name}/state.json", self.state, methods=["GET"]),
        ]

    def whole(self, request: Request) -> Response:
        office: str | None = request.path_params.get("office")
        return self._answer(request, lambda: self._tellings.feed(office))

    def archived(self, request: Request) -> Response:
        office: str | None = request.path_params.get("office")
        number: int = request.path_params["number"]
        return self._answer(request, lambda: self._tellings.archive(number, office), ARCHIVED)

    def letter(self, request: Request) -> Response:
        number = self._number(request)
        if isinstance(number, Response):
            return number
        try:
            return self._answer(request, lambda: self._tellings.letter_feed(number))
        except NotFound as error:
            raise Refused(NO_LETTER) from error

    def state(self, request: Request) -> Response:
        number = self._number(request)
        if isinstance(number, Response):
            return number
        try:
            content, _tag = self._document(request.url.path, lambda: self._state(number))
        except NotFound as error:
            raise Refused(NO_LETTER) from error
        return Response(
            content,
            headers={"access-control-allow-origin": "*"},
            media_type="application/json",
        )

    def _state(self, number: str) -> bytes:
        told = self._tellings.present(number)
        if told is None:
            raise NotFound(f"no public letter has the number {number}")
        as_of = self._tellings.as_of()
        document = told.to_json() | {
            "as_of": {
                "tree_size": as_of.size,
                "root": as_of.root.hex(),
                "time": rfc3339(as_of.time),
            }
        }
        return json.dumps(document, ensure_ascii=False).encode()

    def _number(self, request: Request) -> str | Response:
        name: str = request.path_params["name"]
        number = name.upper().replace("-", "").strip()
        if len(name) > 60 or not LETTER_ID.fullmatch(number):
            raise Refused(NO_LETTER)
        # By its form alone, and before the register is asked: the redirect tells nothing.
        if name != number:
            return RedirectResponse(f"/c/{number}/{request.url.path.rpartition('/')[2]}", 308)
        return number

    def _answer(self, request: Request, make: Callable[[], bytes], cache: str = AGAIN) -> Response:
        content, tag = self._document(request.url.path, make)
        headers = {
            "etag": tag,
            "cache-control": cache,
            "access-control-allow-origin": "*",
            # For readers that show it; nobody is answered by it (see above).
            "last-modified": format_datetime(_updated(content), usegmt=True),
        }
        if _holds(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=MEDIA_TYPE)

    def _document(self, path: str, make: Callable[[], bytes]) -> tuple[bytes, str]:
        """Made once for a size of the log, however many ask."""
        with self._lock:
            size = self._tellings.size()
            known = self._made.pop(path, None)
            if known is None or known[0] != size:
                known = (size, make())
            self._made[path] = known
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return known[1], f'"{hashlib.sha256(known[1]).hexdigest()[:32]}"'


def _updated(content: bytes) -> datetime:
    """The time that the feed itself bears, before any of its entries."""
    said = content.partition(b"<updated>")[2].partition(b"</updated>")[0]
    return read_time(said.decode())


def _holds(asked: str, tag: str) -> bool:
    """RFC 9110, 13.1.2: any of the tags that the reader has, by the weak comparison."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in asked.split(","))
