"""A witness of other people's logs, in a folder of its own.

DIR/witness.json     its name and public key
DIR/witness.key      its private key
DIR/trust/*.json     trust roots of registries that it watches
DIR/witness.sqlite   whom it watches and what it cosigned last: never put back from a backup
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vidimus.adapters import key_files
from vidimus.adapters.clock import SystemClock
from vidimus.adapters.key_files import Passphrase
from vidimus.adapters.sqlite.witness_store import SqliteWitness
from vidimus.adapters.tile_files import TileFiles
from vidimus.core.log.cosignature import CosignatureVerifier, Cosigner
from vidimus.core.log.note import Verifier
from vidimus.core.trust import root as trust_roots
from vidimus.errors import Conflict, FormatError, NotFound, OutsideFailed, UsageError
from vidimus.operations.ports import Watched
from vidimus.operations.witness import Witness

SETTINGS = "witness.json"
KEY = "witness.key"
MEMORY = "witness.sqlite"
LONGEST_NAME = 200


def new_witness(path: Path, name: str, passphrase: bytes | None) -> CosignatureVerifier:
    """Make a witness that watches nobody yet."""
    key = key_files.new_ed25519()
    try:
        verifier = Cosigner.of(name, key).verifier
    except FormatError as error:
        raise UsageError(
            f"“{name}” is no name for a witness", hint="as in witness.example.org/w1"
        ) from error
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError("a name is printable, and has at most 200 characters")
    if (path / SETTINGS).exists():
        raise Conflict(f"{path} holds a witness already", hint="choose another folder")
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be made: {error}") from error
    key_files.save(path / KEY, key, passphrase)
    SqliteWitness(path / MEMORY, create=True).logs()
    # Last, because it is what makes the folder a witness.
    files = TileFiles(path)
    content = {"key": str(verifier), "v": 1}
    files.replace(SETTINGS, json.dumps(content, sort_keys=True, indent=1).encode() + b"\n")
    files.sync()
    return verifier


def witness_key(path: Path) -> CosignatureVerifier:
    try:
        value = json.loads((path / SETTINGS).read_bytes()[: key_files.LONGEST_FILE])
        if not isinstance(value, dict) or set(value) != {"key", "v"} or value["v"] != 1:
            raise ValueError("other fields than “vidimus witness init” writes")
        return CosignatureVerifier.parse(str(value["key"]))
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no witness in {path}", hint="make one with: vidimus witness init DIR"
        ) from error
    except OSError as error:
        raise OutsideFailed(f"{path / SETTINGS} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path / SETTINGS} is damaged: {error}") from error


def watch(path: Path, vkeys: list[Verifier], origin: str | None) -> dict[str, Watched]:
    """Trust these keys for the log of their name, or for `origin`; gives all that are watched."""
    memory = _memory(path)
    for each in vkeys:
        memory.trust(_origin(origin or each.name), str(each))
    return memory.logs()


def watch_root(path: Path, content: bytes) -> dict[str, Watched]:
    """Watch the registry with this trust root: its present log keys, and no ended ones any more.

    The file is kept: a later one must go on where this one ends.
    """
    memory, kept = _memory(path), TileFiles(path)
    root = trust_roots.read(content)
    place = f"trust/{sha256(root.origin.encode()).hexdigest()}.json"
    with suppress(NotFound):
        trust_roots.extend(trust_roots.read(kept.read(place)), root)
    kept.replace(place, content)
    kept.sync()
    for each in root.trust.log_keys:
        if each.until is None:
            memory.trust(root.origin, each.key)
        else:
            with suppress(NotFound):
                memory.distrust(root.origin, each.key)
    return memory.logs()


def unwatch(path: Path, vkey: Verifier, origin: str | None) -> dict[str, Watched]:
    """Trust this key no more. What was cosigned stays known."""
    memory = _memory(path)
    memory.distrust(_origin(origin or vkey.name), str(vkey))
    return memory.logs()


def watched(path: Path) -> dict[str, Watched]:
    return _memory(path).logs()


def witness_evidence(path: Path) -> tuple[tuple[str, bytes], ...]:
    """(origin, file) of each proof that a log signed two histories, of those that it watches."""
    return _memory(path).evidence()


def open_witness(path: Path, passphrase: Passphrase) -> Witness:
    verifier = witness_key(path)
    key = key_files.load(path / KEY, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise FormatError(f"{KEY} is not an Ed25519 key")
    cosigner = Cosigner.of(verifier.name, key)
    if cosigner.verifier != verifier:
        raise FormatError(f"{KEY} is not the key of this witness")
    return Witness(cosigner, _memory(path), SystemClock())


def serve_witness(
    path: Path, passphrase: Passphrase, host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Serve until interrupted. Several processes on one folder take turns at its memory."""
    # Only who serves needs the web's libraries; the bare install has none of them.
    from vidimus.web.server import serve
    from vidimus.web.witness.app import create_app

    serve(create_app(open_witness(path, passphrase)), host, port, ready)


def _memory(path: Path) -> SqliteWitness:
    witness_key(path)
    file = path / MEMORY
    try:
        lost = file.stat().st_size == 0
    except OSError:
        lost = True
    if lost:
        raise OutsideFailed(
            f"the memory of this witness, {file}, is lost",
            hint="do not restore an older copy: it could cosign a second history of a log;"
            " begin anew with “vidimus witness init”, under another name",
        )
    return SqliteWitness(file)


def _origin(origin: str) -> str:
    if not origin or len(origin) > 1000 or any(character < " " for character in origin):
        raise UsageError("this is no name of a log", hint="the first line of its checkpoints")
    return origin
