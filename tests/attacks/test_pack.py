"""Packs that a lying log signs, to break whoever opens them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evidence.conftest import cases
from tests.evidence.test_pack import Parts, asked, pack, parts

__all__ = ["cases", "pack", "parts"]

WRITABLE = "PRAGMA writable_schema = ON; "
BUSY = "length(hex(zeroblob(400000000)))"

TRICKS = {
    "names of another type": "UPDATE wordings SET num = CAST(num AS BLOB)",
    "numbers that are texts": "DROP TABLE letters; CREATE TABLE letters (num TEXT PRIMARY KEY, id"
    " TEXT); INSERT INTO letters SELECT DISTINCT num, x'00ff' FROM recent",
    "names that are no text": "UPDATE letters SET id = CAST(id || num AS BLOB)",
    "a text that is no Unicode": "UPDATE wordings SET text = CAST(x'ff' AS TEXT)",
    "a number too large": "UPDATE entries SET time = 9223372036854775807",
    "a number that is none": "UPDATE entries SET time = 'x'",
    "a size too large": "UPDATE head SET size = 9223372036854775807",
    "a witnessed head of nobody": "INSERT OR REPLACE INTO witnessed VALUES (1, -1, 'x', 'y')",
    "a schema that is none": WRITABLE + "UPDATE sqlite_master SET sql = 'CREATE TABLE x(' WHERE"
    " name = 'letters'",
    "two tables in one place": WRITABLE + "UPDATE sqlite_master SET rootpage = (SELECT rootpage"
    " FROM sqlite_master WHERE name = 'recent') WHERE name = 'wordings'",
    "a table in no place": WRITABLE + "UPDATE sqlite_master SET rootpage = 999999 WHERE"
    " name = 'recent'",
    "grams that are none": "UPDATE recent SET grams = substr(grams, 2)",
    "a part of the index that is not there": "INSERT INTO segments VALUES"
    " (lower(hex(zeroblob(32))), 'used', 1, 1)",
    "a part of the index elsewhere": "INSERT INTO segments VALUES ('../../x', 'used', 1, 1);"
    " INSERT INTO carried VALUES ('../../x', 0, x'00')",
    "a part of the index that is another": "INSERT INTO segments VALUES"
    " (lower(hex(zeroblob(32))), 'used', 1, 1);"
    " INSERT INTO carried VALUES (lower(hex(zeroblob(32))), 0, x'00')",
    "since before": "UPDATE wordings SET since = -5",
    "since never": "UPDATE wordings SET since = 1e300",
}


@pytest.mark.parametrize("what", TRICKS)
def test_nothing_but_a_refusal_or_the_right_answer(parts: Parts, tmp_path: Path, what: str) -> None:
    lying = parts.altered(TRICKS[what], tmp_path)
    status, said, noted = asked(lying.content(), tmp_path)
    if said:
        assert "STANDS" in said.splitlines() and status == 0
    else:
        assert status in (1, 2, 3) and noted.startswith("vidimus: ")


COMPUTED = {
    "a column": "ALTER TABLE letters ADD COLUMN more TEXT AS (hex(id))",
    "all memory": "CREATE TABLE h AS SELECT * FROM head; DROP TABLE head; CREATE TABLE head (one"
    f" INTEGER PRIMARY KEY, size INTEGER AS (one * {BUSY}), checkpoint TEXT);"
    " INSERT INTO head (one, checkpoint) SELECT one, checkpoint FROM h; DROP TABLE h",
    "an index": "CREATE INDEX more ON letters (hex(id))",
    "an index beside a column": "CREATE INDEX more ON letters (id, num + 1)",
}


@pytest.mark.parametrize("what", COMPUTED)
def test_nothing_in_a_pack_is_computed(parts: Parts, tmp_path: Path, what: str) -> None:
    """A column of one row may take a gigabyte to read."""
    status, said, noted = asked(parts.altered(COMPUTED[what], tmp_path).content(), tmp_path)
    assert (status, said) == (2, "")
    assert "malformed pack" in noted
