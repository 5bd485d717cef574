"""Whether “none of ours” says anything: what the offices promised to register, and what not.

Nothing here looks at a copy. Without a promise for every class that a paper could be of, its
absence from the register means nothing (docs/decisions/0008).
"""

from __future__ import annotations

from datetime import datetime

from vidimus.core.acts.authority import Authority


def promised(authority: Authority, time: datetime, office: str | None) -> tuple[bool, str]:
    """Is every letter that this could be under a promise at that time? And the promises, in words.

    `office` is the one that the copy claims to come from, by its short name or its title;
    None asks about all offices in whose name letters go out here.
    """
    kinds: dict[str, set[str]] = {}
    for cls, rules in authority.classes.items():
        kinds.setdefault(rules[-1].body.office, set()).add(cls)
    titles = {cls: rules[-1].body.title for cls, rules in authority.classes.items()}
    asked = sorted(kinds)
    if office is not None:
        named = _named(authority, office)
        if named is None:
            here = ", ".join(f"{authority.title(each)} ({each})" for each in asked)
            return False, f"No office here is called “{office}”. Here are: {here or 'none'}."
        asked = [named]
    since: dict[tuple[str, str], datetime] = {}
    for each in asked:
        for promise in authority.covered(each, time):
            of = (promise.office, promise.cls)
            since[of] = min(promise.since, since.get(of, promise.since))
    words = [
        f"{authority.title(each)} registers everything of the kind “{titles[cls]}” that is"
        f" dated {start:%Y-%m-%d} or later"
        for (each, cls), start in since.items()
    ]
    said = "; ".join(words) + "." if words else "No promise to register every letter covers it."
    missing = [(each, cls) for each in asked for cls in sorted(kinds.get(each, ()))]
    missing = [of for of in missing if of not in since]
    if since and not missing:
        return True, said
    if missing and words:
        open_ends = ", ".join(f"“{titles[c]}” of {authority.title(o)}" for o, c in missing)
        said += f" Not promised for {open_ends}."
        if office is None:
            said += " Say from which office it claims to come."
    return False, said


def _named(authority: Authority, office: str) -> str | None:
    if office in authority.offices:
        return office
    wanted = office.strip().casefold()
    titled = [each.id for each in authority.offices.values() if each.title.casefold() == wanted]
    return titled[0] if len(titled) == 1 else None
