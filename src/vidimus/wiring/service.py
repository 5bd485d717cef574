"""The log's own server: it registers what arrives signed, and shows the public face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from vidimus.adapters.key_files import Passphrase
from vidimus.adapters.lock import alone
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.places import SqlitePlaces
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint
from vidimus.core.log.note import Verifier
from vidimus.operations.claims import signed_claim
from vidimus.operations.face import Face
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.registrar import Registrar
from vidimus.wiring.desks import office
from vidimus.wiring.folder import Folder, settings


def serve_log(
    path: Path, host: str, port: int, passphrase: Passphrase, ready: Callable[[str], None]
) -> None:
    """Register and serve until interrupted. One server a registry: Conflict for a second."""
    from vidimus.web.server import serve
    from vidimus.web.service.app import Service
    from vidimus.web.service.public import PublicFace

    with alone(Folder(path).office.with_suffix(".serving"), "a server of the log"):
        found = settings(path)
        registry = office(path, passphrase)
        verifier = Verifier.parse(found.log_key)
        log = SqliteLog(Folder(path).log, writable=False)

        def opener(text: str) -> Checkpoint:
            return open_checkpoint(text, verifier, found.origin)

        face = Face(log, opener)
        index = OwnIndex(found, log, SqlitePlaces())

        def claim(subjects: Sequence[str]) -> str:
            return signed_claim(index, face.head(), subjects, registry.log_signer)

        service = Service(Registrar(registry), PublicFace(face, claim, lambda: b""))
        serve(service, host, port, ready)
