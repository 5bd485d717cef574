"""How answers, letters and acts are put into lines for people. From the JSON document, so
that an answer from a server and one from a folder look the same.
"""

from __future__ import annotations

import dataclasses
import textwrap
from datetime import datetime
from typing import Any

from vidimus.core.acts.letter import Letter
from vidimus.core.acts.vocabulary import Body
from vidimus.core.copies import wording
from vidimus.core.copies.answers import missing_of
from vidimus.operations.perform import Done
from vidimus.operations.registry import Registry

WIDTH = 92
MOST_MISSING = 12  # stretches that were not seen, as of a page whose edge is cut off
ROWS = (
    ("Is this their text?", "text"),
    ("Who signed, with what power?", "authority"),
    ("Was it released?", "release"),
    ("Does it stand?", "standing"),
)


def grouped(letter: str) -> str:
    """A letter's number as it is printed: ABCD-EFGH-IJKL-MNOP."""
    return "-".join(letter[start : start + 4] for start in range(0, len(letter), 4))


def exercise(registry: str, is_exercise: bool) -> list[str]:
    """The line that stands above everything that comes of an exercise."""
    return [f"*** EXERCISE ({registry}). Nothing here is real. ***"] if is_exercise else []


def answer(document: dict[str, Any]) -> list[str]:
    lines = exercise(document["registry"], document["exercise"])
    lines += ["", document["headline"]] if lines else [document["headline"]]
    lines += [*_wrapped(document["sentence"]), ""]
    for question, axis in ROWS:
        if axis == "authority" and document["headline"] == "ALTERED":
            # The rows that follow must not be read as the altered copy's.
            lines += ["", "  The registered text, which this copy is not:"]
        said = document[axis]
        lines += _row(question, said["answer"], said.get("detail", ""))
    seen = document["text"]["seen"]
    if seen["of"]:
        lines += _row("Words seen", f"{seen['words']} of {seen['of']}", "")
    letter = document["letter"]
    if letter is not None:
        name = " · ".join(
            each
            for each in (letter["reference"], grouped(letter["id"]), letter["office_title"])
            if each
        )
        version = f"version {document['text']['version']}"
        version += f" · {letter['date']}" if letter["date"] else ""  # a draft inside has none
        lines += _row("Letter", name, version)
    successor = document["standing"].get("successor")
    if successor:
        lines += _row("Replaced by", grouped(successor), "")
    form = document["form"]
    if form is not None:
        name = form["letter"]["reference"] or grouped(form["letter"]["id"])
        lines += _row(
            "Of the same form as", name, f"{form['letters']} letters of it were looked at"
        )
    lines += _quotations(document["quotations"])
    differing = "Altered" if form is None else "Filled in otherwise"
    lines += _differences(differing, document["text"]["differences"])
    lines += _differences("Could not be read with certainty", document["text"]["unread"])
    lines += _missing(document["text"]["missing"])
    lines += _list("Fits equally well", document["alternatives"])
    lines += ["", f"As of {document['as_of']['tree_size']} entries of the log of"]
    lines[-1] += f" {document['registry']}, {document['as_of']['time']}"
    lines += _list("Reasons", document["reasons"])
    lines += _list("Checked", document["checked"])
    lines += _list("Not checked", document["not_checked"])
    if document["exercise"]:
        lines += ["", "*** EXERCISE. Nothing here is real. ***"]
    return lines


# Around the words of a run: quoted ones stand bare, as the eye is to find them first.
_AROUND = {
    "beside": ("(", ")"),
    "left out": ("[left out: ", "]"),
    "skipped": ("[… ", " …]"),
    "quoted": ("", ""),
}


def _quotations(quotations: list[dict[str, Any]]) -> list[str]:
    """Each quotation, what is to be said of it, and its sentence in the letter."""
    lines = ["", "Quotations:"] if quotations else []
    for number, each in enumerate(quotations, 1):
        said = f"{each['headline'] or 'not compared'}: {each['said']}"
        letter = each["letter"]
        where = ""
        if letter is not None and len(each["at"] or ()) == 2:
            name = letter["reference"] or grouped(letter["id"])
            first, last = each["at"][0] + 1, each["at"][1]
            where = f"{name}, paragraph {each['paragraph']}, words {first} to {last}: "
        runs = " ".join(_run(run) for run in each["context"])
        for start, text in (
            (f"  {number}. ", f"“{each['text']}”"),
            ("     ", said),
            ("     ", where + runs),
        ):
            if text:
                lines += textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent="     ")
    return lines


def _run(run: dict[str, Any]) -> str:
    if run["part"] == "differs":
        registered, copy = run["text"] or "nothing", run["copy"] or "nothing"
        return f"[{registered}; quoted: {copy}]"
    if run["part"] == "left out" and run["copy"] not in ("", "…"):
        return f"[{run['text']}; in brackets: {run['copy']}]"
    before, after = _AROUND.get(run["part"], ("", ""))
    return f"{before}{run['text']}{after}"


def _row(question: str, said: str, detail: str) -> list[str]:
    start = f"  {question:<30}{said}"
    return [start, *(f"{'':32}{line}" for line in textwrap.wrap(detail, WIDTH - 32))]


def _differences(title: str, differences: list[dict[str, Any]]) -> list[str]:
    lines = ["", f"{title}:"] if differences else []
    for number, each in enumerate(differences, 1):
        registered = f"“{each['registered']}”" if each["registered"] else "(nothing)"
        copy = f"“{each['copy']}”" if each["copy"] else "(nothing)"
        lines += textwrap.wrap(
            f"{number}. {each['kind']}, page {each['page']}: registered {registered}, here {copy}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="     ",
        )
    return lines


def _missing(stretches: list[dict[str, Any]]) -> list[str]:
    """What the copy does not show, in the letter's order; of very much, the longest."""
    most = sorted(stretches, key=lambda each: -each["words"])[:MOST_MISSING]
    lines = ["", "Not seen:"] if stretches else []
    for number, each in enumerate((each for each in stretches if each in most), 1):
        lines += textwrap.wrap(
            f"{number}. {wording.lacking(missing_of(each))}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="     ",
        )
    if len(stretches) > len(most):
        words = sum(each["words"] for each in stretches if each not in most)
        lines.append(f"     and {len(stretches) - len(most)} shorter ones, {words} words in all")
    return lines


def _list(title: str, sentences: list[str]) -> list[str]:
    lines = ["", f"{title}:"] if sentences else []
    for each in sentences:
        lines += textwrap.wrap(each, WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def said(done: Done, registry: Registry) -> str:
    """One line for an act that took effect."""
    act = done.act
    verb = act.kind.value.replace("_", " ")
    line = "".join(f"{each}\n" for each in exercise(act.registry, registry.settings.exercise))
    line += (
        f"{verb}: entry {done.index}, by {act.person} as {act.office}, {act.at:%Y-%m-%d %H:%M} UTC"
    )
    for each in act.cosigned:
        line += f", approved by {registry.authority().keys.get(each.key, 'somebody')}"
    told = " · ".join(_told(act.body))
    line += f"\n  {told}" if told else ""
    found = registry.letter(act.subject)
    if found is not None:
        line += f"\n{one_letter(found)}"
    return line


UNTOLD = {
    "letter",
    "key",
    "text",
    "canonical",
    "opens",
    "rests_on",
    "roots",
    "log_key",
    "seal_key",
    "receipt_key",
    "log_keys",
    "seal_keys",
    "receipt_keys",
    "witnesses",
    "asked",
    "comments",
}


def _told(body: Body) -> list[str]:
    """What an act says, field by field, for whoever just performed it to read over."""
    lines = []
    for each in dataclasses.fields(body):  # type: ignore[arg-type] # every body is a dataclass
        value = getattr(body, each.name)
        if each.name in UNTOLD or value in (None, False, "", ()):
            continue
        name = {"cls": "class"}.get(each.name, each.name.replace("_", " "))
        if isinstance(value, datetime):
            value = f"{value:%Y-%m-%d %H:%M} UTC"
        lines.append(f"{name}: {', '.join(value) if isinstance(value, tuple) else value}")
    return lines


def one_letter(letter: Letter) -> str:
    name = letter.reference or "(no reference)"
    version = f"version {letter.latest.number}"
    return f"{grouped(letter.id)}  {letter.state.value:<18} {version:<11} {name}  {letter.title}"
