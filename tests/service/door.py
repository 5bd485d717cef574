"""The ministry's log behind its own door, over ASGI, with acts that arrive signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from tests.operations.ministry import HOLDS, Ministry
from tests.web.client import TestClient

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts import vocabulary as v
from vidimus.core.seal import key_set, problem, receipt, statement, submitted
from vidimus.web.limits import Limits

COSE = {"content-type": "application/cose"}


@dataclass
class Door:
    m: Ministry
    client: TestClient

    def signed(
        self,
        person: str,
        body: v.Body,
        *,
        office: str | None = None,
        key: str | None = None,
        at: datetime | None = None,
    ) -> tuple[bytes, bytes]:
        """A statement and its document, as a program of this person makes them."""
        moment = at or self.m.clock.now()
        act = v.Act(self.m.registry.settings.origin, person, office or HOLDS[person], moment, body)
        document = documents.write(act)
        raw = statement.write(
            issuer=entries.issuer_of(act),
            subject=entries.subject_of(act),
            issued_at=int(moment.timestamp()),
            digest=documents.digest(document),
            content_type=documents.ACT_TYPE,
            signer=self.m.keys[key or person],
        )
        return raw, document

    def post(self, raw: bytes, document: bytes, text: bytes | None = None):  # type: ignore[no-untyped-def]
        body = submitted.write(raw, document, text)
        return self.client.post("/entries", content=body, headers=COSE)

    def registers(self, raw: bytes, document: bytes, text: bytes | None = None) -> receipt.Receipt:
        """It must: 201, with a receipt that holds."""
        answer = self.post(raw, document, text)
        assert answer.status_code == 201, told(answer)
        (key, *_) = key_set.parse(self.client.get("/.well-known/scitt-keys").content)
        found = receipt.verify(answer.content, raw, key)
        assert answer.headers["location"] == f"/entries/{found.index}"
        return found


def told(answer) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    """Title and detail of a problem; fails for anything that is none."""
    assert answer.headers["content-type"] == problem.MEDIA_TYPE, answer.content
    title, detail = problem.read(answer.content)
    assert title and detail
    return title, detail


@contextmanager
def opened(m: Ministry, limits: Limits | None = None) -> Iterator[Door]:
    with TestClient(wiring.log_service(m.folder, m.registry, limits)) as client:
        yield Door(m, client)
