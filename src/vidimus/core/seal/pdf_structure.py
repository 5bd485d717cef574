"""What a PDF is made of, and whether its signature can mean what it seems to mean.

    bytes → read strictly (`pdf_objects`) → findings, each with a sentence

A sound signed file has one signature, over all of it: /ByteRange from 0 to the end, with a gap
that is exactly its own hexadecimal /Contents; nothing was added after it; nothing in it acts,
hides or is drawn beside the page. General verifiers wave through what breaks these rules
(SECURITY.md). No finding makes a copy stand, and none is believed instead of its words; a few
say that its words may be shown otherwise elsewhere (`UNSURE`), and keep it from standing.
See spec/check.md, rule 20.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from vidimus.core.seal.pdf_objects import (
    UNSEEN,
    File,
    Hex,
    Ref,
    Value,
    names_anywhere,
    numbered_twice,
    read,
    walk,
)
from vidimus.core.seal.pdf_pages import ambiguous, otherwise_paged
from vidimus.core.seal.pdf_tables import misled
from vidimus.errors import VidimusError

Entries = dict[str, Value]
MOST_SIGNATURES = 10  # that are looked at; two are one too many


class Finding(StrEnum):
    """What keeps a file from being of the one form that we write."""

    UNREADABLE = "unreadable"
    SEVERAL_SIGNATURES = "several signatures"
    NO_RANGE = "no range"
    NOT_WHOLE = "not whole"
    GAP = "gap"
    REVISED = "revised"
    TWICE_NUMBERED = "twice numbered"
    LOOSE = "loose"
    PAGES = "pages"
    AMBIGUOUS = "ambiguous"
    TABLE = "table"
    ENCRYPTED = "encrypted"
    LOCKED = "locked"
    SCRIPT = "script"
    ACTION = "action"
    LINK = "link"
    XFA = "xfa"
    FIELDS = "fields"
    NOTES = "notes"
    LAYERS = "layers"
    HIDDEN_LAYERS = "hidden layers"
    MEDIA = "media"
    ATTACHED = "attached"
    ATTACHMENTS = "attachments"
    OUTSIDE = "outside"
    ALTERNATES = "alternates"


class Seal(StrEnum):
    """What became of a signature that was verified, or was not."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


SENTENCES: dict[Finding, str] = {
    Finding.UNREADABLE: "The PDF is not built as the standard says; a strict reader could not"
    " take it apart.",
    Finding.SEVERAL_SIGNATURES: "The PDF bears several signatures; one alone could cover it all.",
    Finding.NO_RANGE: "The signature inside the PDF does not say which bytes it covers.",
    Finding.NOT_WHOLE: "The signature inside the PDF does not cover the whole file.",
    Finding.GAP: "What the signature inside the PDF leaves out is more than the signature itself.",
    Finding.REVISED: "The PDF was added to after it was first written; older versions of its pages"
    " may be inside.",
    Finding.TWICE_NUMBERED: "Parts of the PDF are there twice under one number; viewers may show"
    " the one or the other.",
    Finding.LOOSE: "Parts of the PDF stand behind its end; some viewers show them.",
    Finding.PAGES: "The PDF says in two ways which pages it has.",
    Finding.AMBIGUOUS: "The PDF holds a drawing that may be read in two ways.",
    Finding.TABLE: "The PDF's own table leads to other places than its parts stand in.",
    Finding.ENCRYPTED: "The PDF is encrypted, though it opens without a password.",
    Finding.LOCKED: "Not all that the PDF is made of could be seen.",
    Finding.SCRIPT: "The PDF holds a script, which was not run; it may change what a viewer shows.",
    Finding.ACTION: "The PDF asks viewers to do something by themselves; that was not examined.",
    Finding.LINK: "Links of the PDF were not followed.",
    Finding.XFA: "The PDF holds a second form (XFA) that some viewers show instead of its pages.",
    Finding.FIELDS: "The PDF has form fields; what may be filled in was not examined.",
    Finding.NOTES: "The PDF has notes or other marks that are not part of its pages' own text.",
    Finding.LAYERS: "The PDF has layers that a viewer may turn on and off.",
    Finding.HIDDEN_LAYERS: "The PDF has layers that are not shown, or not always; what stands in"
    " them was not compared.",
    Finding.MEDIA: "The PDF holds film, sound or a moving picture, which was not examined.",
    Finding.ATTACHED: "A file is attached inside the PDF; it was not examined.",
    Finding.ATTACHMENTS: "Several files are attached inside the PDF; they were not examined.",
    Finding.OUTSIDE: "The PDF takes some of what it shows from outside itself.",
    Finding.ALTERNATES: "Pictures in the PDF have others in their place for a printer or a screen.",
}

# Where some viewers show other words than those that were read here, however well these fit.
UNSURE: dict[Finding, str] = {
    Finding.LOCKED: "not all that the PDF is made of could be seen",
    Finding.SCRIPT: "a script inside the PDF may change what a viewer shows",
    Finding.XFA: "the PDF holds a second form (XFA) that some viewers show instead of its pages",
    Finding.HIDDEN_LAYERS: "the PDF has layers that are not shown, or not always",
    Finding.OUTSIDE: "the PDF takes some of what it shows from outside itself",
    Finding.ALTERNATES: "pictures in the PDF have others in their place for a printer or a screen",
    Finding.TWICE_NUMBERED: "parts of the PDF are there twice under one number",
    Finding.LOOSE: "parts of the PDF stand behind its end, and some viewers show them",
    Finding.PAGES: "the PDF says in two ways which pages it has",
    Finding.TABLE: "the PDF's own table leads to other places than its parts stand in",
    Finding.AMBIGUOUS: "the PDF holds a drawing that may be read in two ways",
}

# These say nothing against a signature.
INNOCENT = frozenset({Finding.ATTACHED, Finding.LINK})


@dataclass(frozen=True, slots=True)
class Structure:
    signatures: int
    findings: tuple[Finding, ...]  # in the order of `Finding`

    @property
    def sound(self) -> bool:
        """One signature, over all of a file that cannot show anything else."""
        return self.signatures == 1 and INNOCENT.issuperset(self.findings)


def look(content: bytes) -> Structure:
    """Every file has a structure; one that cannot be read has that finding. Raises nothing."""
    try:
        file = read(content)
        signatures = list(_signatures(file))
        found = {each for each, rule in RULES.items() if rule(file)}
        found |= _covered(content, file, signatures)
        if ambiguous(content, file):
            found.add(Finding.AMBIGUOUS)
        if misled(content, file):
            found.add(Finding.TABLE)
    except (VidimusError, RecursionError, ValueError):
        return _by_names(content)
    return Structure(len(signatures), tuple(each for each in Finding if each in found))


NAMED: dict[str, Finding] = {
    "/JavaScript": Finding.SCRIPT,
    "/JS": Finding.SCRIPT,
    "/XFA": Finding.XFA,
    "/OCProperties": Finding.HIDDEN_LAYERS,
    "/Alternates": Finding.ALTERNATES,
    "/RichMedia": Finding.MEDIA,
    "/EmbeddedFile": Finding.ATTACHMENTS,
    "/Launch": Finding.ACTION,
    "/AA": Finding.ACTION,
    "/Encrypt": Finding.ENCRYPTED,
}


def _by_names(content: bytes) -> Structure:
    """What can be said of a file that cannot be read: in doubt, whatever is named is there."""
    names = set(names_anywhere(content))
    found = {finding for name, finding in NAMED.items() if name in names} | {Finding.UNREADABLE}
    if numbered_twice(content):
        found.add(Finding.TWICE_NUMBERED)
    if UNSEEN in names or {"/Encrypt", "/ObjStm"} <= names:
        found.add(Finding.LOCKED)
    # Whoever hears of a signature must hear that it was not checked, also where none is read.
    signed = not names.isdisjoint({"/ByteRange", "/Sig", "/SigFlags", "/DocTimeStamp"})
    return Structure(int(signed), tuple(each for each in Finding if each in found))


def _signatures(file: File) -> Iterator[Entries]:
    """The values of signature fields; a field that has none yet counts, too."""
    for each in file.every:
        waits = each.get("/FT") == "/Sig" and not _signed(file.last(each.get("/V")))
        if waits or _signed(each):
            yield each


def _signed(value: Value) -> bool:
    return isinstance(value, dict) and (
        "/ByteRange" in value or value.get("/Type") in ("/Sig", "/DocTimeStamp")
    )


def _covered(content: bytes, file: File, signatures: list[Entries]) -> set[Finding]:
    found = set()
    if len(signatures) > 1:
        found.add(Finding.SEVERAL_SIGNATURES)
    for each in signatures[:MOST_SIGNATURES]:
        covered, contents = each.get("/ByteRange"), each.get("/Contents")
        if not (
            isinstance(covered, list) and len(covered) == 4 and all(type(n) is int for n in covered)
        ):
            found.add(Finding.NO_RANGE)
            continue
        first, before, behind, rest = (n for n in covered if type(n) is int)
        if first != 0 or rest < 0 or behind + rest != len(content) or not 0 < before < behind:
            found.add(Finding.NOT_WHOLE)
        packed = any(body.packed and each in walk(body.value) for body in file.bodies)
        if packed or not isinstance(contents, Hex) or tuple(contents) != (before, behind):
            found.add(Finding.GAP)
        elif behind - before <= 2 or not content[before + 1 : behind - 1].strip(b"0"):
            found.add(Finding.GAP)  # an empty signature, or one of noughts
        elif re.search(rb"[^0-9A-Fa-f]", content[before + 1 : behind - 1]):
            found.add(Finding.GAP)
    return found


def _revised(file: File) -> bool:
    """More than one end, but for a signature that is all of the last revision and its reason.

    A linearised file (Annex F) has two ends as well; we sign none.
    """
    first = file.bodies[0].value if file.bodies else None
    last = len(file.ends) - 1
    signs = [body.section for body in file.bodies if any(map(_signed, walk(body.value)))]
    if signs:
        return len(file.ends) > 2 or signs != [last]
    if isinstance(first, dict) and "/Linearized" in first:
        return len(file.ends) > 2
    return len(file.ends) > 1


def _twice(file: File) -> bool:
    """One number for two objects of one revision; which of them counts, each viewer decides."""
    seen = [(body.number, body.section) for body in file.bodies]
    return len(seen) != len(set(seen))


def _loose(file: File) -> bool:
    return bool(file.ends) and any(body.section == len(file.ends) for body in file.bodies)


def _actions(file: File) -> set[Value]:
    """The kinds of all actions (12.6.4)."""
    kinds: set[Value] = set()
    for each in file.every:
        kind = each.get("/S")
        if isinstance(kind, str) and ("/Type" not in each or each["/Type"] == "/Action"):
            kinds.add(kind)
    return kinds


def _script(file: File) -> bool:
    return any("/JS" in each or "/JavaScript" in each for each in file.every) or (
        not _actions(file).isdisjoint({"/JavaScript", "/Rendition", "/SetOCGState", "/Hide"})
    )


def _action(file: File) -> bool:
    if any("/AA" in each for each in file.every):
        return True
    for each in file.every:
        # Where a file opens is told by a place in it (an array), which is no action.
        opens = file.last(each.get("/OpenAction"))
        if opens is not None and not isinstance(opens, list):
            return True
    acts = {"/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ResetForm", "/ImportData", "/Named"}
    return not _actions(file).isdisjoint(acts | {"/Thread", "/Sound", "/Movie", "/Trans"})


def _link(file: File) -> bool:
    return "/URI" in _actions(file)


def _fields(file: File) -> bool:
    """Form fields besides one for a signature."""
    kinds = [each["/FT"] for each in file.every if "/FT" in each]
    widgets = sum(each.get("/Subtype") == "/Widget" for each in file.every)
    return any(kind != "/Sig" for kind in kinds) or len(kinds) > 1 or widgets > 1


def _notes(file: File) -> bool:
    harmless = ("/Widget", "/Link")
    for each in file.every:
        listed = file.last(each.get("/Annots"))
        for one in listed if isinstance(listed, list) else ():
            note = file.last(one)
            if not isinstance(note, dict) or note.get("/Subtype") not in harmless:
                return True
            # A link may have a look of its own, and so words.
            if note.get("/Subtype") == "/Link" and "/AP" in note:
                return True
        if each.get("/Type") == "/Annot" and each.get("/Subtype") not in harmless:
            return True
    return False


def _layers(file: File) -> bool:
    return any(
        "/OCProperties" in each or "/OC" in each or each.get("/Type") in ("/OCG", "/OCMD")
        for each in file.every
    )


def _hidden_layers(file: File) -> bool:
    """Any that is off, or that depends on how the page is looked at (8.11.4)."""
    for each in file.every:
        layers = file.last(each.get("/OCProperties"))
        if not isinstance(layers, dict):
            continue
        shown = file.last(layers.get("/D"))
        if not isinstance(shown, dict) or file.last(layers.get("/Configs")):
            return True
        if shown.get("/BaseState", "/ON") != "/ON" or shown.get("/Intent", "/View") != "/View":
            return True
        if file.last(shown.get("/OFF")) or file.last(shown.get("/AS")):
            return True
    return any(each.get("/Type") == "/OCMD" for each in file.every)


_MEDIA = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})


def _media(file: File) -> bool:
    return any(each.get("/Subtype") in _MEDIA for each in file.every)


def _attached(file: File) -> int:
    """How many files are embedded; one that is named in several places is one."""
    kept: set[Value] = set()
    for each in file.every:
        held = file.last(each.get("/EF"))
        if isinstance(held, dict):
            kept |= {one for one in held.values() if isinstance(one, Ref)} or {Ref(-1, 0)}
    typed = {
        Ref(body.number, body.generation)
        for body in file.bodies
        if isinstance(body.value, dict) and body.value.get("/Type") == "/EmbeddedFile"
    }
    return max(len(kept), len(typed))


def _outside(file: File) -> bool:
    """Streams in other files (7.3.8.2), pages of other files (8.10.4), other programs' pictures."""
    for body in file.bodies:
        if body.stream is not None and isinstance(body.value, dict) and "/F" in body.value:
            return True
    return any(
        each.get("/Subtype") == "/PS" or ("/Ref" in each and each.get("/Subtype") == "/Form")
        or "/OPI" in each
        for each in file.every
    )  # fmt: skip


RULES: dict[Finding, Callable[[File], bool]] = {
    Finding.REVISED: _revised,
    Finding.TWICE_NUMBERED: _twice,
    Finding.LOOSE: _loose,
    Finding.PAGES: otherwise_paged,
    Finding.ENCRYPTED: lambda file: any("/Encrypt" in each for each in file.trailers),
    Finding.SCRIPT: _script,
    Finding.ACTION: _action,
    Finding.LINK: _link,
    Finding.XFA: lambda file: any("/XFA" in each for each in file.every),
    Finding.FIELDS: _fields,
    Finding.NOTES: _notes,
    Finding.LAYERS: _layers,
    Finding.HIDDEN_LAYERS: _hidden_layers,
    Finding.MEDIA: _media,
    Finding.ATTACHED: lambda file: _attached(file) == 1,
    Finding.ATTACHMENTS: lambda file: _attached(file) > 1,
    Finding.OUTSIDE: _outside,
    Finding.ALTERNATES: lambda file: any("/Alternates" in each for each in file.every),
}
