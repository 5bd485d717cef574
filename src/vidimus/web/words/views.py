"""GET /words: every answer, what it means, and what it does not."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vidimus.core.copies.answers import Headline
from vidimus.web.check import headlines
from vidimus.web.shell.pages import Pages
from vidimus.web.words.meanings import MEANINGS


class WordsViews:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [Route("/words", self.words, methods=["GET"])]

    def words(self, _request: Request) -> Response:
        """Strongest first, as an answer chooses among them."""
        rows = [
            (each, headlines.title(each), headlines.FAMILIES[each], MEANINGS[each])
            for each in Headline
        ]
        return self._pages.html("words/words.html", rows=rows)
