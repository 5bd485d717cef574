"""Registered wordings and the inverted index that finds them, in one SQLite file.

One posting list for each sampled gram, of *letters*, all wordings of a letter together;
which wording it is, the alignment decides. A gram that half the registry shares says
nothing and is left out of the vote.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from vidimus.adapters.sqlite.connection import SqliteFile, damaged, written
from vidimus.core.copies.canonical import digest
from vidimus.operations.ports import CROWDED, IndexedText

SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (sha BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letters (num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS wordings (
    letter TEXT NOT NULL, version INTEGER NOT NULL, language TEXT NOT NULL,
    sha BLOB NOT NULL, since INTEGER NOT NULL, name BLOB NOT NULL, PRIMARY KEY (letter, version)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS wordings_name ON wordings (name);
CREATE TABLE IF NOT EXISTS postings (
    gram INTEGER NOT NULL, num INTEGER NOT NULL, PRIMARY KEY (gram, num)
) WITHOUT ROWID;
"""

NEARLY = 0.8  # of the best vote: a letter of the same form, not another text
MOST_LETTERS = 400  # a gram in more letters than this is no evidence for any of them


def add(connection: sqlite3.Connection, wording: IndexedText) -> None:
    """Put a wording in, inside the caller's transaction. A second time changes nothing."""
    sha = hashlib.sha256(wording.text.encode()).digest()
    connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (sha, wording.text))
    connection.execute("INSERT OR IGNORE INTO letters (id) VALUES (?)", (wording.letter,))
    (num,) = connection.execute(
        "SELECT num FROM letters WHERE id = ?", (wording.letter,)
    ).fetchone()
    connection.execute(
        "INSERT OR IGNORE INTO wordings VALUES (?, ?, ?, ?, ?, ?)",
        (
            wording.letter,
            wording.version,
            wording.language,
            sha,
            wording.since,
            digest(wording.text),
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO postings VALUES (?, ?)",
        ((gram, num) for gram in wording.fingerprints),
    )


def remove(connection: sqlite3.Connection, letter: str, version: int) -> None:
    """Take a wording out again. Slow: it scans, and is needed only after a crash."""
    of = (letter, version)
    row = connection.execute(
        "SELECT sha FROM wordings WHERE letter = ? AND version = ?", of
    ).fetchone()
    connection.execute("DELETE FROM wordings WHERE letter = ? AND version = ?", of)
    if row is not None:
        connection.execute(
            "DELETE FROM texts WHERE sha = ? AND sha NOT IN (SELECT sha FROM wordings)", row
        )
    # A letter that keeps other wordings keeps all its postings: one gram too many only
    # brings it into a comparison that it then does not win.
    gone = connection.execute(
        "SELECT num FROM letters WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM wordings WHERE letter = letters.id)",
        (letter,),
    ).fetchone()
    if gone is not None:
        connection.execute("DELETE FROM postings WHERE num = ?", gone)
        connection.execute("DELETE FROM letters WHERE num = ?", gone)


def candidates(
    connection: sqlite3.Connection, fingerprints: Sequence[int], limit: int
) -> tuple[str, ...]:
    if not fingerprints:
        return ()
    (total,) = connection.execute("SELECT count(*) FROM letters").fetchone()
    rows = connection.execute(
        "SELECT p.gram, p.num FROM json_each(?) AS q JOIN postings AS p ON p.gram = q.value",
        (json.dumps(sorted(set(fingerprints))),),
    ).fetchall()
    spread = Counter(gram for gram, _ in rows)
    votes: defaultdict[int, float] = defaultdict(float)
    for gram, num in rows:
        if spread[gram] <= MOST_LETTERS:
            # 1 is added so that the grams of a registry's only letter still count.
            votes[num] += math.log(1 + total / spread[gram])
    best = sorted(votes, key=lambda num: (-votes[num], num))
    # Letters of one form share nearly all their grams: those that nearly tie come along.
    least = NEARLY * votes[best[0]] if best else 0.0
    best = [num for at, num in enumerate(best[:CROWDED]) if at < limit or votes[num] >= least]
    marks = ",".join("?" * len(best))
    found = connection.execute(
        f"SELECT num, id FROM letters WHERE num IN ({marks})"
        " AND EXISTS (SELECT 1 FROM wordings WHERE letter = id)",
        best,
    )
    named = dict(found.fetchall())
    if len(named) < len(best):
        # A letter that nobody compares with is as good as hidden.
        raise damaged("words lead to a letter of which it has no text")
    return tuple(written(named[num], str) for num in best)


def named(connection: sqlite3.Connection, name: bytes) -> tuple[str, ...]:
    rows = connection.execute("SELECT DISTINCT letter FROM wordings WHERE name = ?", (name,))
    return tuple(letter for (letter,) in rows)


def unindexed(connection: sqlite3.Connection, letter: str, fingerprints: Sequence[int]) -> int:
    grams = sorted(set(fingerprints))
    (led,) = connection.execute(
        "SELECT count(*) FROM json_each(?) AS q JOIN postings AS p ON p.gram = q.value"
        " JOIN letters AS l ON l.num = p.num WHERE l.id = ?",
        (json.dumps(grams), letter),
    ).fetchone()
    return len(grams) - int(led)


def wordings(connection: sqlite3.Connection, letters: Sequence[str]) -> tuple[IndexedText, ...]:
    rows = connection.execute(
        "SELECT w.letter, w.version, w.language, t.text, w.since, w.sha FROM wordings AS w"
        f" LEFT JOIN texts AS t USING (sha) WHERE w.letter IN ({','.join('?' * len(letters))})"
        " ORDER BY w.letter, w.version",
        tuple(letters),
    )
    return tuple(
        IndexedText(
            letter,
            written(version, int),
            written(language, str),
            _whole(text, sha),
            (),
            written(since, int),
        )
        for letter, version, language, text, since, sha in rows
    )


def _whole(text: Any, sha: bytes) -> str:
    """The text of this name. A copy is compared with nothing else, least of all with less."""
    if hashlib.sha256(written(text, str).encode()).digest() != sha:
        raise damaged("a text is not the one that was written")
    return str(text)


class IndexedFile:
    """A SQLite file with a text index in it: the questions that every such file answers."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def candidates(self, fingerprints: Sequence[int], limit: int) -> tuple[str, ...]:
        with self._file.read() as connection:
            return candidates(connection, fingerprints, limit)

    def named(self, name: bytes) -> tuple[str, ...]:
        with self._file.read() as connection:
            return named(connection, name)

    def unindexed(self, letter: str, fingerprints: Sequence[int]) -> int:
        with self._file.read() as connection:
            return unindexed(connection, letter, fingerprints)

    def wordings(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        with self._file.read() as connection:
            return wordings(connection, letters)

    def require_sound(self) -> None:
        """Every page of the file is where it belongs. Reads all of it: for `log verify`."""
        with self._file.read() as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != ("ok",):
            raise damaged(str(found[0]).replace("\n", " "))

    def close(self) -> None:
        self._file.close()
