"""The log: its entries newest first, one entry, its checkpoint and its proofs.

A sealed entry is shown as what it is, a commitment: that it is there, and nothing else.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vidimus.errors import NotFound
from vidimus.operations.desk import Desk
from vidimus.web.limits import Limits
from vidimus.web.shell.pages import Pages

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
        index = _number(request.path_params["index"])
        proof = self._desk.proof(index)
        (line,) = self._desk.log_lines(index, index + 1)
        return self._pages.html("log/entry.html", line=line, proof=proof)

    def proof(self, request: Request) -> Response:
        return PlainTextResponse(self._desk.proof(_number(request.path_params["index"])))

    def checkpoint(self, _request: Request) -> Response:
        return PlainTextResponse(self._desk.checkpoint())


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise NotFound(
            "the log numbers its entries 0, 1, 2, …", hint="take the number from the log's page"
        )
    return int(text)
