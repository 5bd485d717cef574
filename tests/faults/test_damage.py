"""What lies on the disk is damaged: nobody writes on it, and nobody is blamed for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.faults import beside
from tests.faults.doors import ROOMY
from tests.faults.parts import close, copied, released, reopened
from tests.operations.ministry import OTHER, Ministry
from tests.service.door import Door, opened, told
from tests.web.client import TestClient

from vidimus import wiring
from vidimus.core.acts import vocabulary as v
from vidimus.core.copies.answers import Headline
from vidimus.errors import Damaged, OutsideFailed, VerificationFailed, VidimusError
from vidimus.web.app import create_app
from vidimus.wiring.service import public_face_of

PLAIN = {"content-type": "text/plain; charset=utf-8"}


@pytest.fixture
def m(base: Ministry, tmp_path: Path) -> Iterator[Ministry]:
    made = copied(base, tmp_path / "registry")
    yield made
    close(made)


def sql(m: Ministry, statement: str) -> None:
    with closing(sqlite3.connect(wiring.Folder(m.folder).log)) as file, file:
        assert file.execute(statement).rowcount


def held(door: Door) -> tuple[bytes, bytes]:
    return door.signed("cleo", v.Hold(released(door.m)[0], "We are looking at it."))


SPOILT = {
    "a hash at the edge of the tree": (
        "UPDATE subtrees SET hash = zeroblob(32) WHERE level || ' ' || n ="
        " (SELECT level || ' ' || n FROM subtrees ORDER BY level DESC LIMIT 1)"
    ),
    "no hash at the edge": (
        "DELETE FROM subtrees WHERE level || ' ' || n ="
        " (SELECT level || ' ' || n FROM subtrees ORDER BY level DESC LIMIT 1)"
    ),
    "the checkpoint": "UPDATE head SET checkpoint = replace(checkpoint, '=', 'A')",
    "the size": "UPDATE head SET size = size - 1",
    "the time of the last entry": "UPDATE entries SET time = time + 4096",
    "an earlier time": "UPDATE entries SET time = time - 4096",
    "an act on authority": (
        "UPDATE entries SET document = CAST(document || x'20' AS BLOB) WHERE idx = 4"
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_nobody_writes_on_a_log_that_does_not_hold(m: Ministry, name: str) -> None:
    """One wrong hash, and the next head would be the beginning of a second history.

    The office has forgotten what it saw last, as after a crash, and cannot notice by that.
    """
    size = m.registry.log.head().size
    with closing(sqlite3.connect(wiring.Folder(m.folder).office)) as file, file:
        file.execute("DELETE FROM remembered")
    sql(m, SPOILT[name])
    with pytest.raises(VidimusError) as refused:
        reopened(m, m.folder).draft(f"{OTHER} Another.")
    assert refused.value.exit_status == 3
    assert "restore" in refused.value.hint
    with closing(sqlite3.connect(wiring.Folder(m.folder).log)) as file:
        assert file.execute("SELECT count(*) FROM entries").fetchone() == (size,)
    with pytest.raises(VidimusError):
        wiring.verify_log(m.folder, True)


def test_who_registers_is_not_blamed_for_our_damage(m: Ministry) -> None:
    """503 and what to do, and not that the statement was refused; mended, it is registered."""
    letter = released(m)[0]
    with opened(m, ROOMY) as door:
        act, size = held(door), m.registry.log.head().size
        m.registry._foldings.clear()
        where = f"document = CAST(document AS BLOB) AND subject = '{letter}'"
        sql(m, f"UPDATE entries SET document = CAST(document || x'20' AS BLOB) WHERE {where}")
        answer = door.post(*act)
        title, detail = told(answer)
        assert (answer.status_code, title) == (503, "Service Unavailable")
        assert "does not verify" in detail and "restore" in detail
        # Other letters are none the worse for it.
        other = door.signed("cleo", v.Hold(released_but(m, letter), "Another one."))
        assert door.registers(*other).index == size
        sql(m, "UPDATE entries SET document = CAST(rtrim(CAST(document AS TEXT)) AS BLOB)"
            f" WHERE {where}")  # fmt: skip
        assert door.registers(*act).index == size + 1
    m.verify()


def released_but(m: Ministry, letter: str) -> str:
    """Another letter, by what the log itself has under its name."""
    with closing(sqlite3.connect(wiring.Folder(m.folder).log)) as file:
        query = "SELECT subject FROM entries WHERE length(subject) = 16 AND subject <> ?"
        return str(file.execute(query, (letter,)).fetchone()[0])


def test_what_was_learned_is_not_learned_twice(m: Ministry) -> None:
    """A look that failed halfway, on a disk that then came back, goes on where it was."""
    other = reopened(m, m.folder)
    m.do("ada", "end", person="fay", office="ministry/press")
    m.do("ada", "cover", office="ministry", cls="paper")
    with closing(sqlite3.connect(wiring.Folder(m.folder).log)) as file, file:
        kept = file.execute("SELECT * FROM subtrees").fetchall()
    sql(m, "DELETE FROM subtrees")
    for _ in range(2):
        with pytest.raises(Damaged):
            other.registry.catch_up()
    with closing(sqlite3.connect(wiring.Folder(m.folder).log)) as file, file:
        file.executemany("INSERT INTO subtrees VALUES (?, ?, ?)", kept)
    other.draft(f"{OTHER} Another.")
    assert other.registry.history.refused == ()
    other.verify()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE wordings SET text = text || '.'",
        "UPDATE wordings SET sha = zeroblob(32) WHERE text LIKE '%pier 1%'",
        "UPDATE wordings SET sha = zeroblob(32) WHERE version = 1",
        "UPDATE letters SET id = id || 'X'",
        "DELETE FROM letters WHERE num = 2",
        "DELETE FROM wordings",
    ],
)
def test_a_damaged_text_accuses_nobody(m: Ministry, change: str) -> None:
    """Of a text that is lost, a good copy looked like an alteration of the one beside it."""
    genuine = f"{OTHER} Copy for pier 1."
    assert m.check(genuine).headline is Headline.STANDS
    sql(m, change)
    with pytest.raises((OutsideFailed, VerificationFailed)) as refused:
        m.check(genuine)
    assert "backup" in refused.value.hint
    with pytest.raises(VidimusError):
        wiring.verify_log(m.folder, True)


def test_a_time_noted_beside_an_entry_moves_no_act(m: Ministry) -> None:
    """Asked as of a moment, the desk goes by what the entries say."""
    letter = released(m)[0]
    genuine = next(each.text for each in m.registry.log.wordings((letter,)))
    m.do("ben", "withdraw", letter=letter)
    now = m.clock.now()
    assert m.check(genuine, at=now).headline is Headline.WITHDRAWN
    sql(m, f"UPDATE entries SET time = time + 86400 WHERE idx = {m.said[-1].index}")
    assert m.check(genuine, at=now).headline is Headline.WITHDRAWN
    with pytest.raises(VidimusError):
        wiring.verify_log(m.folder, True)


# --- the public face ---------------------------------------------------------------------------


@pytest.fixture
def seen(m: Ministry) -> Ministry:
    """… by its witness too, and published."""
    wiring.install_witnesses(m.folder, beside.POLICY)
    found = beside.asking(m.folder, m.registry.log).round()
    assert found is not None and found.witnessed.met
    wiring.publish(m.folder)
    return m


def test_a_damaged_head_is_shown_to_nobody(seen: Ministry) -> None:
    """Not by the log's server, not by the public pages, not by the command line."""
    with opened(seen, ROOMY) as door:
        good = door.client.get("/checkpoint").text
        assert good == seen.desk.checkpoint() != seen.registry.log.head().checkpoint
        sql(seen, "UPDATE head SET checkpoint = replace(checkpoint, '— ', '— x')")
        answer = door.client.get("/checkpoint")
        assert answer.status_code == 503
        assert "restore" in told(answer)[1]
    for asked in (seen.desk.checkpoint, lambda: seen.desk.proof(3), lambda: seen.desk.entry(3)):
        with pytest.raises(VidimusError) as refused:
            asked()
        assert "restore" in refused.value.hint


@pytest.mark.parametrize(
    "change",
    [
        "substr(checkpoint, 1, length(checkpoint) - 9) || 'AAAAAAAA' || char(10)",
        "replace(checkpoint, 'witness.', 'wytness.')",
        "substr(checkpoint, 1, length(checkpoint) - 4)",
        "replace(checkpoint, 'letters.', 'litters.')",
    ],
)
def test_a_damaged_word_of_a_witness_is_left_away(seen: Ministry, change: str) -> None:
    """The head is shown as the log signed it; nobody waits for a word that was damaged here."""
    sql(seen, f"UPDATE witnessed SET checkpoint = {change}")
    plain = seen.registry.log.head().checkpoint
    with opened(seen, ROOMY) as door:
        assert door.client.get("/checkpoint").text == plain
    assert seen.desk.checkpoint() == plain
    wiring.publish(seen.folder)
    assert (wiring.public_face(seen.folder) / "checkpoint").read_text() == plain
    # And whoever asks the witness again has its word again.
    assert beside.asking(seen.folder, seen.registry.log).round() is not None


def test_pages_and_proofs_show_no_damaged_entry(seen: Ministry) -> None:
    """503 and what to do: the fault is not the reader's, and the answer is not “false”."""
    pages = create_app(seen.desk, limits=ROOMY, face=public_face_of(seen.desk))
    paths = ("/log", "/log/5", "/log/5.cose", "/log/5.json", "/log/5.tlog-proof")
    with TestClient(pages) as client:
        assert [client.get(path).status_code for path in paths] == [200] * len(paths)
        sql(seen, "UPDATE entries SET raw = substr(raw, 1, length(raw) - 1) || x'00'"
            " WHERE idx = 5")  # fmt: skip
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert "log verify" in answer.text
    with TestClient(create_app(wiring.public_desk(seen.folder), limits=ROOMY)) as client:
        checked = client.post("/check", content=OTHER.encode(), headers=PLAIN)
        assert checked.status_code == 503
        assert "headline" not in checked.json()


def test_what_met_damage_once_goes_on_when_it_is_mended(seen: Ministry) -> None:
    """Asked again and again meanwhile, the answer is the same refusal, and no defect."""
    damage = "UPDATE entries SET document = CAST(document || x'20' AS BLOB) WHERE idx = 6"
    mend = "UPDATE entries SET document = CAST(rtrim(CAST(document AS TEXT)) AS BLOB) WHERE idx = 6"
    desk = wiring.public_desk(seen.folder)
    pages = create_app(desk, limits=ROOMY, face=public_face_of(desk))
    with TestClient(pages) as client:
        sql(seen, damage)
        for _ in range(3):
            for path in ("/trust.json", "/", "/log"):
                assert client.get(path).status_code == 503, path
            # The policy of the witnesses cannot be known either: the head stands alone.
            assert client.get("/checkpoint").text == seen.registry.log.head().checkpoint
        sql(seen, mend)
        for path in ("/trust.json", "/", "/log"):
            assert client.get(path).status_code == 200, path
        assert client.get("/checkpoint").text != seen.registry.log.head().checkpoint


def test_an_index_that_hides_an_act_deceives_not_the_office_either(m: Ministry) -> None:
    """Its own desk finds letters by the store's index. What it shows was read from the entries,
    or it shows nothing: a letter that was taken back must not stand inside either."""
    letter = released(m)[0]
    genuine = next(each.text for each in m.registry.log.wordings((letter,)))
    m.do("ben", "withdraw", letter=letter)
    other = reopened(m, m.folder)
    assert other.staff.check((genuine.encode(),)).answer.headline is Headline.WITHDRAWN
    for damage in (
        f"UPDATE places SET subject = '{'A' * 16}'",
        f"UPDATE entries SET subject = '{'A' * 16}'",
        "UPDATE entries SET subject = 'authority'",
        "UPDATE places SET subject = 'authority'",
        "DELETE FROM places",
    ):
        sql(m, f"{damage} WHERE idx = {m.said[-1].index}")
        with pytest.raises(VerificationFailed):
            reopened(m, m.folder).staff.check((genuine.encode(),))
        with pytest.raises(VerificationFailed):
            list(reopened(m, m.folder).registry.letters())


def test_a_log_that_lost_what_was_published_answers_nobody(m: Ministry, tmp_path: Path) -> None:
    """It holds in itself, as it did a week ago; and the letter that was taken back would stand."""
    letter = released(m)[0]
    genuine = next(each.text for each in m.registry.log.wordings((letter,)))
    close(m)
    path = wiring.Folder(m.folder).log
    older = path.read_bytes()
    m = reopened(m, m.folder)
    m.do("ben", "withdraw", letter=letter)
    wiring.publish(m.folder)
    assert m.check(genuine).headline is Headline.WITHDRAWN
    close(m)
    for content in (older, b""):
        if content:
            path.write_bytes(content)
        else:
            sql(m, "UPDATE head SET size = 0, checkpoint = ''")
        with pytest.raises(VerificationFailed) as refused:
            wiring.public_desk(m.folder).check((genuine.encode(),))
        assert "were published" in refused.value.fact and "put the newest" in refused.value.hint
    # A published file that is damaged is no reason to answer nobody.
    path.write_bytes(older)
    (wiring.public_face(m.folder) / "checkpoint").write_bytes(b"?")
    assert wiring.public_desk(m.folder).check((genuine.encode(),)).answer.headline
    with pytest.raises(VerificationFailed):
        wiring.verify_log(m.folder, True)


def test_a_schema_that_is_no_text_is_damage(m: Ministry) -> None:
    """A name in it that is no UTF-8 comes up where Python reads the names of columns."""
    close(m)
    path = wiring.Folder(m.folder).log
    path.write_bytes(
        path.read_bytes().replace(b"checkpoint TEXT NOT NULL", b"checkpo\xf4nt TEXT NOT NULL")
    )
    for asked in (
        lambda: wiring.verify_log(m.folder, True),
        lambda: wiring.public_desk(m.folder).checkpoint(),
        lambda: reopened(m, m.folder),
    ):
        with pytest.raises(OutsideFailed):
            asked()
