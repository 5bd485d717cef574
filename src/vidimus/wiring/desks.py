"""The desks and the office of a registry's folder, and the servers over them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Any

from vidimus.adapters import remote
from vidimus.adapters.key_files import Passphrase
from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.reading.remembered import Remembering
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.office_store import SqliteOffice
from vidimus.adapters.sqlite.places import SqlitePlaces
from vidimus.core.copies.answers import rfc3339
from vidimus.operations.desk import Desk
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.ports import Reader
from vidimus.operations.registry import Registry
from vidimus.operations.staff_desk import StaffDesk
from vidimus.operations.telling import Tellings
from vidimus.operations.trusting import Sort
from vidimus.wiring.folder import Folder, clock, settings
from vidimus.wiring.keys import opener, own_keys, renew
from vidimus.wiring.publish import published_head
from vidimus.wiring.witnessing import operators, trimming


def reader() -> Reader:
    return CellReader()


def own_index(path: Path, log: SqliteLog) -> OwnIndex:
    """What a desk knows of this log: all of its entries, and no fewer than were published."""
    return OwnIndex(
        settings(path),
        log,
        SqlitePlaces(),
        lambda: settings(path),
        lambda: published_head(path),
    )


def sharing_reader() -> Remembering:
    """For a server: what very many ask about is read for all of them."""
    return Remembering(CellReader(), monotonic=time.monotonic, random=SystemRandom().random)


def public_desk(path: Path, reads: Reader | None = None) -> Desk:
    """What anybody may ask. It opens the public folder, read only, and nothing else."""
    found = settings(path)
    log = SqliteLog(Folder(path).log, writable=False)
    acts = own_index(path, log)
    return Desk(
        found,
        log,
        acts,
        clock=clock(path, found),
        reader=reads or reader(),
        witnesses=lambda: operators(path),
        opener=opener(path),
        trim=trimming(path, log),
    )


def office(path: Path, passphrase: Passphrase, lost: Sort | None = None) -> Registry:
    """The office's access, with the registry's own keys; `lost` are those that need not be here."""
    found = settings(path)
    folder = Folder(path)
    registry = Registry(
        found,
        SqliteLog(folder.log),
        SqliteOffice(folder.office),
        own=own_keys(path, found.origin, passphrase, lost),
        clock=clock(path, found),
        random=os.urandom,
    )
    renew(path, registry)
    return registry


def staff_desk(registry: Registry) -> StaffDesk:
    acts = OwnIndex(registry.settings, registry.log, SqlitePlaces())
    return StaffDesk(registry, acts, reader=reader())


def remote_check(
    address: str, parts: Sequence[bytes], *, office: str | None, at: datetime | None
) -> dict[str, Any]:
    """The answer of another registry's server; it sees the copy."""
    return remote.check(address, parts, office=office, at=rfc3339(at) if at else None)


def serve(path: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the public pages until interrupted."""
    # Only who serves needs the web's libraries; the bare install has none of them.
    from vidimus.web.app import create_app
    from vidimus.web.server import serve as serve_app
    from vidimus.wiring.service import public_face_of
    from vidimus.wiring.telling import address

    shared = sharing_reader()
    desk = public_desk(path, shared)
    app = create_app(
        desk, face=public_face_of(desk), shared=shared, tellings=Tellings(desk, address(path))
    )
    serve_app(app, host, port, ready)
