"""The adversary: tries to have told that something stands which does not.

An attempt is a copy that says something else than every letter that stands (judged by
`adversary_oracle.py`, which shares nothing with the product), or one that shows the same words by
a trick (`sure`). Whatever the desk answers to it but STANDS, PART_STANDS and RATIFIED is well.

    jobs(town, seed, n)   what to try: n of all kinds, in an order of chance
    of_kinds(seed, n, …)  the same of some kinds alone
    attempt(town, job)    the copy; None where the attack does not fit, or changes nothing
    tried(town, attempt)  what the desk says
    smallest(...)         as little as possible of a copy that got through

The same seed and number give the same attempt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bench.copies import adversary_oracle as oracle
from bench.copies import adversary_pdf, adversary_picture, adversary_sheets
from bench.copies.adversary_disguise import DISGUISES
from bench.copies.adversary_quoted import ARTICLES
from bench.copies.adversary_town import Town
from bench.copies.adversary_whole import NUMBERINGS, WHOLES
from bench.copies.adversary_words import PLACES, SURE, places
from vidimus.core.copies.answers import EXIT_STATUS
from vidimus.errors import VidimusError

TIMES = "asked of another time"
SEVERAL = "several at once"
PDFS = tuple(adversary_pdf.TRICKS)
PICTURES = tuple(adversary_picture.PICTURES)
SHEETS = ("PDF: sheets with false numbers", "picture: sheets with false numbers")
# What came later is tried in the place of some of `several at once`, so that the number of a job
# means what it meant; sheets are rare, for they take as long as other files.
LATER, RARE = 9, 30


@dataclass(frozen=True, slots=True)
class Job:
    """What to try. `place` is for single edits: the place of the word in that letter."""

    kind: str
    number: int
    seed: int
    letter: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    job: Job
    parts: tuple[bytes, ...]
    visible: str
    sure: bool = False
    at: datetime | None = None
    pasted: bool = True  # the parts are texts


@dataclass(frozen=True, slots=True)
class Outcome:
    headline: str  # or the name of the error that refused the copy
    stands: bool


def jobs(town: Town, seed: int, count: int) -> list[Job]:
    """So many, in an order of chance; each place of each letter is tried before any is again.

    Three fifths are single edits. One in a hundred is a PDF, and one in 170 a picture: these take a
    hundred times as long.
    """
    chance = Random(f"jobs {seed}")
    pdfs, pictures = count // 100, count // 170
    every = list(single(town, seed))
    chance.shuffle(every)
    chosen = every[: 3 * count // 5]
    chosen += several(seed, count - len(chosen) - pdfs - pictures)
    chosen += [Job(PDFS[n % len(PDFS)], n, seed) for n in range(pdfs)]
    chosen += [Job(PICTURES[n % len(PICTURES)], n, seed) for n in range(pictures)]
    chance.shuffle(chosen)
    return chosen


def single(town: Town, seed: int) -> Iterator[Job]:
    """Every kind of edit at every word of every letter that stands."""
    for letter in town.letters:
        if letter.text in town.standing():
            for kind in PLACES:
                for place in range(0, len(places(letter.text)), 2):
                    yield Job(kind, place, seed, letter.name, place)


def several(seed: int, count: int) -> Iterator[Job]:
    """Attacks on whole letters, on other times, and several attacks at once, in turn."""
    kinds = (*WHOLES, TIMES, SEVERAL, SEVERAL, SEVERAL, SEVERAL, SEVERAL, SEVERAL, SEVERAL)
    articles = tuple(ARTICLES)
    for number in range(count):
        kind, turn = kinds[number % len(kinds)], number // len(kinds)
        if kind == SEVERAL and number % LATER == 0:
            kind = articles[turn % len(articles)]
            if turn % RARE == 0:
                kind = SHEETS[turn // RARE % len(SHEETS)]
        yield Job(kind, number, seed)


def of_kinds(seed: int, count: int, begin: str) -> list[Job]:
    """Those alone whose kind begins so, each in turn; "files" are all that are no single edits.

    They are numbered as in `jobs`.
    """
    found = []
    for group in (PDFS, PICTURES, SHEETS, tuple(ARTICLES)):
        for at, kind in enumerate(group):
            if begin == "files" or kind.startswith(begin):
                found.append((kind, at, len(group)))
    if not found:
        raise ValueError(f"no kind of attack begins with {begin!r}")
    turns = -(-count // len(found))
    chosen = [Job(kind, at + turn * of, seed) for turn in range(turns) for kind, at, of in found]
    return chosen[:count]


def attempt(town: Town, job: Job) -> Attempt | None:
    chance = Random(f"{job.seed} {job.kind} {job.number} {job.letter} {job.place}")
    if job.kind in PLACES:
        made = _edited(town, job, chance)
    elif job.kind == TIMES:
        made = _at_another_time(town, job, chance)
    elif job.kind == SEVERAL:
        made = _several(town, job, chance)
    elif job.kind in PDFS:
        made = _pdf(town, job, chance)
    elif job.kind in PICTURES:
        made = _picture(town, job, chance)
    elif job.kind in SHEETS:
        made = _sheets(town, job, chance)
    elif job.kind in ARTICLES:
        made = _article(town, job, chance)
    else:
        made = _pasted(job, WHOLES[job.kind](town, chance))
    if made is None or not made.visible.strip():
        return None
    said = [made.visible]
    if made.pasted and job.kind not in ARTICLES:  # a disguise may undo what was done
        said.append("\n".join(part.decode() for part in made.parts))
    if not made.sure and any(oracle.harmless(each, town.standing(made.at)) for each in said):
        return None
    return made


def tried(town: Town, one: Attempt) -> Outcome:
    try:
        headline = town.desk.check(one.parts, at=one.at).answer.headline
    except VidimusError as error:
        return Outcome(error.code, False)
    return Outcome(headline.value, EXIT_STATUS.get(headline, 1) == 0)


def _pasted(job: Job, parts: tuple[str, ...] | None, sure: bool = False) -> Attempt | None:
    if parts is None or not all(part.strip() for part in parts):
        return None
    return Attempt(job, tuple(part.encode() for part in parts), "\n".join(parts), sure)


def _edited(town: Town, job: Job, chance: Random) -> Attempt | None:
    text = town.text(job.letter).strip()
    altered = PLACES[job.kind](places(text), job.place, chance)
    if altered is None or altered == text:
        return None
    return _pasted(job, (altered,), job.kind in SURE)


def _pdf(town: Town, job: Job, chance: Random) -> Attempt | None:
    found = adversary_pdf.made(chance.choice(town.standing()), job.kind, chance)
    if found is None:
        return None
    content, seen = found
    # Where nothing is to be seen, the file's own words are others.
    return Attempt(job, (content,), seen or "hidden", seen is None, pasted=False)


def _picture(town: Town, job: Job, chance: Random) -> Attempt | None:
    found = adversary_picture.made(town, job.kind, chance)
    if found is None:
        return None
    files, visible, device = found
    # In print, "c0st" is how "cost" is misread, and "2/3" at the edge is the number of a page.
    unnumbered = "\n".join(line for line in visible.splitlines() if line not in NUMBERINGS)
    if oracle.harmless(unnumbered, town.standing(), printed=True):
        return None
    return Attempt(replace(job, letter=device), tuple(files), visible, pasted=False)


def _sheets(town: Town, job: Job, chance: Random) -> Attempt | None:
    found = adversary_sheets.sheets(town, chance)
    if found is None:
        return None
    content, readings = found
    device = "PDF"
    parts: tuple[bytes, ...] = (content,)
    if job.kind == SHEETS[1]:
        device = chance.choice(tuple(adversary_picture.DEVICES))
        pages = adversary_sheets.pictured(content)
        made = adversary_picture.DEVICES[device]
        parts = tuple(made(page, chance.randrange(1 << 30)) for page in pages)
    if any(oracle.harmless(each, town.standing(), printed=True) for each in readings):
        return None
    return Attempt(replace(job, letter=device), parts, readings[0], pasted=False)


def _article(town: Town, job: Job, chance: Random) -> Attempt | None:
    found = ARTICLES[job.kind](town, chance)
    if found is None:
        return None
    article, quoted = found
    return Attempt(job, (article.encode(),), quoted)


def _at_another_time(town: Town, job: Job, chance: Random) -> Attempt | None:
    """A letter before it was released, or after it fell: at any minute of the log."""
    begin = min(since for each in town.letters for since, _ in each.stood)
    minutes = (town.clock.time - begin) // timedelta(minutes=1)
    # The half minute keeps clear of the second in which an act was signed.
    at = begin + timedelta(minutes=min(chance.randrange(-20, 90), minutes - 1), seconds=30)
    made = _pasted(job, (chance.choice(town.letters).text,))
    return replace(made, at=at) if made else None


def _several(town: Town, job: Job, chance: Random) -> Attempt | None:
    """One to three edits, perhaps of a piece, behind a disguise, over several pages."""
    text = chance.choice(town.standing()).strip()
    if chance.random() < 0.3:
        parts = WHOLES[chance.choice(tuple(WHOLES))](town, chance)
        if parts is None:
            return None
        text = "\n".join(parts).strip()
    for _ in range(chance.choice((1, 1, 2, 3))):
        pieces = places(text)
        kind = chance.choice([each for each in PLACES if each not in SURE])
        place = 2 * chance.randrange((len(pieces) + 1) // 2)
        text = PLACES[kind](pieces, place, chance) or text
        if chance.random() < 0.4:  # only what stands around the edit
            pieces = places(text)
            start, stop = place - 2 * chance.randrange(4, 40), place + 2 * chance.randrange(4, 40)
            text = "".join(pieces[max(0, start) : stop + 1]).strip()
    visible = text
    if not visible:
        return None
    shown = chance.choice(DISGUISES)(chance.choice(DISGUISES)(text, chance), chance)
    parts = (shown,)
    if chance.random() < 0.25:
        at = chance.randrange(1, max(2, len(shown)))
        cut = shown.rfind("\n", 0, at)
        parts = (shown[:cut], shown[cut:]) if cut > 0 else parts
    made = _pasted(job, parts)
    return replace(made, visible=visible) if made else None


def smallest(town: Town, one: Attempt) -> Attempt:
    """As few words of a pasted copy as still get through, found by leaving out stretches."""
    if not one.pasted or len(one.parts) != 1 or one.sure or one.job.kind in ARTICLES:
        return one
    text = one.parts[0].decode()
    size = len(places(text)) // 4 * 2
    while size >= 2:
        start = 0
        while start < len(places(text)):
            pieces = places(text)
            shorter = "".join(pieces[:start] + pieces[start + size :]).strip()
            shrunk = replace(one, parts=(shorter.encode(),), visible=shorter)
            if (
                shorter
                and not oracle.harmless(shorter, town.standing(one.at))
                and tried(town, shrunk).stands
            ):
                text, one = shorter, shrunk
            else:
                start += size
        size = size // 4 * 2
    return one
