"""Notices: what an office sends round after an act, from a text with {fields}.

    The {office} has withdrawn its letter {reference}, “{title}”, …

The office may put texts of its own in the place of these. A template is no program: there are
the fields below, {{ and }} for braces, and nothing else. See spec/notices.md, section 6.
"""

from __future__ import annotations

import re

from vidimus.core.acts.kinds import Kind, Reason
from vidimus.core.copies.wording import minute
from vidimus.core.notices.states import POWER, Telling, grouped
from vidimus.errors import FormatError

LONGEST = 20_000  # characters of a template
MARK = "*** EXERCISE ({registry}). Nothing here is real. ***"

REASONS: dict[Reason, str] = {
    Reason.NOT_AUTHORISED: "nobody with the power to do so had decided it",
    Reason.SENT_IN_ERROR: "it was sent in error",
    Reason.RELEASED_TOO_EARLY: "it was released too early",
    Reason.WRONG_TEXT: "it was the wrong text",
    Reason.FORGED: "it was forged",
}
FIELDS: dict[str, str] = {
    "registry": "the name of the log",
    "office": "the office's title",
    "reference": "the letter's reference, or its number where it has none",
    "number": "the letter's number, as on paper",
    "title": "the letter's title",
    "version": "the number of the wording",
    "time": "when the act was done, 2031-03-05 09:00 UTC",
    "reason": "why, in the words of the act; “no reason was given” where it gives none",
    "state": "what stands now: usable, withheld or canceled",
    "page": "the address of the letter's page",
    "entry": "the number of the log's entry",
    "successor": "the reference of the letter in its place",
    "successor_page": "the address of that one's page",
}
_CHECK = """
Please check the copy that you hold before you use it: {page}
The log says it in entry {entry}.
"""
_LETTER = "its letter {reference}, “{title}”"
TEMPLATES: dict[str, str] = {
    Kind.RELEASE: f"""{{office}} released {_LETTER}, on {{time}}.
{_CHECK}""",
    Kind.HOLD: f"""Please do not use {{reference}} for now.

On {{time}}, {{office}} put {_LETTER}, on hold while it checks: {{reason}}.
Whoever has quoted it, please say so beside the quotation. We tell you as soon as we know.
{_CHECK}""",
    Kind.CLEAR: f"""{{reference}} may be used again.

On {{time}}, {{office}} ended the hold on {_LETTER}: {{reason}}. Its state now: {{state}}.
{_CHECK}""",
    Kind.CORRECT: f"""Correction: {{successor}} takes the place of {{reference}}.

On {{time}}, {{office}} corrected {_LETTER}: {{reason}}.
Please use the corrected wording, and no longer the older one: {{successor_page}}
{_CHECK}""",
    Kind.SUPERSEDE: f"""{{successor}} takes the place of {{reference}}.

On {{time}}, {{office}} replaced {_LETTER}: {{reason}}.
The letter that counts now: {{successor_page}}
{_CHECK}""",
    Kind.WITHDRAW: f"""Withdrawn: {{reference}} no longer counts.

On {{time}}, {{office}} took back {_LETTER}: {{reason}}.
It counted until then, and does not count any more. Please do not use it.
{_CHECK}""",
    Kind.DISOWN: """Disowned: {reference} does not speak for {office}, and never did.

On {time}, {office} disowned {reference}, “{title}”: {reason}.
Please do not use it. If you have published it, please say so at the same place, as soon as you
can. What the log holds of it stays there, and its page shows it.
"""
    + _CHECK,
    Kind.RATIFY: f"""{{reference}} is confirmed.

On {{time}}, {{office}} ratified {_LETTER}, which had been sent without authority: {{reason}}.
Its state now: {{state}}.
{_CHECK}""",
    Kind.ACKNOWLEDGE_DRAFT: """{reference} is a draft, and not the word of {office}.

A text titled “{title}” is in circulation. On {time}, {office} said in public that wording
{version} of it is a real working draft: {reason}. It was never released and decides nothing.
Please do not report it as a letter of ours.
"""
    + _CHECK,
    Kind.DECLARE_FORGED: """A forgery is in circulation in the name of {office}.

On {time}, {office} declared the text “{title}” forged: {reason}. It is none of ours.
Please do not use it. If you have published it, please say so at the same place.
"""
    + _CHECK,
    POWER: f"""Please do not use {{reference}} for now.

On {{time}}, a key was revoked on which {{office}} had rested {_LETTER}. Its state now: {{state}}.
We tell you whether it is confirmed.
{_CHECK}""",
}
NAMES: dict[str, str] = {act: act.replace("_", "-") for act in TEMPLATES}

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def fill(template: str, fields: dict[str, str], name: str = "the template") -> str:
    """The text of the template with the fields in it. Raises FormatError for an unknown one."""
    if len(template) > LONGEST:
        raise FormatError(f"{name} is longer than {LONGEST} characters")

    def replaced(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if found[1] is None:
            raise FormatError(
                f"{name} has a brace that opens or closes nothing",
                hint="write {{ or }} for a brace itself",
            )
        if found[1] not in fields:
            raise FormatError(
                f"{name} names a field that there is not: {{{found[1][:40]}}}",
                hint="there are: " + ", ".join(sorted(fields)),
            )
        return fields[found[1]]

    return _PARTS.sub(replaced, template)


def notice(told: Telling, address: str, template: str | None = None, name: str = "") -> str:
    """The notice of this act. What comes of an exercise says so, whatever the template says."""
    if template is None:
        template, name = TEMPLATES[told.act], "the template"
    said = fill(template, fields(told, address), name)
    if not told.exercise:
        return said
    mark = MARK.format(registry=told.origin)
    return f"{mark}\n\n{said.rstrip()}\n\n{mark}\n"


def fields(told: Telling, address: str) -> dict[str, str]:
    because = [REASONS[told.code]] if told.code is not None else []
    because += [told.reason.rstrip(" .")] if told.reason.strip(" .") else []
    after = told.successor
    return {
        "registry": told.origin,
        "office": told.office_title,
        "reference": told.reference or grouped(told.letter),
        "number": grouped(told.letter),
        "title": told.title,
        "version": str(told.version),
        "time": minute(told.time),
        "reason": "; ".join(because) or "no reason was given",
        "state": told.pub_status,
        "page": f"{address}c/{told.letter}",
        "entry": str(told.index),
        "successor": (after.reference or grouped(after.id)) if after is not None else "",
        "successor_page": f"{address}c/{after.id}" if after is not None else "",
    }
