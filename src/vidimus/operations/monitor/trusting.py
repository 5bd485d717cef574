"""The trust root beside the log: followed where it goes on, and held against the log itself."""

from __future__ import annotations

from hashlib import sha256

from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import Link, TrustRoot
from vidimus.errors import FormatError, NotFound, VerificationFailed, VidimusError
from vidimus.operations.monitor.context import Watch, dark

TRUST = "trust.json"


def renew_trust(watch: Watch) -> None:
    """Follow new versions of the trust root, as far as they go on from the pinned one."""
    try:
        content = watch.source.read(TRUST)
    except NotFound:
        watch.notes.append("no trust root is served beside the log; the pinned one was used")
        return
    except VidimusError as error:
        watch.find(dark(TRUST, f"the trust root cannot be read: {error.fact}"))
        return
    try:
        extended = roots.extend(watch.trust, roots.read(content))
    except (FormatError, VerificationFailed) as error:
        pinned = roots.write(watch.trust)
        watch.find(
            Finding(
                Kind.TRUST_CHANGED,
                sha256(content).hexdigest()[:16],
                f"the trust root that is served is not the pinned one: {error.fact}",
                (),
                None,
                {"pinned.json": pinned, "served.json": content},
            )
        )
        return
    keep_trust(watch, extended)


def keep_trust(watch: Watch, newer: TrustRoot) -> None:
    if newer != watch.trust:
        watch.trust = newer
        watch.state.put("trust", roots.write(newer))


def hold_trust_against_log(watch: Watch) -> None:
    """What the trust root says must stand on the log, at the index that it names."""
    said = {link.index: link for link in watch.trust.links if link.index < watch.frontier.size}
    chain = watch.replay.authority.chain
    for index, link in said.items():
        row = watch.row(index)
        if row.raw != link.entry:
            _trust_differs(watch, f"entry {index} of the log is not the one in the trust root")
        elif index not in chain:
            _trust_differs(watch, f"entry {index} of the trust root has no effect on the log")
    unknown = [index for index in chain if index not in said]
    if unknown and unknown[0] < watch.trust.links[-1].index:
        _trust_differs(watch, f"the trust root leaves out entry {unknown[0]} of the log")
    elif unknown:
        # Served too late, or not at all: what the log itself says is as good.
        rows = [watch.row(index) for index in chain]
        links = [Link(row.index, row.raw, (row.document or b"").decode()) for row in rows]
        keep_trust(watch, roots.extend(watch.trust, roots.build(links)))


def _trust_differs(watch: Watch, fact: str) -> None:
    pinned = roots.write(watch.trust)
    name = sha256(pinned + fact.encode()).hexdigest()[:16]
    watch.find(Finding(Kind.TRUST_CHANGED, name, fact, (), None, {"pinned.json": pinned}))
