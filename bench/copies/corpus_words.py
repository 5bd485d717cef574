"""The vocabulary of the made-up registry: tables of phrases, all of them functions of a seed.

    subject   "the harbour office of Velmar "        verb      "shall not approve "
    object    "the revised tariff of 14,250 euros "  adjunct   "in accordance with section 31 "

A phrase is two to seven words, and each table holds thousands of them, so a phrase returns
in many texts, as official phrases do, and a sentence of four hardly ever. Words have a long
tail (Zipf): the first of each list are drawn most. Every name is invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_128
from itertools import chain, count
from struct import unpack

SIZE = 1 << 13  # phrases in a table
MODALS = ("shall", "will", "may", "must", "should", "can", "would")
ARABIC_NOT = "لا "


def _listed(words: str, between: str | None = None) -> tuple[str, ...]:
    return tuple(words.split(between))


_BODIES = """office council ministry committee board agency court inspectorate secretariat tribunal
registry commission department bureau chamber authority institute service embassy garrison
prefecture treasury academy mission consulate directorate delegation union laboratory fund"""
_THINGS = """report schedule permit budget agreement road harbour school tariff inspection bridge
licence request decision contract invoice shipment vessel pension hospital payment list deposit
complaint appeal survey plan statement order notice claim border market fishery canal railway
archive census exercise withdrawal transfer lease subsidy grant quota warehouse reservoir tunnel
ferry lighthouse orchard quarry convoy barracks clinic textbook ration dispatch telegram manual
protocol annex inventory voucher passport visa curfew checkpoint allotment mortgage audit"""
_QUALITIES = """annual revised public former temporary joint written final provisional northern
second regional civil military open late medical legal agreed monthly coastal southern rural
urgent internal foreign technical partial current special proposed municipal maritime financial
seasonal eastern western judicial confidential conditional preliminary collective quarterly"""
_DOINGS = """approve receive publish refuse extend deliver inspect return suspend confirm pay
withdraw sign repair open close transfer examine announce reduce replace support amend consider
inform release restore prepare register reopen exceed discuss cancel grant deposit measure move
answer protect remove finance accept renew escort evacuate lease translate certify supervise"""
_BEFORE = """sub inter re pre co over under non semi trans counter super multi mid post anti"""
_LINKS = """in accordance with|on behalf of|with regard to|in spite of|by reason of|at the request
of|in the absence of|for the benefit of|without prejudice to|in response to|subject to|in view
of|under the terms of|with the consent of|before the end of|as a result of|in place of"""
_MONTHS = """January February March April May June July August September October November
December"""
_UNITS = """euros days percent tonnes pages persons kilometres dollars vehicles months hours"""

# What each kind of text says that the others do not.
GENRES: dict[str, str] = {
    "letter": "your enquiry|the undersigned|our earlier letter|your office|the enclosed copy",
    "notice": "residents|all holders of a permit|the general public|traffic|opening hours",
    "order": "every unit|the commanding officer|all ranks|the duty roster|this order",
    "speech": "my friends|our country|this generation|those who doubted us|the years ahead",
    "contract": "the Supplier|the Purchaser|the Parties|this Agreement|the Goods",
}
_SYLLABLES = """al ar bel bor cal dan del dor el en far gal gor hal hel il jar kal kel kor lan lor
mal mar mel mor nal nor ol or pel por quel ral ren ros sal sel sor tal tar tol ul val vel vor
wen yar zal zem dri sta bru gre fli mo ka li no ta ve su ri"""
_ENDINGS = _listed(
    "a ia en o is ov ez man son dahl berg wick ham ford stad mar ton ine ett ura and"
)

_AR_BODIES = _listed("الوزارة المجلس اللجنة المحكمة البلدية الإدارة الهيئة المكتب السفارة المديرية")
_AR_THINGS = _listed("""التقرير القرار الطلب العقد الجسر الميناء الطريق الرخصة الميزانية الاتفاق
المدرسة المستشفى الإعلان البيان الدفعة الشحنة الحدود السوق الأرشيف المعاش الضريبة المخزن القناة""")
_AR_QUALITIES = _listed("الجديد السنوي المؤقت العام المشترك النهائي الشمالي الخاص الرسمي السابق")
_AR_DOINGS = _listed("تقبل ترفض تنشر تؤجل تعلن تسلم تراجع تدفع توقع تفتح تغلق تمدد تلغي تدرس")
_AR_LINKS = _listed(
    "بموجب المادة|بناء على طلب|قبل نهاية|خلال مدة|باستثناء الفقرة|وفقا للبند|منذ بداية", "|"
)
_AR_MONTHS = _listed("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر")
_AR_ROOTS = "بترسعقلمنهدفكحجطش"


class Chance:
    """Numbers from a name: SHAKE-128 of it, so that no version of Python draws others."""

    def __init__(self, name: str) -> None:
        self._numbers: Iterator[int] = chain.from_iterable(
            unpack("<512H", shake_128(f"{name}/{block}".encode()).digest(1024)) for block in count()
        )

    def below(self, end: int) -> int:
        """0 <= n < end, for an end up to 65,536."""
        return next(self._numbers) * end >> 16

    def of(self, choices: Sequence[str]) -> str:
        return choices[next(self._numbers) * len(choices) >> 16]

    def early(self, choices: Sequence[str]) -> str:
        """The first ones most often: the place is the product of two even draws."""
        at = next(self._numbers) * next(self._numbers) >> 16
        return choices[at * len(choices) >> 16]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The tables of one kind of text. Each phrase ends in a space, each ending in a stop."""

    opening: tuple[str, ...]  # as subjects, with a capital
    subject: tuple[str, ...]
    verb: tuple[str, ...]
    object: tuple[str, ...]
    adjunct: tuple[str, ...]
    ending: tuple[str, ...]  # as objects or adjuncts, with a full stop
    words: tuple[str, ...]  # to put in the place of another word
    names: tuple[str, ...]


@lru_cache(maxsize=4)
def names(seed: int) -> tuple[str, ...]:
    """Of people and places, nobody's and nowhere's."""
    chance = Chance(f"names {seed}")
    syllables = _SYLLABLES.split()
    made: dict[str, None] = {}
    while len(made) < 4096:
        inner = chance.of(syllables) if chance.below(3) == 0 else ""
        made[(chance.of(syllables) + inner + chance.of(_ENDINGS)).capitalize()] = None
    return tuple(made)


@lru_cache(maxsize=16)
def phrases(seed: int, genre: str) -> Phrases:
    chance = Chance(f"phrases {seed} {genre}")
    return _arabic(chance) if genre == "arabic" else _english(chance, genre, names(seed))


def date(chance: Chance) -> str:
    return f"{1 + chance.below(28)} {chance.of(_MONTHS.split())} {2019 + chance.below(20)}"


def amount(chance: Chance) -> str:
    return f"{1 + chance.below(99)},{chance.below(1000):03d} {chance.early(_UNITS.split())}"


def _english(chance: Chance, genre: str, named: tuple[str, ...]) -> Phrases:
    before, links = ["", *_BEFORE.split()], " ".join(_LINKS.split()).split("|")
    bodies, qualities = _BODIES.split(), _QUALITIES.split()
    doings, own = _DOINGS.split(), GENRES[genre].split("|")
    # A long tail of rarer words: each thing also with a prefix.
    things = [prefix + thing for prefix in before for thing in _THINGS.split()]

    def thing() -> str:
        quality = f"{chance.early(qualities)} " if chance.below(2) else ""
        return f"{quality}{chance.early(things)}"

    def subject() -> str:
        makings: tuple[Callable[[], str], ...] = (
            lambda: f"the {chance.early(bodies)} of {chance.of(named)} ",
            lambda: f"the {thing()} ",
            lambda: f"{chance.of(named)} {chance.of(named)} ",
            lambda: f"{chance.of(own)} ",
            lambda: f"the {chance.early(qualities)} {chance.early(bodies)} ",
            lambda: f"each {chance.early(things)} from {chance.of(named)} ",
        )
        return makings[chance.below(len(makings))]()

    def verb() -> str:
        negation = "not " if chance.below(5) == 0 else ""
        return f"{chance.early(MODALS)} {negation}{chance.early(doings)} "

    def objects() -> str:
        makings: tuple[Callable[[], str], ...] = (
            lambda: f"the {thing()} and the {thing()} ",
            lambda: f"the {thing()} of {amount(chance)} ",
            lambda: f"{chance.below(400)} {chance.of(_UNITS.split())} for the {thing()} ",
            lambda: f"the {thing()} in {chance.of(named)} ",
            lambda: f"any {thing()} or {chance.early(things)} ",
            lambda: f"the {thing()} by {date(chance)} ",
        )
        return makings[chance.below(len(makings))]()

    def adjunct() -> str:
        link = chance.early(links)
        if chance.below(3) == 0:
            return f"{link} section {1 + chance.below(180)} of the {chance.early(things)} "
        if chance.below(4) == 0:
            return f"on {date(chance)} "
        return f"{link} the {chance.early(bodies)} of {chance.of(named)} "

    subjects, object_, adjuncts = _table(subject), _table(objects), _table(adjunct)
    return Phrases(
        tuple(each[0].upper() + each[1:] for each in _table(subject)),
        subjects,
        _table(verb),
        object_,
        adjuncts,
        _ended((*object_[: SIZE // 2], *adjuncts[: SIZE // 2])),
        tuple(chain(bodies, things, qualities)),
        named,
    )


def _arabic(chance: Chance) -> Phrases:
    tail = tuple(
        f"ال{a}{b}ا{c}" for a in _AR_ROOTS for b in _AR_ROOTS for c in _AR_ROOTS if a != b != c
    )
    things = (*_AR_THINGS, *tail[: 40 * len(_AR_THINGS)])
    named = tuple(f"{a}{b}و{c}" for a in _AR_ROOTS for b in _AR_ROOTS[::2] for c in _AR_ROOTS)

    def subject() -> str:
        return f"{chance.early(_AR_BODIES)} {chance.early(_AR_QUALITIES)} في {chance.of(named)} "

    def verb() -> str:
        return (ARABIC_NOT if chance.below(5) == 0 else "") + f"{chance.early(_AR_DOINGS)} "

    def objects() -> str:
        if chance.below(3):
            return f"{chance.early(things)} {chance.early(_AR_QUALITIES)} في {chance.of(named)} "
        return f"{chance.early(things)} {1 + chance.below(900)} يوما "

    def adjunct() -> str:
        if chance.below(2):
            return f"{chance.of(_AR_LINKS)} {1 + chance.below(180)} "
        return f"يوم {1 + chance.below(28)} {chance.of(_AR_MONTHS)} {2019 + chance.below(20)} "

    object_, adjuncts = _table(objects), _table(adjunct)
    return Phrases(
        _table(subject),
        _table(subject),
        _table(verb),
        object_,
        adjuncts,
        _ended((*object_[: SIZE // 2], *adjuncts[: SIZE // 2])),
        things,
        named,
    )


def _table(phrase: Callable[[], str]) -> tuple[str, ...]:
    return tuple(" ".join(phrase().split()) + " " for _ in range(SIZE))


def _ended(table: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{each[:-1]}. " for each in table)
