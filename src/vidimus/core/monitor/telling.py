"""What an act on authority did, in words: who got which power, whose key ended, what is trusted."""

from __future__ import annotations

from datetime import datetime

from vidimus.core.acts.vocabulary import (
    Appoint,
    Body,
    Cover,
    DefineClass,
    Delegate,
    End,
    Establish,
    Found,
    Revoke,
    RevokeKey,
    Trust,
)
from vidimus.core.copies.answers import rfc3339

CONCERNS = ("person", "office", "cls", "parent", "key", "last_index", "version", "threshold")


def concerns(body: Body) -> dict[str, object]:
    """Whom and what an act speaks of, by name, for machines."""
    named = {name: getattr(body, name, None) for name in CONCERNS}
    found = {
        "class" if name == "cls" else name: value
        for name, value in named.items()
        if value is not None
    }
    for name in ("effective", "until", "since"):
        moment = getattr(body, name, None)
        if isinstance(moment, datetime):
            found[name] = rfc3339(moment)
    if isinstance(body, Found | Trust):
        found["founders"] = [each.person for each in body.roots]
    return found


def told(body: Body) -> str:
    """The same in a sentence, for people."""
    match body:
        case Found():
            return f"a registry ({body.mode}), {_founders(body)}"
        case Trust():
            keys = [each for each in body.log_keys if each.until is None]
            return (
                f"version {body.version} of the trust, {_founders(body)};"
                f" keys of the log now: {', '.join(each.key for each in keys)}"
            )
        case Establish():
            under = f" under {body.parent}" if body.parent is not None else ""
            return f"the office {body.office}, “{body.title}”{under}"
        case Appoint():
            acting = ", acting" if body.acting else ""
            return f"{body.name} ({body.person}) to {body.office}{acting}{_from(body)}"
        case End():
            return f"{body.person} is in {body.office} no longer{_from(body)}"
        case Delegate():
            whom = f"{body.name} ({body.person})"
            return f"{whom} may act for {body.office} on “{body.cls}”{_from(body)}"
        case Revoke():
            return f"{body.person} may act for {body.office} on “{body.cls}” no longer"
        case RevokeKey():
            return f"the key of {body.person} counts up to entry {body.last_index}: {body.key}"
        case DefineClass():
            return (
                f"“{body.title}” ({body.cls}) of {body.office}: rule {body.rule}; signed by"
                f" {', '.join(body.signers)}; released by {', '.join(body.releasers)}"
            )
        case Cover():
            since = rfc3339(body.since)
            return f"every “{body.cls}” of {body.office} is registered here since {since}"
        case _:
            return ""


def _founders(body: Found | Trust) -> str:
    people = ", ".join(each.person for each in body.roots)
    return f"founders {people}, of whom {body.threshold} decide"


def _from(body: Appoint | End | Delegate) -> str:
    until = f" until {rfc3339(body.until)}" if not isinstance(body, End) and body.until else ""
    return f" from {rfc3339(body.effective)}{until}"
