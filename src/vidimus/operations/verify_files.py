"""`log verify`, of the files that were published: each one against the log it was made from.

A file server hands out what lies there and looks at nothing. Whoever reads it would notice, as
every monitor does; here the office notices first.
"""

from __future__ import annotations

from vidimus.core.log import merkle, tiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, NotFound, VerificationFailed, VidimusError
from vidimus.operations.face import Face
from vidimus.operations.ports import LogStore, Opener, Progress, PublicFiles, silent
from vidimus.operations.publish import CHECKPOINT, TRUST

TRIES = 3
MEND = "publish to a new folder, and put it in the place of this one"


def verify_files(
    log: LogStore,
    files: PublicFiles,
    opener: Opener,
    trust: TrustRoot,
    *,
    progress: Progress = silent,
) -> int | None:
    """How many entries are published, None for a folder where nothing is.

    Raises VerificationFailed, which names the file, at the first that is missing or is not
    what the log has. `trust` is the trust root of the log by now.
    """
    for _ in range(TRIES):
        try:
            content = files.read(CHECKPOINT)
        except NotFound:
            return None
        try:
            return _verified(log, files, content, opener, trust, progress)
        except VerificationFailed:
            # Somebody who publishes meanwhile takes away what nobody needs any more.
            if files.read(CHECKPOINT) == content:
                raise
    raise VerificationFailed("the published files change faster than they can be read")


def _verified(
    log: LogStore,
    files: PublicFiles,
    content: bytes,
    opener: Opener,
    trust: TrustRoot,
    progress: Progress,
) -> int:
    size = _head(log, content, opener).size
    face = Face(log, opener)
    paths = [tile.path for tile in tiles.tiles_of(size)]
    for n, width in tiles.bundles_of(size):
        paths += [tiles.entries_path(n, width), tiles.acts_path(n, width)]
    for done, path in enumerate(paths):
        if _kept(files, path) != face.file(path):
            raise _other(path)
        progress(f"verifying published file {done + 1} of {len(paths)}", (done + 1) / len(paths))
    _trust(_kept(files, TRUST), trust)
    return size


def _head(log: LogStore, content: bytes, opener: Opener) -> Checkpoint:
    try:
        shown = opener(content.decode())
        if merkle.root(shown.size, log.subtree) != shown.root:
            raise VerificationFailed("it is of another tree than the log's")
    except (UnicodeDecodeError, FormatError, NotFound, VerificationFailed) as error:
        fact = error.fact if isinstance(error, VidimusError) else "it is not UTF-8"
        raise _other(CHECKPOINT, f": {fact}") from error
    return shown


def _trust(content: bytes, now: TrustRoot) -> None:
    """It may be of an earlier version, until the next publishing."""
    try:
        found = roots.read(content)
        roots.extend(found, now)
        if roots.write(found) != content:
            raise VerificationFailed("it is not in its one form")
    except (FormatError, VerificationFailed) as error:
        raise _other(TRUST, f": {error.fact}") from error


def _kept(files: PublicFiles, path: str) -> bytes:
    try:
        return files.read(path)
    except NotFound as error:
        raise VerificationFailed(f"the published file {path} is missing", hint=MEND) from error


def _other(path: str, why: str = "") -> VerificationFailed:
    return VerificationFailed(f"the published file {path} is not what the log has{why}", hint=MEND)
