"""Who was reminded of what, and on which day last: a table in the office's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vidimus.adapters.sqlite.connection import SqliteFile, written

# Made when it is first needed: a registry may be older than reminders are.
TABLE = """CREATE TABLE IF NOT EXISTS reminded (
    person TEXT NOT NULL, letter TEXT NOT NULL, version INTEGER NOT NULL, office TEXT NOT NULL,
    day TEXT NOT NULL, PRIMARY KEY (person, letter, version, office)
) WITHOUT ROWID"""
THERE = "SELECT 1 FROM sqlite_master WHERE name = 'reminded'"


class SqliteReminded:
    """It makes no file: without the office's there is no office."""

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path, "")

    def days(self) -> Mapping[tuple[str, str, int, str], str]:
        with self._file.read() as connection:
            if connection.execute(THERE).fetchone() is None:
                return {}
            rows = connection.execute(
                "SELECT person, letter, version, office, day FROM reminded"
            ).fetchall()
        return {
            (
                *(written(row[0], str), written(row[1], str)),
                *(written(row[2], int), written(row[3], str)),
            ): written(row[4], str)
            for row in rows
        }

    def keep(self, told: Sequence[tuple[str, str, int, str]], day: str) -> None:
        with self._file.write() as connection:
            connection.execute(TABLE)
            connection.executemany(
                "INSERT OR REPLACE INTO reminded VALUES (?, ?, ?, ?, ?)",
                [(*each, day) for each in told],
            )
