"""The cell: whatever happens in it, the parent answers in words and in bounded time."""

from __future__ import annotations

import io
import os
import stat
import struct
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reading import pages as made

from vidimus.adapters.reading import frames, replies
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader
from vidimus.core.copies.page import Copy
from vidimus.errors import FormatError, OutsideFailed, TooLarge, Unreadable, VidimusError


def impostor(folder: Path, body: str) -> str:
    """A program that stands in for Python, to see what the parent makes of a bad cell."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def framed(header: bytes) -> str:
    """A shell command that writes one frame with this header."""
    octal = "".join(f"\\{byte:03o}" for byte in struct.pack(">I", len(header)) + header)
    return f"printf '{octal}'"


def living() -> set[str]:
    """Cells and Tesseracts that this test process has started and that still run."""
    mine = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(status[1]) == os.getpid() and status[0] != "Z":
                    mine.add(entry.name)
            except (OSError, IndexError):
                continue
    return mine


def test_a_cell_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    before = living()
    hanging = impostor(tmp_path, f"sleep 300 & echo $! > {tmp_path}/child; wait")
    start = time.monotonic()
    with pytest.raises(TooLarge, match="longer than 1 seconds"):
        CellReader(Limits(seconds=1), python=hanging).read([made.letter_pdf()])
    assert time.monotonic() - start < 5
    assert living() <= before
    child = (tmp_path / "child").read_text().strip()
    for _ in range(50):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.1)
    else:
        state = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
        assert state == "Z", "the grandchild was killed too"


def test_a_real_reading_is_stopped_at_its_time() -> None:
    photos = [made.encode(made.draw(made.letter_pdf(), 200))] * 8
    start = time.monotonic()
    with pytest.raises((TooLarge, OutsideFailed)):
        CellReader(Limits(seconds=1.5)).read(photos)
    assert time.monotonic() - start < 5


def test_a_cell_that_exhausts_its_memory_gives_an_error() -> None:
    """60 million pixels need more than this cell may have; another cell reads on."""
    import numpy as np

    large = made.encode(np.full((7_000, 8_000, 3), 255, np.uint8), "PNG")
    start = time.monotonic()
    with pytest.raises((TooLarge, Unreadable, OutsideFailed)) as caught:
        CellReader(Limits(seconds=60, memory_bytes=700 * 1024 * 1024)).read([large])
    assert caught.value.hint
    assert time.monotonic() - start < 30


def test_a_cell_that_computes_too_long_gives_an_error() -> None:
    photo = made.encode(made.photograph(made.draw(made.letter_pdf(), 200)), "JPEG")
    reader = CellReader(Limits(seconds=60, cpu_seconds=1), tesseract="/nonexistent")
    with pytest.raises(TooLarge, match="too much computing"):
        reader.read([photo])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("kill -SEGV $$", Unreadable),
        ("exit 0", OutsideFailed),
        ("sleep 0.2; exit 3", OutsideFailed),
        ("head -c 100 /dev/zero", OutsideFailed),
        ("head -c 1000000 /dev/urandom", OutsideFailed),
        (framed(b"not json"), OutsideFailed),
        (framed(b"[]"), OutsideFailed),
        (framed(b"{}"), OutsideFailed),
        (framed(b'{"blobs":[4000000000],"pages":[]}'), OutsideFailed),
        (framed(b'{"blobs":[],"pages":[]}'), OutsideFailed),
        (framed(b'{"blobs":[],"progress":["x"]}'), OutsideFailed),
        (framed(b'{"blobs":[],"error":"forged","fact":"x","hint":"y"}'), OutsideFailed),
        (framed(b'{"blobs":[],"error":"malformed","fact":7,"hint":"y"}'), OutsideFailed),
    ],
)
def test_a_cell_that_breaks_or_lies_gives_an_error_with_a_hint(
    tmp_path: Path, body: str, error: type[VidimusError]
) -> None:
    with pytest.raises(error) as caught:
        CellReader(Limits(seconds=20), python=impostor(tmp_path, body)).read([b"%PDF-1.7"])
    assert caught.value.hint


def test_a_cell_that_cannot_start_gives_an_error() -> None:
    with pytest.raises(OutsideFailed, match="could not be started"):
        CellReader(python="/nonexistent/python").read([b"%PDF-1.7"])


def test_a_copy_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell may not write a single byte to any file, so nothing can be left behind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(Path("/tmp").iterdir())
    CellReader().read([made.encode(made.draw(made.set_page("A short page."), 100))])
    assert list(tmp_path.iterdir()) == []
    new = {path.name for path in set(Path("/tmp").iterdir()) - before}
    assert not [name for name in new if "tess" in name or "vidimus" in name or "lept" in name]


def test_the_cell_gets_no_secrets_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDIMUS_PASSPHRASE", "quay")
    spy = impostor(tmp_path, f"env > {tmp_path}/seen; exit 1")
    with pytest.raises(OutsideFailed):
        CellReader(Limits(seconds=20), python=spy).read([b"%PDF-1.7"])
    assert "VIDIMUS_PASSPHRASE" not in (tmp_path / "seen").read_text()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [
            b"%PDF-1.7\n",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"RIFF1234WEBP",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        ]
    ),
    st.binary(max_size=400),
)
def test_noise_behind_a_true_header_is_a_copy_or_an_error(head: bytes, rest: bytes) -> None:
    try:
        assert isinstance(CellReader(Limits(seconds=30)).read([head + rest]), Copy)
    except VidimusError as error:
        assert error.hint


@given(st.binary(max_size=200))
def test_any_bytes_from_a_cell_are_a_message_or_a_format_error(content: bytes) -> None:
    stream = io.BytesIO(content)
    try:
        header = frames.read_header(stream, 1000)
        if header is not None:
            frames.read_blobs(stream, header, 1000)
    except FormatError:
        pass


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.integers()), st.lists(st.binary(max_size=9)))
def test_what_is_written_is_what_is_read(header: dict[str, int], blobs: list[bytes]) -> None:
    stream = io.BytesIO()
    frames.write(stream, header, blobs)
    stream.seek(0)
    read = frames.read_header(stream, 10_000)
    assert read is not None
    assert {k: v for k, v in read.items() if k != "blobs"} == header
    assert frames.read_blobs(stream, read, 10_000) == blobs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=8)
        | st.dictionaries(st.sampled_from(["words", "width", "height", "source", "engine"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_a_cell_claims_is_checked_field_by_field(claim: object) -> None:
    """A cell may be in a stranger's hands: only well-formed pages get out of it."""
    good = {
        "source": "layer",
        "width": 10,
        "height": 10,
        "engine": "x",
        "words": [],
        "witness": [],
        "witness_engine": "",
        "plan": [0, [1.0], 1, 1],
    }
    for row in (
        claim,
        {**good, "words": claim},
        {**good, "width": claim},
        {**good, "words": [["a", 0, 1, 1, 2, 2, claim]]},
        {**good, "source": claim},
    ):
        try:
            pages, _, _ = replies.pages({"pages": [row]}, [b"\xff\xd8\xff"], Limits())
        except OutsideFailed as error:
            assert error.hint
            continue
        for word in pages[0].words:
            assert word.box is not None
            assert 0 <= word.box.left < word.box.right <= pages[0].width
            assert word.confidence is None or 0 <= word.confidence <= 1


def test_a_page_that_takes_too_long_is_stopped_before_the_copy_is(tmp_path: Path) -> None:
    hanging = impostor(
        tmp_path, framed(b'{"blobs":[],"progress":["reading page 1",0]}') + "; sleep 9"
    )
    start = time.monotonic()
    with pytest.raises(TooLarge, match="longer than 1 seconds"):
        CellReader(Limits(page_seconds=1), python=hanging).read([made.letter_pdf()])
    assert time.monotonic() - start < 5


def test_a_reading_that_nobody_waits_for_is_stopped_at_once() -> None:
    """Whoever asked left: what `progress` raises ends the cell and its Tesseract."""

    class Left(Exception):
        pass

    def progress(_what: str, _share: float | None = None) -> None:
        if time.monotonic() - start > 1:
            raise Left

    before = living()
    photos = [made.encode(made.draw(made.letter_pdf(), 200))] * 8
    start = time.monotonic()
    with pytest.raises(Left):
        CellReader().read(photos, progress=progress)
    assert time.monotonic() - start < 4
    assert living() <= before


def test_two_readings_at_once_do_not_know_of_each_other(tmp_path: Path) -> None:
    """One breaks down, the other one reads on."""
    broken = CellReader(python=impostor(tmp_path, "sleep 0.2; kill -KILL $$"))
    caught: list[Exception] = []

    def fail() -> None:
        try:
            broken.read([b"%PDF-1.7"])
        except VidimusError as error:
            caught.append(error)

    beside = threading.Thread(target=fail)
    beside.start()
    copy = CellReader().read([made.encode(made.draw(made.set_page("A short page."), 100))])
    beside.join()
    assert len(copy.pages) == 1
    assert [type(each) for each in caught] == [TooLarge]
