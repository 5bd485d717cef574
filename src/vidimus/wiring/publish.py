"""The public face of a registry's log, as a folder of files: DIR/public/log, or another one."""

from __future__ import annotations

from pathlib import Path

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.tile_files import TileFiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.trust import root as roots
from vidimus.errors import VidimusError
from vidimus.operations.ports import Progress, silent
from vidimus.operations.publish import CHECKPOINT
from vidimus.operations.publish import publish as publish_log
from vidimus.wiring.folder import Folder, settings
from vidimus.wiring.keys import opener, trust_root
from vidimus.wiring.witnessing import trimming


def public_face(path: Path) -> Path:
    return path / "public" / "log"


def published_head(path: Path) -> Checkpoint | None:
    """What was published last in the registry's own folder; None where nothing can be read.

    A damaged file is no reason to answer nobody: `log verify` names it.
    """
    try:
        return opener(path)(TileFiles(public_face(path)).read(CHECKPOINT).decode())
    except (VidimusError, UnicodeDecodeError):
        return None


def publish(path: Path, to: Path | None = None, *, progress: Progress = silent) -> int:
    """Bring the folder up to the log's head; gives the size that is published now."""
    found = settings(path)
    log = SqliteLog(Folder(path).log, writable=False)
    files = TileFiles(to or public_face(path))
    size = log.head().size
    trust = roots.write(trust_root(path, size)) if size else None
    trim = trimming(path, log)
    return publish_log(log, files, trust, found.open, trim=trim, progress=progress)
