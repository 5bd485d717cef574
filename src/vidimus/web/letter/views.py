"""GET /c/{id}: what anybody may know of a public letter.

Never receivers, drafters, drafts or copies. The number of a letter that is not public gets
the very answer of a number that was never given.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vidimus.core.acts.shapes import LETTER_ID
from vidimus.errors import NotFound
from vidimus.operations.desk import Desk
from vidimus.web.check import headlines
from vidimus.web.letter.history import history
from vidimus.web.shell.pages import Pages
from vidimus.web.shell.problems import NO_LETTER, Refused

# Paper bears HOST/C/<id>.<copy>; which copy it is, is asked of nobody and told to nobody.
COPY_NUMBER = re.compile(r"\.[0-9]{1,6}$")


class LetterViews:
    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/c/{name}", self.letter, methods=["GET"]),
            Route("/C/{name}", self.letter, methods=["GET"]),
        ]

    def letter(self, request: Request) -> Response:
        """The page, under one address: /c/ and the number in capitals without dashes."""
        name: str = request.path_params["name"]
        number = COPY_NUMBER.sub("", name).upper().replace("-", "").strip()
        if len(name) > 60 or not LETTER_ID.fullmatch(number):
            raise Refused(NO_LETTER)
        # By its form alone, and before the register is asked: the redirect tells nothing.
        if request.url.path != f"/c/{number}":
            return RedirectResponse(f"/c/{number}", 308)
        try:
            found = self._desk.letter(number)
        except NotFound as error:
            raise Refused(NO_LETTER) from error
        answer = found.answer
        versions = sorted(found.texts, key=lambda v: (v != found.letter.released, -v))
        return self._pages.html(
            "letter/letter.html",
            exercise=answer.exercise,
            found=found,
            letter=found.letter,
            answer=answer,
            family=headlines.FAMILIES[answer.headline],
            title=headlines.title(answer.headline),
            events=history(found.letter),
            texts=[found.texts[version] for version in versions],
            languages=sorted({each.language for each in found.texts.values()}),
        )
