"""The small files that every site has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from vidimus.web.shell.pages import Pages


class ShellViews:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/robots.txt", self.robots, methods=["GET"]),
            Route("/favicon.ico", self.favicon, methods=["GET"]),
        ]

    def robots(self, _request: Request) -> Response:
        """Public letters may be found; an exercise must not turn up in a search."""
        closed = "/" if self._pages.exercise(None) else "/log"
        return PlainTextResponse(f"User-agent: *\nDisallow: {closed}\n")

    def favicon(self, _request: Request) -> Response:
        return RedirectResponse("/static/icon.svg", 308)
