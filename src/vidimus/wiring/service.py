"""The log's own server: it registers what arrives signed, and shows the public face."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from vidimus.adapters import lock
from vidimus.adapters.key_files import Passphrase
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.trust import root as roots
from vidimus.errors import NotFound, VidimusError
from vidimus.operations.claims import signed_claim
from vidimus.operations.desk import Desk
from vidimus.operations.face import Face
from vidimus.operations.ports import Acts
from vidimus.operations.registrar import Registrar
from vidimus.operations.registry import Registry
from vidimus.operations.telling import Tellings
from vidimus.operations.trusting import TrustFile
from vidimus.wiring.desks import office, own_index
from vidimus.wiring.folder import Folder
from vidimus.wiring.keys import opener
from vidimus.wiring.publish import publish
from vidimus.wiring.telling import delivering, publish_some_feeds, tellings
from vidimus.wiring.witnessing import asking, trimming

if TYPE_CHECKING:
    from vidimus.web.limits import Limits
    from vidimus.web.service.app import Service
    from vidimus.web.service.public import PublicFace


PAUSE = 1.0  # seconds between two looks whether there is something to publish


def serve_log(
    path: Path,
    host: str,
    port: int,
    passphrase: Passphrase,
    ready: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Register and serve until interrupted. One server a registry: Conflict for a second.

    Beside it the witnesses are asked, the public face is published as files, and subscribers
    are told; none of them is ever waited for.
    """
    from vidimus.web.server import serve

    with alone(path):
        service = log_service(path, office(path, passphrase))
        with asking(path, say), publishing(path, say), delivering(path, say):
            serve(service, host, port, ready)


def alone(path: Path) -> AbstractContextManager[None]:
    """While this lasts, no other process serves this registry's log. Raises Conflict."""
    return lock.alone(Folder(path).office.with_suffix(".serving"), "a server of the log")


def log_service(path: Path, registry: Registry, limits: Limits | None = None) -> Service:
    """The application alone, for whoever serves it."""
    from vidimus.web.service.app import LIMITS, Service
    from vidimus.web.service.public import PublicFace

    log = SqliteLog(Folder(path).log, writable=False)
    index = own_index(path, log)
    face = Face(log, opener(path), trimming(path, log))

    file = TrustFile(index.about)

    def claim(subjects: Sequence[str]) -> str:
        head = face.head()
        # By the keys that count for this very head: they change while a server runs.
        signers = registry.own.for_heads(file.root(head.size).trust, head.size)
        return signed_claim(index, head, subjects, signers[0])

    shown = PublicFace(face, claim, _trust(index, face))
    return Service(Registrar(registry), shown, limits=limits or LIMITS)


def public_face_of(desk: Desk) -> PublicFace:
    """The same face for the public pages, which hold no key and so sign no claim."""
    from vidimus.web.service.public import PublicFace

    def no_claim(_subjects: Sequence[str]) -> str:
        raise NotFound(
            "this server signs nothing", hint="claims come from the log's own: vidimus log serve"
        )

    return PublicFace(desk.face, no_claim, _trust(desk.acts, desk.face))


def _trust(acts: Acts, face: Face) -> Callable[[], bytes]:
    file = TrustFile(acts.about)
    return lambda: roots.write(file.root(face.head().size))


@contextmanager
def publishing(path: Path, say: Callable[[str], None], *, pause: float = PAUSE) -> Iterator[None]:
    """While this lasts, a thread brings the public face up to the log's head.

    What fails is said once, and again when it is another failure.
    """
    over = Event()

    def publish_on() -> None:
        said = ""
        told: Tellings | None = None
        while not over.wait(pause):
            now = ""
            try:
                publish(path)
                # Kept: what it read of the log need not be read again.
                told = told or tellings(path)
                publish_some_feeds(path, told)
            except VidimusError as error:
                now = error.fact
            if now and now != said:
                say(f"publishing: {now}")
            said = now

    thread = Thread(target=publish_on, daemon=True, name="publishing")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
