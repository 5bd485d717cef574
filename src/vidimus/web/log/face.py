"""The log's public face among the public pages: tiles, bundles and the trust root, for monitors."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vidimus.web.service.public import PublicFace

PATHS = ("/tile/{rest:path}", "/acts/{rest:path}", "/trust.json")


class FaceViews:
    def __init__(self, face: PublicFace) -> None:
        self._face = face

    def routes(self) -> list[Route]:
        return [Route(path, self.file, methods=["GET"]) for path in PATHS]

    async def file(self, request: Request) -> Response:
        found = await run_in_threadpool(self._face.reply, request.url.path)
        headers = {"cache-control": found.cache.decode(), "access-control-allow-origin": "*"}
        return Response(found.body, found.status, headers=headers, media_type=found.media.decode())
