"""Segments as files in one folder, under the digests of what they hold. Written once.

A segment of any size is made slice by slice: each section grows in a file of its own, and in
the end they are put one behind the other. A file is read where it lies (mmap).
"""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vidimus.adapters.durable import sync_folder
from vidimus.core.copies.segment import MOST_LETTERS, Layout, Segment, padded
from vidimus.errors import OutsideFailed, TooLarge

if TYPE_CHECKING:
    from vidimus.core.copies.posting import U64
    from vidimus.core.copies.search import Sections

SLICE = 4_000_000  # pairs in memory at once: about 400 MB while they are put in order
CHUNK = 1 << 20
SUFFIX = ".words"
UNFINISHED = "new-"
REBUILD = "make it again from the texts: vidimus index rebuild"


class SegmentFiles:
    """Names are digests in hex, so no other file can be taken for the one that was meant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, Segment] = {}
        self._sections: dict[str, Sections] = {}
        self._lock = threading.Lock()

    def path(self, name: str) -> Path:
        return self.folder / (name + SUFFIX)

    def segment(self, name: str) -> Segment:
        """Raises OutsideFailed where it is gone or is not one."""
        with self._lock:
            found = self._open.get(name)
            if found is None:
                found = self._open[name] = self._mapped(name)
            return found

    def sections(self, name: str) -> Sections:
        """The same, for asking many grams at once."""
        from vidimus.core.copies.search import Sections

        segment = self.segment(name)
        with self._lock:
            found = self._sections.get(name)
            if found is None:
                found = self._sections[name] = Sections(segment)
            return found

    def keep(self, names: Sequence[str]) -> None:
        """Let go of all others, so that what was merged away is not held for ever."""
        with self._lock:
            for name in set(self._open) - set(names):
                del self._open[name]
                self._sections.pop(name, None)

    def _mapped(self, name: str) -> Segment:
        try:
            with self.path(name).open("rb") as file:
                buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise OutsideFailed(
                f"a part of the index of words cannot be read: {_why(error)}", hint=REBUILD
            ) from error
        return Segment(memoryview(buffer))

    def size(self, names: Sequence[str]) -> int:
        """Bytes of these together."""
        return sum(self.path(name).stat().st_size for name in names)

    def require_sound(self, name: str) -> None:
        """Its bytes are those that it is named after. Reads all of it."""
        digest = hashlib.sha256()
        try:
            with self.path(name).open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
        except OSError as error:
            raise OutsideFailed(
                f"a part of the index of words cannot be read: {_why(error)}", hint=REBUILD
            ) from error
        if digest.hexdigest() != name:
            raise OutsideFailed("a part of the index of words is damaged", hint=REBUILD)

    def drop_others(self, names: Iterable[str]) -> None:
        """Delete what is named nowhere any more: merged away, or left half made by a crash."""
        kept = {name + SUFFIX for name in names}
        with suppress(OSError):
            for each in self.folder.iterdir():
                if each.name.endswith(SUFFIX) and each.name not in kept:
                    each.unlink()
                elif each.is_dir() and each.name.startswith(UNFINISHED):
                    shutil.rmtree(each, ignore_errors=True)

    # --- writing ----------------------------------------------------------------------------

    def write(self, pairs: U64, nums: Sequence[int]) -> str:
        """A new segment of these pairs, sorted, each once; `nums` is its table of letters."""
        import numpy as np

        from vidimus.core.copies.posting import bits_for, encode

        table = np.asarray(nums, dtype=np.uint32)
        bits = bits_for(len(pairs))
        with _Making(self.folder, bits, table.tobytes()) as making:
            making.add(encode(pairs, bits, 0, 1 << bits))
            return making.finish()

    def merge(self, names: Sequence[str]) -> str:
        """A new segment of all that these hold. The old ones stay until they are dropped."""
        import numpy as np

        from vidimus.core.copies import posting
        from vidimus.core.copies.segment import FEW

        segments = [self.segment(name) for name in names]
        tables = [np.frombuffer(each.nums, dtype=np.uint32) for each in segments]
        nums = np.unique(np.concatenate(tables))
        if len(nums) > MOST_LETTERS:
            raise TooLarge(f"{len(nums)} letters are more than one part of the index can hold")
        places = [np.searchsorted(nums, table).astype(np.uint32) for table in tables]
        count = sum(map(posting.pairs_in, segments))
        bits = posting.bits_for(count)
        wide = bits - FEW
        parts = min(1 << FEW, max(1, -(-count // SLICE)))
        edges = [(1 << FEW) * part // parts for part in range(parts + 1)]
        with _Making(self.folder, bits, nums.tobytes()) as making:
            for first, last in pairwise(edges):
                taken = [
                    posting.decode(segment, first, last, place)
                    for segment, place in zip(segments, places, strict=True)
                ]
                merged = posting.unique(np.sort(np.concatenate([pairs for pairs, _ in taken])))
                gone = posting.summed([each for _, each in taken])
                making.add(posting.encode(merged, bits, first << wide, last << wide, gone))
            return making.finish()


class _Making:
    """A segment that is being written, section by section."""

    def __init__(self, folder: Path, bits: int, table: bytes) -> None:
        self._folder = folder
        self._bits = bits
        self._table = table
        self._entries = self._listed = self._lists = 0
        self._stack = ExitStack()

    def __enter__(self) -> _Making:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            scratch = tempfile.mkdtemp(prefix=UNFINISHED, dir=self._folder)
            self._stack.callback(shutil.rmtree, scratch, ignore_errors=True)
            self._sections = [
                self._stack.enter_context((Path(scratch) / str(number)).open("w+b"))
                for number in range(6)
            ]
            self._whole = Path(scratch) / "whole"
            self._starts, self._lows, self._values = self._sections[:3]
            self._ends, self._counts, self._members = self._sections[3:]
            self._starts.write(b"\0" * 4)
            self._ends.write(b"\0" * 4)
        except OSError as error:
            self._stack.close()
            raise _unwritten(error) from error
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stack.close()

    def add(self, part: object) -> None:
        import numpy as np

        from vidimus.core.copies.posting import Slice
        from vidimus.core.copies.segment import LISTED, MANY

        assert isinstance(part, Slice)
        ends = np.cumsum(part.counts, dtype=np.uint64) + np.uint64(self._entries)
        stops = np.cumsum(part.lengths, dtype=np.uint64) + np.uint64(self._listed)
        if max(self._entries + len(part.entries), self._listed + len(part.listed)) >= 1 << 32:
            raise TooLarge("the index of words is larger than one part of it can be")
        entries = part.entries
        in_list = entries >= LISTED
        entries[in_list] += np.uint32(self._lists)
        try:
            self._starts.write(ends.astype(np.uint32).data)
            width = np.uint16 if self._bits == MANY else np.uint32
            self._lows.write(part.lows.astype(width, copy=False).data)
            self._values.write(entries.data)
            self._ends.write(stops.astype(np.uint32).data)
            self._counts.write(part.sizes.data)
            self._members.write(part.listed.data)
        except OSError as error:
            raise _unwritten(error) from error
        self._entries += len(entries)
        self._listed += len(part.listed)
        self._lists += len(part.lengths)

    def finish(self) -> str:
        """On the disk, under its name, when this returns."""
        said = Layout(self._bits, len(self._table) // 4, self._lists, self._entries, self._listed)
        digest = hashlib.sha256()
        try:
            with self._whole.open("wb") as whole:
                _write(whole, digest, said.header())
                _write(whole, digest, self._table + b"\0" * padded(len(self._table)))
                for section in self._sections:
                    size = section.tell()
                    section.seek(0)
                    while chunk := section.read(CHUNK):
                        _write(whole, digest, chunk)
                    _write(whole, digest, b"\0" * padded(size))
                whole.flush()
                os.fsync(whole.fileno())
            name = digest.hexdigest()
            self._whole.replace(self._folder / (name + SUFFIX))
            sync_folder(self._folder)
        except OSError as error:
            raise _unwritten(error) from error
        return name


def _write(file: BinaryIO, digest: hashlib._Hash, content: bytes) -> None:
    digest.update(content)
    file.write(content)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _unwritten(error: OSError) -> OutsideFailed:
    return OutsideFailed(
        f"the index of words cannot be written: {_why(error)}",
        hint="is the disk full or read-only?",
    )
