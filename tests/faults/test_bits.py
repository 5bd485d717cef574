"""A bit falls over, anywhere in a file that a registry keeps.

Either nobody's answer changes; or it is noticed, named and refused. Whatever is shown is what
was shown before, byte for byte; no letter stands that did not; and `log verify` says so.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.faults import beside, probes
from tests.faults.parts import close
from tests.faults.probes import Interests, Refused, Said
from tests.operations.ministry import TEXT, THIRD, UNKNOWN, Ministry, build

from vidimus import wiring
from vidimus.core.copies.answers import Answer, Headline
from vidimus.core.seal.keys import PublicKey

STANDING = (Headline.STANDS, Headline.PART_STANDS, Headline.RATIFIED)


@dataclass(frozen=True)
class Whole:
    """A registry with a letter in every state, and all that it says while it is whole."""

    folder: Path
    asked: Interests
    said: Said
    alone: Said  # … without the word of its witness

    def other(self, said: Said) -> set[str]:
        """The questions to which neither the whole registry gives this answer, nor one that
        leaves the word of a witness away because it cannot be told from a damaged one."""
        return {
            name
            for name in self.said.keys() | said.keys()
            if name not in said or said[name] not in (self.said.get(name), self.alone.get(name))
        }


def everything(folder: Path, asked: Interests) -> Said:
    said = probes.checked(folder, asked) | probes.shown(folder, asked)
    return said | probes.inside(folder, asked)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole") / "registry"
    m = build(folder)
    asked = furnished(m)
    alone = tmp_path_factory.mktemp("alone") / "registry"
    shutil.copytree(folder, alone)
    wiring.install_witnesses(folder, beside.POLICY)
    shutil.copy(folder / "public" / "witnesses.txt", alone / "public")
    assert beside.asking(folder, m.registry.log).round() is not None
    wiring.publish(folder)
    close(m)
    found = Whole(folder, asked, everything(folder, asked), everything(alone, asked))
    assert found.said == everything(folder, asked)
    assert not any(isinstance(each, Refused) for each in probes.verified(folder).values())
    for path in (folder / "public", folder / "office"):
        for each in path.glob("*.sqlite-*"):
            each.unlink()
    return found


def furnished(m: Ministry) -> Interests:
    texts = [f"{TEXT} {n}" for n in range(4)]
    stands, gone, held = (m.released(each) for each in texts[:3])
    draft = m.draft(THIRD)
    m.signed(UNKNOWN)
    m.do("ben", "declare_forged", office="ministry", title="A title", text=texts[3])
    m.do("cleo", "hold", letter=held)
    before = m.clock.now()
    m.clock.pass_(hours=1)
    m.do("ben", "withdraw", letter=gone)
    withdrawn = m.said[-1].index
    m.do("ben", "acknowledge_draft", letter=draft)
    m.registry.office.settle(m.registry.log.index_of)
    wiring.move_clock(m.folder, m.clock.now() + timedelta(hours=1))
    size = m.registry.log.head().size
    return Interests(
        size=size,
        letters=(stands, gone, held, draft),
        texts=(*texts, THIRD),
        drafts=(UNKNOWN,),
        moments=(before,),
        entries=(3, withdrawn),
        raws=tuple(each.raw for each in m.registry.log.entries(0, size)),
        receipt_key=PublicKey.from_text(m.registry.receipt_keys()[0]),
    )


def places(content: bytes, count: int, chance: random.Random) -> Iterator[int]:
    """Bits to turn. SQLite leaves much of a file empty: mostly bytes that say something."""
    telling = [at for at, byte in enumerate(content) if byte]
    for number in range(count):
        at = chance.randrange(len(content)) if number % 8 == 0 else chance.choice(telling)
        yield 8 * at + chance.randrange(8)


def turned(content: bytes, bit: int) -> bytes:
    at = bit // 8
    return content[:at] + bytes([content[at] ^ 1 << bit % 8]) + content[at + 1 :]


def restored(whole: Whole, folder: Path, name: str, content: bytes) -> None:
    """The whole registry again, but for this file."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole.folder, folder)
    (folder / name).write_bytes(content)


def judge(whole: Whole, said: Said, verified: Said) -> str:
    """What became of it; an assertion fails where it is what must never be."""
    other = whole.other(said)
    named = any(isinstance(each, Refused) or each.refused for each in verified.values())
    for name in other & said.keys():
        answer = said[name]
        if isinstance(answer, Refused):
            # Ours, with a reason: neither a defect nor the fault of whoever asked.
            assert answer.code not in (400, 422, 500), (name, answer)
            assert answer.fact, name
        else:
            # The one thing that a damaged index can do unnoticed: not to find a text.
            assert isinstance(answer, Answer), (name, answer)
            assert answer.headline not in STANDING, (name, answer)
            assert named, (name, answer)
    changed = [each for each in said if said[each] != whole.said.get(each)]
    changed += whole.said.keys() - said.keys()
    # In words: two registries' answers side by side would be cut before they tell anything.
    found = [(each, said.get(each), whole.said.get(each)) for each in changed]
    assert named or not changed, f"nobody names that {changed[:9]} changed, as {found[:1]}"
    if not other:
        return "named" if named else "harmless"
    return "refused"


def turn_bits(whole: Whole, folder: Path, name: str, count: int, chance: random.Random) -> Counter:
    found: Counter[str] = Counter()
    content = (whole.folder / name).read_bytes()
    for bit in places(content, count, chance):
        restored(whole, folder, name, turned(content, bit))
        verified = probes.verified(folder)
        try:
            found[judge(whole, everything(folder, whole.asked), verified)] += 1
        except Exception as error:
            raise AssertionError(f"{name}, bit {bit % 8} of byte {bit // 8}: {error}") from error
    return found


FILES = {"public/log.sqlite": 60, "office/office.sqlite": 25, "public/registry.json": 5}


@pytest.mark.parametrize("name", FILES)
def test_a_bit_that_falls_over_is_harmless_or_noticed(
    whole: Whole, tmp_path: Path, name: str
) -> None:
    """Issue: a flipped bit in any stored byte: detected, named, refused, never served."""
    found = turn_bits(whole, tmp_path / "registry", name, FILES[name], random.Random())
    assert found["refused"] and sum(found.values()) == FILES[name]


@pytest.mark.soak
@pytest.mark.parametrize("name", FILES)
def test_thousands_of_bits_that_fall_over(whole: Whole, tmp_path: Path, name: str) -> None:
    found = turn_bits(whole, tmp_path / "registry", name, 50 * FILES[name], random.Random(7))
    print(name, dict(found))  # noqa: T201 - the figures are what a soak is for
