"""The web door: one desk, its pages, and the same check for programs.

app = create_app(desk)          a pure function of its arguments; nothing runs yet
serve(app, "127.0.0.1", 8000)   see server.py
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from vidimus.errors import VidimusError
from vidimus.operations.desk import Desk
from vidimus.operations.ports import Shared
from vidimus.operations.telling import Tellings, default_address
from vidimus.web.api.views import ApiViews
from vidimus.web.authority.views import AuthorityViews
from vidimus.web.check.intake import Intake
from vidimus.web.check.line import Line
from vidimus.web.check.views import CheckViews
from vidimus.web.feed.views import FeedViews
from vidimus.web.letter.views import LetterViews
from vidimus.web.limits import Limits
from vidimus.web.log.face import FaceViews
from vidimus.web.log.views import LogViews
from vidimus.web.service.public import PublicFace
from vidimus.web.shell.guard import Buckets, Guard
from vidimus.web.shell.pages import Pages
from vidimus.web.shell.problems import Problem, Refused, of_error, of_http
from vidimus.web.shell.views import ShellViews
from vidimus.web.words.views import WordsViews


def create_app(
    desk: Desk,
    *,
    face: PublicFace | None = None,
    shared: Shared | None = None,
    tellings: Tellings | None = None,
    limits: Limits | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    limits = limits or Limits()
    pages = Pages(desk)
    intake = Intake(limits)
    line = Line(limits, shared)
    tellings = tellings or Tellings(desk, default_address(desk.settings.origin))

    async def show(request: Request, problem: Problem) -> Response:
        return await run_in_threadpool(pages.problem, request, problem)

    async def refused(request: Request, error: Exception) -> Response:
        match error:
            case Refused():
                return await show(request, error.problem)
            case VidimusError():
                return await show(request, of_error(error))
            case HTTPException():
                return await show(request, of_http(error))
        raise error

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        line.close()

    routes: list[BaseRoute] = [
        *CheckViews(desk, pages, intake, line, limits, shared).routes(),
        # Before the letters: an address below a letter's is no letter.
        *FeedViews(tellings).routes(),
        *LetterViews(desk, pages).routes(),
        *AuthorityViews(desk, pages).routes(),
        *LogViews(desk, pages, limits).routes(),
        *ApiViews(desk, intake, line, limits).routes(),
        *WordsViews(pages).routes(),
        *(FaceViews(face).routes() if face is not None else ()),
        *ShellViews(pages).routes(),
        Mount("/static", StaticFiles(packages=[("vidimus.web", "static")])),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Guard, limits=limits, buckets=Buckets(limits, monotonic), show=show)
        ],
        exception_handlers={Refused: refused, VidimusError: refused, HTTPException: refused},
        lifespan=lifespan,
    )
