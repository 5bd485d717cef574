"""What people do: each verb does what it says, or is refused and changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.operations.ministry import OTHER, TEXT, THIRD, UNKNOWN, Ministry, build, no_passphrase

from vidimus import wiring
from vidimus.core.acts.kinds import Kind, Reason
from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.vocabulary import Root
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.canonical import digest
from vidimus.errors import (
    Conflict,
    FormatError,
    NotAllowed,
    NotFound,
    OutsideFailed,
    TooLarge,
    Unreadable,
    UsageError,
    VidimusError,
)
from vidimus.operations.verbs import VERBS

Does = Callable[[Ministry], Any]


def refused(m: Ministry, does: Does, kind: type[VidimusError] = NotAllowed) -> VidimusError:
    """It is refused with a fact and a hint, and nothing is another than before."""
    before = m.snapshot()
    with pytest.raises(kind) as error:
        does(m)
    assert error.value.fact
    assert m.snapshot() == before
    m.verify()
    return error.value


def test_every_verb_of_the_vocabulary_is_there() -> None:
    assert set(VERBS) == {kind.value for kind in Kind}


# --- the life of a letter ---------------------------------------------------------------------


def test_a_letter_from_draft_to_withdrawal(m: Ministry) -> None:
    """Every act is an entry; the letter's state is the fold of them, and nothing else is kept."""
    size = m.registry.log.head().size
    name = m.draft()
    states = [m.letter(name).state]
    for by, verb, more in (
        ("dan", "revise", {"text": OTHER}),
        ("dan", "share", {"to": "The Harbour Board", "copy": 1, "of": 2}),
        ("ben", "sign", {}),
        ("cleo", "release", {}),
        ("cleo", "hold", {"reason": "A pilot asks."}),
        ("ben", "clear", {}),
        ("ben", "withdraw", {"reason": "The plan was changed."}),
    ):
        done = m.do(by, verb, letter=name, **more)
        size += 1
        assert done.index == size
        assert done.act.subject == name
        assert str(size + 1) in done.checkpoint.split("\n")
        states.append(m.letter(name).state)
    assert states == [
        *(State.DRAFT, State.DRAFT, State.DRAFT, State.SIGNED, State.RELEASED),
        *(State.ON_HOLD, State.RELEASED, State.WITHDRAWN),
    ]
    letter = m.letter(name)
    assert letter.shared == 1
    assert letter.released == 2
    assert [each.canonical for each in letter.versions] == [
        digest(text).hex() for text in (TEXT, OTHER)
    ]
    assert [each.kind for each in letter.events] == [
        *(Kind.RELEASE, Kind.HOLD, Kind.CLEAR, Kind.WITHDRAW)
    ]
    m.verify()


def test_the_preparation_stays_inside(m: Ministry) -> None:
    """Design 4: sealed acts put only a commitment on the log; the release makes one text public."""
    name = m.draft(OTHER)
    m.do("dan", "revise", letter=name, text=TEXT)
    m.do("ben", "sign", letter=name)
    log = m.registry.log
    size = log.head().size
    sealed = list(log.entries(size - 3, size))
    assert [each.document for each in sealed] == [None] * 3
    public = b"".join(path.read_bytes() for path in (m.folder / "public").iterdir())
    for secret in (name, "MC-1", "inner harbour", "eastern mole", "dan"):
        assert (secret == "dan") is (secret.encode() in public), secret
    assert log.wordings((name,)) == ()
    m.do("cleo", "release", letter=name)
    assert [each.text for each in log.wordings((name,))] == [TEXT]
    assert b"eastern mole" not in b"".join(
        path.read_bytes() for path in (m.folder / "public").iterdir()
    )


def test_sealed_entries_are_of_one_length(m: Ministry) -> None:
    """What was done behind the seal cannot be guessed from the outside."""
    name = m.draft()
    m.do("dan", "revise", letter=name, text=OTHER * 20)
    m.do("dan", "share", letter=name, to="X" * 300)
    m.do("ben", "sign", letter=name)
    m.do("dan", "abandon", letter=name, reason="No longer needed. " * 50)
    log = m.registry.log
    size = log.head().size
    assert len({len(each.raw) for each in log.entries(size - 5, size)}) == 1


def test_a_signature_by_hand_is_attested_with_its_scan(m: Ministry) -> None:
    name = m.draft(cls="paper")
    refused(m, lambda m: m.do("ben", "sign", letter=name))  # a paper is signed by hand
    refused(m, lambda m: m.do("dan", "sign", letter=name, scan=b"ink"), UsageError)
    m.do("dan", "sign", letter=name, scan=b"ink", signer="ben", signer_office="ministry")
    (signature,) = m.letter(name).signatures
    assert (signature.signer, signature.by) == ("ben", "dan")
    m.do("cleo", "release", letter=name)
    assert m.check().headline is Headline.STANDS


def test_a_memo_goes_out_unsigned(m: Ministry) -> None:
    name = m.draft(cls="memo")
    m.do("cleo", "release", letter=name)
    answer = m.check()
    assert answer.headline is Headline.STANDS
    assert answer.authority.value == "the class needs no signature"


def test_a_delegate_signs_until_the_delegation_is_revoked(m: Ministry) -> None:
    lent = {
        "person": "eve",
        "name": "Eve Elm",
        "key": m.keys["eve"].public.to_text(),
        "office": "ministry",
        "cls": "letter",
    }
    refused(m, lambda m: m.do("dan", "delegate", **lent))
    m.do("ben", "delegate", **lent)
    name = m.draft()
    m.do("eve as ministry", "sign", letter=name)
    assert m.letter(name).signatures[0].signer == "eve"
    m.do("ben", "revoke", person="eve", office="ministry", cls="letter")
    refused(m, lambda m: m.do("cleo", "release", letter=name))
    again = m.draft(OTHER)
    refused(m, lambda m: m.do("eve as ministry", "sign", letter=again))
    refused(m, lambda m: m.do("ben", "revoke", person="eve", office="ministry", cls="letter"))


def test_the_minister_goes_and_the_successor_signs(m: Ministry) -> None:
    """Design 4: on the effective day a person's pending signatures fall."""
    pending = m.signed()
    leaves = m.clock.time + timedelta(days=2)
    m.do("ada", "end", person="ben", office="ministry", effective=leaves)
    early = m.signed(OTHER)  # announced is not effective
    m.do("cleo", "release", letter=early)
    m.clock.pass_(days=3)
    refused(m, lambda m: m.do("cleo", "release", letter=pending))
    waiting = m.draft(UNKNOWN)
    refused(m, lambda m: m.do("ben", "sign", letter=waiting))
    m.do(
        "ada",
        "appoint",
        person="eve",
        name="Eve Elm",
        key=m.keys["eve"].public.to_text(),
        office="ministry",
        acting=True,
    )
    third = m.draft(THIRD)
    m.do("eve", "sign", letter=third)
    m.do("cleo", "release", letter=third)
    assert m.check(OTHER).headline is Headline.STANDS
    assert "acting Ministry of Coasts" in m.check(THIRD).authority_detail
    refused(m, lambda m: m.do("ada", "end", person="gus", office="ministry"))


# --- refusals ---------------------------------------------------------------------------------


def test_the_releaser_is_not_the_only_signer(m: Ministry) -> None:
    """Design 4: the releaser is not the only signer."""
    m.do(
        "ada",
        "appoint",
        person="ben",
        name="Ben Birch",
        key=m.keys["ben"].public.to_text(),
        office="ministry/press",
    )
    name = m.signed()
    error = refused(m, lambda m: m.do("ben as ministry/press", "release", letter=name))
    assert "somebody else" in error.fact
    assert "ministry/press" in error.hint
    memo = m.do(
        "cleo",
        "draft",
        office="ministry",
        cls="memo",
        reference="M-1",
        title="A memo",
        text=OTHER,
    )
    refused(m, lambda m: m.do("cleo", "release", letter=memo.act.subject))
    m.do("fay", "release", letter=memo.act.subject)
    m.do("cleo", "release", letter=name)
    assert m.check().headline is m.check(OTHER).headline is Headline.STANDS


def taken_reference(m: Ministry) -> None:
    m.draft(OTHER, reference="MC-0")


def moved(m: Ministry, text: str, verb: str, by: str = "ben", /, **more: Any) -> None:
    (letter,) = (
        each for each in m.registry.letters() if each.latest.canonical == digest(text).hex()
    )
    m.do(by, verb, letter=letter.id, **more)


REFUSALS: dict[str, tuple[Does, Does, type[VidimusError]]] = {
    # name: (what happened before, what is refused, as what)
    "found twice": (
        lambda m: None,
        lambda m: m.do("ada", "found", roots=(Root("ada", "A", m.keys["ada"].public.to_text()),)),
        NotAllowed,
    ),
    "establish twice": (
        lambda m: None,
        lambda m: m.do("ada", "establish", office="archive", title="Again"),
        NotAllowed,
    ),
    "establish by nobody": (
        lambda m: None,
        lambda m: m.do("dan", "establish", office="mine", title="Mine"),
        NotAllowed,
    ),
    "appoint to nothing": (
        lambda m: None,
        lambda m: m.do(
            "ada",
            "appoint",
            person="eve",
            name="E",
            key=m.keys["eve"].public.to_text(),
            office="nowhere",
        ),
        NotAllowed,
    ),
    "appoint with another's key": (
        lambda m: None,
        lambda m: m.do(
            "ada",
            "appoint",
            person="eve",
            name="E",
            key=m.keys["ben"].public.to_text(),
            office="archive",
        ),
        NotAllowed,
    ),
    "define a class without signers": (
        lambda m: None,
        lambda m: m.do(
            "ada",
            "define_class",
            cls="order",
            title="Order",
            office="ministry",
            rule="digital",
            signers=(),
            releasers=("ministry/press",),
        ),
        UsageError,
    ),
    "cover another's class": (
        lambda m: None,
        lambda m: m.do("ada", "cover", office="archive", cls="letter"),
        NotAllowed,
    ),
    "revoke a key by a stranger": (
        lambda m: None,
        lambda m: m.do(
            "ben",
            "revoke_key",
            person="dan",
            key=m.keys["dan"].public.to_text(),
            last_index=3,
        ),
        NotAllowed,
    ),
    "draft by a stranger": (lambda m: None, lambda m: m.do("gus", "draft", **PLAIN), NotAllowed),
    "draft by nobody": (lambda m: None, lambda m: m.do("eve", "draft", **PLAIN), NotAllowed),
    "draft in no class": (
        lambda m: None,
        lambda m: m.do("dan", "draft", **PLAIN | {"cls": "poem"}),
        NotAllowed,
    ),
    "draft of nothing": (
        lambda m: None,
        lambda m: m.do("dan", "draft", **PLAIN | {"text": " \n\t"}),
        Unreadable,
    ),
    "draft of too much": (
        lambda m: None,
        lambda m: m.do("dan", "draft", **PLAIN | {"text": "word " * 20_001}),
        TooLarge,
    ),
    "a reference that is taken": (taken_reference, lambda m: taken_reference(m), NotAllowed),
    "a reference of an odd shape": (
        lambda m: None,
        lambda m: m.do("dan", "draft", **PLAIN | {"reference": "MC\n1"}),
        FormatError,
    ),
    "revise into the same words": (
        lambda m: m.draft(OTHER),
        lambda m: moved(m, OTHER, "revise", "dan", text=OTHER.replace("\n", "  ")),
        NotAllowed,
    ),
    "revise what is released": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "revise", "dan", text=OTHER),
        NotAllowed,
    ),
    "share copy 3 of 2": (
        lambda m: m.draft(),
        lambda m: moved(m, TEXT, "share", "dan", to="X", copy=3, of=2),
        NotAllowed,
    ),
    "sign without the power": (
        lambda m: m.draft(),
        lambda m: moved(m, TEXT, "sign", "cleo"),
        NotAllowed,
    ),
    "sign twice": (lambda m: m.signed(), lambda m: moved(m, TEXT, "sign"), NotAllowed),
    "abandon what is released": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "abandon", "dan"),
        NotAllowed,
    ),
    "release unsigned": (
        lambda m: m.draft(),
        lambda m: moved(m, TEXT, "release", "cleo"),
        NotAllowed,
    ),
    "release by the signer's office": (
        lambda m: m.signed(),
        lambda m: moved(m, TEXT, "release", "ben"),
        NotAllowed,
    ),
    "release twice": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "release", "cleo"),
        NotAllowed,
    ),
    "hold a draft": (lambda m: m.draft(), lambda m: moved(m, TEXT, "hold"), NotAllowed),
    "hold by a stranger": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "hold", "gus"),
        NotAllowed,
    ),
    "clear what stands": (lambda m: m.released(), lambda m: moved(m, TEXT, "clear"), NotAllowed),
    "withdraw by the press": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "withdraw", "cleo"),
        NotAllowed,
    ),
    "ratify what is signed": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "ratify"),
        NotAllowed,
    ),
    "disown a secret draft": (
        lambda m: m.draft(),
        lambda m: moved(m, TEXT, "disown", code=Reason.SENT_IN_ERROR),
        NotAllowed,
    ),
    "acknowledge what is released": (
        lambda m: m.released(),
        lambda m: moved(m, TEXT, "acknowledge_draft"),
        NotAllowed,
    ),
    "acknowledge a version that is not there": (
        lambda m: m.draft(),
        lambda m: moved(m, TEXT, "acknowledge_draft", version=2),
        NotAllowed,
    ),
    "declare forged by a stranger": (
        lambda m: None,
        lambda m: m.do("gus", "declare_forged", office="ministry", title="X", text=UNKNOWN),
        NotAllowed,
    ),
    "a letter that is not there": (
        lambda m: None,
        lambda m: m.do("ben", "withdraw", letter="AAAA-BBBB-CCCC-DDDD"),
        NotFound,
    ),
}
PLAIN: dict[str, Any] = {
    "office": "ministry",
    "cls": "letter",
    "reference": "P-1",
    "title": "A title",
    "text": TEXT,
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_act_changes_nothing(m: Ministry, name: str) -> None:
    """Issue: an act that is not allowed is refused with the fact and what would be allowed."""
    before, does, kind = REFUSALS[name]
    before(m)
    refused(m, does, kind)


def test_every_refusal_by_the_table_says_what_would_be_allowed(m: Ministry) -> None:
    name = m.released()
    error = refused(m, lambda m: m.do("ben", "clear", letter=name))
    assert "released" in error.fact
    for allowed in ("hold", "withdraw", "supersede", "correct", "disown"):
        assert allowed in error.hint
    error = refused(m, lambda m: m.do("cleo", "withdraw", letter=name))
    assert "ministry/press" in error.fact
    assert "ministry" in error.hint


def test_the_empty_registry_asks_to_be_founded(tmp_path: Path) -> None:
    wiring.init(tmp_path / "r", origin="x.example", exercise=False, passphrase=None)
    m = build(tmp_path / "other")
    registry = wiring.office(tmp_path / "r", no_passphrase)
    with pytest.raises(NotAllowed) as error:
        VERBS["establish"](registry, m.actor("ada"), office="x", title="X")
    assert "found" in error.value.hint
    assert registry.log.head().size == 0


def test_a_person_with_anothers_key_is_nobody(m: Ministry) -> None:
    m.keys["ben"] = m.keys["eve"]
    name = m.draft()
    refused(m, lambda m: m.do("ben", "sign", letter=name))
    m.keys["cleo"] = m.keys["dan"]
    refused(m, lambda m: m.do("cleo", "hold", letter=name))


# --- successors -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["correct", "supersede"])
def test_a_successor_must_stand(m: Ministry, verb: str) -> None:
    old = m.released()
    new = m.signed(OTHER)

    def replace(m: Ministry) -> None:
        m.do("ben", verb, letter=old, successor=new)

    assert "release the successor first" in refused(m, replace).hint
    m.do("cleo", "release", letter=new)
    m.do("cleo", "hold", letter=new)
    refused(m, replace)
    m.do("ben", "clear", letter=new)
    refused(m, lambda m: m.do("ben", verb, letter=old, successor=old))
    refused(m, lambda m: m.do("ben", verb, letter=old, successor="nothing"), NotFound)
    replace(m)
    assert m.letter(old).successor == new
    assert m.check().successor == new
    refused(m, replace)


def test_a_successor_that_fell_before_the_lock_is_refused(m: Ministry) -> None:
    """Between a look and the act somebody may write; what counts is what is then."""
    old, new = m.released(), m.released(OTHER)
    settle = m.registry.office.settle

    def meanwhile(*given: Any) -> None:
        m.registry.office.settle = settle  # type: ignore[method-assign]
        settle(*given)
        other = wiring.office(m.folder, no_passphrase)
        other.clock = m.clock
        with_lock_free(other, lambda: VERBS["withdraw"](other, m.actor("ben"), letter=new))

    m.registry.office.settle = meanwhile  # type: ignore[method-assign]
    with pytest.raises(NotAllowed) as error:
        m.do("ben", "supersede", letter=old, successor=new)
    assert "withdrawn" in error.value.fact
    assert m.letter(old).state is State.RELEASED


def with_lock_free(registry: Any, act: Callable[[], Any]) -> None:
    registry.office.writing = nullcontext
    act()


def test_one_reference_is_taken_once_however_many_try(m: Ministry) -> None:
    """Eight clerks give one reference at the same moment; one of them has it."""
    start = threading.Barrier(8)

    def clerk(number: int) -> str:
        registry = wiring.office(m.folder, no_passphrase)
        registry.clock = m.clock
        registry.catch_up()
        start.wait()
        try:
            VERBS["draft"](registry, m.actor("dan"), **PLAIN | {"text": f"{TEXT} {number}"})
        except NotAllowed as error:
            return error.fact
        return "done"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(clerk, range(8)))
    assert said.count("done") == 1
    assert all("taken" in each for each in said if each != "done")
    assert len(list(m.registry.letters())) == 1
    m.verify()


# --- forgeries --------------------------------------------------------------------------------


def forge(m: Ministry, text: str = TEXT) -> str:
    return m.do(
        "ben", "declare_forged", office="ministry", title="A forgery", text=text
    ).act.subject


def test_what_was_declared_forged_cannot_go_out(m: Ministry) -> None:
    """Not in any form: a text cannot be both."""
    forge(m)
    name = m.signed(TEXT.replace("\n", "  "))
    refused(m, lambda m: m.do("cleo", "release", letter=name))
    refused(m, lambda m: m.do("ben", "acknowledge_draft", letter=name))
    assert m.check().headline is Headline.DECLARED_FORGED
    m.do("dan", "revise", letter=name, text=OTHER)
    m.do("ben", "sign", letter=name)
    m.do("cleo", "release", letter=name)
    refused(m, lambda m: m.do("ben", "acknowledge_draft", letter=name, version=1))
    assert m.check().headline is Headline.DECLARED_FORGED
    assert m.check(OTHER).headline is Headline.STANDS


def test_what_is_public_cannot_be_declared_forged(m: Ministry) -> None:
    m.released()
    error = refused(m, forge)
    assert "withdraw or disown" in error.hint
    name = m.draft(OTHER)
    m.do("ben", "acknowledge_draft", letter=name)
    refused(m, lambda m: forge(m, OTHER))
    forge(m, THIRD)
    refused(m, lambda m: forge(m, THIRD))


def test_the_office_cannot_call_its_own_draft_a_forgery(m: Ministry) -> None:
    """A press officer with a leak in hand must be told that it is real, before the public is."""
    m.signed()
    refused(m, forge)


def test_a_text_is_registered_once(m: Ministry) -> None:
    """Nobody who holds a copy could tell which of two such letters it is, nor its standing."""
    m.signed()
    refused(m, lambda m: m.draft())


def test_which_of_several_versions_is_outside_must_be_said(m: Ministry) -> None:
    """Taking the latest would publish a wording that nobody outside has, for good."""
    name = m.draft()
    m.do("dan", "revise", letter=name, text=OTHER)
    refused(m, lambda m: m.do("ben", "acknowledge_draft", letter=name), UsageError)
    m.do("ben", "acknowledge_draft", letter=name, version=1)
    assert m.check().headline is Headline.DRAFT_NEVER_RELEASED


# --- time -------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_a_little_stands_still(m: Ministry) -> None:
    last = m.said[-1].act.at
    m.clock.time = last - timedelta(minutes=4)
    name = m.draft()
    assert m.said[-1].act.at == last
    m.clock.time = last + timedelta(seconds=2)
    m.do("ben", "sign", letter=name)
    assert m.said[-1].act.at == last + timedelta(seconds=3)
    m.verify()


def test_a_clock_that_goes_back_far_stops_every_act(m: Ministry) -> None:
    """Acts cannot be dated back."""
    name = m.draft()
    m.clock.time -= timedelta(hours=1)
    for verb in ("sign", "revise"):
        more = {"text": OTHER} if verb == "revise" else {}
        error = refused(m, lambda m: m.do("ben", verb, letter=name, **more), OutsideFailed)  # noqa: B023
        assert "clock" in error.hint
    m.clock.pass_(hours=1)
    m.do("ben", "sign", letter=name)


def test_an_act_is_done_once_within_a_second(m: Ministry) -> None:
    """The fold takes no notice of the second one, so it must not be answered as done."""
    name = m.draft()
    share = {"letter": name, "to": "A reader"}
    VERBS["share"](m.registry, m.actor("dan"), **share)
    refused(m, lambda m: VERBS["share"](m.registry, m.actor("dan"), **share))
    cover = {"office": "ministry", "cls": "paper"}
    VERBS["cover"](m.registry, m.actor("ada"), **cover)
    refused(m, lambda m: VERBS["cover"](m.registry, m.actor("ada"), **cover), VidimusError)
    name = m.released(OTHER)
    hold = {"letter": name}
    m.clock.pass_(seconds=1)
    VERBS["hold"](m.registry, m.actor("cleo"), **hold)
    VERBS["clear"](m.registry, m.actor("cleo"), **hold)
    refused(m, lambda m: VERBS["hold"](m.registry, m.actor("cleo"), **hold), Conflict)
    VERBS["hold"](m.registry, m.actor("cleo"), **hold, reason="Again.")
    m.verify()


# --- several hands ----------------------------------------------------------------------------


def test_two_offices_at_two_desks_see_each_others_acts(m: Ministry) -> None:
    """Each keeps a fold of its own and reads what is new."""
    other = wiring.office(m.folder, no_passphrase)
    other.clock = m.clock
    name = m.draft()
    assert list(other.letters()) == [m.letter(name)]
    assert m.letter(name).state is State.DRAFT
    m.clock.pass_(seconds=1)
    VERBS["sign"](other, m.actor("ben"), letter="MC-1")
    m.do("cleo", "release", letter=f"{name[:4]}-{name[4:8]}-{name[8:12]}-{name[12:]}".lower())
    assert list(other.letters()) == list(m.registry.letters())


def test_founders_act_together_above_their_threshold(tmp_path: Path) -> None:
    """A threshold of two: one founder alone does nothing."""
    wiring.init(tmp_path / "r", origin="x.example", exercise=False, passphrase=None)
    m = build(tmp_path / "other")
    m.registry = wiring.office(tmp_path / "r", no_passphrase)
    m.registry.clock = m.clock
    m.folder = tmp_path / "r"
    roots = tuple(Root(p, p.title(), m.keys[p].public.to_text()) for p in ("ada", "gus"))
    with pytest.raises(NotAllowed):
        VERBS["found"](m.registry, m.actor("ada"), roots=roots, threshold=2)
    assert m.registry.log.head().size == 0
    together = m.actor("ada", "root", "gus")
    VERBS["found"](m.registry, together, roots=roots, threshold=2)
    with pytest.raises(NotAllowed):
        VERBS["establish"](m.registry, m.actor("ada"), office="x", title="X")
    VERBS["establish"](m.registry, together, office="x", title="X")
    assert wiring.verify_log(tmp_path / "r", False).size == 2


def test_a_text_is_named_by_what_it_says(m: Ministry) -> None:
    """Design 6: the canonical text's SHA-256 is its name; the registered bytes have their own."""
    name = m.draft("Das  Schreiben\r\nvom 3. März – „gültig“. " + TEXT)
    version = m.letter(name).latest
    (wording,) = m.registry.office.wordings((name,))
    assert version.text == sha256(wording.text.encode()).hexdigest()
    assert version.canonical == digest(wording.text).hex()
