"""Private keys in files: PKCS #8 in PEM, readable by their owner only.

    ann.key   -----BEGIN ENCRYPTED PRIVATE KEY-----        0600, the person keeps it
    ann.pub   {"key":"es256:A2dx…","name":"Ann Example","person":"ann"}   hand this over

At rest a key is encrypted with a passphrase, unless its owner said aloud that it shall not be.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.errors import Conflict, FormatError, NotFound, OutsideFailed, UsageError

# Asked for the passphrases that a named key may have, when a file turns out to need one.
Passphrase = Callable[[str], Sequence[bytes]]
PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey
LONGEST_FILE = 16 * 1024
LONGEST_PASSPHRASE = 1000  # bytes; OpenSSL takes no more than 1,023


@dataclass(frozen=True, slots=True)
class Person:
    """What a person hands over to be appointed."""

    person: str
    name: str
    key: str


def new_es256() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def new_ed25519() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def save(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """Write a new key file. `passphrase` None is the explicit choice not to encrypt."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        if not passphrase:
            raise UsageError("an empty passphrase protects nothing", hint="or --no-passphrase")
        if len(passphrase) > LONGEST_PASSPHRASE:
            raise UsageError(
                f"a passphrase of {len(passphrase)} bytes; at most {LONGEST_PASSPHRASE}"
            )
        encryption = serialization.BestAvailableEncryption(passphrase)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    create(path, pem, 0o600)


def load(path: Path, passphrase: Passphrase) -> PrivateKey:
    """Raises NotFound, UsageError (others can read it, wrong passphrase) or FormatError."""
    try:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077:
            raise UsageError(
                f"others on this machine can read the key file {path.name}",
                hint=f"chmod 600 {path}",
            )
        pem = path.read_bytes()[:LONGEST_FILE]
    except FileNotFoundError as error:
        raise NotFound(f"there is no key file {path}", hint="vidimus key new PERSON") from error
    except OSError as error:
        raise OutsideFailed(f"the key file {path.name} cannot be read: {error}") from error
    if b"ENCRYPTED" not in pem:
        return _read(path, pem, None)
    for secret in passphrase(path.name):
        try:
            return _read(path, pem, secret)
        except UsageError:
            continue
    raise UsageError(
        f"this is not the passphrase of {path.name}",
        hint="a passphrase file may hold several, one a line",
    )


def _read(path: Path, pem: bytes, secret: bytes | None) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if secret is not None:
            raise UsageError(f"this is not the passphrase of {path.name}") from error
        raise FormatError(f"{path.name} is not a private key in PEM") from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    raise FormatError(f"{path.name} holds another kind of key", hint="P-256 or Ed25519")


def signer(path: Path, passphrase: Passphrase) -> MemorySigner:
    return MemorySigner(load(path, passphrase))


def save_person(path: Path, person: Person) -> None:
    document = {"key": person.key, "name": person.name, "person": person.person}
    create(path, json.dumps(document, ensure_ascii=False, sort_keys=True).encode() + b"\n", 0o644)


def load_person(path: Path) -> Person:
    try:
        value = json.loads(path.read_bytes()[:LONGEST_FILE])
        person = Person(value["person"], value["name"], value["key"])
        PublicKey.from_text(person.key)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}", hint="vidimus key new PERSON") from error
    except OSError as error:
        raise OutsideFailed(f"{path.name} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError(f"{path.name} is not what “vidimus key new” writes") from error
    return person


def create(path: Path, content: bytes, mode: int) -> None:
    """A new file with these rights from its first byte on; never over an old one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Conflict(
            f"{path} exists already", hint="a key is never overwritten; move it away first"
        ) from error
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be written: {error}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
