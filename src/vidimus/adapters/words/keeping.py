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

from vidimus.adapters.sqlite.connection import SqliteFile, damaged, written
from vidimus.adapters.sqlite.text_index import used, whole_bytes
from vidimus.adapters.words.recent import tail
from vidimus.adapters.words.segment_files import SegmentFiles
from vidimus.core.copies.fingerprints import GAP, GRAM, KEPT, letters, run_together
from vidimus.operations.ports import Progress, silent

if TYPE_CHECKING:
    from vidimus.core.copies.posting import I64, U64

FAN = 8  # segments of about one size that become one
LARGEST = 262_144  # wordings; joining more would hold up the writer for seconds
RANGE = 8_192  # wordings that a rebuild takes at once: some 5 million pairs
BATCH = 24  # texts that are hashed together: as many as stay in the cache


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
                "SELECT seq, num, CAST(text AS BLOB), sha FROM wordings WHERE seq > ?"
                " ORDER BY seq LIMIT ?",
                (done, RANGE),
            ).fetchall()
        if not rows:
            progress("joining its parts", None)
            _as_one(file, segments)
            if _finish(file, done):
                break
            continue
        progress(f"indexing {all_:,} texts", done / max(1, all_))
        texts = [whole_bytes(text, sha) for _, _, text, sha in rows]
        name = segments.write(*_pairs([num for _, num, _, _ in rows], texts))
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


def _pairs(nums: Sequence[int], texts: Sequence[bytes]) -> tuple[U64, list[int]]:
    import numpy as np

    from vidimus.core.copies.posting import LETTER_BITS, unique

    table, places = np.unique(nums, return_inverse=True)
    found = []
    for numbers, (grams, owners) in _hashed(texts):
        # Joined while they are few and in the cache: see `posting.pairs`.
        grams >>= np.uint64(23)
        grams <<= np.uint64(LETTER_BITS)
        grams |= places[numbers][owners].astype(np.uint64)
        found.append(grams)
    ordered = np.concatenate(found)
    ordered.sort()
    return unique(ordered), table.tolist()


def _hashed(texts: Sequence[bytes]) -> Iterator[tuple[list[int], tuple[U64, I64]]]:
    """The numbers of some texts, and the grams of these; those of ASCII quicker than others."""
    import numpy as np

    from vidimus.core.copies.grams import hashed_apart, hashed_many

    plain = [number for number, text in enumerate(texts) if text.isascii()]
    for some in _batches(plain):
        codes = np.frombuffer(run_together(texts[number] for number in some), dtype=np.uint8)
        yield some, hashed_apart(codes, np.flatnonzero(codes == GAP), GRAM, KEPT)
    others = [number for number, text in enumerate(texts) if not text.isascii()]
    for some in _batches(others):
        yield some, hashed_many([_folded(texts[number]) for number in some], GRAM, KEPT)


def _folded(text: bytes) -> str:
    try:
        return letters(text.decode())
    except UnicodeDecodeError as error:
        raise damaged("a text is not in UTF-8") from error


def _batches(numbers: Sequence[int]) -> Iterator[list[int]]:
    stream = iter(numbers)
    while some := list(islice(stream, BATCH)):
        yield some
