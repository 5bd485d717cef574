"""All that a registry says to anybody, asked anew of its folder, to be held against what it said.

{"GET /checkpoint": b"…", "check the barges": Answer(…), "verify from outside": Refused(…)}
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.faults.asgi import ask
from tests.faults.doors import ROOMY, no_passphrase

from vidimus import wiring
from vidimus.core.log import tiles
from vidimus.core.seal import receipt
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import VidimusError
from vidimus.web.app import create_app
from vidimus.wiring.service import public_face_of

Said = dict[str, Any]


@dataclass(frozen=True)
class Refused:
    """Instead of an answer."""

    code: str | int
    fact: str
    hint: str = ""


@dataclass(frozen=True)
class Interests:
    """What is worth asking of this registry."""

    size: int
    letters: tuple[str, ...]
    texts: tuple[str, ...]
    drafts: tuple[str, ...]
    moments: tuple[datetime, ...]
    entries: tuple[int, ...]
    raws: tuple[bytes, ...]
    receipt_key: PublicKey


def refusing(question: Callable[[], Any]) -> Any:
    """The answer, or the error of ours. Any other flies on: that would be a traceback."""
    try:
        return question()
    except VidimusError as error:
        return Refused(error.code, error.fact, error.hint)


def verified(folder: Path) -> Said:
    return {
        "verify from outside": refusing(lambda: wiring.verify_log(folder, True)),
        "verify from inside": refusing(lambda: wiring.verify_log(folder, False)),
    }


def checked(folder: Path, asked: Interests) -> Said:
    """The four answers, now and at some moments before."""
    said: Said = {}
    desk = refusing(lambda: wiring.public_desk(folder))
    for number, text in enumerate(asked.texts):
        for at in (None, *asked.moments):
            name = f"check text {number} at {at}"
            if isinstance(desk, Refused):
                said[name] = desk
            else:
                said[name] = refusing(lambda t=text, a=at: desk.check((t.encode(),), at=a).answer)
    return said


def inside(folder: Path, asked: Interests) -> Said:
    """What the office's own desk says, and what it knows of its letters."""
    registry = refusing(lambda: wiring.office(folder, no_passphrase))
    if isinstance(registry, Refused):
        return {"office": registry}
    said: Said = {
        "letters": refusing(lambda: [(each.id, each.state) for each in registry.letters()])
    }
    staff = wiring.staff_desk(registry)
    for number, text in enumerate((*asked.texts, *asked.drafts)):
        said[f"staff check text {number}"] = refusing(
            lambda t=text: staff.check((t.encode(),)).answer
        )
    return said


def shown(folder: Path, asked: Interests) -> Said:
    """The public pages and files, and the log's own server."""
    return asyncio.run(_shown(folder, asked))


async def _shown(folder: Path, asked: Interests) -> Said:
    said: Said = {}
    try:
        service = wiring.log_service(folder, wiring.office(folder, no_passphrase), ROOMY)
    except VidimusError as error:
        said["log serve"] = Refused(error.code, error.fact, error.hint)
    else:
        for path in (*_face(asked), *(f"/subjects/{each}" for each in asked.letters)):
            said[f"GET {path}"] = await _got(service, path)
        for index in asked.entries:
            said[f"GET /entries/{index}"] = await _receipt(service, index, asked)
    try:
        desk = wiring.public_desk(folder)
        pages = create_app(desk, limits=ROOMY, face=public_face_of(desk))
    except VidimusError as error:
        said["serve"] = Refused(error.code, error.fact, error.hint)
    else:
        for path in (*_face(asked), *_pages(asked)):
            said[f"page {path}"] = await _got(pages, path)
    return said


def _face(asked: Interests) -> Iterable[str]:
    width = asked.size % tiles.WIDTH
    yield from ("/checkpoint", "/trust.json")
    yield f"/{tiles.Tile(0, 0, width).path}"
    yield f"/{tiles.entries_path(0, width)}"
    yield f"/{tiles.acts_path(0, width)}"


def _pages(asked: Interests) -> Iterable[str]:
    yield from ("/", "/log")
    yield from (f"/c/{each}" for each in asked.letters)
    for index in asked.entries:
        yield from (f"/log/{index}", f"/log/{index}.cose", f"/log/{index}.json")
        yield f"/log/{index}.tlog-proof"


async def _got(app: Any, path: str) -> Any:
    answer = await ask(app, path)
    if answer.status == 200:
        return answer.body
    said = answer.body.decode(errors="replace")
    # Of a page, what it says and not how it looks.
    _, begin, rest = said.partition("<main")
    return Refused(answer.status, (begin + rest).partition("</main>")[0] if begin else said)


async def _receipt(app: Any, index: int, asked: Interests) -> Any:
    """What the receipt vouches for: its signature is another one each time."""
    found = await _got(app, f"/entries/{index}")
    if isinstance(found, Refused):
        return found
    read = receipt.verify(found, asked.raws[index], asked.receipt_key)
    return (read.index, read.size, read.issued_at, read.path)
