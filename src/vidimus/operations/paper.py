"""A released letter on paper: numbered copies, each sealed; and the coordination copies of a draft.

    the log holds the release  →  set  →  held against the register, as a stranger would do it
    →  seal and sign each copy  →  write it  →  note its SHA-256

Nothing is sealed before the log holds the release and the letter stands. Copies that are there
already are kept, so a run that broke off is simply started again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from vidimus.core.acts.kinds import Kind
from vidimus.core.acts.letter import Letter
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.canonical import digest
from vidimus.core.seal import paper
from vidimus.core.seal.keys import Signer
from vidimus.core.seal.sheet import MadeCopy, Sheet, blocks, coordination_mark
from vidimus.errors import NotAllowed, NotFound, UsageError
from vidimus.operations.letter_desk import LetterDesk
from vidimus.operations.lookup import find, shares, wording
from vidimus.operations.ports import Progress, silent
from vidimus.operations.registry import Registry

MOST_AT_ONCE = 10_000
_STANDS = (Headline.STANDS, Headline.RATIFIED)
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)


class Typesetter(Protocol):
    def typeset(self, sheet: Sheet) -> bytes:
        """The PDF of a sheet; the same bytes for the same sheet."""
        ...


class PdfSigner(Protocol):
    def sign(self, pdf: bytes) -> bytes:
        """The PDF with the office's signature over all of it."""
        ...


class Shelf(Protocol):
    """Where copies are written, and the office's list of them."""

    def kept(self) -> Mapping[int, MadeCopy]:
        """The copies on the list, by number."""
        ...

    def has(self, copy: MadeCopy) -> bool:
        """Whether its file lies there, with its very bytes."""
        ...

    def put(self, copy: MadeCopy, content: bytes) -> None:
        """Write the file, whole or not at all; then the line of the list."""
        ...


@dataclass(frozen=True, slots=True)
class Printed:
    """What a run made. `doubt`: why our own check could not tell of these copies, if so."""

    letter: Letter
    copies: tuple[MadeCopy, ...]
    fresh: int
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """What makes paper of a sheet."""

    typesetter: Typesetter
    signer: Callable[[Signer], PdfSigner]


def print_copies(
    registry: Registry,
    desk: LetterDesk,
    press: Press,
    shelf: Callable[[str], Shelf],
    *,
    letter: str,
    copies: int,
    receivers: Sequence[str] = (),
    bundle: Callable[[str], bytes],
    progress: Progress = silent,
) -> Printed:
    """Copies 1 to `copies` of a released letter that stands. Raises NotAllowed for any other."""
    if not 1 <= copies <= MOST_AT_ONCE:
        raise UsageError(f"{copies} copies; 1 to {MOST_AT_ONCE} are made in one go")
    if len(receivers) > copies:
        raise UsageError(
            f"{len(receivers)} receivers of {copies} copies", hint="one copy for each of them"
        )
    found = find(registry, letter)
    on_shelf = shelf(found.id)
    kept = on_shelf.kept()
    if any(each.of != copies for each in kept.values()):
        of = next(each.of for each in kept.values() if each.of != copies)
        raise NotAllowed(
            f"{len(kept)} copies of this letter were made already, each as one of {of}",
            hint=f"--copies {of} goes on with those; another count would give a number twice",
        )
    sheet, seal, signer = _released(registry, desk, found)
    missing = [n for n in range(1, copies + 1) if n not in kept or not on_shelf.has(kept[n])]
    if not missing:
        made = tuple(kept[n] for n in range(1, copies + 1))
        return Printed(found, made, 0)
    sheet = replace(sheet, bundle=bundle(found.id))
    sign = press.signer(signer).sign

    def set_copy(number: int) -> bytes:
        text = paper.write(replace(seal, copy=number), signer)
        line = paper.copy_line(number, copies)
        return press.typesetter.typeset(replace(sheet, seal=text, copy=line))

    progress("holding the first copy against the register", None)
    doubt = _require_same(desk, set_copy(missing[0]))
    done = dict(kept)
    for count, number in enumerate(missing):
        progress(f"copy {number} of {copies}", count / len(missing))
        pdf = sign(set_copy(number))
        name = f"{paper.grouped(found.id)}.copy-{number}-of-{copies}.pdf"
        receiver = receivers[number - 1] if number <= len(receivers) else ""
        copy = MadeCopy(number, copies, hashlib.sha256(pdf).hexdigest(), name, receiver)
        on_shelf.put(copy, pdf)
        done[number] = copy
    made = tuple(done[number] for number in range(1, copies + 1))
    return Printed(found, made, len(missing), doubt)


def print_draft(
    registry: Registry,
    typesetter: Typesetter,
    put: Callable[[str, bytes], None],
    *,
    letter: str,
    receivers: Sequence[str] = (),
) -> tuple[str, ...]:
    """The coordination copies that the log holds (`share`): no seal, and marked on every page.

    `put` writes a file by its name. Gives the names.
    """
    found = find(registry, letter)
    if found.released is not None:
        raise NotAllowed(
            "this letter was released, and a coordination copy says that it was not",
            hint="leave --draft away",
        )
    shared = shares(registry, found)
    wanted = [each for each in shared if not receivers or each.receiver in receivers]
    unknown = set(receivers) - {each.receiver for each in shared}
    if unknown or not wanted:
        to = sorted(unknown)[0] if unknown else "NAME"
        raise NotFound(
            "no coordination copy of this letter"
            + (f" for {to}" if unknown else "")
            + " is on the log",
            hint=f"first the act: vidimus share {found.reference} --to {to!r}",
        )
    names = []
    authority = registry.authority()
    for each in wanted:
        worded = wording(registry, found, each.version)
        sheet = Sheet(
            title=found.title,
            reference=found.reference,
            office=authority.title(found.office),
            cls=found.cls,
            language=worded.language,
            made=registry.clock.now().replace(microsecond=0),
            blocks=blocks(worded.text),
            above=(
                coordination_mark(each.number, each.of_total, each.receiver),
                *_exercise(registry),
            ),
        )
        name = (
            f"{paper.grouped(found.id)}.v{each.version}.coordination-copy"
            f"-{each.number}-of-{each.of_total}.pdf"
        )
        put(name, typesetter.typeset(sheet))
        names.append(name)
    return tuple(names)


def _released(
    registry: Registry, desk: LetterDesk, found: Letter
) -> tuple[Sheet, paper.PaperSeal, Signer]:
    """The sheet without a copy's number, the seal as of copy 1, and the key that makes it."""
    release = found.last(Kind.RELEASE)
    if found.released is None or release is None:
        raise NotAllowed(
            f"this letter is {found.state}, and nothing is sealed before the log holds its release",
            hint="release it first; for a copy to coordinate: --draft",
        )
    # The public desk, which looks at the log alone: what it would tell a stranger.
    public = desk.letter(found.id)
    if public.answer.headline not in _STANDS:
        raise NotAllowed(
            f"the register says {public.answer.headline} of this letter; no more of it is sealed",
            hint="vidimus show LETTER tells why",
        )
    worded = public.texts[found.released]
    origin = registry.settings.origin
    host = paper.host_of(origin)
    kind = paper.Kind.EXERCISE if registry.settings.exercise else paper.Kind.LETTER
    day = (release.time - _FIRST_DAY).days
    seal = paper.PaperSeal(host, found.id, 1, day, kind, digest(worded.text), release.index)
    sheet = Sheet(
        title=found.title,
        reference=found.reference,
        office=public.office_title,
        cls=found.cls,
        language=worded.language,
        made=release.time,
        blocks=blocks(worded.text),
        above=_exercise(registry),
        number=paper.grouped(found.id),
        host=host,
    )
    signer = registry.own.for_seals(registry.authority().trust, release.index)
    return sheet, seal, signer


def _require_same(desk: LetterDesk, pdf: bytes) -> str:
    """What is to be sealed is checked first, as anybody will check it. Raises NotAllowed."""
    answer = desk.check((pdf,)).answer
    if answer.headline in _STANDS:
        return ""
    if answer.headline is not Headline.CANNOT_TELL:
        differs = answer.differences
        first = f": “{differs[0].copy}” for “{differs[0].registered}”" if differs else ""
        raise NotAllowed(
            f"a check of this paper says {answer.headline}{first}; nothing was sealed",
            hint="a template may not add words: register them with the text, or draw them as a"
            " picture without words",
        )
    return answer.sentence


def _exercise(registry: Registry) -> tuple[str, ...]:
    return (paper.EXERCISE_LINE,) if registry.settings.exercise else ()
