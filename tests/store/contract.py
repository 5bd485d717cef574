"""What every store must do, whatever it is made of: SQLite today, PostgreSQL later.

An adapter subclasses both contracts and gives the fixture `place`:

    class TestSqliteLog(LogStoreContract):
        @pytest.fixture
        def place(self, tmp_path): return SqliteLogPlace(tmp_path / "log.sqlite")

A place can be pickled, so that a second process can open the store too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from multiprocessing.connection import Connection
from typing import Any, Protocol

import pytest

from vidimus.core.log import merkle
from vidimus.errors import Conflict, NotFound, OutsideFailed
from vidimus.operations.ports import (
    Addition,
    Filed,
    Head,
    IndexedText,
    LogStore,
    OfficeStore,
    Stored,
)

START = 1_900_000_000
UNWRITABLE: Any = object()  # no database takes it
PROCESSES = multiprocessing.get_context("spawn")


class LogPlace(Protocol):
    def open(self, *, writable: bool = True) -> LogStore:
        """The store that lies there, through a connection of its own."""
        ...


class OfficePlace(Protocol):
    def open(self) -> OfficeStore: ...


def text(
    letter: str, version: int = 1, *grams: int, since: int = 0, words: str = ""
) -> IndexedText:
    if UNWRITABLE in grams:
        return IndexedText(letter, version, "en", words or "x", (), UNWRITABLE)
    return IndexedText(letter, version, "en", words or f"{letter} {version}", g(*grams), since)


def g(*grams: int) -> tuple[int, ...]:
    """Fingerprints that differ in the bits by which an index tells them apart."""
    return tuple(each << 23 for each in grams)


def addition(
    log: LogStore,
    index: int,
    *,
    subject: str = "authority",
    salt: str = "",
    time: int | None = None,
    texts: Sequence[IndexedText] = (),
    **changes: Any,
) -> Addition:
    """An entry of made-up bytes; a store does not look into them."""
    raw = f"entry {index} {salt}".encode()
    fields = {
        "index": index,
        "raw": raw,
        "digest": sha256(raw).digest(),
        "time": START + index if time is None else time,
        "subject": subject,
        "document": f"document {index} {salt}".encode() if subject else None,
        "subtrees": (),
        "texts": tuple(texts),
    }
    if "subtrees" not in changes:
        fields["subtrees"] = merkle.added(index, merkle.leaf_hash(raw), log.subtree)
    return Addition(**(fields | changes))


def append(log: LogStore, *additions: Addition) -> None:
    log.append(additions, f"checkpoint after {additions[-1].raw.decode()}")


def fill(log: LogStore, count: int, **more: Any) -> None:
    for index in range(log.head().size, count):
        append(log, addition(log, index, **more))


def everything(log: LogStore, letters: Sequence[str] = ()) -> tuple[Any, ...]:
    head = log.head()
    return (
        head,
        tuple(log.entries(0, head.size + 5)),
        log.filed(0, head.size + 5),
        log.wordings(tuple(letters)),
        log.candidates(g(1, 2, 3), 9),
    )


def write_until(place: LogPlace, total: int, name: str) -> int:
    """Append as long as there is room; gives how many of them were ours."""
    log, mine = place.open(), 0
    while (index := log.head().size) < total:
        try:
            append(log, addition(log, index, salt=name))
            mine += 1
        except (Conflict, NotFound):
            continue
    return mine


def _write_in_process(place: LogPlace, total: int, name: str, answers: Connection) -> None:
    answers.send(write_until(place, total, name))


class LogStoreContract:
    def test_a_new_log_is_empty(self, place: LogPlace) -> None:
        """Ports: size 0 and an empty checkpoint for a log that holds nothing yet."""
        log = place.open()
        assert log.head() == Head(0, "")
        assert everything(log)[1:] == ((), (), (), ())
        assert log.about(("authority",), 5) == ()

    def test_what_append_wrote_is_there_in_a_new_connection(self, place: LogPlace) -> None:
        """Ports: what `append` wrote is on the disk when it returns."""
        log = place.open()
        one = addition(log, 0, texts=[text("L", 1, 1, 2, 3)])
        append(log, one)
        two = addition(log, 1, subject="")
        append(log, two)
        other = place.open()
        assert other.head() == Head(2, "checkpoint after entry 1 ")
        assert list(other.entries(0, 2)) == [
            Stored(0, one.raw, one.document),
            Stored(1, two.raw, None),
        ]
        assert other.filed(0, 2) == (
            Filed(0, one.digest, one.time, "authority"),
            Filed(1, two.digest, two.time, ""),
        )
        assert other.index_of(two.digest, "") == 1
        assert other.wordings(("L",)) == (text("L"),)
        assert other.candidates(g(1, 2), 5) == ("L",)
        for level, n, value in (*one.subtrees, *two.subtrees):
            assert other.subtree(level, n) == value

    @pytest.mark.parametrize("index", [0, 1, 3, 4, 10**6])
    def test_a_stale_writer_is_refused_and_changes_nothing(
        self, place: LogPlace, index: int
    ) -> None:
        """Ports: raises Conflict, and changes nothing, if the log is not of that size."""
        log = place.open()
        fill(log, 2)
        before = everything(log, ("L",))
        late = addition(log, 2, texts=[text("L", 1, 1, 2, 3)])
        stale = Addition(index, b"other", b"d" * 32, START + 9, "authority", b"x", (), late.texts)
        with pytest.raises(Conflict):
            append(log, stale)
        assert everything(place.open(), ("L",)) == before
        append(log, late)

    def test_a_digest_stands_once_on_the_log(self, place: LogPlace) -> None:
        """One document, one entry: a second one of its digest is refused and changes nothing."""
        log = place.open()
        fill(log, 3)
        before = everything(log, ("L",))
        twin = addition(log, 3, digest=log.filed(1, 2)[0].digest, texts=[text("L", 1, 1)])
        with pytest.raises(Conflict):
            append(log, twin)
        assert everything(place.open(), ("L",)) == before
        assert log.index_of(twin.digest, twin.subject) == 1

    def test_an_addition_is_written_whole_or_not_at_all(self, place: LogPlace) -> None:
        """It fails at its last part here, and its first part is not there either."""
        log = place.open()
        fill(log, 2)
        before = everything(log, ("L",))
        broken = addition(log, 2, texts=[text("L", 1, 1, 2), text("M", 1, UNWRITABLE)])
        broken_hash = addition(log, 2, subtrees=log_subtrees(log))
        for each in (broken, broken_hash):
            with pytest.raises(OutsideFailed):
                append(log, each)
            assert everything(log, ("L", "M")) == before
            assert everything(place.open(), ("L", "M")) == before
        append(log, addition(log, 2))
        assert log.head().size == 3

    def test_entries_come_in_order_and_within_bounds(self, place: LogPlace) -> None:
        """Also when there are more of them than stand in memory at once."""
        log = place.open()
        fill(log, 1100, subtrees=())
        assert [each.index for each in log.entries(0, 2000)] == list(range(1100))
        assert [each.index for each in log.entries(511, 514)] == [511, 512, 513]
        assert [each.index for each in log.filed(511, 514)] == [511, 512, 513]
        for start, stop in ((5, 5), (7, 3), (1100, 1200), (10**15, 10**16)):
            assert list(log.entries(start, stop)) == []
            assert log.filed(start, stop) == ()

    def test_about_gives_the_public_entries_on_some_subjects(self, place: LogPlace) -> None:
        log = place.open()
        for index, subject in enumerate(["authority", "L", "", "M", "authority", "L"]):
            append(log, addition(log, index, subject=subject))

        def about(*subjects: str, stop: int = 9) -> list[int]:
            return [each.index for each in log.about(subjects, stop)]

        assert about("authority", "L") == [0, 1, 4, 5]
        assert about("L", stop=5) == [1]
        assert about("L", stop=1) == []
        assert about("nobody") == about() == []
        assert about(*(f"X{n}" for n in range(2000)), "M") == [3]

    def test_what_is_not_there_is_not_found(self, place: LogPlace) -> None:
        log = place.open()
        fill(log, 3)
        assert log.index_of(b"?" * 32, "authority") is None
        assert log.wordings(("L",)) == log.wordings(()) == ()
        assert log.candidates(g(1), 5) == log.candidates((), 5) == ()
        with pytest.raises(NotFound):
            log.subtree(0, 3)
        with pytest.raises(NotFound):
            log.subtree(5, 0)
        assert log.row(0, 0, 3) == tuple(log.subtree(0, n) for n in range(3))
        assert log.row(1, 0, 1) == (log.subtree(1, 0),)
        assert log.row(0, 2, 2) == ()
        for gap in ((0, 0, 4), (0, 3, 4), (1, 0, 2), (5, 0, 1)):
            with pytest.raises(NotFound):
                log.row(*gap)

    def test_the_latest_witnessed_head_is_kept(self, place: LogPlace) -> None:
        """Ports: rounds may end out of order; a smaller tree or an earlier time changes nothing."""
        log = place.open()
        assert log.witnessed() is None
        kept = Head(7, "seven, at 100")
        log.keep_witnessed(kept, 100)
        for head, time in ((Head(6, "six"), 200), (Head(7, "earlier"), 99), (Head(7, "same"), 100)):
            log.keep_witnessed(head, time)
            assert place.open().witnessed() == kept
        for head, time in ((Head(7, "again"), 101), (Head(8, "grown"), 50)):
            log.keep_witnessed(head, time)
            assert place.open().witnessed() == head

    def test_a_wording_is_known_since_it_was_first_put_there(self, place: LogPlace) -> None:
        """Released after it was acknowledged, it is known since it was acknowledged."""
        log = place.open()
        append(log, addition(log, 0, texts=[text("L", 2, 1, since=0)]))
        append(log, addition(log, 1, texts=[text("L", 2, 1, since=1), text("L", 1, 2, since=1)]))
        kept = [(each.version, each.since) for each in log.wordings(("L",))]
        assert kept == [(1, 1), (2, 0)]

    def test_who_shares_more_and_rarer_grams_comes_first(self, place: LogPlace) -> None:
        log = place.open()
        texts = [text("A", 1, 1, 2, 3, 4), text("B", 1, 1, 2), text("C", 1, 1, 9), text("D", 1, 7)]
        append(log, addition(log, 0, texts=texts))
        assert log.candidates(g(1, 2, 3, 4), 5)[:2] == ("A", "B")
        assert log.candidates(g(1, 2, 3, 4), 1) == ("A",)
        assert log.candidates(g(9, 1), 1) == ("C",)
        assert log.candidates((2**63 - 1,), 5) == ()
        assert log.candidates(g(*range(50_000)), 9)[0] == "A"

    def test_what_a_reader_sees_is_of_one_moment(self, place: LogPlace) -> None:
        """A head of size n comes with n entries, while others write."""
        log, seen = place.open(), []
        done = threading.Event()

        def read() -> None:
            mine = place.open(writable=False)
            while not done.is_set():
                size = mine.head().size
                seen.append((size, sum(1 for _ in mine.entries(0, size))))

        fill(log, 1)
        with ThreadPoolExecutor(2) as pool:
            reading = [pool.submit(read) for _ in range(2)]
            fill(log, 60)
            done.set()
        assert [each.result() for each in reading] == [None, None]
        assert seen
        assert all(size == count for size, count in seen)

    def test_two_threads_never_write_the_same_place(self, place: LogPlace) -> None:
        with ThreadPoolExecutor(4) as pool:
            shares = list(pool.map(lambda name: write_until(place, 60, name), "abcd"))
        log = place.open()
        assert sum(shares) == log.head().size == 60
        require_one_log(log)

    def test_one_store_serves_several_threads(self, place: LogPlace) -> None:
        log = place.open()
        fill(log, 20)
        with ThreadPoolExecutor(4) as pool:
            heads = list(pool.map(lambda _: everything(log), range(8)))
        assert all(each == everything(log) for each in heads)

    def test_two_processes_never_write_the_same_place(self, place: LogPlace) -> None:
        place.open().head()
        pipes = [PROCESSES.Pipe(duplex=False) for _ in range(2)]
        writers = [
            PROCESSES.Process(target=_write_in_process, args=(place, 50, f"p{n}", pipe[1]))
            for n, pipe in enumerate(pipes)
        ]
        for each in writers:
            each.start()
        shares = [pipe[0].recv() for pipe in pipes]
        for each in writers:
            each.join()
        log = place.open()
        assert sum(shares) == log.head().size == 50
        require_one_log(log)

    def test_a_reader_cannot_write(self, place: LogPlace) -> None:
        log = place.open()
        fill(log, 2)
        before = everything(log)
        reader = place.open(writable=False)
        assert everything(reader) == before
        with pytest.raises(OutsideFailed) as failed:
            append(reader, addition(log, 2))
        assert failed.value.hint
        assert everything(place.open()) == before
        fill(log, 3)
        assert reader.head().size == 3


def log_subtrees(log: LogStore) -> tuple[tuple[int, int, bytes], ...]:
    """Hashes that stand on the log already, so they cannot be written a second time."""
    return ((0, 9, b"n" * 32), (0, 0, log.subtree(0, 0)))


def require_one_log(log: LogStore) -> None:
    """Every entry is there once, in its place, and the tree over them is theirs."""
    hashes: dict[tuple[int, int], bytes] = {}
    stored = list(log.entries(0, log.head().size))
    assert [each.index for each in stored] == list(range(log.head().size))
    for each in stored:
        leaf = merkle.leaf_hash(each.raw)
        for level, n, value in merkle.added(each.index, leaf, lambda a, b: hashes[a, b]):
            hashes[level, n] = value
            assert log.subtree(level, n) == value


# --- the office's file -----------------------------------------------------------------------


def _hold_until_killed(place: OfficePlace, ready: Connection) -> None:
    with place.open().writing():
        ready.send("held")
        signal.pause()


def _count(place: OfficePlace, path: str, times: int) -> None:
    """Read, add one, write: a number goes missing where two are in it at once."""
    store = place.open()
    for _ in range(times):
        with store.writing():
            with open(path) as file:  # noqa: PTH123 - as plain as can be
                number = int(file.read())
            with open(path, "w") as file:  # noqa: PTH123
                file.write(str(number + 1))


def nothing_named(_digest: bytes) -> int | None:
    return None


def named(*digests: bytes) -> Callable[[bytes], int | None]:
    return lambda digest: digests.index(digest) if digest in digests else None


class OfficeStoreContract:
    def test_what_was_put_is_there_in_a_new_connection(self, place: OfficePlace) -> None:
        store = place.open()
        store.put(b"1" * 32, b"document", "L", "", [text("L", 1, 1, 2)])
        other = place.open()
        assert other.document(b"1" * 32) == b"document"
        assert other.wordings(("L",)) == (text("L"),)
        assert other.candidates(g(1, 2), 5) == ("L",)
        assert other.document(b"2" * 32) is None
        assert other.wordings(("M",)) == other.wordings(()) == ()

    def test_settle_drops_what_no_entry_names(self, place: OfficePlace) -> None:
        """After a crash before the log's append: nobody was answered, so nobody knows of it."""
        store = place.open()
        store.put(b"1" * 32, b"document", "L", "", [text("L", 1, 1, 2)])
        store.settle(nothing_named)
        for each in (store, place.open()):
            assert each.document(b"1" * 32) is None
            assert each.wordings(("L",)) == ()
            assert each.candidates(g(1, 2), 5) == ()

    def test_settle_keeps_what_an_entry_names_for_good(self, place: OfficePlace) -> None:
        store = place.open()
        store.put(b"1" * 32, b"document", "L", "", [text("L", 1, 1, 2)])
        store.settle(named(b"1" * 32))
        store.settle(nothing_named)  # settled once is settled
        store = place.open()
        assert store.document(b"1" * 32) == b"document"
        assert store.wordings(("L",)) == (text("L"),)
        assert store.candidates(g(1, 2), 5) == ("L",)

    def test_settle_drops_one_version_and_keeps_the_others(self, place: OfficePlace) -> None:
        store = place.open()
        store.put(b"1" * 32, b"one", "L", "", [text("L", 1, 1, 2)])
        store.settle(named(b"1" * 32))
        store.put(b"2" * 32, b"two", "L", "", [text("L", 2, 1, 3)])
        store.settle(named(b"1" * 32))
        assert store.wordings(("L",)) == (text("L", 1),)
        assert store.candidates(g(1, 2), 5) == ("L",)
        # And its number is free again, for other words.
        store.put(b"3" * 32, b"two again", "L", "", [text("L", 2, 1, 4, words="other words")])
        assert [each.text for each in store.wordings(("L",))] == ["L 1", "other words"]

    def test_settle_keeps_a_text_that_another_letter_has_too(self, place: OfficePlace) -> None:
        store = place.open()
        store.put(b"1" * 32, b"one", "L", "", [text("L", 1, 1, 2, words="the same")])
        store.settle(named(b"1" * 32))
        store.put(b"2" * 32, b"two", "L", "", [text("M", 1, 1, 2, words="the same")])
        store.settle(named(b"1" * 32))
        assert [each.text for each in store.wordings(("L", "M"))] == ["the same"]
        assert store.candidates(g(1, 2), 5) == ("L",)

    def test_a_document_put_twice_is_one(self, place: OfficePlace) -> None:
        store = place.open()
        for _ in range(2):
            store.put(b"1" * 32, b"document", "L", "", [text("L", 1, 1)])
        store.settle(named(b"1" * 32))
        assert store.document(b"1" * 32) == b"document"
        assert store.wordings(("L",)) == (text("L"),)

    def test_what_fails_halfway_is_not_there(self, place: OfficePlace) -> None:
        store = place.open()
        texts = [text("L", 1, 1), text("M", 1, UNWRITABLE)]
        with pytest.raises(OutsideFailed):
            store.put(b"1" * 32, b"document", "L", "", texts)
        for each in (store, place.open()):
            assert each.document(b"1" * 32) is None
            assert each.wordings(("L", "M")) == ()
            assert each.candidates(g(1), 5) == ()

    def test_a_settling_that_fails_changes_nothing(self, place: OfficePlace) -> None:
        """The log could not be asked; then nothing is dropped."""
        store = place.open()
        store.put(b"1" * 32, b"one", "L", "", [text("L", 1, 1)])
        store.put(b"2" * 32, b"two", "L", "", [text("M", 1, 2)])

        def fails(_digest: bytes) -> int | None:
            if store.document(b"1" * 32) is None:
                raise OutsideFailed("the log is gone")
            return None

        with pytest.raises(OutsideFailed):
            store.settle(fails)
        assert place.open().wordings(("L", "M")) == (text("L"), text("M"))

    def test_one_writes_at_a_time_among_threads(self, place: OfficePlace, tmp_path: Any) -> None:
        counter = tmp_path / "counter"
        counter.write_text("0")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: _count(place, str(counter), 25), range(4)))
        assert counter.read_text() == "100"

    def test_one_writes_at_a_time_among_processes(self, place: OfficePlace, tmp_path: Any) -> None:
        counter = tmp_path / "counter"
        counter.write_text("0")
        writers = [
            PROCESSES.Process(target=_count, args=(place, str(counter), 50)) for _ in range(2)
        ]
        for each in writers:
            each.start()
        for each in writers:
            each.join()
        assert counter.read_text() == "100"

    def test_a_killed_writer_lets_go(self, place: OfficePlace) -> None:
        """However it dies: the next one writes at once."""
        ours, theirs = PROCESSES.Pipe(duplex=False)
        holder = PROCESSES.Process(target=_hold_until_killed, args=(place, theirs))
        holder.start()
        assert ours.recv() == "held"
        waiting = threading.Event()
        written = threading.Event()

        def write() -> None:
            waiting.set()
            with place.open().writing():
                written.set()

        thread = threading.Thread(target=write)
        thread.start()
        waiting.wait()
        assert not written.wait(0.2)
        os.kill(holder.pid or 0, signal.SIGKILL)
        assert written.wait(10)
        thread.join()
        holder.join()
