"""POST /check: the answer as a document; GET /openapi.json: what it looks like."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vidimus.operations.desk import Desk
from vidimus.web.api.openapi import description
from vidimus.web.check.intake import Intake
from vidimus.web.check.line import Gone, Line
from vidimus.web.check.views import LEFT, checked
from vidimus.web.limits import Limits


class ApiViews:
    def __init__(self, desk: Desk, intake: Intake, line: Line, limits: Limits) -> None:
        self._desk = desk
        self._intake = intake
        self._line = line
        self._limits = limits

    def routes(self) -> list[Route]:
        return [
            Route("/check", self.check, methods=["POST"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]

    async def check(self, request: Request) -> Response:
        self._line.admit()
        held = 0
        try:
            asked, held = await self._intake.read(request)
            found = await self._line.run(
                asked.parts,
                lambda progress: checked(self._desk, asked, progress),
                request.is_disconnected,
            )
            return JSONResponse(found.answer.to_json())
        except Gone:
            return LEFT
        finally:
            self._intake.release(held)

    def openapi(self, _request: Request) -> Response:
        facts = self._desk.registry()
        return JSONResponse(description(facts, self._limits))
