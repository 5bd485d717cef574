"""GET / asks, POST / answers. Nothing of what was sent is kept."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vidimus.core.copies import wording
from vidimus.errors import UsageError, VidimusError
from vidimus.operations.desk import Checked, Desk
from vidimus.operations.ports import Progress, Shared
from vidimus.web.check import headlines
from vidimus.web.check.intake import Asked, Intake
from vidimus.web.check.line import Gone, Line
from vidimus.web.check.marks import shown
from vidimus.web.check.quotes import quotations
from vidimus.web.limits import Limits
from vidimus.web.shell.pages import Pages
from vidimus.web.shell.problems import Problem, of_error

MOST_LISTED = 60  # differing words listed openly; the rest can be unfolded
LEFT = Response(status_code=204)  # nobody reads it


def checked(desk: Desk, asked: Asked, progress: Progress) -> Checked:
    """Ask the desk; a moment that lies ahead is refused in the words of this door."""
    if asked.at is not None and asked.at > desk.registry().time:
        raise UsageError(
            f"{asked.at:%Y-%m-%d %H:%M} UTC lies in the future",
            hint="nobody can say what will stand then; leave the moment empty for the present",
        )
    return desk.check(asked.parts, office=asked.office, at=asked.at, progress=progress)


class CheckViews:
    def __init__(
        self,
        desk: Desk,
        pages: Pages,
        intake: Intake,
        line: Line,
        limits: Limits,
        shared: Shared | None = None,
    ) -> None:
        self._desk = desk
        self._pages = pages
        self._intake = intake
        self._line = line
        self._limits = limits
        self._shared = shared

    def routes(self) -> list[Route]:
        return [
            Route("/", self.front, methods=["GET"]),
            Route("/", self.check, methods=["POST"]),
        ]

    def front(self, request: Request) -> Response:
        """The form. `?office=` and `?at=` fill it, as the link on a letter's page does."""
        query = request.query_params
        return self._front(Asked((), query.get("office") or None, at_typed=query.get("at", "")))

    async def check(self, request: Request) -> Response:
        self._line.admit()
        asked = Asked(())
        held = 0
        try:
            asked, held = await self._intake.read(request)
            return await self._line.run(
                asked.parts,
                lambda progress: self._answer(asked, progress),
                request.is_disconnected,
            )
        except VidimusError as error:
            return await run_in_threadpool(self._front, asked, of_error(error))
        except Gone:
            return LEFT
        finally:
            self._intake.release(held)

    def _front(self, asked: Asked, problem: Problem | None = None) -> Response:
        facts = self._desk.registry()
        offices = sorted(facts.offices, key=lambda office: office.title)
        return self._pages.html(
            "check/front.html",
            status=problem.status if problem else 200,
            headers=problem.headers if problem else None,
            facts=facts,
            asked=asked,
            problem=problem,
            offices=offices,
            promising=[office for office in offices if office.promises],
            silent=[office for office in offices if not office.promises],
            limits=self._limits,
        )

    def _answer(self, asked: Asked, progress: Progress) -> Response:
        found = checked(self._desk, asked, progress)
        answer, copy = found.answer, found.copy
        if self._shared is not None:
            copy = self._shared.pictured(asked.parts, copy, progress=progress)
        return self._pages.html(
            "check/result.html",
            exercise=answer.exercise,
            answer=answer,
            family=headlines.FAMILIES[answer.headline],
            title=headlines.title(answer.headline),
            shown=shown(answer, copy),
            quotations=quotations(answer),
            copy=copy,
            asked=asked,
            most=MOST_LISTED,
            between=wording.between,
            sheets=wording.sheets,
        )
