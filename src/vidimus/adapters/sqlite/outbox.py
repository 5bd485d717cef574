"""The subscribers in the office's file, and how far each of them was told.

Nothing public is made of them: who wants to know is nobody else's business.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from vidimus.adapters.sqlite.connection import SqliteFile, written
from vidimus.core.notices.subscriber import DeadLetter, Place, Subscriber
from vidimus.errors import Conflict, NotFound

# Made when they are first needed: a registry may be older than they are.
TABLES = (
    """CREATE TABLE IF NOT EXISTS subscribers (
        id TEXT PRIMARY KEY, url TEXT NOT NULL, secret BLOB NOT NULL,
        idx INTEGER NOT NULL, part INTEGER NOT NULL, letter TEXT, office TEXT,
        private INTEGER NOT NULL, failures INTEGER NOT NULL, first_failure REAL NOT NULL,
        not_before REAL NOT NULL, said TEXT NOT NULL, ended TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS dead_letters (
        subscriber TEXT NOT NULL, idx INTEGER NOT NULL, part INTEGER NOT NULL,
        telling TEXT NOT NULL, said TEXT NOT NULL, time REAL NOT NULL,
        PRIMARY KEY (subscriber, idx, part)
    ) WITHOUT ROWID""",
)
COLUMNS = (
    "id, url, secret, idx, part, letter, office, private, failures, first_failure,"
    " not_before, said, ended"
)
# A message that is under way was for this place; somebody may have moved it since.
STILL_THERE = "id = ? AND idx = ? AND part = ?"
FRESH = "failures = 0, first_failure = 0, not_before = 0, said = ''"


class SqliteOutbox:
    """An Outbox. It makes no file: without the office's there is no office."""

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path, "")

    def all(self) -> tuple[Subscriber, ...]:
        return self._read(f"SELECT {COLUMNS} FROM subscribers ORDER BY id")

    def get(self, name: str) -> Subscriber | None:
        found = self._read(f"SELECT {COLUMNS} FROM subscribers WHERE id = ?", name)
        return found[0] if found else None

    def add(self, subscriber: Subscriber) -> None:
        each = subscriber
        with self._file.write() as connection:
            _make(connection)
            if connection.execute("SELECT 1 FROM subscribers WHERE id = ?", (each.id,)).fetchone():
                raise Conflict(f"there is a subscriber {each.id} already")
            connection.execute(
                f"INSERT INTO subscribers ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    *(each.id, each.url, each.secret, each.place.index, each.place.part),
                    *(each.letter, each.office, int(each.private), each.failures),
                    *(each.first_failure, each.not_before, each.said, each.ended),
                ),
            )

    def remove(self, name: str) -> None:
        with self._file.write() as connection:
            _make(connection)
            if not connection.execute("DELETE FROM subscribers WHERE id = ?", (name,)).rowcount:
                raise _unknown(name)
            connection.execute("DELETE FROM dead_letters WHERE subscriber = ?", (name,))

    def move(self, subscriber: Subscriber, place: Place, *, lasting: bool = True) -> None:
        with self._file.write(lasting=lasting) as connection:
            connection.execute(
                f"UPDATE subscribers SET idx = ?, part = ?, {FRESH} WHERE {STILL_THERE}",
                (place.index, place.part, *_at(subscriber)),
            )

    def failed(self, subscriber: Subscriber) -> None:
        each = subscriber
        with self._file.write() as connection:
            connection.execute(
                "UPDATE subscribers SET failures = ?, first_failure = ?, not_before = ?, said = ?"
                f" WHERE {STILL_THERE}",
                (each.failures, each.first_failure, each.not_before, each.said, *_at(each)),
            )

    def give_up(self, subscriber: Subscriber, dead: DeadLetter, place: Place) -> None:
        with self._file.write() as connection:
            moved = connection.execute(
                f"UPDATE subscribers SET idx = ?, part = ?, {FRESH} WHERE {STILL_THERE}",
                (place.index, place.part, *_at(subscriber)),
            )
            if moved.rowcount:
                connection.execute(
                    "INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        *(dead.subscriber, dead.place.index, dead.place.part),
                        *(dead.telling, dead.said, dead.time),
                    ),
                )

    def end(self, subscriber: Subscriber, why: str) -> None:
        with self._file.write() as connection:
            connection.execute(
                f"UPDATE subscribers SET ended = ? WHERE {STILL_THERE}", (why, *_at(subscriber))
            )

    def dead(self) -> tuple[DeadLetter, ...]:
        with self._file.read() as connection:
            if not _there(connection):
                return ()
            rows = connection.execute(
                "SELECT subscriber, idx, part, telling, said, time FROM dead_letters"
                " ORDER BY subscriber, idx, part"
            ).fetchall()
        return tuple(
            DeadLetter(
                written(row[0], str),
                Place(written(row[1], int), written(row[2], int)),
                written(row[3], str),
                written(row[4], str),
                written(row[5], float),
            )
            for row in rows
        )

    def again(self, name: str) -> int:
        with self._file.write() as connection:
            _make(connection)
            if not connection.execute("SELECT 1 FROM subscribers WHERE id = ?", (name,)).fetchone():
                raise _unknown(name)
            rows = connection.execute(
                "SELECT idx, part FROM dead_letters WHERE subscriber = ? ORDER BY idx, part",
                (name,),
            ).fetchall()
            # Who was told no more, or waits for its next attempt, is tried at once, too.
            connection.execute(f"UPDATE subscribers SET {FRESH}, ended = '' WHERE id = ?", (name,))
            if rows:
                connection.execute(
                    "UPDATE subscribers SET idx = ?, part = ? WHERE id = ?", (*rows[0], name)
                )
                connection.execute("DELETE FROM dead_letters WHERE subscriber = ?", (name,))
        return len(rows)

    def _read(self, query: str, *values: str) -> tuple[Subscriber, ...]:
        with self._file.read() as connection:
            if not _there(connection):
                return ()
            return tuple(map(_subscriber, connection.execute(query, values).fetchall()))


def _make(connection: sqlite3.Connection) -> None:
    for each in TABLES:
        connection.execute(each)


def _there(connection: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE name = 'subscribers'"
    return connection.execute(query).fetchone() is not None


def _at(subscriber: Subscriber) -> tuple[str, int, int]:
    return subscriber.id, subscriber.place.index, subscriber.place.part


def _subscriber(row: tuple[Any, ...]) -> Subscriber:
    letter, office = row[5], row[6]
    return Subscriber(
        id=written(row[0], str),
        url=written(row[1], str),
        secret=written(row[2], bytes),
        place=Place(written(row[3], int), written(row[4], int)),
        letter=None if letter is None else written(letter, str),
        office=None if office is None else written(office, str),
        private=bool(written(row[7], int)),
        failures=written(row[8], int),
        first_failure=written(row[9], float),
        not_before=written(row[10], float),
        said=written(row[11], str),
        ended=written(row[12], str),
    )


def _unknown(name: str) -> NotFound:
    return NotFound(
        f"there is no subscriber {name[:40]}", hint="see them: vidimus subscribers list"
    )
