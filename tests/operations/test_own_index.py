"""The desk's own index hides nothing, believes no store, and does not grow with the log."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.operations.ministry import OTHER, TEXT, Ministry
from tests.store import faces
from tests.store.faces import MemoryLog

from vidimus import wiring
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.places import SqlitePlaces
from vidimus.core.acts.document import ACT_TYPE
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.vocabulary import LogKey
from vidimus.core.copies.answers import Headline
from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.log.edge import Edge
from vidimus.core.seal import statement
from vidimus.errors import VerificationFailed
from vidimus.operations.own_index import BLOCK, OwnIndex
from vidimus.operations.ports import Head, Stored
from vidimus.operations.registry import Settings


def sql(m: Ministry, change: str, *values: Any) -> None:
    connection = sqlite3.connect(wiring.Folder(m.folder).log, isolation_level=None)
    connection.execute(change, values)
    connection.close()


def index(m: Ministry) -> OwnIndex:
    log = SqliteLog(wiring.Folder(m.folder).log, writable=False)
    return OwnIndex(wiring.settings(m.folder), log, SqlitePlaces())


def test_it_finds_what_the_store_files(m: Ministry) -> None:
    letter = m.released()
    m.draft(OTHER)
    own, size = index(m), m.registry.log.head().size
    for subject in (AUTHORITY, letter, "A" * 16):
        assert own.about((subject,), size) == m.registry.log.about((subject,), size)
    both = own.about((AUTHORITY, letter), size)
    assert [each.index for each in both] == sorted(each.index for each in both)
    assert own.about((AUTHORITY,), size, 4) == m.registry.log.about((AUTHORITY,), size, 4)
    for each in m.registry.log.entries(0, size):
        assert own.raw_at(each.index) == each.raw


def test_only_what_is_new_is_read_again(m: Ministry) -> None:
    letter = m.released()
    own = index(m)
    before = own.about((letter,), 999)
    asked: list[tuple[int, int]] = []
    entries = own._log.entries
    own._log.entries = lambda a, b: asked.append((a, b)) or entries(a, b)  # type: ignore[method-assign,func-returns-value]
    m.do("ben", "withdraw", letter=letter)
    size = m.registry.log.head().size
    assert len(own.about((letter,), 999)) == len(before) + 1
    assert (size - 1, size) in asked
    assert not any(a == 0 and b > 1 for a, b in asked)


def test_an_index_that_hides_a_withdrawal_hides_it_from_nobody(m: Ministry) -> None:
    """Whoever can edit the store's file cannot make a withdrawn letter stand."""
    letter = m.released()
    m.do("ben", "withdraw", letter=letter)
    sql(m, "UPDATE entries SET subject='' WHERE idx=?", m.registry.log.head().size - 1)
    desk = wiring.public_desk(m.folder)
    assert desk.check((TEXT.encode(),)).answer.headline is Headline.WITHDRAWN


CHANGES = {
    "an entry is gone": "DELETE FROM entries WHERE idx=:last",
    "an entry is another": "UPDATE entries SET raw=(SELECT raw FROM entries WHERE idx=1)"
    " WHERE idx=:last",
    "two entries are exchanged": "UPDATE entries SET raw=(SELECT raw FROM entries AS e"
    " WHERE e.idx=2*:last-1-entries.idx) WHERE idx>=:last-1",
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("when", ["before it was read", "after it was read"])
def test_entries_other_than_those_that_were_signed_are_refused(
    m: Ministry, what: str, when: str
) -> None:
    letter = m.released()
    m.do("ben", "withdraw", letter=letter)
    own, size = index(m), m.registry.log.head().size
    if when == "after it was read":
        assert len(own.about((letter,), size)) == 2
    sql(m, CHANGES[what].replace(":last", str(size - 1)))
    for _ in range(2):
        with pytest.raises(VerificationFailed):
            own.about((letter,), size)


def test_a_sealed_entry_that_a_release_opens_is_proved_too(m: Ministry) -> None:
    """A commitment put in its place later would carry a signature from after a revocation."""
    m.released()
    own, size = index(m), m.registry.log.head().size
    sealed = next(each.index for each in m.registry.log.entries(0, size) if each.document is None)
    assert own.raw_at(sealed)
    sql(m, "UPDATE entries SET raw=(SELECT raw FROM entries WHERE idx=1) WHERE idx=?", sealed)
    with pytest.raises(VerificationFailed):
        own.raw_at(sealed)
    for missing in (-1, size):
        with pytest.raises(VerificationFailed):
            own.raw_at(missing)


def test_a_damaged_hash_of_the_tree_is_refused(m: Ministry) -> None:
    letter = m.released()
    own, size = index(m), m.registry.log.head().size
    own.about((letter,), size)
    sql(m, "UPDATE subtrees SET hash=zeroblob(32) WHERE level=0")
    with pytest.raises(VerificationFailed):
        own.about((letter,), size)
    sql(m, "DELETE FROM subtrees WHERE level=0")
    with pytest.raises(VerificationFailed):
        own.about((letter,), size)


# --- logs that are not one log -----------------------------------------------------------------

ORIGIN = "letters.example.org"
KEY = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
SETTINGS = Settings(ORIGIN, False, (LogKey(str(KEY.verifier)),))


class Shelf:
    """A log in memory, of statements that somebody else wrote."""

    def __init__(self, raws: Sequence[bytes]) -> None:
        self.raws = list(raws)
        self.claims = len(self.raws)

    def head(self) -> Head:
        edge = Edge()
        for raw in self.raws[: self.claims]:
            edge.add(merkle.leaf_hash(raw))
        signed = sign_checkpoint(Checkpoint(ORIGIN, edge.size, edge.root()), KEY)
        return Head(edge.size, signed)

    def entries(self, start: int, stop: int) -> Iterator[Stored]:
        for at, raw in list(enumerate(self.raws))[start:stop]:
            yield Stored(at, raw, b"{}")

    def subtree(self, level: int, n: int) -> bytes:
        edge = Edge()
        written: dict[tuple[int, int], bytes] = {}
        for raw in self.raws:
            written |= {(a, b): c for a, b, c in edge.add(merkle.leaf_hash(raw))}
        return written[level, n]


@pytest.fixture
def raws(m: Ministry) -> list[bytes]:
    m.released()
    return [each.raw for each in m.registry.log.entries(0, 99)]


def own_of(shelf: Any) -> OwnIndex:
    return OwnIndex(SETTINGS, shelf, SqlitePlaces())


def test_a_log_that_shrinks_or_forks_is_refused_for_good(raws: list[bytes]) -> None:
    """What was signed once is remembered: no later head takes its place."""
    other = [*raws[:-1], raws[0]]
    shelf = Shelf(raws)
    own = own_of(shelf)
    assert own.raw_at(0) == raws[0]
    for lie in (raws[:-1], [], other, [*other, raws[1]], [*other, raws[1], raws[2]]):
        shelf.raws, shelf.claims = list(lie), len(lie)
        for _ in range(2):
            with pytest.raises(VerificationFailed):
                own.raw_at(0)
    shelf.raws, shelf.claims = [*raws, raws[1]], len(raws) + 1
    assert own.raw_at(len(raws)) == raws[1]


def test_a_damaged_end_takes_nothing_of_what_was_known(raws: list[bytes]) -> None:
    """Mended, the log is answered from again; and what was noted of the damage is gone."""
    shelf = Shelf(raws[:6])
    own = own_of(shelf)
    known = own.about((f"{ORIGIN}/x", "A"), 99), own.signed()
    shelf.raws, shelf.claims = list(raws), len(raws)
    lying = own_of(shelf)
    lying.raw_at(0)
    good = shelf.head()
    shelf.head = lambda: good  # type: ignore[method-assign]
    shelf.raws[8] = raws[1]
    for _ in range(2):
        with pytest.raises(VerificationFailed):
            own.raw_at(0)
    shelf.raws[8] = raws[8]
    assert own.raw_at(8) == raws[8]
    assert own.about((f"{ORIGIN}/x", "A"), 99) == known[0]


def test_memory_does_not_grow_with_the_log(raws: list[bytes]) -> None:
    """Issue 3: memory of the server flat in the log's size."""

    class Long(Shelf):
        signed: Head

        def head(self) -> Head:
            return self.signed

        def entries(self, start: int, stop: int) -> Iterator[Stored]:
            for at in range(start, stop):
                yield Stored(at, self.raws[at % len(self.raws)], None)

    def grown(size: int) -> int:
        shelf = Long(raws)
        edge = Edge()
        for at in range(size):
            edge.add(merkle.leaf_hash(raws[at % len(raws)]))
            edge.settle()
        shelf.signed = Head(size, sign_checkpoint(Checkpoint(ORIGIN, size, edge.root()), KEY))
        own = own_of(shelf)
        tracemalloc.start()
        own.indices((AUTHORITY,), Checkpoint(ORIGIN, 0, b""))
        kept, _peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return kept

    assert abs(grown(15_000) - grown(5_000)) < 20_000


def test_the_size_at_a_time_is_that_of_the_entries() -> None:
    """Whatever a store has noted; and an entry may bear a time a little before the log's."""
    chance, times, latest = Random(7), [], 1_930_000_000
    for _ in range(2 * BLOCK + 60):
        latest += chance.choice((0, 0, 0, 1, 40))
        times.append(latest - chance.choice((0, 0, 0, 1, 299)))
    log = MemoryLog(0)
    for at, time in enumerate(times):
        log.stored.append(Stored(at, dated(time), b"{}"))
        log.tree.append(log.stored[-1].raw)
    log.grow(0)
    settings = Settings(faces.ORIGIN, True, (LogKey(str(faces.SIGNER.verifier)),))
    own = OwnIndex(settings, log, SqlitePlaces())  # type: ignore[arg-type]
    for asked in {0, *times[:: BLOCK // 9], *times[-3:], times[0] - 1, latest + 1}:
        first = next((at for at, time in enumerate(times) if time > asked), len(times))
        assert own.size_at(asked) == first
    log.spoil(BLOCK + 3, raw=dated(latest + 9))
    assert own.size_at(times[0]) <= BLOCK
    with pytest.raises(VerificationFailed):
        own.size_at(max(times[: BLOCK + 9]))


def dated(time: int) -> bytes:
    return statement.write(
        issuer=faces.ORIGIN,
        subject=f"{faces.ORIGIN}/c/A",
        issued_at=time,
        digest=b"d" * 32,
        content_type=ACT_TYPE,
        signer=faces.OFFICE,
    )
