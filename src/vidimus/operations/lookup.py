"""What several verbs look up: a letter by its name, its texts, its sealed documents."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from vidimus.core.acts.document import read_sealed
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import STANDING, State
from vidimus.core.acts.vocabulary import Share
from vidimus.core.copies.canonical import canonical, digest, words
from vidimus.core.seal import statement
from vidimus.errors import NotAllowed, NotFound, TooLarge, Unreadable, UsageError
from vidimus.operations.admission import Wording
from vidimus.operations.registry import Registry

# One office need not learn what another one drafts, not even its reference.
SECRET = "another text of this registry has these very words"
MOST_WORDS = 20_000  # of one letter; about forty pages


def find(registry: Registry, name: str) -> Letter:
    """A letter of the office by its id, in any spelling, or by its reference."""
    found = registry.letter(name.upper().replace("-", ""))
    if found is not None:
        return found
    matching = _called(registry, name)
    if len(matching) == 1:
        return matching[0]
    if matching:
        ids = ", ".join(each.id for each in matching)
        raise UsageError(f"{name} is the reference of several letters", hint=f"say which: {ids}")
    raise NotFound(f"no letter here is called {name}", hint="see them all: vidimus list")


def _called(registry: Registry, reference: str) -> list[Letter]:
    """The letters of this reference."""
    found = map(registry.letter, registry.office.called(reference))
    return [each for each in found if each is not None and each.reference == reference]


def _worded(registry: Registry, name: str) -> list[Letter]:
    """The letters with a version of this canonical text."""
    sha = bytes.fromhex(name)
    ids = sorted({*registry.office.named(sha), *registry.log.named(sha)})
    found = [each for each in map(registry.letter, ids) if each is not None]
    return [each for each in found if any(w.canonical == name for w in each.versions)]


def pair(registry: Registry, letter: str, successor: str) -> tuple[Letter, Letter]:
    old, new = find(registry, letter), find(registry, successor)
    if new.state not in STANDING:
        raise NotAllowed(
            f"the successor {new.reference or new.id} is {new.state}, so it cannot replace it",
            hint="release the successor first",
        )
    if new.office != old.office and not registry.authority().is_above(new.office, old.office):
        raise NotAllowed(
            f"a letter of {new.office} cannot replace one of {old.office}",
            hint="the successor comes from the same office, or from one above it",
        )
    return old, new


def free_reference(registry: Registry, office: str, reference: str) -> None:
    """Two letters of one name: nobody on the telephone would know which is meant."""
    for each in _called(registry, reference):
        if each.office == office:
            raise NotAllowed(
                f"the reference {reference} is taken by the letter {each.id}",
                hint="revise that letter, or give this one its own reference",
            )


def not_ours(registry: Registry, office: str, name: str) -> None:
    """No text of this register may be called a forgery, a draft of it least of all."""
    for each in _worded(registry, name):
        if not each.cls:
            raise NotAllowed(f"this very text was declared forged already ({each.id})")
        if each.office != office and not each.public_versions:
            raise NotAllowed(SECRET)
        raise NotAllowed(
            f"this is a text of your own, the letter {each.reference or each.id} ({each.state})",
            hint="of a draft: acknowledge-draft, then disown; of a letter: withdraw or disown",
        )


def said_once(registry: Registry, office: str, name: str, letter: str = "") -> None:
    """Two letters of the same words: whoever holds one could not tell which, nor its standing."""
    for each in _worded(registry, name):
        same = [version.number for version in each.versions if version.canonical == name]
        other = each.id != letter and each.state is not State.ABANDONED
        if same and each.cls and other:
            if each.office != office and not each.public_versions:
                raise NotAllowed(SECRET)
            raise NotAllowed(
                f"this is word for word version {same[0]} of {each.reference or each.id}",
                hint="put its own reference or date into the text, so that copies can be told",
            )


def is_latest(letter: Letter, version: int | None) -> None:
    if version is not None and version != letter.latest.number:
        raise NotAllowed(
            f"version {version} is not the latest, version {letter.latest.number} is",
            hint="look at the latest version first: vidimus show LETTER --text",
        )


def not_declared_forged(registry: Registry, name: str) -> None:
    for each in _worded(registry, name):
        if not each.cls:
            raise NotAllowed(
                f"this very text was declared forged ({each.id})",
                hint="change its words; a text cannot be both",
            )


def names_of(text: str) -> tuple[str, str]:
    """SHA-256 of the text as it is, and of its canonical form, in hex."""
    if not canonical(text):
        raise Unreadable("the text is empty", hint="give the whole text of the letter")
    count = len(words(text))
    if count > MOST_WORDS:
        raise TooLarge(f"a letter of {count} words; at most {MOST_WORDS} can be registered")
    return hashlib.sha256(text.encode()).hexdigest(), digest(text).hex()


def wording(registry: Registry, letter: Letter, version: int) -> Wording:
    for each in registry.office.wordings((letter.id,)):
        if each.version == version:
            return Wording(letter.id, version, each.language, each.text)
    raise NotFound(
        f"the text of version {version} of {letter.id} is missing",
        hint="restore the office's file from a backup",
    )


def sealed_document(registry: Registry, index: int) -> bytes:
    for stored in registry.log.entries(index, index + 1):
        document = registry.office.document(statement.parse(stored.raw).digest)
        if document is not None:
            return document
    raise NotFound(
        f"the sealed document of entry {index} is missing",
        hint="restore the office's file from a backup",
    )


def fresh_id(registry: Registry) -> str:
    """80 random bits: a number that cannot be guessed, so it betrays no letter."""
    return base64.b32encode(registry.random(10)).decode()


def now(registry: Registry) -> datetime:
    return registry.clock.now().replace(microsecond=0)


def shares(registry: Registry, letter: Letter) -> tuple[Share, ...]:
    """The coordination copies of a letter that went outside, in order."""
    found = []
    for index in letter.sealed:
        body = read_sealed(sealed_document(registry, index)).act.body
        if isinstance(body, Share):
            found.append(body)
    return tuple(found)
