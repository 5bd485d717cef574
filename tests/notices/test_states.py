"""What is told of an act: the same word for machines as for people, and nothing that is sealed."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.acts.histories import begun, moves, play
from tests.acts.world import ORIGIN, A, World

from vidimus.core.acts.kinds import Kind
from vidimus.core.acts.standing import Folding
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.verdict import LogFacts
from vidimus.core.notices import atom, templates, webhook
from vidimus.core.notices.states import DONE, MSG_TYPE, POWER, PUB_STATUS, Telling, cap_time, told

ATOM = "{http://www.w3.org/2005/Atom}"
USABLE = {Headline.STANDS, Headline.RATIFIED}
# CAP 1.2, 3.2.1: an identifier must not include these, and references are parted by them.
FORBIDDEN = re.compile(r"[\s,<&]")


def facts(world: World, folding: Folding, index: int) -> LogFacts:
    return LogFacts(
        registry=ORIGIN,
        exercise=True,
        size=index,
        time=world.now,
        authority=folding.authority,
        letters=dict(folding.letters),
    )


def play_strictly(world: World, steps: list[Any]) -> None:
    """As a registry does, which logs nothing that has no effect."""
    world.strict = True
    play(world, steps)


def tellings(world: World, *, inside: bool) -> list[Telling]:
    """All that a log tells, from the fold of an outsider or from the office's."""
    folding, made = Folding(), []
    for index in range(len(world.log)):
        before = facts(world, folding, index)
        if inside or not world.log[index].sealed:
            world._take(folding, index)
        after = facts(world, folding, index + 1)
        for name in sorted(after.letters):
            found = told(name, after, index, before)
            if found is not None:
                made.append(found)
    return made


@given(begun(), moves())
def test_the_office_tells_what_an_outsider_would_tell(world: World, steps: list[Any]) -> None:
    """Nothing that only the office knows makes a difference to what is told."""
    play_strictly(world, steps)
    assert tellings(world, inside=True) == tellings(world, inside=False)


@given(begun(), moves())
def test_nothing_is_told_of_what_is_not_public(world: World, steps: list[Any]) -> None:
    """No sealed act, and no letter before its release or acknowledgement; never a text."""
    play_strictly(world, steps)
    for each in tellings(world, inside=True):
        assert not world.log[each.index].sealed
        letter = world.folding.letters[each.letter]
        assert each.version in letter.public_versions
        assert any(event.index <= each.index for event in letter.events)
        said = json.dumps(each.to_json())
        for version in letter.versions:
            assert version.text not in said
            assert version.canonical not in said
            assert version.drafter is None or version.drafter not in said


@given(begun(), moves())
def test_usable_is_what_stands_and_nothing_else(world: World, steps: list[Any]) -> None:
    play_strictly(world, steps)
    folding = Folding()
    for index in range(len(world.log)):
        before = facts(world, folding, index)
        world._take(folding, index)
        after = facts(world, folding, index + 1)
        for name in after.letters:
            found = told(name, after, index, before)
            if found is None:
                continue
            assert (found.pub_status == "usable") == (found.headline in USABLE)
            if found.pub_status == "usable":
                state = after.letters[name].state.value
                assert state in ("released", "ratified")


@given(begun(), moves())
def test_what_was_told_last_is_what_stands(world: World, steps: list[Any]) -> None:
    """Whatever lets a letter fall is told, a revoked key too: no stale “usable” stays last."""
    play_strictly(world, steps)
    last: dict[str, Telling] = {}
    for each in tellings(world, inside=False):
        if not each.draft or each.letter not in last:
            last[each.letter] = each
    end = facts(world, world.folding, len(world.log))
    for name, each in last.items():
        if each.act != Kind.ACKNOWLEDGE_DRAFT and not each.draft:
            now = replace(end, letters=end.letters)
            letter = now.letters[name]
            stands = (
                letter.state.value in ("released", "ratified")
                and letter.raised_in_doubt(now.authority) is None
                and (
                    letter.rule.value == "none"
                    or letter.signed_with_power(now.authority)
                    or letter.state.value == "ratified"
                )
            )
            assert (each.pub_status == "usable") == stands, each


@given(begun(), moves())
def test_an_exercise_says_so_in_every_format(world: World, steps: list[Any]) -> None:
    play_strictly(world, steps)
    for each in tellings(world, inside=False):
        assert each.heading.startswith("EXERCISE: ")
        assert each.sentence.startswith("EXERCISE")
        assert each.cap()["status"] == "Exercise"
        document = each.to_json()
        assert document["exercise"] is True
        assert document["letter"]["title"].startswith("EXERCISE: ")
        assert document["ninjs"]["headlines"][0]["value"].startswith("EXERCISE: ")
        said = templates.notice(each, "https://letters.example.org/", "{title}", "mine")
        assert said.startswith("*** EXERCISE") and said.endswith("***\n")


@given(begun(), moves())
def test_cap_references_what_was_told_before(world: World, steps: list[Any]) -> None:
    """CAP 1.2: sender,identifier,sent; no spaces, commas, < or & in an identifier; no “Z”."""
    play_strictly(world, steps)
    known = {each.id: each for each in tellings(world, inside=False)}
    for each in known.values():
        cap = each.cap()
        assert not FORBIDDEN.search(cap["identifier"]) and not cap["sent"].endswith("Z")
        for reference in cap["references"].split():
            sender, identifier, sent = reference.split(",")
            assert sender == ORIGIN
            earlier = known[identifier]
            assert earlier.index < each.index and earlier.cap()["sent"] == sent
        if cap["msgType"] in ("Update", "Cancel"):
            assert cap["references"]


def test_every_headline_and_every_act_has_its_word() -> None:
    """Whatever is added one day is canceled until somebody decides otherwise."""
    assert {each for each in PUB_STATUS if PUB_STATUS[each] == "usable"} == USABLE
    assert set(PUB_STATUS) <= set(Headline)
    assert set(MSG_TYPE) == set(DONE) == set(templates.TEMPLATES)
    assert MSG_TYPE[Kind.WITHDRAW] == "Cancel" and MSG_TYPE[Kind.DISOWN] == "Error"


# --- feeds: any text -------------------------------------------------------------------------

ANY = st.text(max_size=60)


def telling(**changes: Any) -> Telling:
    usual = Telling(
        origin="letters.example.org",
        exercise=False,
        index=7,
        time=datetime(2031, 3, 5, 9, tzinfo=UTC),
        act=Kind.WITHDRAW,
        letter=A,
        version=1,
        draft=False,
        reference="MC-1",
        title="Repositioning",
        language="en",
        office="ministry",
        office_title="Ministry",
        headline=Headline.WITHDRAWN,
        sentence="Taken back.",
        code=None,
        reason="",
        successor=None,
        earlier=((3, datetime(2031, 3, 4, 9, tzinfo=UTC)),),
    )
    return replace(usual, **changes)


def page(*of: Telling, **changes: Any) -> atom.Page:
    usual = atom.Page(
        origin="letters.example.org",
        exercise=False,
        address="https://letters.example.org/",
        title="Letters",
        feed="feed.atom",
        path="feed.atom",
        about="",
        begun=datetime(2031, 3, 1, tzinfo=UTC),
        tellings=of,
    )
    return replace(usual, **changes)


@given(ANY, ANY, ANY, ANY)
def test_a_feed_is_well_formed_whatever_the_words(
    title: str, reference: str, reason: str, office: str
) -> None:
    """RFC 4287; a sign that XML does not know is shown as one that nobody knows."""
    made = telling(title=title, reference=reference, reason=reason, office_title=office)
    root = ElementTree.fromstring(atom.write(page(made, title=title)))
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    shown = entry.findtext(f"{ATOM}title")
    assert shown == atom.ILLEGAL.sub("\ufffd", made.heading).replace("\r\n", "\r\n")
    assert len(root.findall(f"{ATOM}entry")) == 1
    for each in (root, entry):
        assert {child.tag for child in each} >= {f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated"}


def test_a_feed_reads_in_another_parser_too() -> None:
    lxml = pytest.importorskip("lxml.etree")
    made = telling(title="<script>alert(1)</script> & ]]>", reason='"\x0b\ufffe\r')
    root = lxml.fromstring(atom.write(page(made)), lxml.XMLParser(resolve_entities=False))
    assert root.findtext(f"{ATOM}entry/{ATOM}title").endswith("& ]]> – withdrawn")


def test_a_feed_that_tells_nothing_yet_is_one_all_the_same() -> None:
    root = ElementTree.fromstring(atom.write(page()))
    assert root.findtext(f"{ATOM}updated") == "2031-03-01T00:00:00Z"


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 2048, 5000])
def test_the_feed_and_its_archives_hold_every_entry(size: int) -> None:
    """RFC 5005, 4: whoever follows prev-archive to the end has read them all."""
    start, full = atom.windows(size)
    archived = {n for page in range(full) for n in range(page * 1024, (page + 1) * 1024)}
    assert archived | set(range(start, size)) == set(range(size))
    assert start % 1024 == 0 and start // 1024 <= full


def test_an_address_of_cap_has_no_z() -> None:
    assert cap_time(datetime(2031, 3, 5, 9, tzinfo=UTC)) == "2031-03-05T09:00:00-00:00"


# --- notices ---------------------------------------------------------------------------------


@pytest.mark.parametrize("act", sorted(templates.TEMPLATES))
def test_every_act_has_a_notice_with_the_reference_and_the_page(act: str) -> None:
    said = templates.notice(telling(act=act, reason="It was wrong."), "https://l.example/")
    assert "MC-1" in said or act == Kind.DECLARE_FORGED
    assert f"https://l.example/c/{A}" in said
    assert act in (Kind.RELEASE, POWER) or "It was wrong." in said
    assert "{" not in said and "}" not in said and "..\n" not in said


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{nobody}", "names a field"),
        ("{title.__class__}", "names a field"),
        ("{title!r}", "names a field"),
        ("{0}", "names a field"),
        ("{}", "names a field"),
        ("a { b", "brace"),
        ("a } b", "brace"),
        ("x" * 20_001, "longer"),
    ],
)
def test_a_template_is_no_program(template: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        templates.fill(template, {"title": "t"})


@given(st.text(max_size=200))
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    assert templates.fill("{{{title}}}", {"title": value}) == "{" + value + "}"


# --- messages --------------------------------------------------------------------------------

SECRET = bytes(range(32))


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the standard's own libraries: a fixed secret, id, time and body."""
    secret = webhook.read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = webhook.sign(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_refuses_what_is_altered_or_old() -> None:
    body = webhook.body(telling(), webhook.AsOf(9, b"r" * 32, telling().time), "https://l.example/")
    name = webhook.message_id("sub-1", telling())
    headers = webhook.headers(SECRET, name, 1_000_000, body)
    assert webhook.check(SECRET, headers, body, 1_000_200) == name
    for given_headers, given_body, now in (
        (headers, body + b" ", 1_000_000),
        (headers, body, 1_000_301),
        (headers, body, 999_699),
        (headers | {"webhook-id": "msg_other"}, body, 1_000_000),
        (headers | {"webhook-timestamp": "01000000"}, body, 1_000_000),
        (headers | {"webhook-timestamp": ""}, body, 1_000_000),
        (headers | {"webhook-signature": "v1,é"}, body, 1_000_000),
    ):
        with pytest.raises(Exception, match=r"message|timestamp|signature"):
            webhook.check(SECRET, given_headers, given_body, now)


@pytest.mark.parametrize(
    "given_secret", ["whsec_", "x", "whsec_AAAA", "whsec_A A=", "whsec_" + "A" * 200]
)
def test_a_weak_or_malformed_secret_is_refused(given_secret: str) -> None:
    with pytest.raises(Exception, match="malformed secret"):
        webhook.read_secret(given_secret)
