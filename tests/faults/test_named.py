"""`log verify` names what is wrong, also where nobody would look for a long time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.faults import beside
from tests.faults.parts import close, copied, released, reopened
from tests.faults.serving import vidimus
from tests.operations.ministry import OTHER, Ministry
from tests.store.faces import files_in

from vidimus import wiring
from vidimus.errors import OutsideFailed, VerificationFailed, VidimusError


@pytest.fixture(scope="module")
def seen(base: Ministry, tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    """Seen by its witness, and published."""
    m = copied(base, tmp_path_factory.mktemp("seen") / "registry")
    wiring.install_witnesses(m.folder, beside.POLICY)
    assert beside.asking(m.folder, m.registry.log).round() is not None
    wiring.publish(m.folder)
    close(m)
    return m


@pytest.fixture
def m(seen: Ministry, tmp_path: Path) -> Iterator[Ministry]:
    made = copied(seen, tmp_path / "registry")
    yield made
    close(made)


def sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        assert file.execute(statement).rowcount


def test_what_is_published_is_held_against_the_log(m: Ministry) -> None:
    found = wiring.verify_log(m.folder, True)
    assert found.published == found.size
    assert found.refused == ()
    m.draft(f"{OTHER} Later.")
    # What is not published yet is no damage.
    assert wiring.verify_log(m.folder, False).published == found.size


def test_each_published_file_is_named_that_is_not_what_the_log_has(m: Ministry) -> None:
    """Issue: a truncated tile, a flipped bit in any stored byte: detected and named."""
    face = wiring.public_face(m.folder)
    whole = files_in(face)
    assert len(whole) == 5
    for path, content in whole.items():
        flips = [
            bytes(
                byte ^ (1 << place % 8) if at == place else byte for at, byte in enumerate(content)
            )
            for place in range(3, len(content), max(1, len(content) // 7))
        ]
        for spoilt in (content[:-1], content[: len(content) // 2], b"", content + b"\0", *flips):
            (face / path).write_bytes(spoilt)
            try:
                found = wiring.verify_log(m.folder, True)
            except VerificationFailed as error:
                assert path in error.fact and error.hint
            else:
                # The word of a witness, which the log cannot do without nor vouch for.
                assert path == "checkpoint" and "published checkpoint" in found.refused[0]
        (face / path).unlink()
        if path != "checkpoint":
            with pytest.raises(VerificationFailed) as error:
                wiring.verify_log(m.folder, True)
            assert path in error.value.fact
        (face / path).write_bytes(content)
    assert wiring.verify_log(m.folder, True).refused == ()


def test_the_command_says_it(m: Ministry) -> None:
    (tile,) = (wiring.public_face(m.folder) / "tile/0/000.p").iterdir()
    tile.write_bytes(b"")
    done = vidimus("log", "verify", "--registry", str(m.folder))
    assert done.returncode == 1
    assert "tile/0/000.p/" in done.stderr and "hint: publish to a new folder" in done.stderr


def test_a_trust_root_that_was_published_is_not_taken_back(m: Ministry) -> None:
    """An act on keys that the store's index hides would bring an older one into its place."""
    m.do("ada", "trust", threshold=1, witnesses=beside.POLICY.decode())
    wiring.publish(m.folder)
    face = files_in(wiring.public_face(m.folder))
    sql(wiring.Folder(m.folder).log, f"DELETE FROM places WHERE idx = {m.said[-1].index}")
    with pytest.raises(VidimusError) as refused:
        wiring.publish(m.folder)
    assert "older trust root" in refused.value.fact
    assert files_in(wiring.public_face(m.folder)) == face


def test_a_damaged_word_of_a_witness_is_named(m: Ministry) -> None:
    for change, named in (
        ("checkpoint = replace(checkpoint, 'witness.', 'wytness.')", "a witness's line in the log"),
        ("checkpoint = replace(checkpoint, '=', 'A')", ""),
        ("size = size - 1", ""),
        ("size = size + 1", ""),
    ):
        log = wiring.Folder(m.folder).log
        kept = m.registry.log.witnessed()
        assert kept is not None
        sql(log, f"UPDATE witnessed SET {change}")
        if named:
            assert named in wiring.verify_log(m.folder, True).refused[0]
        else:
            with pytest.raises(VerificationFailed):
                wiring.verify_log(m.folder, True)
        with closing(sqlite3.connect(log)) as file, file:
            file.execute(
                "UPDATE witnessed SET size = ?, checkpoint = ?", (kept.size, kept.checkpoint)
            )
    assert wiring.verify_log(m.folder, True).refused == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE wordings SET text = text || '.'",
        "UPDATE recent SET grams = substr(grams, 9) WHERE seq = (SELECT max(seq) FROM recent)",
        "DELETE FROM recent WHERE seq = (SELECT max(seq) FROM recent)",
        "UPDATE wordings SET name = name + 1",
        "DELETE FROM wordings WHERE num = (SELECT max(num) FROM wordings)",
        "UPDATE wordings SET since = since + 1",
        "UPDATE wordings SET language = 'fr'",
    ],
)
def test_a_draft_that_the_office_would_not_find_is_named(m: Ministry, change: str) -> None:
    """From inside. Whoever checks a leak against the drafts must not hear that it is unknown."""
    sql(wiring.Folder(m.folder).office, change)
    with pytest.raises((VerificationFailed, OutsideFailed)) as error:
        wiring.verify_log(m.folder, False)
    assert error.value.hint
    assert wiring.verify_log(m.folder, True).published


def test_a_page_that_is_in_no_place_is_named(m: Ministry) -> None:
    """An index that disagrees with its table answers for years, until it is asked that one."""
    letter = released(m)[0]
    for path, outside in (
        (wiring.Folder(m.folder).log, True),
        (wiring.Folder(m.folder).office, False),
    ):
        close(m)
        content = path.read_bytes()
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("PRAGMA writable_schema = ON")
            file.execute("CREATE TABLE other (a TEXT)")
            file.execute("CREATE INDEX other_a ON other (a)")
            file.executemany("INSERT INTO other VALUES (?)", [(f"{n:04}",) for n in range(9)])
            file.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX other_a ON other (a DESC)'"
                         " WHERE name = 'other_a'")  # fmt: skip
        with pytest.raises(OutsideFailed) as error:
            wiring.verify_log(m.folder, outside)
        assert "damaged" in error.value.fact
        path.write_bytes(content)
    assert reopened(m, m.folder).letter(letter).id == letter
    assert not wiring.verify_log(m.folder, False).refused
