"""What a monitor remembers, in a folder of its own: one SQLite file, and the evidence.

    DIR/monitor.sqlite          position, heads, the mirror of the log, findings, lines to show
    DIR/evidence/KIND/NAME/     the files that show a finding to somebody else
    DIR/lock                    held while a monitor is at work

One transaction at a time: `commit` puts it on the disk (WAL, synchronous=FULL), and a kill at
any moment leaves the file as it was at the last one. Evidence is written before the
transaction that speaks of it, under a name that follows from the finding, so the same
finding made again after a kill writes the same files.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vidimus.adapters.durable import write_whole
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.monitor.finding import CONVICTIONS, GRAVITY, LASTING, Finding, Kind
from vidimus.core.monitor.mirror import Kept, Row, Seen, Standing, Subtree
from vidimus.errors import Conflict, NotFound, OutsideFailed

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    idx INTEGER PRIMARY KEY, raw BLOB NOT NULL, document BLOB, subject TEXT NOT NULL,
    clock INTEGER
);
CREATE INDEX IF NOT EXISTS entries_subject ON entries (subject, idx) WHERE subject <> '';
CREATE TABLE IF NOT EXISTS subtrees (
    level INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (
    size INTEGER PRIMARY KEY, origin TEXT NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS findings (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, since INTEGER NOT NULL, evidence TEXT NOT NULL,
    line TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS findings_kind ON findings (kind);
CREATE TABLE IF NOT EXISTS aside (key TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lines (
    number INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL
);
"""
BATCH = 512  # rows read at once
# Findings of one kind that get a folder of files each. A log that is false a million times
# fills no disk with that; the mirror holds every entry.
MOST_EVIDENCE = 500
CACHE_KIB = 64 * 1024  # of the file in memory, however large it grows


class MonitorState:
    """Opens the folder, and makes it where it is not there. For one process and thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutsideFailed(
                f"the state folder {folder} cannot be used: {error.strerror}",
                hint="--state DIR, a folder that you may write to",
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise Conflict(
                f"another monitor is at work in {folder}",
                hint="let it end first, or give this one another folder: --state DIR",
            ) from error
        try:
            with self._translated():
                self._db = sqlite3.connect(folder / "monitor.sqlite", isolation_level=None)
                for pragma in (
                    "journal_mode=WAL",
                    "synchronous=FULL",
                    f"cache_size=-{CACHE_KIB}",
                ):
                    self._db.execute(f"PRAGMA {pragma}")
                self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        self._db.close()
        os.close(self._lock)

    # --- small things ---------------------------------------------------------------------

    def get(self, name: str) -> bytes | None:
        row = self._one("SELECT value FROM kept WHERE name = ?", name)
        return None if row is None else bytes(row[0])

    def put(self, name: str, value: bytes) -> None:
        self._write("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, value))

    def commit(self) -> None:
        with self._translated():
            self._db.commit()

    def roll_back(self) -> None:
        with self._translated():
            self._db.rollback()

    # --- the mirror -----------------------------------------------------------------------

    def size(self) -> int:
        row = self._one("SELECT max(idx) FROM entries")
        return 0 if row is None or row[0] is None else int(row[0]) + 1

    def take(self, rows: Sequence[Row], subtrees: Sequence[Subtree]) -> None:
        self._write(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
            *((each.index, each.raw, each.document, each.subject, each.clock) for each in rows),
        )
        if subtrees:
            self._write("INSERT INTO subtrees VALUES (?, ?, ?)", *subtrees)

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        while start < stop:
            part = self._all(
                "SELECT * FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
                *(start, stop, BATCH),
            )
            yield from (Row(*each) for each in part)
            if not part:
                return
            start = part[-1][0] + 1

    def latest(self) -> Iterator[Row]:
        stop = self.size()
        while stop > 0:
            yield from reversed(list(self.rows(max(0, stop - BATCH), stop)))
            stop -= BATCH

    def about(self, subject: str) -> Sequence[int]:
        rows = self._all(
            "SELECT idx FROM entries WHERE subject = ? AND subject <> '' ORDER BY idx", subject
        )
        return [index for (index,) in rows]

    def acts(self, subjects: Sequence[str]) -> Iterator[Row]:
        marks = ",".join("?" * len(subjects))
        rows = self._all(
            f"SELECT * FROM entries WHERE subject IN ({marks}) AND subject <> ''"
            " AND clock IS NOT NULL ORDER BY subject, idx",
            *subjects,
        )
        return (Row(*each) for each in rows)

    def subjects(self, after: str, most: int) -> Sequence[str]:
        rows = self._all(
            "SELECT DISTINCT subject FROM entries WHERE subject > ? AND subject <> ''"
            " ORDER BY subject LIMIT ?",
            *(after, most),
        )
        return [subject for (subject,) in rows]

    def subtree(self, level: int, n: int) -> bytes:
        row = self._one("SELECT hash FROM subtrees WHERE level = ? AND n = ?", level, n)
        if row is None:
            raise NotFound(f"the monitor kept no hash at level {level}, place {n}")
        return bytes(row[0])

    # --- heads ------------------------------------------------------------------------------

    def saw(self, seen: Seen) -> None:
        head, first, last = seen.head, _seconds(seen.first), _seconds(seen.last)
        self._write(
            "INSERT INTO heads VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (size) DO UPDATE"
            # The note with most under it: cosignatures that were seen once are not lost.
            " SET note = CASE WHEN length(excluded.note) > length(note)"
            " THEN excluded.note ELSE note END, last = max(last, excluded.last)",
            (head.size, head.origin, head.root, seen.note, first, last),
        )

    def newest(self, size: int | None = None) -> Seen | None:
        row = self._one(
            "SELECT size, origin, root, note, first, last FROM heads WHERE size <= ?"
            " ORDER BY size DESC LIMIT 1",
            2**63 - 1 if size is None else size,
        )
        if row is None:
            return None
        count, origin, root, note, first, last = row
        return Seen(Checkpoint(origin, count, bytes(root)), note, _time(first), _time(last))

    # --- what is told -----------------------------------------------------------------------

    def found(self, finding: Finding, line: Mapping[str, object], now: datetime) -> Kept:
        # The folder may have been moved since: it is where this state is now.
        place = self._folder / "evidence" / finding.kind.value / finding.name
        known = self._one("SELECT since, evidence FROM findings WHERE key = ?", finding.key)
        if known is not None:
            return Kept(_time(known[0]), str(place) if known[1] else "", False)
        counted = self._one("SELECT count(*) FROM findings WHERE kind = ?", finding.kind.value)
        if counted is not None and counted[0] >= MOST_EVIDENCE:
            return self._kept(finding, {**line, "evidence": ""}, "", now)
        try:
            place.mkdir(parents=True, exist_ok=True)
            for name, content in finding.files.items():
                write_whole(place / name, content)
            write_whole(place / "finding.json", _json(line, indent=1).encode() + b"\n")
        except (OSError, OutsideFailed) as error:
            raise OutsideFailed(
                f"the evidence cannot be kept: {error}",
                hint="make room on the disk; the finding is made again in the next round",
            ) from error
        return self._kept(finding, {**line, "evidence": str(place)}, str(place), now)

    def _kept(
        self, finding: Finding, line: Mapping[str, object], place: str, now: datetime
    ) -> Kept:
        self._write(
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?)",
            (finding.key, finding.kind.value, _seconds(now), place, _json(line)),
        )
        self.tell(line)
        return Kept(now, place, True)

    def standing(self) -> Standing | None:
        unasided = "key NOT IN (SELECT key FROM aside)"
        rows = self._all(f"SELECT kind, count(*) FROM findings WHERE {unasided} GROUP BY kind")
        counts = {Kind(kind): count for kind, count in rows if kind not in LASTING}
        if not counts:
            return None
        gravest = min(counts, key=GRAVITY.index)
        key, since, line = self._one(
            f"SELECT key, since, line FROM findings WHERE kind = ? AND {unasided}"
            " ORDER BY since, key LIMIT 1",
            gravest.value,
        )
        convictions = sum(counts.get(kind, 0) for kind in CONVICTIONS)
        fact = str(json.loads(line)["fact"])
        return Standing(sum(counts.values()), convictions, key, fact, _time(since))

    def put_aside(self, key: str, now: datetime) -> None:
        """It was dealt with. The finding and its evidence stay; it is not called to mind again."""
        if self._one("SELECT 1 FROM findings WHERE key = ?", key) is None:
            known = self._all(
                "SELECT key FROM findings WHERE key NOT IN (SELECT key FROM aside) LIMIT 20"
            )
            raise NotFound(
                f"no finding {key} is kept in {self._folder}",
                hint=f"kept: {', '.join(each for (each,) in known) or 'none'}",
            )
        self._write("INSERT OR REPLACE INTO aside VALUES (?, ?)", (key, _seconds(now)))
        self.commit()

    def over(self, keys: Iterable[str], kinds: Collection[Kind]) -> Sequence[str]:
        marks = ",".join("?" * len(kinds))
        lasting = self._all(
            f"SELECT key FROM findings WHERE kind IN ({marks})", *sorted(k.value for k in kinds)
        )
        ended = sorted({key for (key,) in lasting} - set(keys))
        if ended:
            self._write("DELETE FROM findings WHERE key = ?", *((each,) for each in ended))
        return ended

    def tell(self, line: Mapping[str, object]) -> None:
        self._write("INSERT INTO lines (line) VALUES (?)", (_json(line),))

    def untold(self) -> Iterator[tuple[int, Mapping[str, object]]]:
        last = 0
        while part := self._all(
            "SELECT number, line FROM lines WHERE number > ? ORDER BY number LIMIT ?", last, BATCH
        ):
            for last, line in part:
                yield last, json.loads(line)

    def told(self, last: int) -> None:
        self._write("DELETE FROM lines WHERE number <= ?", (last,))
        self.commit()

    # --- the file -----------------------------------------------------------------------------

    def _write(self, statement: str, *values: Any) -> None:
        with self._translated():
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(statement, values)

    def _one(self, query: str, *values: Any) -> Any:
        with self._translated():
            return self._db.execute(query, values).fetchone()

    def _all(self, query: str, *values: Any) -> list[Any]:
        with self._translated():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OverflowError) as error:
            raise OutsideFailed(
                f"the monitor's file in {self._folder} cannot be used: {error}",
                hint="is the disk full or read-only? if the file is damaged, begin anew with"
                " --state DIR; the log is still where it was",
            ) from error


def _json(value: Mapping[str, object], indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
