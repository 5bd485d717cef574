"""Which key counts where: a rotated or retired key breaks no older answer (spec/trust.md, 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.acts.world import ORIGIN, World, key, log_key, log_signer, world
from tests.trust.chains import changed, following

from vidimus.core.acts.authority import NO_TRUST
from vidimus.core.acts.vocabulary import LogKey, OwnKey, Trust
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.trust import keys
from vidimus.errors import FormatError, VerificationFailed

ROOT = bytes(range(32))


def signed(size: int, *seeds: str, origin: str = ORIGIN) -> str:
    """A checkpoint with a line of each of these keys of the log."""
    head = Checkpoint(origin, size, ROOT)
    texts = [
        note.parse(note.sign(str(head), log_signer(seed)))
        if origin != ORIGIN
        else note.parse(sign_checkpoint(head, log_signer(seed)))
        for seed in seeds
    ]
    return str(note.Note(str(head), tuple(each.signatures[0] for each in texts)))


def rotated() -> tuple[World, Trust, int]:
    """… with the size up to which the first key counts."""
    found = changed()
    trust = found.folding.authority.trust
    until = trust.log_keys[0].until
    assert until is not None
    return found, trust, until


def test_before_the_founding_no_key_counts() -> None:
    assert keys.log_verifiers(NO_TRUST, 0) == []
    assert keys.receipt_keys(NO_TRUST, 0) == keys.seal_keys(NO_TRUST, 0) == []


@given(place=st.integers(0, 60))
def test_a_key_counts_up_to_its_end(place: int) -> None:
    """Spec 3: log and receipt keys up to a size, seal keys up to an entry; both inclusive."""
    _found, trust, until = rotated()
    verifiers = [str(each) for each in keys.log_verifiers(trust, place)]
    receipts = [each.to_text() for each in keys.receipt_keys(trust, place)]
    seals = [each.to_text() for each in keys.seal_keys(trust, place)]
    old = place <= until
    assert verifiers == [log_key()] * old + [log_key("log-2")]
    assert receipts == [key("receipt")] * old + [key("receipt-2")]
    assert seals == [key("seal")] * (place <= until - 1) + [key("seal-2")]


def test_every_key_that_ever_was_is_the_registrys_own() -> None:
    _found, trust, _until = rotated()
    texts = {key(seed) for seed in ("receipt", "receipt-2", "seal", "seal-2")}
    texts |= {keys.log_key_text(log_key()), keys.log_key_text(log_key("log-2"))}
    assert keys.own_keys(trust) == texts


def test_an_older_checkpoint_by_the_older_key_stays_good() -> None:
    """Issue: a rotated or revoked key breaks no older answer."""
    _found, trust, until = rotated()
    for size in (1, until - 1, until):
        opened, signer = keys.open_checkpoint(signed(size, "log"), trust)
        assert opened == Checkpoint(ORIGIN, size, ROOT)
        assert str(signer) == log_key()


def test_in_the_overlap_either_key_will_do() -> None:
    _found, trust, until = rotated()
    for seeds in (("log",), ("log-2",), ("log", "log-2"), ("log-2", "log")):
        assert keys.open_checkpoint(signed(until, *seeds), trust)[0].size == until


def test_who_pinned_the_older_trust_reads_through_the_overlap() -> None:
    """Both keys sign, so nobody must have the new file before the old key ends."""
    _found, _trust, until = rotated()
    before = world().folding.authority.trust
    assert keys.open_checkpoint(signed(until, "log", "log-2"), before)[0].size == until
    with pytest.raises(VerificationFailed, match="nobody whom we know"):
        keys.open_checkpoint(signed(until + 1, "log-2"), before)


def test_a_retired_key_alone_is_refused_by_name() -> None:
    """Somebody found the old key in a drawer, or never gave it back."""
    _found, trust, until = rotated()
    with pytest.raises(VerificationFailed, match=f"retired at size {until}") as error:
        keys.open_checkpoint(signed(until + 1, "log"), trust)
    assert error.value.hint
    opened, signer = keys.open_checkpoint(signed(until + 1, "log", "log-2"), trust)
    assert (opened.size, str(signer)) == (until + 1, log_key("log-2"))


def test_a_bad_line_of_a_retired_key_spoils_nothing() -> None:
    """Anybody can write one; a bad line of a key that counts condemns the note as ever."""
    _found, trust, until = rotated()
    good = note.parse(signed(until + 1, "log-2"))
    for seed, spoils in (("log", False), ("log-2", True)):
        line = note.parse(signed(until + 9, seed)).signatures[0]
        text = str(note.Note(good.text, (line, *good.signatures)))
        if spoils:
            with pytest.raises(VerificationFailed, match="does not hold"):
                keys.open_checkpoint(text, trust)
        else:
            assert keys.open_checkpoint(text, trust)[0].size == until + 1


def test_a_key_that_ended_before_it_was_found_stolen_ends_earlier() -> None:
    found, _trust, until = rotated()
    stolen = (LogKey(log_key(), until - 5), LogKey(log_key("log-2")))
    assert found.valid(found.root(following(found, log_keys=stolen), cosign=("p-root-c",)))
    trust = found.folding.authority.trust
    assert keys.open_checkpoint(signed(until - 5, "log"), trust)[0].size == until - 5
    with pytest.raises(VerificationFailed, match="retired"):
        keys.open_checkpoint(signed(until, "log"), trust)


def test_a_checkpoint_of_another_log_is_none_of_this_one() -> None:
    _found, trust, _until = rotated()
    with pytest.raises(VerificationFailed, match=r"other\.example"):
        keys.open_checkpoint(signed(3, "log-2", origin="other.example/log"), trust)


def test_a_stranger_speaks_for_nobody() -> None:
    _found, trust, _until = rotated()
    with pytest.raises(VerificationFailed, match="nobody whom we know"):
        keys.open_checkpoint(signed(3, "evil"), trust)
    with pytest.raises(FormatError):
        keys.open_checkpoint("nothing", trust)


def test_a_receipt_key_may_be_missing() -> None:
    trust = Trust(1, (), 1, (LogKey(log_key()),), (), (OwnKey(key("seal")),))
    assert keys.receipt_keys(trust, 5) == []
