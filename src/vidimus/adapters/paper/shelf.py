"""Where copies are written, and the office's list of them.

DIR/office/paper/NUMBER.jsonl     one line a copy, in the order in which they were made

    {"copy":2,"file":"ABCD-EFGH-IJKL-MNOP.copy-2-of-5.pdf","of":5,"sha256":"5c7b…","to":"…"}

The file is on the disk before its line is: after a crash there is at most a file that is on no
list, and it is written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from vidimus.adapters.durable import sync_folder, write_whole
from vidimus.core.seal.sheet import MadeCopy
from vidimus.errors import Damaged, OutsideFailed


class CopyShelf:
    """`out`: the folder of the files; `listed`: the list of one letter's copies."""

    def __init__(self, out: Path, listed: Path) -> None:
        self._out = out
        self._list = listed

    def kept(self) -> dict[int, MadeCopy]:
        try:
            content = self._list.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise OutsideFailed(f"{self._list} cannot be read: {error.strerror}") from error
        # What a crash has cut off is no line: its file is made anew.
        whole, _, _rest = content.rpartition(b"\n")
        found = {}
        for each in whole.splitlines():
            line = self._line(each)
            found[line.number] = line
        return found

    def has(self, copy: MadeCopy) -> bool:
        try:
            content = (self._out / copy.file).read_bytes()
        except OSError:
            return False
        return hashlib.sha256(content).hexdigest() == copy.sha256

    def put(self, copy: MadeCopy, content: bytes) -> None:
        try:
            self._out.mkdir(parents=True, exist_ok=True)
            self._list.parent.mkdir(mode=0o700, exist_ok=True)
            write_whole(self._out / copy.file, content)
            new = not self._list.exists()
            handle = os.open(self._list, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                # Behind the last whole line: what a crash cut off is written over.
                file.seek(file.read().rfind(b"\n") + 1)
                file.truncate()
                file.write(_written(copy))
                file.flush()
                os.fsync(file.fileno())
            if new:
                sync_folder(self._list.parent)
        except OSError as error:
            raise OutsideFailed(
                f"copy {copy.number} cannot be written: {error}",
                hint="mend it and run the same command again: what is done is kept",
            ) from error

    def _line(self, content: bytes) -> MadeCopy:
        try:
            value: Any = json.loads(content)
            line = MadeCopy(value["copy"], value["of"], value["sha256"], value["file"], value["to"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._damaged() from error
        if _written(line) != content + b"\n" or Path(line.file).name != line.file:
            raise self._damaged()
        return line

    def _damaged(self) -> Damaged:
        return Damaged(
            f"the list of copies {self._list} is damaged", hint="restore it from a backup"
        )


def _written(copy: MadeCopy) -> bytes:
    value = {
        "copy": copy.number,
        "file": copy.file,
        "of": copy.of,
        "sha256": copy.sha256,
        "to": copy.receiver,
    }
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode() + b"\n"
