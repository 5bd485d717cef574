"""The log: its entries newest first, one entry, its checkpoint and its proofs.

A sealed entry is shown as what it is, a commitment: that it is there, and nothing else. Its
document is not found, and neither is that of an entry that never was: one answer for both.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vidimus.core.acts import document as documents
from vidimus.errors import NotFound
from vidimus.operations.desk import Desk
from vidimus.operations.ports import Stored
from vidimus.web.limits import Limits
from vidimus.web.log import told
from vidimus.web.shell.pages import Pages
from vidimus.web.shell.problems import NO_DOCUMENT, Refused

# Only the number that we would write: one address for one entry, and no number that a
# store could choke on.
NUMBER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class LogViews:
    def __init__(self, desk: Desk, pages: Pages, limits: Limits) -> None:
        self._desk = desk
        self._pages = pages
        self._limits = limits

    def routes(self) -> list[Route]:
        return [
            Route("/log", self.log, methods=["GET"]),
            Route("/log/{index}.tlog-proof", self.proof, methods=["GET"]),
            Route("/log/{index}.json", self.document, methods=["GET"]),
            Route("/log/{index}.cose", self.statement, methods=["GET"]),
            Route("/log/{index}", self.entry, methods=["GET"]),
            Route("/checkpoint", self.checkpoint, methods=["GET"]),
        ]

    def log(self, request: Request) -> Response:
        """Newest first. `?before=N` shows the entries below N, so a page never shifts."""
        facts = self._desk.registry()
        asked = request.query_params.get("before", str(facts.size))
        stop = min(_number(asked), facts.size)
        start = max(0, stop - self._limits.page)
        try:
            checkpoint = self._desk.checkpoint()
        except NotFound:
            checkpoint = ""
        return self._pages.html(
            "log/log.html",
            facts=facts,
            lines=tuple(reversed(self._desk.log_lines(start, stop))),
            start=start,
            stop=stop,
            newer=min(facts.size, stop + self._limits.page),
            checkpoint=checkpoint,
        )

    def entry(self, request: Request) -> Response:
        stored = self._stored(request)
        (line,) = self._desk.log_lines(stored.index, stored.index + 1)
        rows: tuple[tuple[str, str], ...] = ()
        letters: tuple[tuple[str, str], ...] = ()
        document = ""
        if stored.document is not None:
            act = documents.read(stored.document)
            state, _time = self._desk.authority()
            rows = told.told(act, stored.index, state.authority)
            letters = told.letters(act)
            document = told.pretty(stored.document)
        return self._pages.html(
            "log/entry.html",
            line=line,
            told=rows,
            letters=letters,
            document=document,
            proof=self._desk.proof(stored.index),
        )

    def proof(self, request: Request) -> Response:
        return PlainTextResponse(self._desk.proof(_number(request.path_params["index"])))

    def document(self, request: Request) -> Response:
        """The exact bytes that the entry names, where they are public."""
        try:
            document = self._stored(request).document
        except NotFound as error:
            raise Refused(NO_DOCUMENT) from error
        if document is None:
            raise Refused(NO_DOCUMENT)
        return Response(document, media_type="application/json")

    def statement(self, request: Request) -> Response:
        """The exact bytes of the entry: what the tree holds the hash of."""
        return Response(self._stored(request).raw, media_type="application/cose")

    def _stored(self, request: Request) -> Stored:
        return self._desk.entry(_number(request.path_params["index"]))

    def checkpoint(self, _request: Request) -> Response:
        return PlainTextResponse(self._desk.checkpoint())


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise NotFound(
            "the log numbers its entries 0, 1, 2, …", hint="take the number from the log's page"
        )
    return int(text)
