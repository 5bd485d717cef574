"""From the bytes on the log and the document beside them to an act that can be believed.

    entry bytes ── COSE statement ── digest ──┐
    document    ── SHA-256 ───────────────────┴─ equal? ── who signed? ── Entry

A sealed entry is signed by the registry's sealing key; inside its document stands the
person's own statement, so that an act is a person's act on both sides of the wall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from vidimus.core.acts import document as documents
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import AUTHORITY, SEALED
from vidimus.core.acts.signature import sealed_key
from vidimus.core.acts.standing import Entry
from vidimus.core.acts.vocabulary import Act, Found, Opened, Release
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.statement import Signed, Statement
from vidimus.core.trust.keys import seal_keys
from vidimus.errors import VerificationFailed


def issuer_of(act: Act) -> str:
    """`iss` of a public statement: the office that speaks."""
    return f"{act.registry}/o/{act.office}"


def subject_of(act: Act) -> str:
    """`sub` of a public statement: the letter, or the authority of the registry."""
    if act.subject == AUTHORITY:
        return f"{act.registry}/{AUTHORITY}"
    return f"{act.registry}/c/{act.subject}"


def is_sealed(found: Statement) -> bool:
    return found.content_type == documents.SEALED_TYPE


def verified(
    index: int,
    raw: bytes,
    document: bytes,
    authority: Authority,
    raw_at: Callable[[int], bytes] | None = None,
) -> Entry:
    """The act of this entry, with everything about its signature checked.

    `authority` is what the log said about keys before this entry; `raw_at` gives the bytes
    of an earlier entry, so that what a release opens is looked up where it says it stands.
    Raises FormatError or VerificationFailed.
    """
    return verified_statement(index, statement.read(raw), document, authority, raw_at)


def verified_statement(
    index: int,
    signed: Signed,
    document: bytes,
    authority: Authority,
    raw_at: Callable[[int], bytes] | None = None,
) -> Entry:
    """The same, for an entry whose statement was read before."""
    found = signed.statement
    if documents.digest(document) != found.digest:
        raise VerificationFailed(f"entry {index}: its document is not the one it names")
    time = datetime.fromtimestamp(found.issued_at, UTC)
    if is_sealed(found):
        return _sealed(index, time, signed, document, authority)
    if found.content_type != documents.ACT_TYPE:
        raise VerificationFailed(f"entry {index} holds a {found.content_type}, not an act")
    act = documents.read(document)
    if act.kind in SEALED:
        raise VerificationFailed(f"entry {index}: a {act.kind} belongs sealed")
    if (found.issuer, found.subject) != (issuer_of(act), subject_of(act)):
        raise VerificationFailed(f"entry {index} names another issuer or subject than its act")
    key = key_of(act, found.kid, authority)
    signed.verify(PublicKey.from_text(key))
    if raw_at is not None and isinstance(act.body, Release):
        for opened in act.body.opens:
            _require_committed(index, opened, authority, raw_at)
    return Entry(index, time, key, act)


def _sealed(
    index: int, time: datetime, signed: Signed, document: bytes, authority: Authority
) -> Entry:
    check_seal_of(index, signed, authority)
    sealed = documents.read_sealed(document)
    if sealed.act.kind not in SEALED:
        raise VerificationFailed(f"entry {index}: a {sealed.act.kind} cannot be sealed")
    key = sealed_key(authority, sealed)
    return Entry(index, time, key, sealed.act, document.decode())


def check_seal(index: int, raw: bytes, authority: Authority) -> Statement:
    """A sealed entry bears the registry's seal, and says nothing else. Raises."""
    return check_seal_of(index, statement.read(raw), authority)


def check_seal_of(index: int, signed: Signed, authority: Authority) -> Statement:
    """The same, for an entry whose statement was read before."""
    if authority.founded is None:
        raise VerificationFailed(f"entry {index} is sealed, before the registry was founded")
    kid = signed.statement.kid
    mine = next((each for each in seal_keys(authority.trust, index) if each.kid == kid), None)
    if mine is None:
        raise VerificationFailed(
            f"entry {index} is sealed with a key that is none of the registry's there",
            hint="its sealing keys, and up to which entry each counts: vidimus log trust",
        )
    found = signed.verify(mine)
    if found.issuer != authority.registry:
        raise VerificationFailed(f"entry {index} is sealed in the name of {found.issuer}")
    return found


def _require_committed(
    index: int, opened: Opened, authority: Authority, raw_at: Callable[[int], bytes]
) -> None:
    """The log must hold the commitment to what is opened, at the entry that is named.

    Otherwise a stolen key that was revoked could sign today, and its thief say that it was
    an entry from before the revocation.
    """
    if opened.index >= index:
        raise VerificationFailed(f"entry {index} opens entry {opened.index}, which comes later")
    raw = raw_at(opened.index)
    found = check_seal(opened.index, raw, authority)
    document = opened.document.encode()
    if not is_sealed(found) or documents.digest(document) != found.digest:
        raise VerificationFailed(
            f"entry {index} opens a document to which entry {opened.index} never committed"
        )
    if int(documents.read_sealed(document).act.at.timestamp()) != found.issued_at:
        raise VerificationFailed(f"the act in entry {opened.index} bears another time than it")


# kid → the key that has it, as it was found last time. A registry of a whole country knows
# many keys, and looking through them would cost more than the signature. It is a guess that
# is looked at again each time, so it may be forgotten or wrong.
_LAST_FOUND: dict[bytes, str] = {}
_MOST_FOUND = 65_536


def key_of(act: Act, kid: bytes, authority: Authority) -> str:
    """The key, as text, of whoever acts that has this name. Raises VerificationFailed."""
    if isinstance(act.body, Found):
        keys: Mapping[str, str] = {root.key: root.person for root in act.body.roots}
    else:
        keys = authority.keys
    guess = _LAST_FOUND.get(kid)
    if guess is not None and _is(guess, keys.get(guess), act, kid):
        return guess
    for text, person in keys.items():
        if _is(text, person, act, kid):
            if len(_LAST_FOUND) >= _MOST_FOUND:
                _LAST_FOUND.clear()
            _LAST_FOUND[kid] = text
            return text
    raise VerificationFailed(f"no key known as {act.person}'s made this statement")


def _is(text: str, person: str | None, act: Act, kid: bytes) -> bool:
    return person == act.person and PublicKey.from_text(text).kid == kid


def verify_ahead(statements: Iterable[Signed | None], authority: Authority) -> None:
    """Check many signatures in one go, each with the key that made it as far as one can tell.

    A tenth faster than one after the other between other work. Nothing is decided here: each
    statement remembers the key that it holds with, and whoever judges the entry finds out,
    by the power of that moment, whether it is the right one.
    """
    seals = {PublicKey.from_text(each.key).kid: each.key for each in authority.trust.seal_keys}
    for signed in statements:
        if signed is None:
            continue
        kid = signed.statement.kid
        likely = seals.get(kid) or _LAST_FOUND.get(kid)
        if likely is not None:
            try:
                signed.verify(PublicKey.from_text(likely))
            except VerificationFailed:
                continue
