"""The index of words beside a store: quick, never behind, and made anew from the texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from tests.store.contract import addition, append

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.text_index import used
from vidimus.adapters.words import keeping
from vidimus.adapters.words.segment_files import SegmentFiles
from vidimus.core.copies.fingerprints import kept
from vidimus.errors import OutsideFailed
from vidimus.operations.ports import IndexedText

SEAL = 4


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteLog:
    monkeypatch.setattr(SqliteLog, "seal", SEAL)
    return SqliteLog(tmp_path / "log.sqlite", create=True)


def words(number: int) -> str:
    """Texts of which no two share more than a beginning."""
    own = " ".join(
        f"{number * 31 + at} barrels for quay {number} by {number + at}" for at in range(9)
    )
    return f"To the keepers of the harbour: {own}."


def register(log: SqliteLog, first: int, last: int) -> None:
    for number in range(first, last):
        index, text = log.head().size, words(number)
        each = IndexedText(f"L{number}", 1, "en", text, kept(text), index)
        append(log, addition(log, index, texts=[each]))


def found(log: SqliteLog, last: int) -> None:
    """Each of these texts is found first, and leads nowhere but to itself."""
    for number in range(last):
        assert log.candidates(kept(words(number)), 3)[0] == f"L{number}"
        assert log.unindexed(f"L{number}", kept(words(number))) == 0


def test_whatever_was_registered_is_found_at_once(log: SqliteLog) -> None:
    """In the transaction that registers it, however the index is put in order behind it."""
    other = SqliteLog(log.segments.folder.with_suffix(".sqlite"), writable=False)
    for number in range(SEAL * keeping.FAN + 3):
        register(log, number, number + 1)
        for each in (log, other):
            assert each.candidates(kept(words(number)), 3)[0] == f"L{number}"
    size = other.index_size()
    assert (size.texts, size.recent, size.parts) == (SEAL * keeping.FAN + 3, 3, 1)
    found(other, SEAL * keeping.FAN + 3)


def test_a_letter_that_was_revised_is_found_by_all_its_wordings(log: SqliteLog) -> None:
    register(log, 0, SEAL)
    index, text = log.head().size, words(90)
    append(log, addition(log, index, texts=[IndexedText("L1", 2, "en", text, kept(text), index)]))
    register(log, SEAL, 2 * SEAL + 2)
    assert log.candidates(kept(text), 1)[0] == log.candidates(kept(words(1)), 1)[0] == "L1"
    assert [each.version for each in log.latest(("L1", "L0"))] == [1, 2]


def test_it_is_made_anew_from_the_texts(log: SqliteLog) -> None:
    """Whatever became of its files; the texts are all that it needs."""
    register(log, 0, 3 * SEAL + 2)
    for file in log.segments.folder.iterdir():
        file.unlink()
    again = SqliteLog(log.segments.folder.with_suffix(".sqlite"))
    with pytest.raises(OutsideFailed) as lost:
        again.candidates(kept(words(0)), 3)
    assert "vidimus index rebuild" in lost.value.hint
    seen: list[float | None] = []
    assert again.rebuild(lambda _what, share: seen.append(share)) == 3 * SEAL + 2
    assert seen and again.index_size().parts == 1
    found(again, 3 * SEAL + 2)
    register(again, 3 * SEAL + 2, 5 * SEAL)
    found(again, 5 * SEAL)


def test_what_is_made_anew_is_what_was_there(log: SqliteLog) -> None:
    """Each text has the grams under which it was registered, in whatever letters it is written."""
    texts = [words(number) for number in range(9 * SEAL - 2)]  # so that none is recent
    assert len(texts) > keeping.BATCH
    texts[2::5] = [f"{text} – à la carte, سوف تغادر القوات البلاد" for text in texts[2::5]]
    for number, text in enumerate([*texts, "", "½ Σίσυφος ΣΙΣΥΦΟΣ, a fifth of the barrels"]):
        each = IndexedText(f"L{number}", 1, "en", text, kept(text), log.head().size)
        append(log, addition(log, each.since, texts=[each]))
    before = log.segments.merge(parts(log))
    log.rebuild()
    assert parts(log) == [before]


def parts(log: SqliteLog) -> list[str]:
    with log._file.read() as connection:
        return list(used(connection))


def test_a_text_that_is_not_the_one_that_was_written_is_not_indexed(log: SqliteLog) -> None:
    register(log, 0, SEAL)
    for text in (b"another", b"\xff"):
        with log._file.write() as connection:
            connection.execute("UPDATE wordings SET text = CAST(? AS TEXT) WHERE seq = 2", (text,))
        with pytest.raises(OutsideFailed):
            log.rebuild()
    with log._file.write() as connection:
        connection.execute("UPDATE wordings SET sha = ? WHERE seq = 2", (sha256(b"\xff").digest(),))
    with pytest.raises(OutsideFailed):
        log.rebuild()


def test_a_rebuild_goes_on_where_it_was_interrupted(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is under way, and after it ended halfway, everything is found as before."""
    monkeypatch.setattr(keeping, "RANGE", SEAL)
    register(log, 0, 5 * SEAL)

    class Enough(Exception):
        pass

    def ending(after: int) -> Callable[[str, float | None], None]:
        said: list[str] = []

        def progress(what: str, _share: float | None) -> None:
            said.append(what)
            found(log, 2)
            if len(said) > after:
                raise Enough

        return progress

    with pytest.raises(Enough):
        log.rebuild(ending(2))
    found(log, 5 * SEAL)
    register(log, 5 * SEAL, 6 * SEAL + 1)  # others go on meanwhile
    seen: list[float] = []
    log.rebuild(lambda _what, share: None if share is None else seen.append(share))
    assert seen[0] == pytest.approx(2 * SEAL / (6 * SEAL + 1))
    assert log.index_size().parts == 1 and log.index_size().recent == 0
    found(log, 6 * SEAL + 1)
    # The parts that were asked until now stay until the next ones are made.
    assert len(list(log.segments.folder.iterdir())) == 1 + 6
    register(log, 6 * SEAL + 1, 7 * SEAL + 1)
    assert len(list(log.segments.folder.iterdir())) == 2


def test_a_file_that_a_crash_left_half_written_is_in_nobodys_way(log: SqliteLog) -> None:
    log.segments.folder.mkdir()
    (log.segments.folder / "new-abc").mkdir()
    (log.segments.folder / "new-abc" / "0").write_bytes(b"half")
    (log.segments.folder / ("0" * 64 + ".words")).write_bytes(b"made, and never named")
    register(log, 0, SEAL)
    found(log, SEAL)
    assert len(list(log.segments.folder.iterdir())) == 1


def test_what_cannot_be_put_in_order_can_still_be_found(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the act is on the log, and nobody hears that it failed."""

    def full(*_: object) -> str:
        raise OutsideFailed("no room", hint="make room")

    with monkeypatch.context() as broken:
        broken.setattr(SegmentFiles, "write", full)
        register(log, 0, 2 * SEAL)
    assert log.index_size().recent == 2 * SEAL
    found(log, 2 * SEAL)
    register(log, 2 * SEAL, 2 * SEAL + 1)
    assert log.index_size().recent == 0


def test_a_segment_under_a_strange_name_is_damage(log: SqliteLog) -> None:
    register(log, 0, SEAL)
    with sqlite3.connect(log.segments.folder.with_suffix(".sqlite")) as file:
        file.execute("UPDATE segments SET name = '../../elsewhere'")
    file.close()
    with pytest.raises(OutsideFailed, match="impossible name"):
        log.candidates(kept(words(0)), 3)
