"""The public face is whole at every moment, and nothing that does not hold gets into it."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sqlite3
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.operations.ministry import OTHER, Ministry, build
from tests.store import faces
from tests.store.faces import MemoryLog, face, files_in, log_of, monitor, opener

from vidimus import wiring
from vidimus.adapters.tile_files import TileFiles
from vidimus.core.log import merkle, note, tiles
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.errors import (
    Conflict,
    NotFound,
    OutsideFailed,
    VerificationFailed,
    VidimusError,
)
from vidimus.operations.ports import Head
from vidimus.operations.publish import publish
from vidimus.wiring.publish import publish as publish_registry

ROOT = Path(__file__).resolve().parents[2]
CHILDREN = multiprocessing.get_context("forkserver")
TRUST = b'{"v":1}'
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def go(log: Any, folder: Path, trust: bytes | None = TRUST) -> int:
    return publish(log, TileFiles(folder), trust, opener)


@pytest.mark.parametrize("size", [1, 3, 255, 256, 257, 512, 600])
def test_a_log_is_published_as_the_files_that_the_standard_gives_it(
    tmp_path: Path, size: int
) -> None:
    """Spec 6: tiles, bundles, trust root and checkpoint, and not a file more."""
    log = log_of(size)
    assert go(log, tmp_path) == size
    rest = {"checkpoint": log.checkpoint.encode(), "trust.json": TRUST}
    assert files_in(tmp_path) == face(log, size) | rest
    assert monitor(files_in(tmp_path)) == size


@settings(max_examples=20, deadline=None)
@given(
    steps=st.lists(st.sampled_from([1, 2, 100, 255, 256, 257, 300, 513]), max_size=6, unique=True)
)
def test_a_log_that_grows_is_published_piece_by_piece(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    """At every size that was published; and of what is superseded nothing is left."""
    folder = tmp_path_factory.mktemp("face") / "log"
    wanted: dict[str, bytes] = {}
    for size in sorted(steps):
        assert go(log_of(size), folder) == size
        assert monitor(files_in(folder)) == size
        wanted |= face(log_of(size), size)
        wanted = {
            path: kept
            for path, kept in wanted.items()
            if path.split(".p/")[0] not in wanted or ".p/" not in path
        }
        rest = {"checkpoint": log_of(size).checkpoint.encode(), "trust.json": TRUST}
        assert files_in(folder) == wanted | rest


def test_publishing_again_writes_nothing(tmp_path: Path) -> None:
    """It goes on from the published checkpoint, and does not look at what lies before."""
    go(log_of(600), tmp_path)

    def written() -> dict[Path, tuple[int, int]]:
        """Which file it is and when it was written last; looking at one is no writing."""
        found = {path: path.stat() for path in tmp_path.rglob("*")}
        return {path: (each.st_ino, each.st_mtime_ns) for path, each in found.items()}

    before = written()
    assert go(log_of(600), tmp_path) == 600
    assert written() == before
    (tmp_path / "tile/0/000").unlink()
    assert go(log_of(601), tmp_path) == 601
    assert not (tmp_path / "tile/0/000").exists()


def test_an_empty_log_has_no_face_yet(tmp_path: Path) -> None:
    assert go(MemoryLog(0), tmp_path) == 0
    assert files_in(tmp_path) == {}


def test_the_word_of_the_witnesses_is_published_where_it_is_of_this_head(tmp_path: Path) -> None:
    """It comes later than the head, and a later head does not wait for it."""
    log = MemoryLog(5)
    go(log, tmp_path)
    line = note.sign("x\n", note.Signer.of("witness.example", STRANGER)).splitlines()[-1]
    log.cosigned = Head(5, f"{log.checkpoint}{line}\n")
    assert go(log, tmp_path) == 5
    assert files_in(tmp_path)["checkpoint"].decode() == log.cosigned.checkpoint
    log.grow(1)
    assert go(log, tmp_path) == 6
    assert files_in(tmp_path)["checkpoint"].decode() == log.checkpoint


def test_witnesses_who_saw_another_tree_stop_the_publishing(tmp_path: Path) -> None:
    log = MemoryLog(5)
    log.cosigned = Head(5, log_of(5, "other").checkpoint)
    with pytest.raises(VerificationFailed, match="another tree"):
        go(log, tmp_path)
    assert files_in(tmp_path) == {}


def test_the_trust_root_is_renewed_and_left_where_there_is_none_to_write(tmp_path: Path) -> None:
    go(log_of(5), tmp_path)
    go(log_of(5), tmp_path, b"newer")
    assert files_in(tmp_path)["trust.json"] == b"newer"
    go(log_of(6), tmp_path, None)
    assert files_in(tmp_path)["trust.json"] == b"newer"


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "log"),
    [
        (log_of(6), log_of(5)),
        (log_of(300), log_of(256)),
        (log_of(5), MemoryLog(0)),
        (log_of(5, "other"), log_of(5)),
        (log_of(5, "other"), log_of(300)),
        (log_of(256, "other"), log_of(300)),
    ],
    ids=["ahead", "far-ahead", "empty-log", "fork-same-size", "fork", "fork-at-a-tile"],
)
def test_what_does_not_continue_the_published_log_is_refused(
    tmp_path: Path, published: MemoryLog, log: MemoryLog
) -> None:
    """Spec 6.11: neither an older log nor another one; the folder stays as it was."""
    go(published, tmp_path)
    before = files_in(tmp_path)
    with pytest.raises(VerificationFailed) as refused:
        go(log, tmp_path)
    assert refused.value.hint
    assert files_in(tmp_path) == before


def test_a_folder_of_another_log_is_refused(tmp_path: Path) -> None:
    """So is a checkpoint that cannot be read: nobody knows what was published there."""
    stranger = note.Signer.of("other.example", STRANGER)
    root = merkle.root(5, log_of(5).tree.read)
    other = sign_checkpoint(Checkpoint("other.example", 5, root), stranger)
    good = log_of(5).checkpoint
    forged = good.replace("\n5\n", "\n4\n", 1)
    for content in (other.encode(), forged.encode(), good.encode()[:-9], b"", b"\xff\n"):
        (tmp_path / "checkpoint").write_bytes(content)
        with pytest.raises(VerificationFailed):
            go(log_of(6), tmp_path)
        assert files_in(tmp_path) == {"checkpoint": content}


def test_a_file_that_never_changes_is_not_written_over(tmp_path: Path) -> None:
    go(log_of(256), tmp_path)
    path = tmp_path / "tile/entries/001.p/44"
    path.parent.mkdir()
    path.write_bytes(b"something else")
    before = files_in(tmp_path)["checkpoint"]
    with pytest.raises(VerificationFailed, match=r"001\.p/44"):
        go(log_of(300), tmp_path)
    assert path.read_bytes() == b"something else"
    assert files_in(tmp_path)["checkpoint"] == before
    assert monitor(files_in(tmp_path)) == 256


def flipped(content: bytes, bit: int) -> bytes:
    spoiled = bytearray(content)
    spoiled[bit // 8 % len(content)] ^= 1 << bit % 8
    return bytes(spoiled)


def publish_spoiled(log: MemoryLog, folder: Path, size: int) -> bool:
    """Published or refused: either way there is no wrong byte in the folder."""
    good = face(log_of(size), size)
    before = files_in(folder)
    try:
        go(log, folder)
        published = True
    except VidimusError:
        published = False
        assert files_in(folder).get("checkpoint") == before.get("checkpoint")
    after = files_in(folder)
    for path, content in after.items():
        if path not in ("checkpoint", "trust.json"):
            assert content == {**good, **before}[path], path
    assert monitor(after) == (size if published else monitor(before))
    return published


@settings(max_examples=60, deadline=None)
@given(data=st.data(), old=st.sampled_from([0, 5, 256, 300]), size=st.sampled_from([301, 520]))
def test_a_flipped_bit_in_the_database_is_never_published(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, old: int, size: int
) -> None:
    """Spec 6.12: of an entry, of a document, of a hash, of the checkpoint."""
    folder = tmp_path_factory.mktemp("face") / "log"
    if old:
        go(log_of(old), folder)
    log, bit = MemoryLog(size), data.draw(st.integers(0, 5000))
    what = data.draw(st.sampled_from(["raw", "document", "hash", "leaf", "checkpoint"]))
    if what in ("raw", "document"):
        index = data.draw(st.integers(old, size - 1))
        content = getattr(log.stored[index], what)
        if content is None:
            return
        log.spoil(index, **{what: flipped(content, bit)})
    elif what == "checkpoint":
        # A byte of the text or of the signature; the newline after it is looked at too.
        log.checkpoint = flipped(log.checkpoint.encode(), bit).decode("latin-1")
    else:
        places = sorted(log.tree.hashes)
        first = [(0, n) for n in range(old, size)]
        place = data.draw(st.sampled_from(first if what == "leaf" else places))
        log.tree.hashes[place] = flipped(log.tree.hashes[place], bit)
    published = publish_spoiled(log, folder, size)
    # A hash that no file needs and no root is made of may pass unseen.
    assert not published or what == "hash"


def test_what_is_missing_or_laid_open_is_not_published(tmp_path: Path) -> None:
    """A document that is gone; a sealed one that lies in the public file; an entry or hash."""

    def spoiled(number: int) -> MemoryLog:
        log = MemoryLog(300)
        if number == 0:
            log.spoil(270, document=None)
        elif number == 1:
            log.spoil(272, document=b"sealed")
        elif number == 2:
            del log.tree.hashes[0, 280]
        elif number == 3:
            log.tree.hashes[0, 280] = b"short"
        else:
            del log.stored[280]
            log.head = lambda: MemoryLog(300).head()  # type: ignore[method-assign]
        return log

    for number in range(5):
        folder = tmp_path / str(number)
        go(log_of(256), folder)
        assert not publish_spoiled(spoiled(number), folder, 300)


def test_bits_that_fall_over_in_the_real_file_are_never_published(tmp_path: Path) -> None:
    """The same with a registry's own SQLite file, column by column."""
    m = build(tmp_path / "registry")
    m.released()
    good = tmp_path / "good"
    size = publish_registry(m.folder, good)
    assert size == m.registry.log.head().size
    chance = random.Random(3)
    for table, column in [
        ("entries", "raw"), ("entries", "document"), ("subtrees", "hash"), ("head", "checkpoint"),
    ]:  # fmt: skip
        for round_ in range(12):
            copy = tmp_path / f"{column}-{round_}"
            shutil.copytree(m.folder, copy)
            spoil(copy / "public" / "log.sqlite", table, column, chance)
            try:
                publish_registry(copy)
            except VidimusError:
                refused = True
            else:
                refused = False
            # Of the hashes, those between the levels of tiles may be of no use at this size.
            assert refused or column == "hash"
            face_ = files_in(copy / "public" / "log")
            assert ("checkpoint" in face_) != refused
            assert face_.items() <= files_in(good).items()


def spoil(path: Path, table: str, column: str, chance: random.Random) -> None:
    with sqlite3.connect(path) as file:
        rows = file.execute(
            f"SELECT rowid, {column} FROM {table}"
            if table != "subtrees"
            else "SELECT level * 1000 + n, hash FROM subtrees"
        ).fetchall()
        name, content = chance.choice([row for row in rows if row[1] is not None])
        text = isinstance(content, str)
        spoiled = flipped(content.encode() if text else content, chance.randrange(10**6))
        value = spoiled.decode("latin-1") if text else spoiled
        where = "rowid" if table != "subtrees" else "level * 1000 + n"
        file.execute(f"UPDATE {table} SET {column} = ? WHERE {where} = ?", (value, name))
    file.close()


# --- crashes ---------------------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


class FailingFiles:
    """A folder that is there until one write, and then no more: before it, or after it."""

    WRITES = ("create", "replace", "drop_partials", "sync")

    def __init__(self, files: TileFiles, at: int, *, after: bool) -> None:
        self._files = files
        self._left = at
        self._after = after
        self.crashed = False

    def writing(self) -> AbstractContextManager[None]:
        return self._files.writing()

    def read(self, path: str) -> bytes:
        return self._files.read(path)

    def __getattr__(self, name: str) -> Any:
        def write(*args: Any) -> None:
            self._left -= 1
            if self._left == 0:
                self.crashed = True
                if self._after:
                    getattr(self._files, name)(*args)
                raise Crash
            getattr(self._files, name)(*args)

        assert name in self.WRITES
        return write


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_write_leaves_a_face_that_can_be_verified(
    tmp_path: Path, after: bool
) -> None:
    """And the next publishing ends where one without a crash would have ended."""
    whole = tmp_path / "whole"
    go(log_of(255), whole)
    go(log_of(600), whole)
    at, crashed = 0, True
    while crashed:
        at += 1
        folder = tmp_path / f"{at}"
        go(log_of(255), folder)
        files = FailingFiles(TileFiles(folder), at, after=after)
        with suppress(Crash):
            publish(log_of(520), files, b"newer", opener)
        crashed = files.crashed
        # Nobody who reads by the checkpoint that is there misses a file.
        shown = monitor(files_in(folder))
        assert shown in (255, 520)
        assert go(log_of(600), folder) == 600
        found = files_in(folder)
        extra = set(found) - set(files_in(whole))
        assert all(".p/" in path for path in extra)
        assert {path: found[path] for path in files_in(whole)} == files_in(whole)
        # A crash between the checkpoint and the tidying may leave partial files beside full
        # ones: true, of no use, and in nobody's way.
        assert shown == 520 or not [path for path in extra if path.split(".p/")[0] in found]
        shutil.rmtree(folder)
    assert at > 15


def test_what_a_crash_left_half_written_is_written_over(tmp_path: Path) -> None:
    go(log_of(200), tmp_path)
    (tmp_path / ".new").write_bytes(b"half")
    (tmp_path / "tile/entries/x001").mkdir()
    assert go(log_of(300), tmp_path) == 300
    assert files_in(tmp_path) == face(log_of(300), 300) | {
        "checkpoint": log_of(300).checkpoint.encode(), "trust.json": TRUST,
    }  # fmt: skip


def kill_often(folder: Path, times: int) -> None:
    size, chance = 200, random.Random()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT / "src"), str(ROOT))))
        for _ in range(times):
            ours, theirs = CHILDREN.Pipe(duplex=False)
            child = CHILDREN.Process(target=faces.publish_for_ever, args=(folder, size, theirs))
            child.start()
            theirs.close()
            said = [ours.recv() for _ in range(chance.randrange(1, 12))]
            time.sleep(chance.random() * 0.02)
            child.kill()
            child.join()
            # What it had said before it died still stands in the pipe.
            with suppress(EOFError, OSError):
                while True:
                    said.append(ours.recv())
            ours.close()
            shown = monitor(files_in(folder))
            assert shown in (said[-1], said[-1] + 7)
            size = shown + 1
    go(log_of(size), folder)
    found, wanted = files_in(folder), face(log_of(size), size)
    assert {path: found[path] for path in wanted} == wanted


def test_a_publisher_that_is_killed_leaves_a_face_that_can_be_verified(tmp_path: Path) -> None:
    """At any moment at all, inside a write too; what was said to be published is there."""
    kill_often(tmp_path / "log", 8)


@pytest.mark.soak
def test_hundreds_of_kills_leave_a_face_that_can_be_verified(tmp_path: Path) -> None:
    for round_ in range(20):
        kill_often(tmp_path / f"{round_}", 20)


# --- the folder ------------------------------------------------------------------------------


def test_only_one_publishes_at_a_time(tmp_path: Path) -> None:
    with TileFiles(tmp_path).writing(), pytest.raises(Conflict) as refused:
        go(log_of(5), tmp_path)
    assert refused.value.hint
    assert files_in(tmp_path) == {}
    assert go(log_of(5), tmp_path) == 5


def test_a_folder_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "log", Path("/proc/nothing")):
        with pytest.raises(OutsideFailed) as failed:
            go(log_of(5), folder)
        assert failed.value.hint
    go(log_of(5), tmp_path / "log")
    (tmp_path / "log/tile/entries/000.p/6").mkdir()
    with pytest.raises(OutsideFailed):
        go(log_of(6), tmp_path / "log")
    assert monitor(files_in(tmp_path / "log")) == 5


def test_a_folder_gives_what_it_holds_and_says_what_it_does_not(tmp_path: Path) -> None:
    files = TileFiles(tmp_path)
    with pytest.raises(NotFound):
        files.read("tile/0/000")
    files.create("tile/0/000", b"x")
    files.create("tile/0/000", b"x")
    with pytest.raises(VerificationFailed):
        files.create("tile/0/000", b"y")
    with pytest.raises(NotFound):
        files.read("tile/0/000/001")
    files.create("tile/0/001.p/3", b"z")
    files.drop_partials("tile/0/001")
    files.drop_partials("tile/0/001")
    with pytest.raises(NotFound):
        files.read("tile/0/001.p/3")
    files.sync()
    assert files.read("tile/0/000") == b"x"


def test_a_registry_is_published_into_its_public_folder(tmp_path: Path) -> None:
    m: Ministry = build(tmp_path / "registry")
    m.released()
    size = publish_registry(m.folder)
    face_ = m.folder / "public" / "log"
    head = m.registry.log.head()
    assert (size, files_in(face_)["checkpoint"].decode()) == (head.size, head.checkpoint)
    raws = tiles.read_entries(files_in(face_)[tiles.entries_path(0, size)], size)
    assert raws == tuple(each.raw for each in m.registry.log.entries(0, size))
    m.draft(OTHER)
    assert publish_registry(m.folder, face_) == size + 1
    assert wiring.settings(m.folder).origin in files_in(face_)["checkpoint"].decode()
