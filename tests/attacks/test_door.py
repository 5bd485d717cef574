"""What somebody with a key, or with half of what an act takes, tries at the log's door."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.operations.ministry import OTHER, THIRD, Ministry, build
from tests.service.door import COSE, Door, opened, told
from tests.service.test_registering import ROOMY

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.standing import Entry, Folding
from vidimus.core.acts.vocabulary import Act, CoSignature
from vidimus.core.copies.answers import Headline
from vidimus.core.seal import statement, submitted
from vidimus.errors import VidimusError
from vidimus.operations import lookup
from vidimus.operations.registrar import Registered, Registrar, Submission
from vidimus.operations.registry import filed_under
from vidimus.web.server import listen, server


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened(build(tmp_path / "registry"), ROOMY) as found:
        yield found


def test_nobody_releases_what_nobody_drafted(door: Door) -> None:
    """One releaser alone, in a class without signatures that wants a second person."""
    sha, name = lookup.names_of(THIRD)
    door.m.clock.pass_(seconds=1)
    facts = ("A" * 16, 1, "ministry", "memo", "MC-99", "A title", "en", sha, name)
    for body in (v.Release(*facts, (), ()), v.AcknowledgeDraft(*facts[:3], "letter", *facts[4:])):
        person = "cleo" if isinstance(body, v.Release) else "ben"
        answer = door.post(*door.signed(person, body))
        assert (answer.status_code, told(answer)[0]) == (400, "Rejected")
    door.m.verify()


def _release(door: Door, letter: str) -> v.Release:
    found = door.m.letter(letter)
    signed = sorted(each.index for each in found.signatures)
    latest = found.latest
    return v.Release(
        letter, 1, found.office, found.cls, found.reference, found.title, latest.language,
        latest.text, latest.canonical,
        tuple(
            v.Opened(i, lookup.sealed_document(door.m.registry, i).decode()) for i in signed
        ),
        tuple(i for i in found.sealed if i not in signed),
    )  # fmt: skip


@pytest.mark.parametrize("gone", ["cleo", "ben"])
def test_nobody_dates_an_act_into_a_power_that_ended(door: Door, gone: str) -> None:
    """Dismissed four minutes ago; and a signature falls with the tenure of who gave it."""
    letter, later = door.m.signed(), door.m.released(OTHER)
    office = {"cleo": "ministry/press", "ben": "ministry"}[gone]
    door.m.clock.pass_(minutes=10)
    door.registers(*door.signed("ada", v.End(gone, office, door.m.clock.now())))
    door.m.clock.pass_(minutes=4)
    at = door.m.clock.now() - timedelta(minutes=4, seconds=30)
    for person, body in (("cleo", _release(door, letter)), (gone, v.Withdraw(later))):
        answer = door.post(*door.signed(person, body, at=at))
        assert (answer.status_code, told(answer)[0]) == (400, "Rejected")
    assert door.m.check().headline is not Headline.STANDS
    assert door.m.check(OTHER).headline is Headline.STANDS
    # Whoever has it still, and whose statement was on its way, is heard.
    who = "fay" if gone == "cleo" else "cleo"
    door.registers(*door.signed(who, v.Hold(later), at=at))
    door.m.verify()


def test_a_successor_is_named_by_its_number(door: Door) -> None:
    """A letter's reference may look like a number; then nothing of that number is there."""
    old = door.m.released()
    new = door.m.draft(OTHER, reference="B" * 16)
    door.m.do("ben", "sign", letter=new)
    door.m.do("cleo", "release", letter=new)
    door.m.clock.pass_(seconds=1)
    for body in (v.Supersede(old, "B" * 16), v.Correct(old, "B" * 16)):
        assert told(door.post(*door.signed("ben", body)))[0] == "Rejected"
    assert door.m.check().headline is Headline.STANDS


def test_a_refused_act_keeps_no_other_from_the_log(door: Door) -> None:
    """In one transaction: first somebody without the power, then somebody with it."""
    letter = door.m.released()
    door.m.clock.pass_(seconds=1)
    acts = [
        door.signed("gus", v.Withdraw(letter)),
        door.signed("ben", v.Withdraw(letter)),
        door.signed("cleo", v.End("gus", "archive", door.m.clock.now())),
        door.signed("ada", v.End("gus", "archive", door.m.clock.now())),
    ]
    refused, withdrawn, more, ended = Registrar(door.m.registry).register(
        [Submission(*each) for each in acts]
    )
    assert isinstance(refused, VidimusError) and isinstance(more, VidimusError)
    assert isinstance(withdrawn, Registered) and isinstance(ended, Registered)
    assert door.m.check().headline is Headline.WITHDRAWN
    door.m.verify()


def _approved(m: Ministry, body: v.Body, *junk: CoSignature) -> tuple[bytes, bytes]:
    """Signed by the founder ada, with what stands beside it of other founders' approvals."""
    act = Act(m.registry.settings.origin, "ada", ROOT, m.clock.now(), body, cosigned=junk)
    document = documents.write(act)
    raw = statement.write(
        issuer=entries.issuer_of(act),
        subject=entries.subject_of(act),
        issued_at=int(act.at.timestamp()),
        digest=documents.digest(document),
        content_type=documents.ACT_TYPE,
        signer=m.keys["ada"],
    )
    return raw, document


def test_an_approval_serves_once(door: Door) -> None:
    """An appointment that was ended since does not come back by an approval of minutes ago."""
    m = door.m
    m.clock.pass_(seconds=1)
    body = v.Appoint(
        "hal", "Hal", "archive", m.keys["eve"].public.to_text(), m.clock.now(), None, False
    )
    junk = CoSignature(m.keys["gus"].public.to_text(), "A" * 86)
    first, again = _approved(m, body), _approved(m, body, junk)
    door.registers(*first)
    m.clock.pass_(seconds=1)
    door.registers(*_approved(m, v.End("hal", "archive", m.clock.now())))
    m.clock.pass_(seconds=1)
    answer = door.post(*again)
    assert (answer.status_code, told(answer)[0]) == (400, "Rejected")
    assert m.registry.authority().holds("hal", "archive", 10**6, m.clock.now()) is None
    m.verify()
    # And whoever finds both on a log gives the second one no effect.
    folding = Folding()
    stored = list(m.registry.log.entries(0, m.registry.log.head().size))
    for each in stored[: entries_until(m, first[0])]:
        folding.add(m.registry.entry(each))
    given = m.registry.entry(stored[entries_until(m, first[0])])
    folding.add(given)
    folding.add(Entry(given.index + 1, given.time, given.key, replace(given.act, cosigned=(junk,))))
    assert [each.index for each in folding.refused] == [given.index + 1]


def entries_until(m: Ministry, raw: bytes) -> int:
    said = statement.parse(raw)
    index = m.registry.log.index_of(said.digest, filed_under(m.registry.settings.origin, said))
    assert index is not None
    return index


def test_who_announces_much_and_sends_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    """Neither the room nor the time is theirs: what is here counts, from the first byte on."""
    limits = replace(ROOMY, bodies_bytes=5_000, body_seconds=1.0)
    m = build(tmp_path / "registry")
    letter = m.released()
    m.clock.pass_(seconds=1)
    raw, document = Door(m, None).signed("ben", v.Withdraw(letter))  # type: ignore[arg-type]
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        running = server(wiring.log_service(m.folder, m.registry, limits), lambda _: None)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with ExitStack() as idle:
                for length in (3_000, 2_000, 1_000):
                    each = idle.enter_context(socket.create_connection(("127.0.0.1", port)))
                    each.settimeout(20)
                    each.sendall(
                        b"POST /entries HTTP/1.1\r\nHost: log\r\nContent-Type: application/cose\r\n"
                        b"Content-Length: %d\r\n\r\n" % length
                    )
                client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                client.request("POST", "/entries", submitted.write(raw, document), COSE)
                assert client.getresponse().status == 201
                client.close()
                assert each.recv(100).startswith(b"HTTP/1.1 408 ")
        finally:
            running.should_exit = True
            thread.join()
