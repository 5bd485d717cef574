"""POST /entries: what is answered with a receipt is on the log, and nothing else is answered so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operations.ministry import OTHER, TEXT, THIRD, build
from tests.service.door import COSE, Door, opened, told
from tests.web.client import TestClient

from vidimus import wiring
from vidimus.core.acts import vocabulary as v
from vidimus.core.copies.answers import Headline
from vidimus.core.log import merkle, tiles
from vidimus.core.seal import cbor, key_set, receipt, statement, submitted
from vidimus.errors import Conflict, NotAllowed, OutsideFailed
from vidimus.operations import lookup
from vidimus.operations.registrar import Registered, Registrar, Submission
from vidimus.web.app import create_app
from vidimus.web.limits import Limits
from vidimus.web.service.staging import Staging
from vidimus.wiring.service import public_face_of

ROOMY = Limits(bucket=1e9, refill=1e9)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened(build(tmp_path / "registry"), ROOMY) as found:
        yield found


def _sign1(protected: bytes, payload: bytes | None, signature: bytes) -> bytes:
    return cbor.encode([protected, {}, payload, signature], tag=18)


def hold(door: Door, letter: str, reason: str = "We are looking at it.") -> tuple[bytes, bytes]:
    door.m.clock.pass_(seconds=1)
    return door.signed("cleo", v.Hold(letter, reason))


def test_what_is_registered_is_there_at_once(door: Door) -> None:
    """201 with the receipt: durable, included, readable, and it has its effect."""
    letter = door.m.released()
    raw, document = hold(door, letter)
    found = door.registers(raw, document)
    size = found.index + 1
    assert door.m.registry.log.head().size == size == found.size
    width = size % tiles.WIDTH
    bundle = door.client.get(f"/{tiles.entries_path(0, width)}").content
    assert tiles.read_entries(bundle, width)[-1] == raw
    acts = door.client.get(f"/{tiles.acts_path(0, width)}").content
    assert tiles.read_documents(acts, width)[-1] == document
    assert door.m.check().headline is Headline.ON_HOLD
    door.m.verify()


def test_every_entry_has_a_fresh_receipt(door: Door) -> None:
    """GET /entries/{id}, for what was registered here and for what was not."""
    letter = door.m.released()
    door.registers(*hold(door, letter))
    (key,) = key_set.parse(door.client.get("/.well-known/scitt-keys").content)
    size = door.m.registry.log.head().size
    for stored in door.m.registry.log.entries(0, size):
        answer = door.client.get(f"/entries/{stored.index}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/cose"
        assert answer.headers["location"] == f"/entries/{stored.index}"
        found = receipt.verify(answer.content, stored.raw, key)
        assert (found.index, found.size) == (stored.index, size)
        whole = door.client.get(f"/entries/{stored.index}/statement").content
        entry, (attached,) = receipt.detach(whole)
        assert entry == stored.raw
        receipt.verify(attached, entry, key)
    name = key_set.name(key)
    one = door.client.get(f"/.well-known/scitt-keys/{name}")
    assert key_set.parse_key(one.content) == key


@pytest.mark.parametrize(
    "path",
    ["/entries/9999", "/entries/01", "/entries/-1", "/entries/x", "/entries/1/x", "/nothing"],
)
def test_what_is_not_there_is_not_found(door: Door, path: str) -> None:
    answer = door.client.get(path)
    assert answer.status_code == 404
    assert told(answer)[0] == "Not Found"


def test_an_unknown_key_is_not_there(door: Door) -> None:
    answer = door.client.get("/.well-known/scitt-keys/AAAA")
    assert (answer.status_code, told(answer)[0]) == (404, "No such key")


def test_a_statement_sent_twice_is_one_act(door: Door) -> None:
    """An answer can be lost on its way; whoever asks again learns the same."""
    letter = door.m.released()
    act = hold(door, letter)
    first = door.registers(*act)
    door.registers(*hold(door, door.m.released(OTHER)))
    again = door.registers(*act)
    assert again.index == first.index
    assert again.size > first.size


def test_without_the_power_the_reason_is_told(door: Door) -> None:
    """A statement signed by somebody without the power is refused, and nothing is written."""
    letter = door.m.released()
    size = door.m.registry.log.head().size
    for person, reason in (("gus", "archive"), ("dan", "ministry/desk")):
        door.m.clock.pass_(seconds=1)
        answer = door.post(*door.signed(person, v.Withdraw(letter)))
        title, detail = told(answer)
        assert (answer.status_code, title) == (400, "Rejected")
        assert reason in detail
    # Somebody else's key, a key that nobody knows, an office that one does not hold.
    for more in ({"key": "gus"}, {"key": "eve"}, {"office": "ministry"}):
        answer = door.post(*door.signed("cleo", v.Withdraw(letter), **more))
        assert (answer.status_code, told(answer)[0]) == (400, "Rejected")
    assert door.m.registry.log.head().size == size
    assert door.m.check().headline is Headline.STANDS


def test_the_power_is_that_of_the_last_index(door: Door) -> None:
    """Whoever was dismissed a moment ago, by an act through this very door, is refused."""
    letter = door.m.released()
    door.m.clock.pass_(seconds=1)
    door.registers(*door.signed("ada", v.End("cleo", "ministry/press", door.m.clock.now())))
    answer = door.post(*hold(door, letter))
    assert (answer.status_code, told(answer)[0]) == (400, "Rejected")


def test_acts_are_dated_neither_back_nor_ahead(door: Door) -> None:
    letter = door.m.released()
    now = door.m.clock.now()
    for off in (
        timedelta(hours=1),
        timedelta(minutes=1),
        -timedelta(minutes=6),
        -timedelta(days=9),
    ):
        answer = door.post(*door.signed("cleo", v.Hold(letter), at=now + off))
        assert (answer.status_code, told(answer)[0]) == (400, "Rejected")
    # Clocks differ, and wires take time: a little is nothing.
    door.m.clock.pass_(seconds=40)
    door.registers(*door.signed("cleo", v.Hold(letter), at=now))
    door.m.verify()


def test_what_belongs_sealed_is_not_taken_in_the_open(door: Door) -> None:
    """A draft that came through this door would be public for good."""
    letter = door.m.draft()
    size = door.m.registry.log.head().size
    answer = door.post(*door.signed("dan", v.Abandon(letter)))
    assert told(answer)[0] == "Rejected"
    assert door.m.registry.log.head().size == size


def test_a_release_makes_its_text_findable(door: Door) -> None:
    letter = door.m.signed()
    done = door.m.registry.letter(letter)
    assert done is not None
    signed = {each.index for each in done.signatures}
    body = v.Release(
        letter, 1, done.office, done.cls, done.reference, done.title, "en",
        done.latest.text, done.latest.canonical,
        tuple(
            v.Opened(i, lookup.sealed_document(door.m.registry, i).decode()) for i in sorted(signed)
        ),
        tuple(i for i in done.sealed if i not in signed),
    )  # fmt: skip
    door.m.clock.pass_(seconds=1)
    door.registers(*door.signed("cleo", body))
    assert door.m.check().headline is Headline.STANDS
    door.m.verify()


def test_a_document_may_be_sent_before(door: Door) -> None:
    """PUT /acts/<sha256>, then the statement; without it the statement is refused for now."""
    letter = door.m.released()
    raw, document = hold(door, letter)
    answer = door.client.post("/entries", content=raw, headers=COSE)
    title, detail = told(answer)
    assert title == "Rejected" and "PUT /acts/" in detail
    sha = statement.parse(raw).digest.hex()
    assert door.client.put(f"/acts/{'0' * 64}", content=document).status_code == 400
    assert door.client.put(f"/acts/{sha}", content=document).status_code == 204
    assert door.client.post("/entries", content=raw, headers=COSE).status_code == 201


def test_nobody_takes_the_room_that_others_need() -> None:
    """What waits for its statement is shared out by address."""
    staging = Staging(lambda: 0.0)
    for number in range(10):
        content = bytes([number]) * (1024 * 1024)
        kept = staging.put(bytes([number]) * 32, content, "192.0.2.1")
        assert kept is (number < 4)
    assert staging.put(b"x" * 32, b"of somebody else", "192.0.2.2")
    assert staging.get(b"x" * 32) == b"of somebody else"


def test_a_declared_forgery_brings_its_text(door: Door) -> None:
    sha, name = lookup.names_of(THIRD)
    body = v.DeclareForged("A" * 16, "ministry", "A title", "en", sha, name)
    act = door.signed("ben", body)
    assert told(door.post(*act))[0] == "Rejected"
    assert told(door.post(*act, OTHER.encode()))[0] == "Rejected"
    door.registers(*act, THIRD.encode())
    assert door.m.check(THIRD).headline is Headline.DECLARED_FORGED


def test_no_text_is_a_letter_and_a_forgery_however_close_they_come(door: Door) -> None:
    """Two acts in one transaction are judged one after the other, texts and successors too."""
    old, new = door.m.released(), door.m.released(OTHER)
    door.m.clock.pass_(seconds=1)
    acts = [
        door.signed("ben", v.Supersede(old, new)),
        door.signed("ben", v.Withdraw(new)),
        door.signed("ben", v.Supersede(old, new)),
    ]
    with ThreadPoolExecutor(3) as pool:
        said = [each.status_code for each in pool.map(lambda act: door.post(*act), acts)]
    assert 201 in said
    door.m.verify()


NO_STATEMENT: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Malformed request"),
    "cut": (b"\xd2\x84", "Malformed request"),
    "text": (b"x" * 99, "Malformed request"),
    "no header": (_sign1(b"", b"", b""), "Bad Signature Algorithm"),
    "other headers": (_sign1(cbor.encode({1: -7}), b"1" * 32, b"s" * 64), "Malformed request"),
    "PS256": (_sign1(cbor.encode({1: -37}), b"1" * 32, b"s" * 64), "Bad Signature Algorithm"),
    "no payload": (_sign1(cbor.encode({1: -7}), None, b"s" * 64), "Payload Missing"),
}


@pytest.mark.parametrize("name", NO_STATEMENT)
def test_what_is_no_statement_is_told_what_it_lacks(door: Door, name: str) -> None:
    body, title = NO_STATEMENT[name]
    answer = door.client.post("/entries", content=body, headers=COSE)
    assert (answer.status_code, told(answer)[0]) == (400, title)


def test_other_requests_are_answered_with_problems(door: Door) -> None:
    for answer, status in (
        (door.client.get("/entries"), 405),
        (door.client.delete("/checkpoint"), 405),
        (door.client.post("/entries", content=b"x", headers={"content-type": "text/html"}), 415),
        (door.client.post("/entries", content=b"x" * 3_000_000, headers=COSE), 413),
    ):
        assert answer.status_code == status
        told(answer)


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(["", "prefix", "flip"]), st.data())
def test_nothing_but_a_problem_ever_comes_back(
    shared: Door, noise: bytes, how: str, chance: st.DataObject
) -> None:
    """Whatever is sent: never a traceback, never a 500, never an entry."""
    good = submitted.write(*shared.signed("gus", v.Cover("ministry", "memo", shared.m.clock.now())))
    body = bytearray(good + noise if how == "prefix" else good if how == "flip" else noise)
    if how == "flip":
        place = chance.draw(st.integers(0, len(body) - 1))
        body[place] ^= chance.draw(st.integers(1, 255))
    size = shared.m.registry.log.head().size
    answer = shared.client.post("/entries", content=bytes(body), headers=COSE)
    assert answer.status_code in (400, 413)
    told(answer)
    assert shared.m.registry.log.head().size == size


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with opened(build(tmp_path_factory.mktemp("shared") / "registry"), ROOMY) as found:
        yield found


def test_many_clients_at_once_are_each_answered(door: Door) -> None:
    """Sixteen threads: every act is on the log once, in an order that everybody can verify."""
    letters = [door.m.released(f"{TEXT} {number}") for number in range(24)]
    acts = [hold(door, letter, f"Number {at}.") for at, letter in enumerate(letters)]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda act: door.registers(*act), acts))
    assert len({each.index for each in found}) == len(acts)
    door.m.verify()


def test_no_more_is_taken_in_than_there_is_room_for(tmp_path: Path) -> None:
    """503 with Retry-After, before a byte of it is read."""
    limits = replace(ROOMY, bodies_bytes=1000)
    with opened(build(tmp_path / "registry"), limits) as door:
        answer = door.client.post("/entries", content=b"x" * 1001, headers=COSE)
        assert (answer.status_code, told(answer)[0]) == (503, "Service Unavailable")
        assert "retry-after" in answer.headers
        assert door.client.post("/entries", content=b"x" * 99, headers=COSE).status_code == 400


def test_limits_say_when_to_come_back(tmp_path: Path) -> None:
    """429 with Retry-After, and what is refused costs more than what is registered."""
    with opened(build(tmp_path / "registry"), Limits(bucket=120.0, refill=0.1)) as door:
        said = [door.client.post("/entries", content=b"x", headers=COSE) for _ in range(6)]
        assert [each.status_code for each in said[:2]] == [400, 400]
        assert said[-1].status_code == 429
        assert told(said[-1])[0] == "Too Many Requests"
        assert int(said[-1].headers["retry-after"]) > 0


def _full(*_: Any) -> None:
    raise OutsideFailed("the disk is full", hint="make room")


def test_a_disk_that_fails_is_told_and_loses_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, nothing half-written; and when the disk is back, so is the door."""
    letter = door.m.released()
    act = hold(door, letter)
    size = door.m.registry.log.head().size

    with monkeypatch.context() as broken:
        broken.setattr(door.m.registry.log, "append", _full)
        answer = door.post(*act)
        assert (answer.status_code, told(answer)[0]) == (503, "Service Unavailable")
        assert "retry-after" in answer.headers
    assert door.m.registry.log.head().size == size
    assert door.registers(*act).index == size
    door.m.verify()


def test_a_statement_sent_twice_at_once_is_one_act(door: Door) -> None:
    """Both copies wait for the same transaction, and both hear the same."""
    act = Submission(*hold(door, door.m.released()))
    one, two = Registrar(door.m.registry).register([act, act])
    assert isinstance(one, Registered) and isinstance(two, Registered)
    assert (one.index, one.new, two.index, two.new) == (one.index, True, one.index, False)


def test_no_refusal_rests_on_what_the_disk_did_not_take(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second withdrawal is refused for the first; if that one is lost, neither was answered."""
    letter = door.m.released()
    door.m.clock.pass_(seconds=1)
    acts = [
        Submission(*door.signed("ben", v.Withdraw(letter))),
        Submission(*door.signed("cleo", v.Hold(letter))),
    ]
    registrar = Registrar(door.m.registry)
    with monkeypatch.context() as broken:
        broken.setattr(door.m.registry.log, "append", _full)
        assert all(isinstance(each, OutsideFailed) for each in registrar.register(acts))
    done, refused = registrar.register(acts)
    assert isinstance(done, Registered) and isinstance(refused, NotAllowed)


def test_a_flipped_bit_is_never_served(door: Door) -> None:
    """A tile, an entry or a receipt that does not lead to the signed root is no evidence."""
    door.m.released()
    size = door.m.registry.log.head().size
    paths = [
        f"/{tiles.Tile(0, 0, size).path}", f"/{tiles.entries_path(0, size)}",
        f"/{tiles.acts_path(0, size)}", "/entries/3",
    ]  # fmt: skip
    with sqlite3.connect(wiring.Folder(door.m.folder).log) as file:
        for change, hit in (
            (
                "UPDATE entries SET raw = substr(raw, 1, length(raw) - 1) || x'00' WHERE idx = 3",
                paths[1:],
            ),
            ("UPDATE entries SET document = 'x' WHERE idx = 3", paths[2:3]),
            ("UPDATE subtrees SET hash = zeroblob(32) WHERE level = 0 AND n = 2", paths[::3]),
        ):
            for path in paths:
                assert door.client.get(path).status_code == 200
            kept = {
                table: file.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("entries", "subtrees")
            }
            file.execute(change)
            file.commit()
            for path in hit:
                answer = door.client.get(path)
                assert answer.status_code >= 400, (change, path)
                told(answer)
            for table, lines in kept.items():
                file.execute(f"DELETE FROM {table}")
                file.executemany(
                    f"INSERT INTO {table} VALUES ({','.join('?' * len(lines[0]))})", lines
                )
            file.commit()
    door.m.verify()


def test_two_servers_of_one_registry_are_one_too_many(tmp_path: Path) -> None:
    m = build(tmp_path / "registry")
    with wiring.alone(m.folder), pytest.raises(Conflict), wiring.alone(m.folder):
        pass


def test_the_face_is_the_one_that_is_published(door: Door, tmp_path: Path) -> None:
    """What the server says and what the files say is the same, byte for byte."""
    door.m.released()
    size = wiring.publish(door.m.folder, tmp_path / "face")
    files = [each for each in (tmp_path / "face").rglob("*") if each.is_file()]
    assert size and len(files) > 3
    for file in files:
        path = file.relative_to(tmp_path / "face").as_posix()
        if not path.startswith("."):
            assert door.client.get(f"/{path}").content == file.read_bytes(), path


def test_a_claim_names_all_acts_on_a_letter(door: Door) -> None:
    letter = door.m.released()
    done = door.registers(*hold(door, letter))
    text = door.client.get(f"/subjects/{letter},authority").text
    line = next(each for each in text.splitlines() if each.startswith(letter))
    assert line.split()[1:] == [str(done.index - 1), str(done.index)]
    assert door.client.get("/subjects/nothing").status_code == 404


def test_leaves_are_hashes_of_whole_statements(door: Door) -> None:
    """What the unprotected header carried is not in the entry, nor in the leaf."""
    raw, document = hold(door, door.m.released())
    found = door.registers(raw, document)
    assert door.m.registry.log.subtree(0, found.index) == merkle.leaf_hash(raw)


def test_the_public_pages_show_the_same_face(door: Door) -> None:
    """A monitor may follow either server; only the log's own signs claims."""
    letter = door.m.released()
    pages = create_app(door.m.desk, face=public_face_of(door.m.desk))
    size = door.m.registry.log.head().size
    with TestClient(pages) as public:
        for path in (
            "/checkpoint", "/trust.json", f"/{tiles.Tile(0, 0, size).path}",
            f"/{tiles.entries_path(0, size)}", f"/{tiles.acts_path(0, size)}",
        ):  # fmt: skip
            one, other = public.get(path), door.client.get(path)
            assert (one.status_code, one.content) == (200, other.content), path
        assert public.get(f"/subjects/{letter}").status_code == 404
        assert public.get("/tile/0/999").status_code == 404
