"""The disk is full, or may only be read. A small disk of our own is mounted where we may; else
the tests of the stores say what happens to them (tests/store/test_sqlite.py)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import pytest
from tests.faults import doors
from tests.faults.kept import Kept
from tests.faults.parts import CHILDREN, close, copied, released, reopened, run
from tests.faults.serving import Caller, serving, told, vidimus
from tests.faults.test_server import Client, require_published
from tests.faults.test_torn import rounds
from tests.operations.ministry import OTHER, Ministry
from tests.store.test_kill import require_no_orphans

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.copies.answers import Headline
from vidimus.core.seal import submitted
from vidimus.errors import OutsideFailed

PAGE = 4096


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    """Mounted there for a while. Skips where that is not allowed."""
    place.mkdir(exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a disk")
    done = subprocess.run(["mount", *options, str(place)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Six mebibytes."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=6m", "tmpfs") as place:
        yield place


@contextmanager
def filled(disk: Path, left: int) -> Iterator[None]:
    """Somebody else takes all of it but so many pages; then he makes room again."""
    ballast = disk / "ballast"
    found = os.statvfs(disk)
    with ballast.open("wb") as file, suppress(OSError):
        file.write(bytes(max(0, found.f_bavail * found.f_frsize - left * PAGE)))
    try:
        yield
    finally:
        ballast.unlink()


def test_a_full_disk_refuses_for_now_and_loses_nothing(base: Ministry, disk: Path) -> None:
    """Issue: disk full: 503 with what to do, at whatever write it comes; when there is room
    again, the same server takes the same statement."""
    m, kept = copied(base, disk / "registry"), Kept()
    letters, refused = released(m), 0
    with serving(m.folder) as server, Caller(server.address) as call:
        clients = [Client(m, letter, kept) for letter in (*letters, "")]
        for left in (0, 1, 2, 3, 5, 8, 13, 21, 34):
            with filled(disk, left):
                for number in range(60):
                    one = clients[number % len(clients)]
                    one.under_way = one.under_way or one._next()
                    raw, body = one.under_way
                    status, answer = call.post(body)
                    if status != 201:
                        assert status == 503
                        assert "full" in told(answer) and "(" in told(answer)
                        refused += 1
                        break
                    kept.registered(raw, answer)
                    one.under_way = None
                # What was registered can be read all the same.
                status, head = call.get("/checkpoint")
                assert status == 200
                kept.shown(head.decode())
                assert call.get("/entries/3")[0] == 200
                try:
                    m.draft(f"{OTHER} {left}", reference=f"D-{left}")
                    kept.acted(m.said[-1].index, documents.write(m.said[-1].act))
                except OutsideFailed as error:
                    assert "full" in error.fact and error.hint
            for one in clients:
                one.once(call)
                assert not one.wrong
        assert refused == 9
        require_published(m.folder, m.registry.log.head().size)
        assert "Traceback" not in server.said()
    m.draft(f"{OTHER} There is room.")
    require_no_orphans(m)
    kept.require(m.folder)
    close(m)


def test_a_file_that_cannot_grow_refuses_for_now_and_loses_nothing(
    base: Ministry, tmp_path: Path
) -> None:
    """The same where no disk can be mounted: the kernel lets no file grow beyond a size."""
    m, kept = copied(base, tmp_path / "registry"), Kept()
    made = [each for round_ in rounds(m, 12) for each in round_.submissions]
    bodies = [submitted.write(each.raw, each.document, each.text) for each in made]
    said, status = run(doors.squeezed, m.folder, bodies, 3)
    assert status == 0
    refused = 0
    for _, number, code, answer in said:
        if code == 201:
            kept.registered(made[number].raw, answer)
        else:
            assert code == 503 and "(" in told(answer), answer
            refused += 1
    assert refused >= 6
    assert {raw for raw, _ in kept.receipts} == {each.raw for each in made}
    kept.require(m.folder)


# --- read-only -----------------------------------------------------------------------------------


@contextmanager
def read_only(folder: Path, place: Path) -> Iterator[Path]:
    """The same folder at another place, where nothing can be written."""
    if os.geteuid() == 0:
        with mounted(place, "--bind", str(folder)) as made:
            done = ["mount", "-o", "remount,bind,ro", str(place)]
            subprocess.run(done, check=True, capture_output=True)
            yield made
        return
    place.symlink_to(folder)
    parts = [folder, *folder.rglob("*")]
    modes = {each: each.stat().st_mode for each in parts}
    for each in parts:
        each.chmod(modes[each] & 0o555)
    try:
        yield place
    finally:
        for each in parts:
            each.chmod(modes[each])


def text_of(m: Ministry, letter: str) -> str:
    return next(each.text for each in m.registry.log.wordings((letter,)))


def test_a_copy_on_a_read_only_disk_answers_as_the_original(base: Ministry, tmp_path: Path) -> None:
    """A mirror or a CD, of the file alone: check, serve, verify, prove."""
    m = copied(base, tmp_path / "registry")
    genuine = text_of(m, released(m)[0])
    close(m)
    shutil.copytree(m.folder / "public", tmp_path / "mirror" / "public")
    assert not list((tmp_path / "mirror" / "public").glob("*-wal"))
    (tmp_path / "copy.txt").write_text(genuine)
    with read_only(tmp_path / "mirror", tmp_path / "still") as still:
        checked = vidimus("check", str(tmp_path / "copy.txt"), "--registry", str(still))
        assert (checked.returncode, checked.stderr) == (0, ""), checked
        assert vidimus("log", "proof", "3", "--registry", str(still)).returncode == 0
        verified = vidimus("log", "verify", "--public", "--registry", str(still))
        assert verified.returncode == 0, verified.stderr
        with serving(still, log=False) as server, Caller(server.address) as call:
            assert call.get("/checkpoint")[0] == 200
            assert b"STANDS" in call.ask("POST", "/check", genuine.encode(), "text/plain")[1]
            assert "Traceback" not in server.said()
        # Who wants to write hears that it cannot be done, and what he needs.
        for arguments in (("log", "serve", "--port", "0"), ("log", "publish")):
            refused = vidimus(*arguments, "--registry", str(still))
            assert refused.returncode in (2, 3), refused
            assert "hint:" in refused.stderr and "Traceback" not in refused.stderr
    assert not list((tmp_path / "mirror" / "public").glob("*-shm"))


def test_an_office_on_a_read_only_disk_says_so_and_can_be_verified(
    base: Ministry, tmp_path: Path
) -> None:
    m = copied(base, tmp_path / "registry")
    before = m.snapshot()
    close(m)
    with read_only(m.folder, tmp_path / "still") as still:
        refused = vidimus("log", "serve", "--port", "0", "--registry", str(still))
        assert refused.returncode == 3
        assert "hint:" in refused.stderr
        with pytest.raises(OutsideFailed) as error:
            reopened(m, still).draft(f"{OTHER} Never.")
        assert error.value.hint
        for outside in (False, True):
            assert not wiring.verify_log(still, outside).refused
    m = reopened(m, m.folder)
    assert m.snapshot() == before
    m.draft(f"{OTHER} Again.")
    m.verify()


def test_a_letter_that_is_taken_back_elsewhere_does_not_stand_here(
    base: Ministry, tmp_path: Path
) -> None:
    """This process may not write, and the office may: the file at rest here is at work there.

    Nobody holds it open at first, so it is read without the locks of SQLite; and the answer
    is that of the moment all the same, whether the office stays or closes the file again.
    """
    m = copied(base, tmp_path / "registry")
    letters = released(m)
    texts = [text_of(m, each) for each in letters]
    close(m)
    with read_only(m.folder, tmp_path / "still") as still:
        desk = wiring.public_desk(still)

        def headlines() -> list[Headline]:
            return [desk.check((each.encode(),)).answer.headline for each in texts]

        assert headlines() == [Headline.STANDS] * 3
        if os.geteuid() != 0:
            return  # nobody may write here, the office neither
        for at, letter in enumerate(letters):
            m = reopened(m, m.folder)
            m.do("ben", "withdraw", letter=letter)
            gone = [Headline.WITHDRAWN] * (at + 1)
            assert headlines() == gone + [Headline.STANDS] * (2 - at)
            close(m)
            assert headlines() == gone + [Headline.STANDS] * (2 - at)


@contextmanager
def anybodys(base: Ministry) -> Iterator[Path]:
    """A copy of it in a folder that everybody may enter, unlike those of pytest."""
    place = Path(mkdtemp(prefix="vidimus-test-"))
    place.chmod(0o755)
    try:
        shutil.copytree(base.folder, place / "registry")
        for each in (place / "registry", place / "registry" / "public"):
            each.chmod(0o755)
        for each in (place / "registry" / "public").iterdir():
            each.chmod(0o644)
        yield place / "registry"
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_the_server_of_another_user_reads_what_the_office_writes(
    base: Ministry, tmp_path: Path
) -> None:
    """He may read the public folder and nothing else: also when the office is closed, and again
    when it works there."""
    warm = copied(base, tmp_path / "warm")
    text, (letter, *_) = text_of(warm, released(warm)[0]), released(warm)
    with anybodys(base) as folder:
        turn, theirs = CHILDREN.Pipe(duplex=False)[::-1]
        answers, to = CHILDREN.Pipe(duplex=False)
        child = CHILDREN.Process(
            target=doors.as_nobody, args=(folder, warm.folder, text.encode(), theirs, to)
        )
        child.start()
        to.close()

        def headline() -> Headline:
            turn.send(True)
            return Headline(answers.recv())

        assert headline() is headline() is Headline.STANDS
        m = reopened(base, folder)
        for verb, found in (("hold", Headline.ON_HOLD), ("clear", Headline.STANDS)):
            m.do("cleo", verb, letter=letter)
            assert headline() is found
        close(m)
        assert headline() is Headline.STANDS
        m = reopened(base, folder)
        m.do("ben", "withdraw", letter=letter)
        assert headline() is Headline.WITHDRAWN
        close(m)
        assert headline() is headline() is Headline.WITHDRAWN
        turn.send(False)
        child.join()
        assert child.exitcode == 0


LEFT = {
    "an empty log of writes": ("empty", None),
    "an index of it": (None, "index"),
    "both": ("empty", "index"),
    "writes with their index": ("full", "index"),
}


@pytest.mark.parametrize("name", LEFT)
def test_whatever_lies_beside_the_file_it_is_read(
    base: Ministry, tmp_path: Path, name: str
) -> None:
    """A copy of what a killed process left, on a disk where nothing can be mended."""
    wal, index = LEFT[name]
    m = copied(base, tmp_path / "registry")
    m.do("ben", "withdraw", letter=released(m)[0])
    size = m.registry.log.head().size
    kept = {each.name: each.read_bytes() for each in (m.folder / "public").glob("log.sqlite*")}
    close(m)
    if wal == "full":
        for path, content in kept.items():
            (m.folder / "public" / path).write_bytes(content)
    if wal == "empty":
        (m.folder / "public" / "log.sqlite-wal").write_bytes(b"")
    if index:
        (m.folder / "public" / "log.sqlite-shm").write_bytes(kept["log.sqlite-shm"])
    with read_only(m.folder, tmp_path / "still") as still:
        assert wiring.verify_log(still, True).size == size


def test_a_copy_without_its_latest_writes_says_what_is_wrong(
    base: Ministry, tmp_path: Path
) -> None:
    """Read without them, a letter that was taken back would stand."""
    m = copied(base, tmp_path / "registry")
    genuine = text_of(m, released(m)[0])
    m.do("ben", "withdraw", letter=released(m)[0])
    shutil.copytree(m.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm"))
    with read_only(tmp_path / "copy", tmp_path / "still") as still:
        with pytest.raises(OutsideFailed) as refused:
            wiring.public_desk(still).check((genuine.encode(),))
        assert "log.sqlite-wal" in refused.value.fact and "copy it again" in refused.value.hint
    # Where it can be mended, it is.
    desk = wiring.public_desk(tmp_path / "copy")
    assert desk.check((genuine.encode(),)).answer.headline is Headline.WITHDRAWN
