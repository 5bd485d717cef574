"""`vidimus log verify`: the log, the office's file, the published files, and who saw them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.office_store import SqliteOffice
from vidimus.adapters.tile_files import TileFiles
from vidimus.core.seal import statement
from vidimus.errors import VerificationFailed
from vidimus.operations.ports import Progress, Stored, silent
from vidimus.operations.publish import CHECKPOINT
from vidimus.operations.registry import same_log
from vidimus.operations.verify import Verified, verify
from vidimus.operations.verify_files import verify_files
from vidimus.wiring.folder import Folder, settings
from vidimus.wiring.keys import opener, trust_root
from vidimus.wiring.publish import public_face
from vidimus.wiring.witnessing import trimming


def verify_log(path: Path, as_outsider: bool, *, progress: Progress = silent) -> Verified:
    """Verify the whole log; as an outsider, without the office's file."""
    folder = Folder(path)
    # A copy of the public folder alone is verified from outside. Where there is an office,
    # its documents must be there too: that they are lost is what one wants to hear.
    inside = None
    if not as_outsider and folder.office.parent.exists():
        # Whoever may write it tidies up behind himself; from a read-only disk it is read.
        inside = SqliteOffice(folder.office, writable=os.access(folder.office, os.W_OK))

    def unsealed(stored: Stored) -> bytes | None:
        if inside is None:
            return None
        document = inside.document(statement.parse(stored.raw).digest)
        if document is None:
            raise VerificationFailed(
                f"the sealed document of entry {stored.index} is missing",
                hint="restore the office's file from a backup",
            )
        return document

    found, log = settings(path), SqliteLog(folder.log, writable=False)
    verified = verify(found, log, unsealed, inside, progress=progress)
    if inside is not None:
        # A log whose end was lost holds as well as it did then; that it had one, is known here.
        same_log(found, log, inside.remembered())
        inside.require_sound()
    log.require_sound()
    return _with_others(path, log, verified, progress)


def _with_others(path: Path, log: SqliteLog, verified: Verified, progress: Progress) -> Verified:
    """What others were told: the files that are published, and whose word is kept beside it."""
    if not verified.size:
        return verified
    files = TileFiles(public_face(path))
    published = verify_files(log, files, opener(path), trust_root(path), progress=progress)
    trim, refused = trimming(path, log), verified.refused
    for where, text in (
        ("in the log's file", witnessed.checkpoint if (witnessed := log.witnessed()) else ""),
        ("in the published checkpoint", files.read(CHECKPOINT).decode() if published else ""),
    ):
        if text and trim(text) != text:
            refused += (f"a witness's line {where}: it does not hold by the policy in force",)
    return replace(verified, published=published, refused=refused)
