"""A signature on a version: who signed, in which office, by hand or by key, and why he could.

A sign act is sealed. In the office it is met on the log; outside, the release opens it:
the sealed document stands in the release, and its digest on the log at the index named.
Both ways lead through `signature_of`, so both see the same signature.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from vidimus.core.acts.authority import Authority, Grounds
from vidimus.core.acts.document import Sealed, digest, read_sealed, write
from vidimus.core.acts.kinds import METHODS, Kind, Method, SignatureRule
from vidimus.core.acts.letter import Signature
from vidimus.core.acts.power import Power, power
from vidimus.core.acts.vocabulary import Act, DefineClass, Opened, Release, Sign
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import FormatError, NotAllowed, VerificationFailed

if TYPE_CHECKING:
    from vidimus.core.acts.standing import Entry
    from vidimus.core.acts.transitions import Known


def signature_of(authority: Authority, entry: Entry) -> Signature:
    """The signature that this entry makes. Raises NotAllowed."""
    return _signature(authority, entry.act, entry.key, entry.index, entry.time)


def opened_signature(known: Known, release: Release, opened: Opened) -> Signature:
    """The signature that a release opens: bound to this text, and still in power now."""
    if opened.index >= known.index:
        raise NotAllowed("a release cannot rest on what comes after it")
    try:
        sealed = read_sealed(opened.document.encode())
        key = sealed_key(known.authority, sealed)
    except (UnicodeError, FormatError, VerificationFailed) as error:
        raise NotAllowed(f"the signature it rests on cannot be verified: {error}") from error
    body = sealed.act.body
    if not isinstance(body, Sign):
        raise NotAllowed("what the release opens is not a signature")
    if sealed.act.registry != known.authority.registry:
        raise NotAllowed(f"the signature was made for the registry {sealed.act.registry}")
    if sealed.act.at > known.time:
        raise NotAllowed("the signature bears a later time than its release")
    if (body.letter, body.version, body.canonical, body.office, body.cls) != (
        release.letter,
        release.version,
        release.canonical,
        release.office,
        release.cls,
    ):
        raise NotAllowed("the signature is for another letter, version or text")
    signed = _signature(known.authority, sealed.act, key, opened.index, sealed.act.at)
    if not known.authority.counts(signed.grounds):
        raise NotAllowed(
            "the signature it rests on was made with a key revoked since",
            hint="have it signed again",
        )
    # The class may have been defined anew since: what goes out now goes by the rule of now.
    rule = known.authority.rule(body.cls, known.index)
    if rule.rule is not SignatureRule.NONE:
        _require_method(body, rule)
    # Pending signatures fall with the tenure of whoever gave them (design, section 4), and
    # a new tenure of the same person does not bring them back.
    try:
        _may_sign(known.authority, body, known.index, known.time, under=signed.tenure)
    except NotAllowed as error:
        raise NotAllowed(
            f"the signature fell before the release: {error.fact}",
            hint="have it signed by whoever holds the power now",
        ) from error
    return signed


def sealed_key(authority: Authority, sealed: Sealed) -> str:
    """The key, as text, that signed a sealed act's own statement. Raises VerificationFailed."""
    found = statement.parse(sealed.statement)
    for text, person in authority.keys.items():
        if person == sealed.act.person and PublicKey.from_text(text).kid == found.kid:
            statement.verify(sealed.statement, PublicKey.from_text(text))
            if found.digest != digest(write(sealed.act)):
                raise VerificationFailed("the statement is about another act")
            return text
    raise VerificationFailed(f"no key of {sealed.act.person} made this statement")


def _signature(authority: Authority, act: Act, key: str, index: int, time: datetime) -> Signature:
    body = act.body
    assert isinstance(body, Sign)
    rule = authority.rule(body.cls, index)
    _require_method(body, rule)
    by_key = body.method is Method.KEY
    held = _may_sign(authority, body, index, time, key=key if by_key else None)
    because = held.because
    links: Grounds = ((index, key), *held.grounds)
    if by_key:
        if (act.person, act.office) != (body.signer, body.signer_office):
            raise NotAllowed("one signs with one's own key, in one's own office")
    else:
        if act.person == body.signer:
            raise NotAllowed(
                "somebody else must attest a signature by hand",
                hint="the scan is registered by a colleague who saw the paper",
            )
        attester = power(
            authority,
            Kind.DRAFT,
            person=act.person,
            office=act.office,
            target=body.office,
            index=index,
            time=time,
            cls=rule,
            key=key,
        )
        because = f"{because}; by hand, attested by {attester.name}"
        links = (*links, *attester.grounds)
        if body.scan is None:
            raise NotAllowed(
                "a signature by hand needs its scan", hint="give the scanned page: --scan FILE"
            )
    return Signature(
        body.version,
        body.signer,
        held.name,
        body.signer_office,
        because,
        body.method,
        index,
        time,
        links,
        by=act.person,
        tenure=held.tenure,
        giver=held.giver,
    )


def _require_method(body: Sign, rule: DefineClass) -> None:
    if body.method not in METHODS[rule.rule]:
        raise NotAllowed(
            f"letters of the class “{body.cls}” are signed so: {rule.rule}",
            hint="sign by hand and register the scan, or use the key, as the class says",
        )


def _may_sign(
    authority: Authority,
    body: Sign,
    index: int,
    time: datetime,
    *,
    key: str | None = None,
    under: int | None = None,
) -> Power:
    return power(
        authority,
        Kind.SIGN,
        person=body.signer,
        office=body.signer_office,
        target=body.office,
        index=index,
        time=time,
        cls=authority.rule(body.cls, index),
        key=key,
        under=under,
    )
