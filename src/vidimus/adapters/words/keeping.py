"""Keeping the index of words quick: what is recent into segments, small segments into large.

    recent, 4,096 wordings -> one segment        in the writer's next transaction
    8 segments of a size   -> one                up to LARGEST wordings
    all texts              -> one                `vidimus index rebuild`

A segment's file is on the disk before the transaction that names it. What it replaced stays
for one round more, since somebody may just be about to open it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from vidimus.adapters.sqlite.connection import SqliteFile, written
from vidimus.adapters.sqlite.text_index import used, whole
from vidimus.adapters.words.recent import tail
from vidimus.adapters.words.segment_files import SegmentFiles
from vidimus.core.copies.fingerprints import GRAM, KEPT, letters
from vidimus.operations.ports import Progress, silent

if TYPE_CHECKING:
    from vidimus.core.copies.posting import I64, U64

FAN = 8  # segments of about one size that become one
LARGEST = 262_144  # wordings; joining more would hold up the writer for seconds
RANGE = 8_192  # wordings that a rebuild takes at once: some 5 million pairs
BATCH = 64  # texts that are hashed together


def settle(file: SqliteFile, segments: SegmentFiles, seal: int) -> None:
    """After a transaction: a new segment where enough is recent, and fewer where there are many."""
    with file.read() as connection:
        (count,) = connection.execute(
            "SELECT (SELECT max(seq) FROM recent) - (SELECT min(seq) FROM recent) + 1"
        ).fetchone()
    if count is None or count < seal:
        return
    _seal(file, segments)
    while _join(file, segments, seal):
        pass
    _drop(file, segments)


def _seal(file: SqliteFile, segments: SegmentFiles) -> None:
    with file.write() as connection:
        rows = connection.execute("SELECT seq, num, grams FROM recent ORDER BY seq").fetchall()
        made = tail([(num, grams) for _, num, grams in rows])
        name = segments.write(made.pairs, made.nums.tolist())
        connection.execute("DELETE FROM segments WHERE state = 'old'")
        _use(connection, name, rows[0][0], rows[-1][0])
        connection.execute("DELETE FROM recent WHERE seq <= ?", (rows[-1][0],))


def _join(file: SqliteFile, segments: SegmentFiles, seal: int) -> bool:
    """Eight of about one size, side by side, as one; False where there are none."""
    with file.read() as connection:
        rows = connection.execute(
            "SELECT name, first, last FROM segments WHERE state = 'used' ORDER BY first"
        ).fetchall()
    sizes = [_level(last - first + 1, seal) for _, first, last in rows]
    for at in range(len(rows) - FAN + 1):
        some = rows[at : at + FAN]
        small = some[-1][2] - some[0][1] < LARGEST
        if small and all(size <= sizes[at] for size in sizes[at : at + FAN]):
            _replace(file, segments, [name for name, _, _ in some], some[0][1], some[-1][2])
            return True
    return False


def _level(count: int, seal: int) -> int:
    level = 0
    while count > seal * FAN // 2:
        count, level = count // FAN, level + 1
    return level


def _replace(
    file: SqliteFile, segments: SegmentFiles, names: Sequence[str], first: int, last: int
) -> None:
    # They never change, so this takes no lock until it is done.
    name = segments.merge(names)
    with file.write() as connection:
        if not set(names) <= set(used(connection)):
            return  # somebody else was quicker
        connection.execute("DELETE FROM segments WHERE state = 'old'")
        connection.executemany(
            "UPDATE segments SET state = 'old' WHERE name = ? AND state = 'used'",
            [(each,) for each in names],
        )
        _use(connection, name, first, last)


def _use(connection: sqlite3.Connection, name: str, first: int, last: int) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO segments VALUES (?, 'used', ?, ?)", (name, first, last)
    )


def _drop(file: SqliteFile, segments: SegmentFiles) -> None:
    with file.write() as connection:  # alone, so that no file is taken away that is being named
        rows = connection.execute("SELECT name FROM segments").fetchall()
        segments.drop_others(written(name, str) for (name,) in rows)


# --- all anew ------------------------------------------------------------------------------------


def rebuild(file: SqliteFile, segments: SegmentFiles, progress: Progress = silent) -> int:
    """The whole index from the texts; what was done before an interruption is not done again.

    Gives how many wordings it holds now. Others may read and write meanwhile.
    """
    while True:
        with file.read() as connection:
            (done,) = connection.execute(
                "SELECT coalesce(max(last), 0) FROM segments WHERE state = 'next'"
            ).fetchone()
            (all_,) = connection.execute("SELECT coalesce(max(seq), 0) FROM wordings").fetchone()
            rows = connection.execute(
                "SELECT seq, num, text, sha FROM wordings WHERE seq > ? ORDER BY seq LIMIT ?",
                (done, RANGE),
            ).fetchall()
        if not rows:
            progress("joining its parts", None)
            _as_one(file, segments)
            if _finish(file, done):
                break
            continue
        progress(f"indexing {all_:,} texts", done / max(1, all_))
        name = segments.write(*_pairs([(num, whole(text, sha)) for _, num, text, sha in rows]))
        with file.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO segments VALUES (?, 'next', ?, ?)",
                (name, rows[0][0], rows[-1][0]),
            )
    _drop(file, segments)
    with file.read() as connection:
        (count,) = connection.execute("SELECT count(*) FROM wordings").fetchone()
    return int(count)


def _as_one(file: SqliteFile, segments: SegmentFiles) -> None:
    """The parts of a rebuild, which nobody asks yet."""
    with file.read() as connection:
        rows = connection.execute(
            "SELECT name, first, last FROM segments WHERE state = 'next'"
        ).fetchall()
    if len(rows) < 2:
        return
    name = segments.merge([name for name, _, _ in rows])
    with file.write() as connection:
        connection.execute("DELETE FROM segments WHERE state = 'next'")
        connection.execute(
            "INSERT INTO segments VALUES (?, 'next', ?, ?)",
            (name, min(first for _, first, _ in rows), max(last for *_, last in rows)),
        )


def _finish(file: SqliteFile, done: int) -> bool:
    with file.write() as connection:
        more = connection.execute(
            "SELECT 1 FROM segments WHERE state = 'used' AND last > ?", (done,)
        ).fetchone()
        if more:
            return False  # another one put what is newer into a segment meanwhile
        connection.execute("DELETE FROM segments WHERE state = 'old'")
        connection.execute("UPDATE OR REPLACE segments SET state = 'old' WHERE state = 'used'")
        connection.execute("UPDATE segments SET state = 'used' WHERE state = 'next'")
        connection.execute("DELETE FROM recent WHERE seq <= ?", (done,))
    return True


def _pairs(texts: Sequence[tuple[int, str]]) -> tuple[U64, list[int]]:
    import numpy as np

    from vidimus.core.copies.posting import pairs

    table, places = np.unique([num for num, _ in texts], return_inverse=True)
    grams, owners = [], []
    for at, some in enumerate(_batches([text for _, text in texts])):
        found, whose = _hashed(some)
        grams.append(found)
        owners.append(places[at * BATCH + whose])
    return (
        pairs(np.concatenate(grams), np.concatenate(owners).astype(np.uint64)),
        table.tolist(),
    )


def _hashed(texts: Sequence[str]) -> tuple[U64, I64]:
    import numpy as np

    from vidimus.core.copies.grams import hashed_many

    grams, owners = hashed_many([letters(each) for each in texts], GRAM, KEPT)
    return grams >> np.uint64(23), owners


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    stream = iter(texts)
    while some := list(islice(stream, BATCH)):
        yield some
