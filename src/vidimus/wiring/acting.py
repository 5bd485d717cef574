"""Whoever acts, with their keys: files, or keys on tokens.

    DIR/people/ada.key      the key itself
    DIR/people/ada.token    the URI of the key, on a token; no PIN is in it

A person has one of the two. The session with a token lasts as long as the command.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from vidimus.adapters import key_files
from vidimus.adapters.key_files import Person
from vidimus.adapters.tokens import uri as uris
from vidimus.adapters.tokens.signer import TokenSigner
from vidimus.adapters.tokens.uri import TokenUri
from vidimus.core.seal.keys import Signer
from vidimus.errors import OutsideFailed, UsageError
from vidimus.operations.registry import Actor
from vidimus.wiring.folder import Folder
from vidimus.wiring.people import may_be_made

PROOF = b"vidimus: the key on this token signs"  # no statement begins like that


class Secrets(Protocol):
    """Whoever is asked for what opens a key, and where open sessions are ended."""

    def __call__(self, name: str) -> Sequence[bytes]: ...

    def pin(self, token: str, last: bool) -> str: ...

    @property
    def at_end(self) -> ExitStack: ...


def actor(
    path: Path,
    people: list[str],
    office_name: str,
    secrets: Secrets,
    key: str | None = None,
) -> Actor:
    """Whoever acts, with their keys; several people only where founders act together."""
    signers = []
    for index, name in enumerate(people):
        given = key is not None and index == 0
        signers.append(signing_key(key if given else _kept(Folder(path).people, name), secrets))
    return Actor(people[0], office_name, tuple(signers))


def joined(actor: Actor, keys: Sequence[str], secrets: Secrets) -> Actor:
    """… with further keys that approve."""
    further = (signing_key(each, secrets) for each in keys)
    return replace(actor, signers=(*actor.signers, *further))


def signing_key(place: str | Path | None, secrets: Secrets) -> Signer:
    """A key file, or a key on a token: the PIN is asked for here, before anything is begun."""
    if isinstance(place, str) and uris.is_uri(place):
        signer = TokenSigner(uris.parse(place), secrets.pin)
        return secrets.at_end.enter_context(signer)
    return key_files.signer(Path(place or ""), secrets)


def new_token_person(
    folder: Path, person: str, name: str, uri: str, secrets: Secrets, *, make: bool
) -> tuple[Path, Person, bool]:
    """For a key on a token, that is made there or lies there already: both files.

    And whether it stays there, by the token's word.

    Should a file fail to be written, a key that was made stays; it can still be adopted.
    """
    may_be_made(folder, person, name)
    token = folder / f"{person}.token"
    if token.exists() or token.with_suffix(".key").exists():
        raise UsageError(f"{person} has a key in {folder} already", hint="move it away first")
    wanted = uris.parse(uri)
    label = person if wanted.object is None else wanted.object
    with TokenSigner(wanted, secrets.pin, make=label if make else None) as signer:
        # Whoever is appointed with this key must be able to sign with it.
        signer.sign(PROOF)
        exact = wanted.exact(signer.label, label if make else wanted.object, signer.id)
        made, stays = Person(person, name, signer.public.to_text()), signer.stays
    key_files.create(token, exact.text.encode() + b"\n", 0o600)
    key_files.save_person(folder / f"{person}.pub", made)
    return folder / f"{person}.pub", made, stays


def _kept(folder: Path, name: str) -> str | Path:
    token = folder / f"{name}.token"
    return _uri(token).text if token.is_file() else folder / f"{name}.key"


def _uri(file: Path) -> TokenUri:
    """It names native code that is run, so nobody else may write it."""
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise UsageError(
                f"others on this machine can read or change {file.name}", hint=f"chmod 600 {file}"
            )
        with file.open("rb") as opened:
            content = opened.read(uris.LONGEST + 2)
    except OSError as error:
        raise OutsideFailed(
            f"{file.name} cannot be read: {error.strerror}", hint=os.fspath(file)
        ) from error
    return uris.parse(content.decode("utf-8", "replace").rstrip("\r\n"))
