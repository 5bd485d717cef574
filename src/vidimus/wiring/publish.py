"""The public face of a registry's log, as a folder of files: DIR/public/log, or another one."""

from __future__ import annotations

from pathlib import Path

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.tile_files import TileFiles
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint
from vidimus.core.log.note import Verifier
from vidimus.operations.ports import Progress, silent
from vidimus.operations.publish import publish as publish_log
from vidimus.wiring.folder import Folder, settings


def public_face(path: Path) -> Path:
    return path / "public" / "log"


def publish(path: Path, to: Path | None = None, *, progress: Progress = silent) -> int:
    """Bring the folder up to the log's head; gives the size that is published now."""
    found = settings(path)
    verifier = Verifier.parse(found.log_key)

    def opener(text: str) -> Checkpoint:
        return open_checkpoint(text, verifier, found.origin)

    log = SqliteLog(Folder(path).log, writable=False)
    files = TileFiles(to or public_face(path))
    return publish_log(log, files, None, opener, progress=progress)
