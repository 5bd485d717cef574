"""`log verify` finds whatever was changed, wherever it was changed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.operations.ministry import OTHER, TEXT, Ministry, build

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.acts import entries, standing
from vidimus.core.acts.kinds import Reason
from vidimus.core.copies.answers import Headline
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.seal import statement
from vidimus.errors import OutsideFailed, VerificationFailed, VidimusError
from vidimus.operations import admission
from vidimus.operations import verify as verifying
from vidimus.operations.story import read as read_story

EXAMPLE = Path(verifying.__file__).parents[1] / "example"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped example, played once."""
    folder = tmp_path_factory.mktemp("example") / "registry"
    story = read_story((EXAMPLE / "story.yaml").read_bytes())
    wiring.play(story, EXAMPLE, folder)
    return folder


@pytest.fixture
def folder(example: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(example, tmp_path / "registry"))


def sql(path: Path, *statements: str, **values: Any) -> list[Any]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        rows: list[Any] = []
        for each in statements:
            rows = connection.execute(each, values).fetchall()
        return rows
    finally:
        connection.close()


def found(folder: Path, *, outside: bool | None = None) -> VidimusError:
    """What verify says; from inside and from outside, unless only one can see it."""
    said: VidimusError | None = None
    for each in (False, True) if outside is None else (outside,):
        with pytest.raises((VerificationFailed, OutsideFailed)) as error:
            wiring.verify_log(folder, each)
        said = error.value
    assert said is not None
    return said


def flipped(value: Any, bit: int) -> Any:
    """The value with one bit another way."""
    if isinstance(value, int):
        return value ^ (1 << bit % 40)
    if not value:
        return "authority"
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    place = bit % (len(raw) * 7)
    raw[place // 7] ^= 1 << place % 7
    return raw.decode(errors="replace") if isinstance(value, str) else bytes(raw)


def columns() -> Iterator[Any]:
    for column in ("raw", "document", "digest", "time", "subject", "idx"):
        for entry in (0, 5, 20, 31):
            # An index moves to where no other row stands.
            for bit in (7, 29, 33) if column == "idx" else (0, 29, 1234):
                yield pytest.param("entries", column, entry, bit, id=f"{column}-{entry}-{bit}")
    for row in (0, 7, 40):
        for bit in (0, 100):
            yield pytest.param("subtrees", "hash", row, bit, id=f"hash-{row}-{bit}")
    for column in ("size", "checkpoint"):
        for bit in (0, 3, 500, 700):
            yield pytest.param("head", column, 0, bit, id=f"head-{column}-{bit}")
    for row in range(5):
        for table, column in (
            *(("wordings", "text"), ("wordings", "sha"), ("wordings", "num")),
            *(("wordings", "version"), ("wordings", "language"), ("wordings", "since")),
            *(("wordings", "name"), ("recent", "grams"), ("recent", "num")),
        ):
            yield pytest.param(table, column, row, 17 * row, id=f"{table}-{column}-{row}")


KEYS = {
    "entries": "idx",
    "subtrees": "level || ' ' || n",
    "head": "one",
    "wordings": "seq",
    "recent": "seq",
}


@pytest.mark.parametrize(("table", "column", "row", "bit"), list(columns()))
def test_a_flipped_bit_in_any_stored_column_is_found(
    folder: Path, table: str, column: str, row: int, bit: int
) -> None:
    """Issue: rebuilds everything from the entries and compares."""
    path = wiring.Folder(folder).log
    key = KEYS[table]
    stored = sql(path, f"SELECT {key}, {column} FROM {table} ORDER BY 1 LIMIT 1 OFFSET {row}")
    if not stored:
        raise AssertionError(f"the example has no row {row} in {table}")
    name, value = stored[0]
    if value is None:
        value = b"{}"  # a sealed entry: a document where there was none
    other = flipped(value, bit) or b"{"
    sql(path, f"UPDATE {table} SET {column}=:v WHERE {key}=:k", v=other, k=name)
    assert found(folder).fact


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET document = CAST(document AS TEXT) WHERE idx = 3",
        "UPDATE entries SET raw = CAST(raw AS TEXT) WHERE idx = 3",
        "UPDATE entries SET raw = 5 WHERE idx = 3",
        "UPDATE entries SET digest = 'x' WHERE idx = 3",
        "UPDATE entries SET time = 'noon' WHERE idx = 3",
        "UPDATE entries SET subject = x'00' WHERE idx = 3",
        "UPDATE subtrees SET hash = 32 WHERE level = 0 AND n = 3",
        "UPDATE subtrees SET hash = NULL WHERE level = 0 AND n = 3",
        "DELETE FROM subtrees WHERE level = 0 AND n = 3",
        "UPDATE head SET size = 'many'",
        "UPDATE head SET size = -1",
        "UPDATE head SET checkpoint = x'00'",
        "DELETE FROM head",
        "UPDATE wordings SET text = x'ff'",
        "UPDATE wordings SET text = 5",
        "UPDATE wordings SET name = 'x'",
        "UPDATE recent SET grams = 'x'",
        "UPDATE recent SET grams = x'00'",
        "INSERT INTO segments VALUES ('../log', 'used', 1, 1)",
        "INSERT INTO segments VALUES (hex(zeroblob(32)), 'used', 1, 1)",
        "UPDATE wordings SET since = 'never'",
        "UPDATE wordings SET version = 'one'",
        "DELETE FROM wordings",
        "DELETE FROM recent",
        "DROP TABLE wordings",
        "DROP TABLE subtrees",
    ],
)
def test_a_value_of_another_type_is_damage(folder: Path, change: str) -> None:
    """SQLite keeps any type in any column; it ends in an error, and never in a traceback."""
    try:
        sql(wiring.Folder(folder).log, change)
    except sqlite3.IntegrityError:
        return  # not even SQLite takes it
    assert found(folder).fact
    text = (EXAMPLE / "rota.txt").read_bytes()
    try:
        answer = wiring.public_desk(folder).check((text,)).answer
    except VidimusError:
        return
    # What is damaged was not needed for this answer, or the text is not found any more.
    assert answer.headline in (Headline.STANDS, Headline.NOT_RELEASED)


def test_the_example_holds(folder: Path) -> None:
    assert wiring.verify_log(folder, False).opened == wiring.verify_log(folder, False).sealed > 0
    assert wiring.verify_log(folder, True).opened == 0


@pytest.mark.parametrize("entry", [0, 5, 21, 31])
def test_a_deleted_entry_is_found(folder: Path, entry: int) -> None:
    sql(wiring.Folder(folder).log, "DELETE FROM entries WHERE idx=:e", e=entry)
    assert "entr" in found(folder).fact


def test_a_log_cut_back_to_nothing_is_not_an_empty_log(folder: Path) -> None:
    sql(wiring.Folder(folder).log, "UPDATE head SET size=0, checkpoint=''")
    assert "holds more" in found(folder).fact


def test_a_head_of_an_earlier_day_is_found(folder: Path) -> None:
    """Cut back to an earlier checkpoint that we did sign; the entries after it are still there."""
    path = wiring.Folder(folder).log
    registry = wiring.office(folder, no_passphrase)
    checkpoint = Checkpoint(registry.settings.origin, 20, merkle.root(20, registry.log.subtree))
    earlier = sign_checkpoint(checkpoint, registry.log_signer)
    sql(path, "UPDATE head SET size=20, checkpoint=:c", c=earlier)
    assert "holds more" in found(folder).fact


def no_passphrase(_name: str) -> bytes:
    raise AssertionError


def test_an_act_that_the_index_hides_is_found(folder: Path) -> None:
    """A withdrawal that nobody looks up would let a fallen letter stand."""
    path = wiring.Folder(folder).log
    (index,) = sql(
        path, "SELECT max(idx) FROM entries WHERE CAST(document AS TEXT) LIKE '%\"correct\"%'"
    )[0]
    sql(path, "UPDATE entries SET subject='' WHERE idx=:i", i=index)
    assert "filed" in found(folder).fact


@pytest.mark.parametrize("outside", [True, False])
def test_a_sealed_document_in_the_public_file_is_found(folder: Path, outside: bool) -> None:
    path = wiring.Folder(folder).log
    office = wiring.Folder(folder).office
    index, digest = sql(path, "SELECT idx, digest FROM entries WHERE subject='' LIMIT 1")[0]
    document = sql(office, "SELECT document FROM documents WHERE digest=:d", d=digest)[0][0]
    sql(path, "UPDATE entries SET document=:d WHERE idx=:i", d=document, i=index)
    assert "lies open" in found(folder, outside=outside).fact


def test_a_sealed_document_that_is_lost_or_exchanged_is_found(folder: Path) -> None:
    """From inside; outside nobody can open it."""
    office = wiring.Folder(folder).office
    one, two = (each[0] for each in sql(office, "SELECT digest FROM documents LIMIT 2"))
    other = sql(office, "SELECT document FROM documents WHERE digest=:d", d=two)[0][0]
    sql(office, "UPDATE documents SET document=:o WHERE digest=:d", o=other, d=one)
    assert "not the one it names" in found(folder, outside=False).fact
    sql(office, "DELETE FROM documents WHERE digest=:d", d=one)
    assert "missing" in found(folder, outside=False).fact
    office.unlink()
    assert "office.sqlite" in found(folder, outside=False).fact
    assert wiring.verify_log(folder, True).size == 32
    # A mirror of the public folder alone has no office, and says so by what it opened.
    shutil.rmtree(folder / "office")
    assert wiring.verify_log(folder, False).opened == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("log_key", "letters.coasts.example/exercise+00000000+" + "A" * 44),
        ("origin", "letters.other.example/exercise"),
    ],
)
def test_settings_that_are_not_those_of_the_founding_are_found(
    folder: Path, field: str, value: str
) -> None:
    path = wiring.Folder(folder).settings
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(settings | {field: value}))
    with pytest.raises(VidimusError):
        wiring.verify_log(folder, True)


def test_an_exercise_cannot_be_made_live_beside_its_log(folder: Path) -> None:
    """Its name says so, and its name is signed."""
    path = wiring.Folder(folder).settings
    settings = json.loads(path.read_text())
    for change in ({"mode": "live"}, {"origin": "letters.coasts.example"}):
        path.write_text(json.dumps(settings | change))
        with pytest.raises(VidimusError) as error:
            wiring.settings(folder)
        assert "exercise" in error.value.fact


# --- what somebody with all the registry's keys could try ----------------------------------


class Forger:
    """Has the log's key, the sealing key and everybody's keys, and writes past the rules."""

    def __init__(self, m: Ministry) -> None:
        self.m = m
        self.path = wiring.Folder(m.folder).log

    def exchange(self, index: int, raw: bytes, document: bytes | None, digest: bytes) -> None:
        sql(
            self.path,
            "UPDATE entries SET raw=:r, document=:d, digest=:g WHERE idx=:i",
            r=raw,
            d=document,
            g=digest,
            i=index,
        )
        self.resign()

    def resign(self) -> None:
        """A whole new tree over what lies there now, signed by the log's own key."""
        raws = [each[0] for each in sql(self.path, "SELECT raw FROM entries ORDER BY idx")]
        hashes: dict[tuple[int, int], bytes] = {}
        for index, raw in enumerate(raws):
            for level, n, value in merkle.added(
                index, merkle.leaf_hash(raw), lambda a, b: hashes[a, b]
            ):
                hashes[level, n] = value
        sql(self.path, "DELETE FROM subtrees")
        for (level, n), value in hashes.items():
            sql(self.path, "INSERT INTO subtrees VALUES (:l, :n, :h)", l=level, n=n, h=value)
        root = merkle.root(len(raws), lambda a, b: hashes[a, b])
        checkpoint = Checkpoint(self.m.registry.settings.origin, len(raws), root)
        signed = sign_checkpoint(checkpoint, self.m.registry.log_signer)
        sql(self.path, "UPDATE head SET size=:s, checkpoint=:c", s=len(raws), c=signed)

    def release_that_opens(self, index: int, document: bytes) -> int:
        """The last entry, a release, rewritten to open this document at that entry."""
        size = self.m.registry.log.head().size
        (stored,) = self.m.registry.log.entries(size - 1, size)
        assert stored.document is not None
        value = json.loads(stored.document)
        value["body"]["opens"] = [{"index": index, "document": document.decode()}]
        act = documents.read(documents._dumps(value))
        other = documents.write(act)
        raw = statement.write(
            issuer=entries.issuer_of(act),
            subject=entries.subject_of(act),
            issued_at=int(act.at.timestamp()),
            digest=documents.digest(other),
            content_type=documents.ACT_TYPE,
            signer=self.m.keys["cleo"],
        )
        self.exchange(size - 1, raw, other, documents.digest(other))
        return size - 1


def test_a_release_that_opens_something_else_is_found(tmp_path: Path) -> None:
    """What a release opens must be what the log has had at that place all along."""
    m = build(tmp_path / "registry")
    name = m.signed()
    sign = m.said[-1].index
    true = m.registry.office.document(m.registry.log.filed(sign, sign + 1)[0].digest)
    assert true is not None
    sealed = documents.read_sealed(true)
    m.do("cleo", "release", letter=name)
    # The same signature under another salt: well signed, and never committed to.
    other = documents.write_sealed(documents.Sealed(sealed.act, b"\0" * 32, sealed.statement))
    for index, document in ((sign, other), (sign - 1, true), (2, true), (999, true)):
        Forger(m).release_that_opens(index, document)
        for outside in (False, True):
            with pytest.raises(VerificationFailed):
                wiring.verify_log(m.folder, outside)
        # And nobody is told that the letter stands.
        with pytest.raises(VerificationFailed):
            wiring.public_desk(m.folder).check((TEXT.encode(),))
        with pytest.raises(VerificationFailed):
            wiring.office(m.folder, no_passphrase).letter(name)
    Forger(m).release_that_opens(sign, true)
    assert wiring.verify_log(m.folder, True).size == sign + 2


def test_an_act_that_the_rules_refuse_takes_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Well signed and well logged, by somebody without the power: it is shown, and does nothing."""
    m = build(tmp_path / "registry")
    m.released()
    with monkeypatch.context() as broken:
        broken.setattr(admission, "apply", lambda authority, letter, entry: (authority, letter))
        broken.setattr(standing, "apply", lambda authority, letter, entry: (authority, letter))
        m.do("gus", "disown", letter="MC-1", code=Reason.FORGED)
    verified = wiring.verify_log(m.folder, True)
    assert len(verified.refused) == 1
    assert "disown" in verified.refused[0]
    assert m.check().headline is Headline.STANDS


# --- the text index only finds ----------------------------------------------------------------


def test_other_words_in_the_index_never_stand(tmp_path: Path) -> None:
    """The one error we never make: whoever can write in the public file cannot change a text."""
    m = build(tmp_path / "registry")
    name = m.released()
    path = wiring.Folder(m.folder).log
    altered = TEXT.replace("will\nnot leave", "will\nleave")
    sql(path, "UPDATE wordings SET text=:t", t=altered)
    # The second time with more care: the text goes by its own name then.
    for careful in (False, True):
        if careful:
            sql(path, "UPDATE wordings SET sha=:s", s=sha256(altered.encode()).digest())
        for text in (TEXT, altered):
            with pytest.raises(VerificationFailed if careful else OutsideFailed):
                m.check(text)
        with pytest.raises(VerificationFailed if careful else OutsideFailed):
            m.desk.letter(name)
        assert ("texts kept" if careful else "a text is not the one") in found(m.folder).fact


def test_a_draft_slipped_into_the_public_index_is_found(tmp_path: Path) -> None:
    m = build(tmp_path / "registry")
    m.released()
    secret = m.draft(OTHER)
    office, path = wiring.Folder(m.folder).office, wiring.Folder(m.folder).log
    slip(path, office, secret)
    with pytest.raises(VerificationFailed):
        m.check(OTHER)


def slip(path: Path, office: Path, letter: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("ATTACH ? AS o", (str(office),))
    for each in (
        "INSERT INTO letters SELECT num+100, id FROM o.letters WHERE id=?",
        "INSERT INTO recent SELECT r.seq+100, r.num+100, r.grams FROM o.recent AS r"
        " JOIN o.letters AS l USING (num) WHERE l.id=?",
        "INSERT INTO wordings SELECT w.seq+100, w.num+100, version, language, since, sha, name,"
        " text FROM o.wordings AS w JOIN o.letters AS l USING (num) WHERE l.id=?",
    ):
        connection.execute(each, (letter,))
    connection.close()
