"""Segments inside of a file of wordings, for a copy that travels as one file: a pack."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

from vidimus.adapters.words.segment_files import SUFFIX, SegmentFiles
from vidimus.errors import FormatError, OutsideFailed

PIECE = 16 * 1024 * 1024  # bytes in one row


def take_in(database: Path, segments: SegmentFiles) -> None:
    """Put the files that a copy of the database names into it, and nothing that it does not."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("DELETE FROM segments WHERE state <> 'used'")
        connection.execute(
            "CREATE TABLE carried (name TEXT NOT NULL, part INTEGER NOT NULL, content BLOB)"
        )
        for (name,) in connection.execute("SELECT name FROM segments").fetchall():
            segments.require_sound(name)
            with segments.path(name).open("rb") as file:
                part = 0
                while content := file.read(PIECE):
                    connection.execute(
                        "INSERT INTO carried VALUES (?, ?, ?)", (name, part, content)
                    )
                    part += 1
        connection.commit()
    except (sqlite3.Error, OSError) as error:
        raise OutsideFailed(
            f"the index of words cannot be copied: {error}", hint="is the disk full?"
        ) from error
    finally:
        connection.close()


def put_beside(database: Path) -> None:
    """The files that travelled in a database, beside it. Raises FormatError for any other."""
    folder = database.with_suffix(SUFFIX)
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        folder.mkdir()
        rows = connection.execute(
            "SELECT name FROM segments WHERE state = 'used' ORDER BY name"
        ).fetchall()
        for (name,) in rows:
            parts = connection.execute(
                "SELECT content FROM carried WHERE name = ? ORDER BY part", (name,)
            )
            _put(folder, name, (content for (content,) in parts))
    except sqlite3.Error as error:
        raise FormatError(f"malformed pack: its index of words: {error}") from error
    except OSError as error:
        raise OutsideFailed(f"the pack cannot be unpacked: {error}") from error
    finally:
        connection.close()


def _put(folder: Path, name: Any, contents: Any) -> None:
    digest = hashlib.sha256()
    # Under a name of our own until it is known that the stranger's is a digest.
    path = folder / "carried"
    with path.open("wb") as file:
        for content in contents:
            if not isinstance(content, bytes):
                raise FormatError("malformed pack: its index of words is of another type")
            digest.update(content)
            file.write(content)
    if digest.hexdigest() != name:
        raise FormatError("malformed pack: its index of words is not the one that it names")
    path.replace(folder / (digest.hexdigest() + SUFFIX))
