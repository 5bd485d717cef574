"""A witness over HTTP, as C2SP tlog-witness v1.0.0 has it.

    POST /add-checkpoint                200 the cosignature · 400 · 403 · 404 · 409 · 422
    GET  /<sha256(origin)>/checkpoint   200 the latest that was cosigned · 404

And for whoever asks too much: 408 a body that does not arrive, 413 one that is too long, 429
too many requests; 503 while the witness cannot write. Errors are one line of plain text.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from vidimus.core.log.witness import LONGEST_REQUEST, TEXT
from vidimus.errors import VidimusError
from vidimus.operations.witness import Witness
from vidimus.web.limits import Limits
from vidimus.web.shell.guard import Buckets, Guard
from vidimus.web.shell.problems import Problem, Refused, of_error, of_http, too_large

# A log asks once or twice for each checkpoint; one that makes ten a second is still served.
LIMITS = Limits(
    body_bytes=LONGEST_REQUEST, body_seconds=10.0, bucket=300.0, refill=20.0, check_cost=1.0
)

ORIGIN_HASH = re.compile(r"[0-9a-f]{64}")
LATE = Problem(408, "too-slow", "the request did not arrive in time", "")
UNKNOWN = Problem(404, "not-found", "this witness never cosigned a checkpoint of this log", "")


def create_app(
    witness: Witness,
    *,
    limits: Limits = LIMITS,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """A pure function of its arguments; nothing runs yet."""

    async def show(_request: Request, problem: Problem) -> Response:
        return Response(
            f"{problem.fact}\n",
            problem.status,
            headers={"Content-Type": TEXT, **problem.headers},
        )

    async def refused(request: Request, error: Exception) -> Response:
        match error:
            case Refused():
                return await show(request, error.problem)
            case VidimusError():
                return await show(request, of_error(error))
            case HTTPException():
                return await show(request, of_http(error))
        raise error

    async def add_checkpoint(request: Request) -> Response:
        body = await _body(request, limits)
        answer = await run_in_threadpool(witness.add_checkpoint, body)
        # Not `media_type`: to a text/… of its own Starlette would add a charset.
        return Response(answer.body, answer.status, headers={"Content-Type": answer.content_type})

    async def checkpoint(request: Request) -> Response:
        origin_hash = request.path_params["origin_hash"]
        found = None
        if ORIGIN_HASH.fullmatch(origin_hash):
            found = await run_in_threadpool(witness.checkpoint, origin_hash)
        if found is None:
            raise Refused(UNKNOWN)
        return Response(found, headers={"Content-Type": TEXT, "Cache-Control": "max-age=5"})

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin_hash}/checkpoint", checkpoint, methods=["GET"]),
        ],
        middleware=[
            Middleware(Guard, limits=limits, buckets=Buckets(limits, monotonic), show=show)
        ],
        exception_handlers={Refused: refused, VidimusError: refused, HTTPException: refused},
    )


async def _body(request: Request, limits: Limits) -> bytes:
    content = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                content += chunk
                if len(content) > limits.body_bytes:
                    raise Refused(too_large(limits.body_bytes))
    except TimeoutError as error:
        raise Refused(LATE) from error
    except ClientDisconnect as error:
        # Nobody is there to read it.
        raise Refused(LATE) from error
    return bytes(content)
