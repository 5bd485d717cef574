"""Bundles: the same answers without a register, and no answer from one that was changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence.cases import FOURTH, Cases, dumps, run
from tests.operations.ministry import OTHER, TEXT, THIRD, UNKNOWN, build, no_passphrase

from vidimus import wiring
from vidimus.adapters import key_files
from vidimus.core.acts.document import from_base64, to_base64
from vidimus.core.copies.answers import Headline
from vidimus.core.evidence import bundle as bundles
from vidimus.core.log import claim as claims
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.trust import root as roots
from vidimus.errors import FormatError, TooLarge, VerificationFailed, VidimusError
from vidimus.operations import bundle_desk
from vidimus.operations.bundle_desk import BundleDesk

Change = Callable[[dict[str, Any], Cases], None]


def opened(content: bytes, pinned: roots.TrustRoot | None = None) -> BundleDesk:
    return bundle_desk.opened(bundles.read(content), wiring.reader(), pinned)


# --- the same answers ------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["stands", "replaced", "withdrawn", "disowned"])
def test_a_bundle_answers_as_the_letters_page_does(cases: Cases, which: str) -> None:
    """Issue 3: the same four answers, on a machine without network."""
    letter = getattr(cases, which)
    online = cases.m.desk.letter(letter).answer
    offline = opened(cases.bundle(letter)).the_letter().answer
    assert replace(offline, time=online.time, sentence=online.sentence) == online
    assert offline.sentence != online.sentence


SENTENCES = {
    "stands": "Genuine, signed, released, and in force as of {}. What came since, this bundle"
    " cannot know.",
    "replaced": "That is as of {}; what came since, this bundle cannot know.",
    "withdrawn": "That is as of {}; what came since, this bundle cannot know.",
    "disowned": "That is as of {}; what came since, this bundle cannot know.",
}


@pytest.mark.parametrize("which", SENTENCES)
def test_the_sentence_itself_says_as_of_when(cases: Cases, which: str) -> None:
    """Whoever reads one sentence must not read that a letter is in force today."""
    desk = opened(cases.bundle(getattr(cases, which)))
    when = f"{desk.proved.time:%Y-%m-%d %H:%M} UTC"
    text = {"stands": OTHER, "replaced": TEXT, "withdrawn": THIRD, "disowned": FOURTH}[which]
    for answer in (desk.the_letter().answer, desk.check((text.encode(),)).answer):
        assert answer.sentence.endswith(SENTENCES[which].format(when))
        assert "still" not in answer.sentence
    assert f"as of {when}" in " ".join(desk.bundle.page.split())
    unknown = bundle_desk.evidence(desk).beside(desk.the_letter().answer, desk.proved.time)
    assert f"it would have been {desk.the_letter().answer.headline} as of {when}" in (
        unknown.sentence
    )


def test_where_no_copy_was_given_nothing_says_that_words_were_compared(
    cases: Cases, tmp_path: Path
) -> None:
    """The field names are the contract; “none given” is no answer of a check."""
    file = tmp_path / "b.json"
    for which in HEADLINES:
        file.write_bytes(cases.bundle(getattr(cases, which)))
        for known in (("--trust", spoken(file.read_bytes())), ()):
            command = ("check", "--bundle", str(file), *known)
            document = json.loads(run(*command, "--json")[1])
            assert document["text"] | {"version": 1, "language": "en"} == {
                "answer": "none given",
                "version": 1,
                "language": "en",
                "seen": {"words": 0, "of": 0},
                "differences": [],
                "unread": [],
                "missing": [],
            }
            assert document["sentence"].startswith(
                "EXERCISE, not real: No copy was given: this is what stood of the letter itself. "
            )
            said = run(*command)[1]
            assert "Is this their text?           none given" in said
            for never in ("same", "Words seen", "are the registered ones", "the whole text"):
                assert never not in said
            assert "were compared" not in said.replace("no words were compared", "")


def spoken(content: bytes) -> str:
    """The fingerprint of the keys in a bundle, as the office would read it aloud."""
    return roots.fingerprint(opened(content).proved.root)


HEADLINES = {
    "stands": (Headline.STANDS, 0),
    "replaced": (Headline.SUPERSEDED, 1),
    "withdrawn": (Headline.WITHDRAWN, 1),
    "disowned": (Headline.DISOWNED, 1),
}


@pytest.mark.parametrize("which", HEADLINES)
def test_check_says_it_by_its_exit_status_too(cases: Cases, tmp_path: Path, which: str) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(cases.bundle(getattr(cases, which)))
    headline, status = HEADLINES[which]
    known = ("--trust", spoken(file.read_bytes()))
    got, said, noted = run("check", "--bundle", str(file), *known)
    assert (got, noted) == (status, "")
    assert headline.value in said.splitlines()
    got, said, _ = run("check", "--bundle", str(file), "--json", *known)
    document = json.loads(said)
    assert (got, document["headline"]) == (status, headline.value)
    assert document["evidence"]["kind"] == "bundle"
    assert document["as_of"]["time"] == document["evidence"]["time"]


@pytest.mark.parametrize("which", HEADLINES)
def test_nothing_stands_by_keys_that_came_with_the_bundle(
    cases: Cases, tmp_path: Path, which: str
) -> None:
    """Anybody can found a register under any name, and make a bundle of it."""
    file = tmp_path / "b.json"
    file.write_bytes(cases.bundle(getattr(cases, which)))
    got, said, _ = run("check", "--bundle", str(file), "--json")
    document = json.loads(said)
    assert (got, document["headline"]) == (3, "CANNOT_TELL")
    # What the office would have to say of it on the telephone, and what it would be then.
    assert spoken(file.read_bytes()) in document["sentence"]
    assert HEADLINES[which][0].value in document["sentence"]
    assert run("check", "--bundle", str(file), "--trust", f"1{' 0000' * 8}")[0] == 1


COPIES = {
    OTHER: Headline.STANDS,
    OTHER.replace("eastern", "western"): Headline.ALTERED,
    TEXT: Headline.NO_RECORD,  # of a letter that this bundle does not hold
    UNKNOWN: Headline.NO_RECORD,
    "Too short": Headline.CANNOT_TELL,
}


@pytest.mark.parametrize("text", COPIES)
def test_a_copy_is_compared_with_the_bundle(good: bytes, tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_bytes(good)
    command = ("check", "-", "--bundle", str(tmp_path / "b.json"), "--trust", spoken(good))
    status, said, _ = run(*command, stdin=text.encode())
    assert COPIES[text].value in said.splitlines()
    assert (status == 0) is (COPIES[text] is Headline.STANDS)


def test_a_part_is_not_told_to_stand_where_the_other_letters_are_not_known(
    good: bytes, cases: Cases
) -> None:
    """A withdrawn letter may share the part; a register would find it, a bundle cannot."""
    part = OTHER[: len(OTHER) // 2].encode()
    assert cases.m.desk.check((part,)).answer.headline is Headline.PART_STANDS
    assert opened(good).check((part,)).answer.headline is Headline.CANNOT_TELL


def test_the_letter_that_took_its_place_is_in_it_too(cases: Cases) -> None:
    """Whoever is sent on to a successor must learn whether that one stands."""
    desk = opened(cases.bundle(cases.replaced))
    assert desk.letter(cases.stands).answer.headline is Headline.STANDS
    assert desk.check((OTHER.encode(),)).answer.headline is Headline.STANDS
    assert desk.check((TEXT.encode(),)).answer.headline is Headline.SUPERSEDED


def test_a_bundle_says_how_old_it_is_and_what_it_cannot_know(good: bytes) -> None:
    """Issue 3: says how old that is and what therefore cannot be excluded."""
    desk = opened(good)
    evidence, answer = bundle_desk.evidence(desk), desk.the_letter().answer
    live = replace(evidence, root=replace(evidence.root, mode="live"))
    for age, words in (
        (timedelta(days=3, hours=2), "is 3 days old"),
        (timedelta(hours=1), "is 1 hour old"),
        (timedelta(seconds=5), "is less than a minute old"),
        (timedelta(days=-1), "is from the future by the clock of this machine"),
    ):
        said = live.beside(answer, desk.proved.time + age).not_checked[0]
        assert words in said
        assert "taken back, corrected or put on hold since then" in said
    assert live.to_json(desk.proved.time + timedelta(days=1))["age_seconds"] == 86_400


def test_the_moment_is_one_that_was_signed(cases: Cases) -> None:
    """An old bundle with a new date would hide whatever came in between."""
    desk = opened(dumps(cases.before))
    assert desk.the_letter().answer.headline is Headline.STANDS
    assert desk.proved.head.size < cases.m.registry.log.head().size
    last = max(desk.proved.pieces)
    assert desk.proved.time < opened(cases.bundle(cases.withdrawn)).proved.time
    assert last == desk.proved.head.size - 1


def test_what_nobody_outside_may_know_is_in_no_bundle(cases: Cases, good: bytes) -> None:
    """A draft has no bundle, and gets the answer of a number that was never given."""
    for letter in (cases.stands, cases.withdrawn, cases.disowned):
        content = cases.bundle(letter)
        assert b"nobody outside may know" not in content
        assert cases.m.keys["dan"].public.to_text().encode() in content  # he was appointed
    secret = next(each.id for each in cases.m.registry.letters() if not each.public_versions)
    status, _, noted = run("bundle", secret, "--registry", str(cases.m.folder), "-o", "-")
    assert status == 2
    assert "no public letter has the number" in noted


def test_the_log_may_grow_while_a_bundle_is_made(tmp_path: Path) -> None:
    """Half from before an act and half from after it would be told as a change by a stranger."""
    m = build(tmp_path / "registry")
    old, new = m.released(TEXT), m.released(OTHER)
    steps = []

    def meanwhile(what: str, _share: float | None = None) -> None:
        steps.append(what)
        if len(steps) == 1:
            m.do("ben", "supersede", letter=old, successor=new)

    content = wiring.make_bundle(m.folder, old, no_passphrase, progress=meanwhile)[1]
    assert len(steps) > 2  # it was begun anew
    desk = opened(content)
    assert desk.the_letter().answer.headline is Headline.SUPERSEDED
    assert desk.letter(new).answer.headline is Headline.STANDS


def test_receipts_in_it_hold_and_are_counted(good: bytes) -> None:
    desk = opened(good)
    assert desk.proved.receipts > 0
    assert desk.proved.spoilt == 0


STRANGERS: list[Any] = [
    "", "AAAA", "no base64!", "0oRYJ6", None, 7, -1.5, True, [], {}, {"a": [{}]}, "x" * 100_000,
    [[[[[[[[]]]]]]]],
]  # fmt: skip


@pytest.mark.parametrize("added", STRANGERS, ids=lambda each: repr(each)[:20])
def test_a_strangers_broken_receipt_never_turns_a_good_verdict(good: bytes, added: Any) -> None:
    """Issue 3, word for word."""
    value = json.loads(good)
    for place in (-1, 0):
        value["entries"][place]["receipts"].append(added)
        value["entries"][place]["receipts"].insert(0, added)
    desk = opened(dumps(value))
    assert desk.the_letter().answer.headline is Headline.STANDS
    assert desk.proved.spoilt == 4
    answer = bundle_desk.evidence(desk).beside(desk.the_letter().answer, desk.proved.time)
    assert any("Nothing rests on it" in each for each in answer.not_checked)


@pytest.mark.parametrize("receipts", [{"a": 1}, None, "x", 5, [1] * 500])
def test_nor_does_anything_else_in_the_place_of_receipts(good: bytes, receipts: Any) -> None:
    value = json.loads(good)
    for each in value["entries"]:
        each["receipts"] = receipts
    assert opened(dumps(value)).the_letter().answer.headline is Headline.STANDS


def test_a_receipt_of_another_entry_or_size_is_none(good: bytes, cases: Cases) -> None:
    value = json.loads(good)
    having = [each for each in value["entries"] if each["receipts"]]
    plain = next(each for each in value["entries"] if not each["receipts"])
    plain["receipts"] = having[0]["receipts"]
    having[0]["receipts"] = cases.before["entries"][-1]["receipts"] or ["AAAA"]
    desk = opened(dumps(value))
    assert desk.proved.spoilt == 2


def test_another_page_for_people_is_told_and_changes_no_answer(good: bytes) -> None:
    value = json.loads(good)
    value["page"] = value["page"].replace("STANDS", "WITHDRAWN")
    desk = opened(dumps(value))
    assert desk.the_letter().answer.headline is Headline.STANDS
    said = bundle_desk.evidence(desk).not_checked
    assert any("Do not go by it" in each for each in said)
    assert not any(
        "Do not go by it" in each for each in bundle_desk.evidence(opened(good)).not_checked
    )


def test_the_page_says_what_the_answer_says(cases: Cases) -> None:
    for letter in (cases.stands, cases.withdrawn):
        desk = opened(cases.bundle(letter))
        answer = desk.the_letter().answer
        assert f"\n{answer.headline.value}\n" in desk.bundle.page
        assert f"as of {answer.tree_size} entries" in desk.bundle.page
        assert desk.bundle.page.count("EXERCISE") >= 2


# --- whose register --------------------------------------------------------------------------


def test_keys_that_came_with_the_bundle_are_told_with_their_fingerprint(good: bytes) -> None:
    desk = opened(good)
    spoken = roots.fingerprint(desk.proved.root)
    answer = bundle_desk.evidence(desk).beside(desk.the_letter().answer, desk.proved.time)
    assert any("came with the bundle itself" in e and spoken in e for e in answer.not_checked)
    pinned = opened(good, desk.proved.root)
    answer = bundle_desk.evidence(pinned).beside(pinned.the_letter().answer, pinned.proved.time)
    assert not any("came with the bundle" in each for each in answer.not_checked)
    assert any("you named with --trust" in e and spoken in e for e in answer.checked)


def test_a_register_of_the_same_name_is_not_the_pinned_one(
    good: bytes, cases: Cases, tmp_path: Path
) -> None:
    """Anybody can found a register under any name; only its founding tells them apart."""
    other = build(tmp_path / "other")
    letter = other.released(THIRD)
    forged = wiring.make_bundle(other.folder, letter, no_passphrase)[1]
    assert opened(forged).the_letter().answer.headline is Headline.STANDS
    pinned = opened(good).proved.root
    with pytest.raises(VerificationFailed):
        opened(forged, pinned)
    (tmp_path / "b.json").write_bytes(forged)
    (tmp_path / "trust.json").write_bytes(roots.write(pinned))
    command = ("check", "--bundle", str(tmp_path / "b.json"), "--trust")
    status, said, _ = run(*command, str(tmp_path / "trust.json"))
    assert (status, said) == (1, "")
    (tmp_path / "trust.json").write_bytes(roots.write(opened(forged).proved.root))
    assert run(*command, str(tmp_path / "trust.json"))[0] == 0


# --- changed bundles -------------------------------------------------------------------------


def index_of(value: dict[str, Any], kind: str) -> int:
    """Where in the bundle the last act of this kind is."""
    found = [
        at
        for at, each in enumerate(value["entries"])
        if json.loads(each.get("document", "{}")).get("act") == kind
    ]
    return found[-1]


def sealed_of(value: dict[str, Any]) -> int:
    return next(at for at, each in enumerate(value["entries"]) if "document" not in each)


def swap(value: dict[str, Any], one: int, other: int, *names: str) -> None:
    a, b = value["entries"][one], value["entries"][other]
    for name in names:
        a[name], b[name] = b[name], a[name]


def flipped(text: str) -> str:
    raw = bytearray(from_base64(text))
    raw[len(raw) // 2] ^= 1
    return to_base64(bytes(raw))


def drop(kind: str) -> Change:
    return lambda v, c: v["entries"].pop(index_of(v, kind))


def unsigned(name: str) -> Change:
    def change(v: dict[str, Any], _c: Cases) -> None:
        v[name] = v[name].rpartition("\n\n")[0] + "\n\n— nobody.example AAAAAAAA\n"

    return change


def older(*names: str) -> Change:
    return lambda v, c: v.update({name: c.before[name] for name in names})


def in_entry(place: Callable[[dict[str, Any]], int], **fields: Any) -> Change:
    def change(v: dict[str, Any], _c: Cases) -> None:
        entry = v["entries"][place(v)]
        for name, field in fields.items():
            entry[name] = field(entry[name]) if callable(field) else field

    return change


def withdrawal(v: dict[str, Any]) -> int:
    return index_of(v, "withdraw")


def release(v: dict[str, Any]) -> int:
    return index_of(v, "release")


def put(name: str, field: Any) -> Change:
    return lambda v, c: v.__setitem__(name, field(v[name], c) if callable(field) else field)


def of_other(name: str) -> Change:
    """This part of the bundle on another letter of the same log, of the same size."""
    return lambda v, c: v.__setitem__(name, json.loads(c.bundle(c.disowned))[name])


CHANGES: dict[str, Change] = {
    "the withdrawal is left out": drop("withdraw"),
    "the release is left out": drop("release"),
    "an act on authority is left out": drop("appoint"),
    "the founding is left out": drop("found"),
    "a sealed entry that the release opens is left out": lambda v, c: v["entries"].pop(
        sealed_of(v)
    ),
    "the last entry of the log is left out": lambda v, c: v["entries"].pop(),
    "the withdrawal is left out of the claim too": lambda v, c: (
        v.update(claim=v["claim"].replace(f" {v['entries'][withdrawal(v)]['index']}\n", "\n")),
        v["entries"].pop(withdrawal(v)),
    ),
    "an older claim with newer entries": older("claim"),
    "an older claim and checkpoint with newer entries": older("claim", "checkpoint"),
    "an older checkpoint": older("checkpoint"),
    "older entries with the newer claim": older("entries"),
    "older entries and the older claim": older("entries", "claim"),
    "the claim of another letter": of_other("claim"),
    "the entries of another letter": of_other("entries"),
    "the texts of another letter": of_other("texts"),
    "the number of another letter": lambda v, c: v.update(letter=c.disowned),
    "a number that was never given": put("letter", "A" * 16),
    "a claim without its signature": unsigned("claim"),
    "a checkpoint without its signature": unsigned("checkpoint"),
    "the checkpoint as the claim": lambda v, c: v.update(claim=v["checkpoint"]),
    "the claim as the checkpoint": lambda v, c: v.update(checkpoint=v["claim"]),
    "no claim": put("claim", ""),
    "another size": put("checkpoint", lambda t, c: t.replace("\n", "\n1", 1)),
    "an altered text": lambda v, c: v["texts"][0].update(
        text=v["texts"][0]["text"].replace("not ", "") + " "
    ),
    "no text": put("texts", []),
    "a text more": lambda v, c: v["texts"].append({**v["texts"][-1], "version": 9}),
    "a text in another language": lambda v, c: v["texts"][0].update(language="fr"),
    "a text under another number": lambda v, c: v["texts"][0].update(letter="A" * 16),
    "the same text twice": lambda v, c: v["texts"].append(v["texts"][0]),
    "the same entry twice": lambda v, c: v["entries"].append(v["entries"][-1]),
    "an entry twice, the second in place of the withdrawal": lambda v, c: v["entries"].__setitem__(
        withdrawal(v), v["entries"][withdrawal(v) - 1]
    ),
    "entries in another order": lambda v, c: v["entries"].reverse(),
    "entries under one another's numbers": lambda v, c: swap(
        v, release(v), withdrawal(v), "entry", "document", "path"
    ),
    "documents exchanged": lambda v, c: swap(v, release(v), withdrawal(v), "document"),
    "paths exchanged": lambda v, c: swap(v, release(v), withdrawal(v), "path"),
    "a bit of an entry": in_entry(withdrawal, entry=flipped),
    "a bit of a path": in_entry(release, path=lambda p: [flipped(p[0]), *p[1:]]),
    "a path too short": in_entry(release, path=lambda p: p[1:]),
    "a path too long": in_entry(release, path=lambda p: [*p, p[0]]),
    "a path of a thousand": in_entry(release, path=lambda p: [p[0]] * 1000),
    "a document with another reason": in_entry(
        release, document=lambda d: d.replace("cleo", "gus")
    ),
    "a document with a space": in_entry(withdrawal, document=lambda d: d + " "),
    "a document missing": lambda v, c: v["entries"][release(v)].pop("document"),
    "a document at a sealed entry": lambda v, c: v["entries"][sealed_of(v)].update(document="{}"),
    "half a surrogate pair": in_entry(release, document=lambda d: d + "\ud800"),
    "an entry that belongs to nothing": lambda v, c: v.update(
        entries=sorted(
            {e["index"]: e for e in (*json.loads(c.bundle(c.disowned))["entries"], *v["entries"])}
            .values(),
            key=lambda e: e["index"],
        )
    ),
    "another origin": put("trust", lambda t, c: {**t, "origin": "letters.other.example"}),
    "another log key": put("trust", lambda t, c: {**t, "log_keys": [{"key": "x+00000000+AAAA"}]}),
    "a live register": put("trust", lambda t, c: {**t, "mode": "live"}),
    "another founding": put(
        "trust",
        lambda t, c: {**t, "chain": [{**t["chain"][0], "entry": flipped(t["chain"][0]["entry"])}]},
    ),
    "no trust root": put("trust", {}),
    "a field more": put("more", 1),
    "a field less": lambda v, c: v.pop("page"),
    "a field more in an entry": lambda v, c: v["entries"][0].update(more=1),
    "another format": put("format", "vidimus.org/bundle@v2"),
    "an index as text": in_entry(release, index=str),
    "an index below zero": lambda v, c: v["entries"][0].update(index=-1),
    "true as an index": lambda v, c: v["entries"][0].update(index=True),
    "entries as an object": put("entries", {}),
    "a page of a megabyte": put("page", "x" * 1_000_000),
}  # fmt: skip


# These take an act that only the fallen letter has.
ON_FALLEN = {
    *(what for what in CHANGES if "withdrawal" in what),
    *("entries under one another's numbers", "documents exchanged", "paths exchanged"),
    *("a bit of an entry", "a document with a space"),
}


@pytest.mark.parametrize(
    ("which", "what"),
    [
        (which, what)
        for what in CHANGES
        for which in ("good", "fallen")
        if which == "fallen" or what not in ON_FALLEN
    ],
)
def test_a_changed_bundle_is_refused(
    good: bytes, fallen: bytes, cases: Cases, what: str, which: str, tmp_path: Path
) -> None:
    """Issue 3: missing or tampered entry, text, path, claim, checkpoint: refused, never STANDS."""
    value = json.loads(good if which == "good" else fallen)
    CHANGES[what](value, cases)
    changed = json.dumps(value).encode() if "surrogate" in what else dumps(value)
    assert changed != (good if which == "good" else fallen)
    with pytest.raises((FormatError, VerificationFailed)) as error:
        opened(changed)
    assert error.value.fact
    (tmp_path / "b.json").write_bytes(changed)
    status, said, noted = run("check", "--bundle", str(tmp_path / "b.json"))
    assert status in (1, 2)
    assert said == ""
    assert noted.startswith("vidimus: ")


def test_bytes_that_are_not_in_the_one_form_are_refused(good: bytes) -> None:
    """Of a name that stands there twice, one reader would take the first value."""
    twice = good.replace(b'{"checkpoint"', b'{"checkpoint":"","checkpoint"', 1)
    for changed in (
        good + b"\n",
        b" " + good,
        b"\xef\xbb\xbf" + good,
        good[:-1],
        good[: len(good) // 2],
        b"",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 10_000,
        json.dumps(json.loads(good)).encode(),
        twice,
        good.decode().encode("utf-16"),
    ):
        with pytest.raises(FormatError):
            bundles.read(changed)
    with pytest.raises(TooLarge):
        bundles.read(b" " * (bundles.LONGEST + 1))


def test_a_false_claim_is_told_as_the_logs_own_lie(cases: Cases, fallen: bytes) -> None:
    """The log leaves out an act that is in the bundle all the same, or makes one up."""
    value = json.loads(fallen)
    signer = cases.m.registry.log_signer
    said = claims.open_claim(value["claim"], [signer.verifier], signer.verifier.name)
    head = Checkpoint(said.origin, said.size, said.root)
    subjects = {name: list(indices) for name, indices in said.subjects}
    last = subjects[cases.withdrawn].pop()
    for lie in (
        {**subjects, cases.withdrawn: subjects[cases.withdrawn]},
        {**subjects, "A" * 16: [last]},
        {cases.withdrawn: [*subjects[cases.withdrawn], last]},  # silent on authority
    ):
        value["claim"] = claims.sign_claim(claims.claim(head, lie), signer)
        with pytest.raises(VerificationFailed):
            opened(dumps(value))


def test_a_head_signed_by_the_logs_own_key_must_lead_to_the_entries(
    cases: Cases, good: bytes
) -> None:
    value = json.loads(good)
    signer = cases.m.registry.log_signer
    size = cases.m.registry.log.head().size
    fake = Checkpoint(signer.verifier.name, size, b"\x01" * 32)
    value["checkpoint"] = sign_checkpoint(fake, signer)
    said = claims.open_claim(value["claim"], [signer.verifier], signer.verifier.name)
    value["claim"] = claims.sign_claim(claims.claim(fake, dict(said.subjects)), signer)
    with pytest.raises(VerificationFailed):
        opened(dumps(value))


def test_a_key_that_is_not_the_logs_signs_nothing(cases: Cases, good: bytes) -> None:
    value = json.loads(good)
    text = note.open(value["claim"], [cases.m.registry.log_signer.verifier]).text
    stranger = note.Signer.of(cases.m.registry.settings.origin, key_files.new_ed25519())
    value["claim"] = note.sign(text, stranger)
    with pytest.raises(VerificationFailed):
        opened(dumps(value))


def means(content: bytes) -> Any:
    """A bundle without the two places that nothing rests on."""
    read = bundles.read(content)
    pieces = tuple(replace(each, receipts=()) for each in read.pieces)
    return replace(read, page="", pieces=pieces)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_no_random_change_of_the_bytes_stands(good: bytes, data: st.DataObject) -> None:
    """Never exit 0 unless the bytes mean the same."""
    at = data.draw(st.integers(0, len(good)))
    gone = data.draw(st.sampled_from([0, 1, 1, 1, 2, 40, 400]))
    insert = data.draw(st.binary(max_size=3) | st.sampled_from([b'"', b",", b"1", b"A", b"\\n"]))
    check(good[:at] + insert + good[at + gone :], good)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_no_random_change_of_the_values_stands(
    good: bytes, fallen: bytes, cases: Cases, data: st.DataObject
) -> None:
    """The same with changes that keep the form: values moved, doubled, dropped, exchanged."""
    value = json.loads(good)
    others = (value, json.loads(fallen), cases.before)
    for _ in range(data.draw(st.integers(1, 3))):
        spot, key = pick(data, value)
        match data.draw(st.sampled_from(["drop", "double", "other", "put"])):
            case "drop" if isinstance(spot, list):
                spot.pop(key)
            case "double" if isinstance(spot, list):
                spot.insert(key, copy.deepcopy(spot[key]))
            case "other":
                there, name = pick(data, data.draw(st.sampled_from(others)))
                spot[key] = copy.deepcopy(there[name])
            case _:
                spot[key] = data.draw(
                    st.sampled_from([0, 1, -1, None, "", "A", [], {}, True, 2**60, "authority"])
                )
    try:
        changed = dumps(value)
    except ValueError:
        return
    check(changed, good)


def pick(data: st.DataObject, value: Any) -> tuple[Any, Any]:
    """Some place in it, as the container and the key."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = data.draw(st.sampled_from(keys))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            return value, key
        value = inner


def check(changed: bytes, good: bytes) -> None:
    try:
        answer = opened(changed).the_letter().answer
    except VidimusError as error:
        assert isinstance(error, FormatError | VerificationFailed | TooLarge)
        return
    if answer.exit_status == 0:
        assert means(changed) == means(good)
