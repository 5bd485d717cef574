"""The registry's own keys as files, oldest first, and the trust root that names them.

DIR/office/log.key, log-2.key, log-3.key …      Ed25519, for checkpoints
DIR/office/receipt.key, seal.key, …-2.key …     ES256
DIR/office/log.key.ended                        counts no longer; destroy it

The number of a file is the place of its key in the list on the log, so that a file that was
made for an act that then failed is taken for the next try.
"""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vidimus.adapters import key_files
from vidimus.adapters.key_files import Passphrase
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, NotFound, OutsideFailed, VerificationFailed
from vidimus.operations import trusting
from vidimus.operations.own_keys import OwnKeys
from vidimus.operations.ports import Opener
from vidimus.operations.registry import Registry, same_log
from vidimus.operations.trusting import Sort, TrustFile
from vidimus.wiring.folder import Folder, settings, write_settings

ENDED = ".ended"
_NAME = re.compile(r"(log|receipt|seal)(?:-([1-9][0-9]{0,3}))?\.key")


def own_keys(path: Path, origin: str, passphrase: Passphrase, lost: Sort | None = None) -> OwnKeys:
    """Every key file that lies there. Raises NotFound where none is left of a sort.

    But for a sort that is known to be lost; and for receipts, which older registries had none of.
    """
    files = {sort: _files(path, sort) for sort in Sort}
    for sort in (Sort.LOG, Sort.SEAL):
        if not files[sort] and sort is not lost:
            raise NotFound(
                f"there is no key file {_file(path, sort, 1)}",
                hint=f"put it back; if it is lost: vidimus log rotate {sort} --lost",
            )
    return OwnKeys(
        tuple(_log_signer(file, origin, passphrase) for file in files[Sort.LOG]),
        tuple(key_files.signer(file, passphrase) for file in files[Sort.SEAL]),
        tuple(key_files.signer(file, passphrase) for file in files[Sort.RECEIPT]),
    )


def add_own_key(
    path: Path, registry: Registry, sort: Sort, new: bytes | None, passphrase: Passphrase
) -> tuple[Path, str]:
    """The next key of its sort, at hand in the registry: its file, and how the log will list it.

    A file that lies there already was made for an act that did not come about.
    """
    number = len(trusting.keys(registry.authority().trust, sort)) + 1
    file = _file(path, sort, number)
    if not file.exists():
        made = key_files.new_ed25519() if sort is Sort.LOG else key_files.new_es256()
        key_files.save(file, made, new)
        registry.own = own_keys(path, registry.settings.origin, passphrase, sort)
    if sort is Sort.LOG:
        return file, str(_log_signer(file, registry.settings.origin, passphrase).verifier)
    return file, key_files.signer(file, passphrase).public.to_text()


def set_aside(path: Path, registry: Registry, sort: Sort) -> list[Path]:
    """Rename the files of keys that have ended, so that nothing asks for their passphrase."""
    aside = []
    for number, key in enumerate(trusting.keys(registry.authority().trust, sort), 1):
        file = _file(path, sort, number)
        if key.until is not None and file.exists():
            to = file.with_name(file.name + ENDED)
            try:
                file.replace(to)
            except OSError as error:
                raise OutsideFailed(f"{file} cannot be renamed: {error}") from error
            aside.append(to)
    return aside


def opener(path: Path) -> Opener:
    """Opens checkpoints of this log, by keys that may change while a server runs."""
    known = settings(path)

    def opened(text: str) -> Checkpoint:
        nonlocal known
        try:
            return known.open(text)
        except VerificationFailed:
            fresh = settings(path)
            if fresh == known:
                raise
            known = fresh
            return known.open(text)

    return opened


def renew(path: Path, registry: Registry) -> None:
    """What lies beside the log says what the log says: it is behind after an act, or a crash.

    Raises VerificationFailed where it is not this log that goes on with other keys.
    """
    fresh = registry.renewed()
    if fresh == settings(path):
        return
    # Whoever can write the public file could put his own log there, and name his own key.
    same_log(fresh, registry.log, registry.office.remembered())
    write_settings(path, fresh)


def trust_root(path: Path, size: int | None = None) -> TrustRoot:
    """The trust root of this registry's log, of this size or of the present one."""
    found = settings(path)
    log = SqliteLog(Folder(path).log, writable=False)
    if size is None:
        size = log.head().size
    root = TrustFile(log.about).root(size)
    if root.trust.log_keys != found.log_keys:
        raise VerificationFailed(
            "the keys in registry.json are not those that the log names",
            hint="any act of the office puts them right",
        )
    return root


def _files(path: Path, sort: Sort) -> list[Path]:
    found = {}
    for file in Folder(path).office.parent.glob(f"{sort}*.key"):
        if (named := _NAME.fullmatch(file.name)) and named[1] == sort:
            found[int(named[2] or 1)] = file
    return [found[number] for number in sorted(found)]


def _file(path: Path, sort: Sort, number: int) -> Path:
    name = f"{sort}.key" if number == 1 else f"{sort}-{number}.key"
    return Folder(path).office.parent / name


def _log_signer(file: Path, origin: str, passphrase: Passphrase) -> note.Signer:
    key = key_files.load(file, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise FormatError(f"{file.name} is not an Ed25519 key")
    return note.Signer.of(origin, key)
