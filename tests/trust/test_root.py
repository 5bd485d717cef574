"""The trust root: one file from which a stranger knows every key (spec/trust.md, section 4)."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.acts.world import World, key, log_key, released_letter, world, written
from tests.trust.chains import FOURTH, changed, following, links, root_of

from vidimus.core.acts import document as documents
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.vocabulary import LogKey, Root
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import Link
from vidimus.errors import FormatError, VerificationFailed


def said(content: bytes, **changes: Any) -> bytes:
    """The file with other members, in canonical form again."""
    return rfc8785.dumps(json.loads(content) | changes)


def test_what_is_written_is_read() -> None:
    for found in (world(), released_letter(), changed()):
        root = root_of(found)
        assert roots.read(roots.write(root)) == root
        assert root.trust == found.folding.authority.trust


def test_the_chain_alone_proves_what_the_whole_log_says() -> None:
    """Issue: the trust root has the log key, the receipt key, the genesis, the policy."""
    found = changed()
    value = json.loads(roots.write(root_of(found)))
    assert [link["index"] for link in value["chain"]] == list(found.folding.authority.chain)
    assert value["version"] == 4 and value["threshold"] == 2
    assert [each["person"] for each in value["roots"]] == ["p-root-a", "p-root-c", "p-root-d"]
    assert value["log_keys"] == [{"key": log_key(), "until": 17}, {"key": log_key("log-2")}]
    assert value["receipt_keys"][1] == {"key": key("receipt-2")}
    assert value["witnesses"] == "quorum none\n"
    assert (value["mode"], value["origin"]) == ("exercise", "letters.example.org/log")


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "letters.example.com/log"},
        {"mode": "live"},
        {"genesis": "00" * 32},
        {"version": 5},
        {"threshold": 1},
        {"roots": []},
        {"log_keys": [{"key": log_key("evil")}]},
        {"log_keys": [{"key": log_key()}, {"key": log_key("log-2")}]},
        {"receipt_keys": [{"key": key("evil")}]},
        {"seal_keys": []},
        {"witnesses": "quorum all\n"},
        {"further": 1},
    ],
)
def test_what_the_chain_does_not_prove_is_false(changes: dict[str, Any]) -> None:
    """Who reads the members beside the chain, and not the chain, must not be lied to."""
    with pytest.raises(VerificationFailed, match=next(iter(changes))):
        roots.read(said(roots.write(root_of(changed())), **changes))


@pytest.mark.parametrize("name", ["genesis", "log_keys", "witnesses", "v", "chain"])
def test_a_member_too_few_is_refused(name: str) -> None:
    value = json.loads(roots.write(root_of(changed())))
    del value[name]
    with pytest.raises((VerificationFailed, FormatError)):
        roots.read(rfc8785.dumps(value))


def test_only_the_canonical_text_is_a_trust_root() -> None:
    """Spec 4: a reader refuses any bytes that a writer would not have written."""
    good = roots.write(root_of(world()))
    for bad in (
        good + b"\n",
        b" " + good,
        good.replace(b'"v":1', b'"v":1.0'),
        good.replace(b'"v":1', b'"v":true'),
        good.replace(b'"v":1', b'"v":2'),
        good.replace(b'"version":1', b'"version":1,"version":1'),
        good.replace(b'"index":0', b'"index":-1'),
        good.replace(b'"index":0', b'"index":true'),
        json.dumps(json.loads(good)).encode(),
        b"[" * 100_000,
        b"\xff",
        b"{}",
        b"1",
        b"null",
        said(good, chain=[]),
        said(good, chain={}),
        said(good, chain=[1]),
        said(good, chain=[{"index": 0, "entry": "AA==", "document": "x"}]),
        b" " * (roots.LONGEST + 1),
    ):
        with pytest.raises(FormatError):
            roots.read(bad)


@given(st.binary(max_size=200))
def test_nothing_but_a_refusal_comes_of_noise(content: bytes) -> None:
    with pytest.raises(FormatError):
        roots.read(content)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_can_be_turned(place: int, bit: int) -> None:
    good = bytearray(roots.write(root_of(changed())))
    good[place % len(good)] ^= 1 << bit
    with pytest.raises((FormatError, VerificationFailed)):
        roots.read(bytes(good))


# --- chains that prove nothing -------------------------------------------------------------------


def refused(chain: list[Link]) -> str:
    with pytest.raises((VerificationFailed, FormatError)) as error:
        roots.build(chain)
    return error.value.fact


def test_a_chain_begins_with_the_founding_and_goes_on_in_order() -> None:
    chain = links(changed())
    refused([])
    refused(chain[1:])
    refused([replace(chain[0], index=1), *chain[1:]])
    refused([chain[0], chain[2], chain[1]])
    refused([chain[0], chain[1], replace(chain[1], index=chain[1].index + 1)])
    assert "version 1 is in force" in refused([chain[0], chain[2]])


def test_only_what_speaks_of_founders_and_keys_belongs_into_a_chain() -> None:
    found = released_letter()
    for index, why in ((1, "says nothing about founders"), (7, "takes no effect"), (16, "")):
        logged = found.log[index]
        link = Link(index, logged.raw, logged.document.decode())
        assert why in refused([links(found)[0], link])


def forged(found: World, by: str, *cosign: str, **changes: Any) -> list[Link]:
    """The chain with a version that these alone approved, whatever the rules say."""
    twin = found.copy()
    body = following(found, **changes)
    index = twin.do(by, ROOT, body, cosign=cosign)
    logged = twin.log[index]
    return [*links(found), Link(index, logged.raw, logged.document.decode())]


def test_a_version_needs_the_thresholds_of_before_and_of_now() -> None:
    """TUF specification 5.3.4: version n + 1 is signed by the thresholds of n and of n + 1."""
    found = world()
    thieves = (Root("p-x", "X", key("p-x")), Root("p-y", "Y", key("p-y")))
    keys = (LogKey(log_key()), LogKey(log_key("evil")))
    for by, cosign, named in (
        ("p-root-a", (), found.folding.authority.trust.roots),
        ("p-root-a", ("p-x", "p-y"), thieves),
        ("p-root-a", ("p-root-b",), thieves),
        ("p-x", ("p-y",), thieves),
    ):
        refused(forged(found, by, *cosign, roots=named, log_keys=keys))
    everybody = ("p-root-b", "p-x", "p-y")
    assert roots.build(forged(found, "p-root-a", *everybody, roots=thieves)).version == 2


def test_a_revocation_in_the_chain_holds_in_it() -> None:
    """b's key was revoked: whoever has seen that is not deceived by b's key."""
    found = changed()
    refused(forged(found, "p-root-a", "p-root-b"))
    assert roots.build(forged(found, "p-root-a", "p-root-d")).version == 5


def test_a_statement_and_its_document_belong_together() -> None:
    chain = links(changed())
    refused([chain[0], replace(chain[1], document=chain[2].document)])
    refused([chain[0], replace(chain[1], entry=chain[2].entry)])
    refused([replace(chain[0], document=chain[0].document.replace("2", "3", 1)), *chain[1:]])
    refused([replace(chain[0], document="\ud800"), *chain[1:]])


def test_a_signature_by_another_key_is_none() -> None:
    found = changed()
    act = documents.read(found.log[0].document)
    raw, document = written(act, "p-evil")
    refused([Link(0, raw, document.decode()), *links(found)[1:]])


# --- one file after another -------------------------------------------------------------------


def test_a_newer_file_goes_on_where_the_older_ends() -> None:
    chain = links(changed())
    files = [roots.build(chain[: length + 1]) for length in range(len(chain))]
    for older, newer in pairwise(files):
        assert roots.extend(older, newer) is newer
    assert roots.extend(files[0], files[-1]) is files[-1]
    assert roots.extend(files[-1], files[-1]) == files[-1]


def test_an_older_file_is_refused() -> None:
    """Keys that ended since would count again; a revocation would be forgotten."""
    chain = links(changed())
    for length in range(1, len(chain)):
        with pytest.raises(VerificationFailed, match="older trust root") as error:
            roots.extend(roots.build(chain), roots.build(chain[:length]))
        assert "goes on to version 4" in error.value.fact


def test_another_founding_is_refused_even_of_the_same_name() -> None:
    other = World()
    other.root(replace(documents.read(world().log[0].document).body, threshold=1))
    with pytest.raises(VerificationFailed, match="another founding"):
        roots.extend(root_of(world()), root_of(other))


def test_two_histories_after_one_founding_are_told_apart() -> None:
    """Issue: two verifiers given diverging logs detect it and say who signed what."""
    one, two = world(), world()
    one.root(following(one, roots=(*one.folding.authority.trust.roots, FOURTH)))
    two.root(following(two), by="p-root-c")
    with pytest.raises(VerificationFailed) as error:
        roots.extend(root_of(one), root_of(two))
    assert "signed by p-root-a with 1 more" in error.value.fact
    assert "signed by p-root-c with 1 more" in error.value.fact
    assert error.value.hint


def test_the_same_act_at_another_place_is_another_history() -> None:
    found = changed()
    chain = links(found)
    moved = [*chain[:-1], replace(chain[-1], index=chain[-1].index + 1)]
    with pytest.raises(VerificationFailed, match="two histories"):
        roots.extend(roots.build(chain), roots.build(moved))


def test_a_fingerprint_is_of_the_founding_and_all_that_followed() -> None:
    chain = links(changed())
    prints = {roots.fingerprint(roots.build(chain[: n + 1])) for n in range(len(chain))}
    assert len(prints) == len(chain)
    shown = roots.fingerprint(roots.build(chain))
    version, *groups = shown.split(" ")
    assert version == "4" and len(groups) == 8 and all(len(each) == 4 for each in groups)
    assert roots.fingerprint(root_of(changed())) == shown


def test_a_long_chain_is_refused_before_it_is_checked() -> None:
    (link,) = links(world())
    many = [replace(link, index=index) for index in range(roots.MOST_LINKS + 1)]
    assert str(roots.MOST_LINKS) in refused(many)
