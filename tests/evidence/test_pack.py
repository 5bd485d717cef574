"""Packs: a register offline, as of its moment, and nothing of one that was changed."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence.cases import Cases, run
from tests.operations.ministry import OTHER, TEXT, THIRD, UNKNOWN, build, no_passphrase

from vidimus import wiring
from vidimus.adapters import key_files
from vidimus.core.copies.answers import EXIT_STATUS, Headline
from vidimus.core.evidence import pack as packs
from vidimus.core.evidence.pack import Cover, Front
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.trust import root as roots
from vidimus.errors import Conflict, FormatError, TooLarge, VidimusError


@pytest.fixture(scope="module")
def pack(cases: Cases, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("pack") / "registry.pack"
    wiring.make_pack(cases.m.folder, out, no_passphrase)
    return out.read_bytes()


@dataclass
class Parts:
    """A pack taken apart, to be put together otherwise."""

    front: Front
    body: bytes
    signer: note.Signer

    @property
    def cover(self) -> Cover:
        return packs.parse(note.parse(self.front.cover).text)

    def content(self) -> bytes:
        return bytes(self.front) + self.body

    def signed(self, **changes: Any) -> Parts:
        """With another cover, signed by the log's own key: what a lying log could make."""
        cover = replace(self.cover, **changes)
        signed = note.sign(str(cover), self.signer)
        return replace(self, front=replace(self.front, cover=signed))

    def holding(self, database: bytes, **changes: Any) -> Parts:
        body = zlib.compress(database)
        whole = {"length": len(body), "digest": sha256(body).digest(), "unpacked": len(database)}
        return replace(self, body=body).signed(**(whole | changes))

    def altered(self, change: str, folder: Path) -> Parts:
        """With another database in it, under the log's own signature."""
        path = folder / "altered.sqlite"
        path.write_bytes(zlib.decompress(self.body))
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(change)
        connection.close()
        return self.holding(path.read_bytes())


@pytest.fixture
def parts(pack: bytes, cases: Cases) -> Parts:
    at = 0

    def take(most: int) -> bytes:
        nonlocal at
        at += most
        return pack[at - most : at]

    front = packs.read(take)
    return Parts(front, pack[at:], cases.m.registry.log_signer)


def asked(content: bytes, folder: Path, text: str = OTHER, *more: str) -> tuple[int, str, str]:
    """Checked against the pack, by somebody who knows the fingerprint of the keys in it."""
    (folder / "asked.pack").write_bytes(content)
    if "--trust" not in more:
        with suppress(VidimusError):
            root = roots.read(packs.read(_taker(content)).trust)
            more = (*more, "--trust", roots.fingerprint(root))
    return run("check", "-", "--pack", str(folder / "asked.pack"), *more, stdin=text.encode())


ANSWERS = {
    OTHER: Headline.STANDS,
    OTHER[: len(OTHER) // 2]: Headline.PART_STANDS,
    TEXT: Headline.SUPERSEDED,
    THIRD: Headline.WITHDRAWN,
    OTHER.replace("eastern", "western"): Headline.ALTERED,
    UNKNOWN: Headline.NO_RECORD,
    "A draft that nobody outside may know of, and on it stand some words": Headline.NO_RECORD,
}


@pytest.mark.parametrize("text", ANSWERS)
def test_a_pack_answers_as_the_register_does(
    pack: bytes, cases: Cases, tmp_path: Path, text: str
) -> None:
    """Issue 3: answers offline, with all that the public check knows."""
    headline = ANSWERS[text]
    assert cases.m.desk.check((text.encode(),)).answer.headline is headline
    status, said, noted = asked(pack, tmp_path, text)
    assert headline.value in said.splitlines()
    assert status == EXIT_STATUS.get(headline, 1)
    assert noted == ""
    assert "this pack is of a story's time" in " ".join(said.split())


@pytest.mark.parametrize("text", ANSWERS)
def test_the_sentence_itself_says_as_of_when(
    pack: bytes, parts: Parts, tmp_path: Path, text: str
) -> None:
    """Whoever reads one sentence must not read that a letter is in force today."""
    moment = packs.datetime.fromtimestamp(parts.cover.time, packs.UTC)
    when = f"as of {moment:%Y-%m-%d %H:%M} UTC"
    said = json.loads(asked(pack, tmp_path, text, "--json")[1])["sentence"]
    assert when in said
    assert said.endswith("hat came since, this pack cannot know.")
    assert "still" not in said
    earlier = asked(pack, tmp_path, text, "--json", "--at", "2031-03-03T08:59:59Z")[1]
    said = json.loads(earlier)["sentence"]
    assert said.endswith("as of 2031-03-03 08:59 UTC; what came since, this answer does not say.")


def test_a_pack_holds_nothing_of_the_office(parts: Parts, cases: Cases, tmp_path: Path) -> None:
    database = zlib.decompress(parts.body)
    (tmp_path / "in.sqlite").write_bytes(database)
    connection = sqlite3.connect(tmp_path / "in.sqlite")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert not tables & {"documents", "pending", "remembered"}
    (sealed,) = connection.execute(
        "SELECT count(*) FROM entries WHERE subject = '' AND document IS NOT NULL"
    ).fetchone()
    connection.close()
    assert sealed == 0
    assert b"nobody outside may know" not in database
    assert b"PRIVATE KEY" not in database
    public = sqlite3.connect(wiring.Folder(cases.m.folder).log)
    rows = "SELECT * FROM entries ORDER BY idx"
    there = public.execute(rows).fetchall()
    public.close()
    connection = sqlite3.connect(tmp_path / "in.sqlite")
    assert connection.execute(rows).fetchall() == there
    connection.close()


def test_its_moment_is_the_one_that_the_log_signed(parts: Parts, tmp_path: Path) -> None:
    later = parts.signed(time=parts.cover.time + 3600)
    for each in (parts, later):
        said = asked(each.content(), tmp_path, OTHER, "--json")[1]
        assert '"age_seconds": null' in said
        assert packs.datetime.fromtimestamp(each.cover.time, packs.UTC).isoformat()[:19] in said
    unsigned = replace(parts.front, cover=later.front.cover.replace("— ", "— other."))
    assert asked(bytes(unsigned) + parts.body, tmp_path)[0] in (1, 2)


def test_it_knows_nothing_of_later_moments_and_something_of_earlier_ones(
    pack: bytes, tmp_path: Path
) -> None:
    status, said, noted = asked(pack, tmp_path, OTHER, "--at", "2041-01-01T00:00:00Z")
    assert (status, said) == (2, "")
    assert "knows nothing of later moments" in noted
    said = asked(pack, tmp_path, OTHER, "--at", "2031-03-03T09:00:01Z")[1]
    assert "STANDS" not in said.splitlines()


def test_nothing_is_left_of_it_afterwards(
    pack: bytes, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    assert asked(pack, tmp_path)[0] == 0
    asked(parts.holding(b"no database").content(), tmp_path)
    assert list(place.iterdir()) == []


def test_a_pack_is_never_written_over_another_file(cases: Cases, tmp_path: Path) -> None:
    out = tmp_path / "there"
    out.write_text("mine")
    with pytest.raises(Conflict):
        wiring.make_pack(cases.m.folder, out, no_passphrase)
    assert out.read_text() == "mine"


# --- changed packs ----------------------------------------------------------------------------


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda c: c[:at] + bytes([c[at] ^ 1]) + c[at + 1 :]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off by a byte": lambda c: c[:-1],
    "cut off in the middle": lambda c: c[: len(c) // 2],
    "cut off in the cover": lambda c: c[:200],
    "cut off in the first line": lambda c: c[:10],
    "empty": lambda c: b"",
    "a byte more": lambda c: c + b"\x00",
    "itself twice": lambda c: c + c,
    "a bit of the body": flip(-1000),
    "the last bit": flip(-1),
    "a bit of the cover": flip(60),
    "a bit of the trust root": flip(1000),
    "another first line": lambda c: c.replace(b"pack 1", b"pack 2", 1),
    "a padded length": lambda c: c.replace(b"pack 1 ", b"pack 1 0", 1),
    "a length too many": lambda c: c.replace(b"pack 1 ", b"pack 1 1 ", 1),
    "a huge length": lambda c: c.replace(b"pack 1 ", b"pack 1 9999999", 1),
    "no newline at all": lambda c: c.replace(b"\n", b" "),
    "a database and no pack": lambda c: b"SQLite format 3\x00" + b"\x00" * 4096,
    "two pieces exchanged": lambda c: c[:-600] + c[-300:] + c[-600:-300],
    "a chunk repeated": lambda c: c[:-500] + c[-1000:-500] + c[-500:],
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_pack_is_refused(pack: bytes, tmp_path: Path, what: str) -> None:
    """Issue 3: refuses a tampered or truncated one, with a fact and a hint."""
    changed = CHANGES[what](pack)
    assert changed != pack
    status, said, noted = asked(changed, tmp_path)
    assert status in (1, 2)
    assert said == ""
    assert noted.count("vidimus: ") >= 1


def test_no_byte_of_the_body_is_unpacked_before_it_is_known(parts: Parts, tmp_path: Path) -> None:
    """What the log did not sign may be made to break whatever reads it."""
    for body in (b"\xff" * len(parts.body), zlib.compress(b"\0" * 10_000_000)):
        noted = asked(bytes(parts.front) + body, tmp_path)[2]
        assert "its log signed" in noted


def test_a_pack_of_another_register_is_refused_where_the_right_one_is_known(
    pack: bytes, parts: Parts, tmp_path: Path
) -> None:
    other = build(tmp_path / "other")
    other.released(THIRD)
    out = tmp_path / "other.pack"
    wiring.make_pack(other.folder, out, no_passphrase)
    mine = tmp_path / "trust.json"
    mine.write_bytes(parts.front.trust)
    assert asked(pack, tmp_path, OTHER, "--trust", str(mine))[0] == 0
    said = asked(pack, tmp_path, OTHER, "--trust", str(mine))[1]
    assert "came with the pack" not in said
    assert "you named with --trust" in said
    status, said, noted = asked(out.read_bytes(), tmp_path, THIRD, "--trust", str(mine))
    assert (status, said) == (1, "")
    assert "another founding" in noted
    # Without that, nothing stands: whose it is is told with the fingerprint.
    command = ("check", "-", "--pack", str(out), "--json")
    status, said, _ = run(*command, stdin=THIRD.encode())
    assert (status, json.loads(said)["headline"]) == (3, "CANNOT_TELL")
    theirs = packs.read(_taker(out.read_bytes()))
    assert roots.fingerprint(roots.read(theirs.trust)) in json.loads(said)["sentence"]
    # Parts of the two together are nobody's.
    for mixed in (
        replace(parts.front, trust=theirs.trust),
        replace(parts.front, cover=theirs.cover),
        replace(parts.front, checkpoint=theirs.checkpoint),
        replace(theirs, trust=parts.front.trust),
    ):
        assert asked(bytes(mixed) + parts.body, tmp_path)[0] in (1, 2)


def _taker(content: bytes) -> Callable[[int], bytes]:
    rest = [content]

    def take(most: int) -> bytes:
        part, rest[0] = rest[0][:most], rest[0][most:]
        return part

    return take


# --- packs that a lying log signs ---------------------------------------------------------------


def test_bombs_are_refused_whoever_signed_them(parts: Parts, tmp_path: Path) -> None:
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    digest = sha256(bomb).digest()
    said = {"length": len(bomb), "digest": digest}
    loaded = replace(parts, body=bomb)
    for each in (
        loaded.signed(**said, unpacked=50_000_000),  # a thousandfold
        loaded.signed(**said, unpacked=1000),  # more than it says
        loaded.signed(**said, unpacked=50_000_001),
    ):
        status, shown, noted = asked(each.content(), tmp_path)
        assert (status, shown) == (2, "")
        assert "become" in noted or "unpack" in noted
    small = zlib.compress(b"a" * 1000)
    for body, unpacked in (
        (small + b"more", 1000),
        (small[:-4], 1000),
        (b"no stream of zlib's", 100),
        (small, 999),
        (small, 1001),
    ):
        each = replace(parts, body=body).signed(
            length=len(body), digest=sha256(body).digest(), unpacked=unpacked
        )
        status, shown, noted = asked(each.content(), tmp_path)
        assert (status, shown) == (2, "")
        assert "malformed pack" in noted


LIES = {
    "a withdrawal left out": "DELETE FROM entries WHERE idx = (SELECT max(idx) FROM entries"
    " WHERE subject NOT IN ('', 'authority'))",
    "a withdrawal filed elsewhere": "UPDATE entries SET raw = (SELECT raw FROM entries WHERE"
    " idx = 1) WHERE idx = (SELECT max(idx) FROM entries WHERE subject NOT IN ('', 'authority'))",
    "another text": "UPDATE wordings SET text = text || ' and more'",
    "another size": "UPDATE head SET size = size - 1",
    "no head": "DELETE FROM head",
    "no table": "DROP TABLE entries",
    "a view for a table": "ALTER TABLE entries RENAME TO e; CREATE VIEW entries AS SELECT * FROM e",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON entries BEGIN SELECT 1; END",
    "a table that is a module": "CREATE VIRTUAL TABLE x USING fts5(a)",
    "a hash of another kind": "UPDATE subtrees SET hash = 'text'",
}


@pytest.mark.parametrize("what", LIES)
def test_a_signed_body_is_held_against_the_signed_root_all_the_same(
    parts: Parts, tmp_path: Path, what: str
) -> None:
    """The signature on the cover says who made it. What it holds is verified as everywhere."""
    lying = parts.altered(LIES[what], tmp_path)
    status, said, noted = asked(lying.content(), tmp_path)
    assert status in (1, 2, 3)
    assert said == ""
    assert noted.startswith("vidimus: ")


def test_a_body_that_is_no_database_is_refused(parts: Parts, tmp_path: Path) -> None:
    for body in (b"x", b"no database, though the log signed it" * 100, b"SQLite format 3\x00" * 50):
        status, said, _ = asked(parts.holding(body).content(), tmp_path)
        assert status in (1, 2, 3)
        assert said == ""


def test_a_cover_of_another_head_is_refused(parts: Parts, tmp_path: Path) -> None:
    cover = parts.cover
    for each in (
        parts.signed(size=cover.size - 1),
        parts.signed(root=b"\x01" * 32),
        parts.signed(origin="letters.other.example"),
    ):
        assert asked(each.content(), tmp_path)[0] in (1, 2)
    fake = sign_checkpoint(Checkpoint(cover.origin, cover.size, b"\x01" * 32), parts.signer)
    forged = parts.signed(root=b"\x01" * 32)
    forged = replace(forged, front=replace(forged.front, checkpoint=fake))
    status, said, _ = asked(forged.content(), tmp_path)
    assert status in (1, 3)
    assert said == ""


def test_a_cover_by_another_key_is_refused(parts: Parts, tmp_path: Path) -> None:
    stranger = note.Signer.of(parts.cover.origin, key_files.new_ed25519())
    forged = replace(parts, signer=stranger).signed()
    assert asked(forged.content(), tmp_path)[0] == 1


# --- the form of the cover ------------------------------------------------------------------------

covers = st.builds(
    Cover,
    origin=st.sampled_from(["letters.example.org", "a/b"]),
    size=st.integers(1, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32),
    time=st.integers(0, packs.LATEST),
    length=st.integers(0, 2**30),
    digest=st.binary(min_size=32, max_size=32),
    unpacked=st.integers(0, packs.SMALL),
)


@given(covers, st.data())
def test_one_text_for_one_cover(cover: Cover, data: st.DataObject) -> None:
    text = str(cover)
    assert packs.parse(text) == cover
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "0", "+", "\n", " ", "é", "="]))
    changed = text[:at] + put + text[at + 1 :]
    with suppress(FormatError, TooLarge):
        assert str(packs.parse(changed)) == changed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_no_random_change_of_a_pack_answers(pack: bytes, data: st.DataObject) -> None:
    """Never an answer from a pack that is not the one that was signed, byte for byte."""
    at = data.draw(st.integers(0, len(pack) - 1))
    gone = data.draw(st.sampled_from([0, 1, 1, 2, 100]))
    insert = data.draw(st.binary(max_size=3))
    changed = pack[:at] + insert + pack[at + gone :]
    if changed == pack:
        return
    with tempfile.TemporaryDirectory() as folder:
        status, said, _ = asked(changed, Path(folder))
    assert status in (1, 2)
    assert said == ""
