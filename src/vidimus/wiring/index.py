"""The index of words of a registry, with the texts that it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.office_store import SqliteOffice
from vidimus.adapters.sqlite.text_index import IndexedFile, IndexSize
from vidimus.operations.ports import Progress, silent
from vidimus.wiring.folder import Folder, settings


def index_sizes(path: Path) -> Iterator[tuple[str, IndexSize]]:
    """Of the letters, and where this is the office's folder, of the drafts."""
    for name, file in _files(path, writable=False):
        yield name, file.index_size()
        file.close()


def rebuild_index(path: Path, *, progress: Progress = silent) -> Iterator[tuple[str, int]]:
    """Make them anew, one after the other; gives how many texts each holds."""
    for name, file in _files(path, writable=True):
        yield name, file.rebuild(progress)
        file.close()


def _files(path: Path, *, writable: bool) -> Iterator[tuple[str, IndexedFile]]:
    settings(path)  # says clearly where there is no registry
    folder = Folder(path)
    yield "letters", SqliteLog(folder.log, writable=writable)
    if folder.office.exists():
        yield "drafts", SqliteOffice(folder.office, writable=writable)
