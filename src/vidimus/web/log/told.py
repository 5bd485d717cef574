"""A public act in a few lines: who, in which office, about whom, and why.

Names and titles are those that the log had given before the entry; everything else that
the act says stands in its document, which the page shows whole.
"""

from __future__ import annotations

import json

from vidimus.core.acts import document as documents
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.vocabulary import Act, Found, Trust
from vidimus.core.notices.templates import REASONS


def told(act: Act, index: int, authority: Authority) -> tuple[tuple[str, str], ...]:
    """(what, value) in reading order."""
    body = act.body
    rows = [
        ("By", _person(act.person, index, authority)),
        ("In the office", _office(act.office, authority)),
    ]
    for each in act.cosigned:
        owner = authority.keys.get(each.key)
        rows.append(("Approved by", _person(owner, index, authority) if owner else each.key))
    concerned = getattr(body, "person", None)
    if concerned:
        name = getattr(body, "name", None)
        rows.append(
            ("Concerns", _both(name, concerned) if name else _person(concerned, index, authority))
        )
    if isinstance(body, Found | Trust):
        rows += [("Concerns", _both(root.name, root.person)) for root in body.roots]
    for name, row in (("office", "Speaks of the office"), ("cls", "Kind of letter")):
        value = getattr(body, name, None)
        if value and not (name == "office" and value == act.office):
            rows.append((row, _office(value, authority) if name == "office" else value))
    code, reason = getattr(body, "code", None), getattr(body, "reason", None)
    if code is not None:
        rows.append(("Code", f"{code.value}: {REASONS[code]}"))
    if reason:
        rows.append(("Reason", f"“{reason}”"))
    return tuple(rows)


def letters(act: Act) -> tuple[tuple[str, str], ...]:
    named = (("Letter", "letter"), ("In its place", "successor"))
    found = ((row, getattr(act.body, name, None)) for row, name in named)
    return tuple((row, letter) for row, letter in found if letter)


def pretty(document: bytes) -> str:
    """The same JSON with line breaks; `read` has taken it, so it is JSON."""
    documents.read(document)
    return json.dumps(json.loads(document), indent=2, ensure_ascii=False)


def _person(person: str, index: int, authority: Authority) -> str:
    named = [a.name for a in authority.appointments if a.person == person and a.index < index]
    named += [d.name for d in authority.delegations if d.person == person and d.index < index]
    root = authority.root(person)
    if not named and root is not None:
        named = [root.name]
    return _both(named[-1], person) if named else person


def _office(office: str, authority: Authority) -> str:
    if office == ROOT:
        return "the founders of this register (root)"
    return _both(authority.title(office), office)


def _both(name: str, short: str) -> str:
    return f"{name} ({short})" if name != short else name
