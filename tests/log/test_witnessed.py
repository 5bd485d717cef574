"""Whether enough others have seen a checkpoint, and what people are told if not."""

from __future__ import annotations

import pytest
from tests.log.test_cosignature import HEAD, LOG, TEXT
from tests.log.test_policy import cosigner, vkey

from vidimus.core.log import note
from vidimus.core.log.checkpoint import sign_checkpoint
from vidimus.core.log.cosignature import cosign
from vidimus.core.log.policy import parse
from vidimus.core.log.witnessed import FRESH, UNCONFIRMED, Witnessed, told, witnessed
from vidimus.errors import FormatError

POLICY = parse(
    "".join(f"witness w{n} {vkey(n)}\n" for n in (1, 2, 3))
    + "group two-of-three 2 w1 w2 w3\nquorum two-of-three\n"
)
SIGNED = sign_checkpoint(HEAD, LOG)
TIME = 1_932_890_400  # 2031-04-02 10:00 UTC


def line(number: int, time: int = TIME, text: str = TEXT) -> str:
    return str(cosign(text, time, cosigner(number)))


def test_who_signed_and_when_it_was_enough() -> None:
    found = witnessed(SIGNED + line(3, TIME + 5) + line(1, TIME), POLICY)
    assert found == Witnessed(("w1", "w3"), (TIME, TIME + 5), True, TIME + 5)


def test_one_is_not_two() -> None:
    assert witnessed(SIGNED + line(2), POLICY) == Witnessed(("w2",), (TIME,))
    assert witnessed(SIGNED, POLICY) == Witnessed()


def test_the_same_witness_twice_counts_once_and_from_its_first_time() -> None:
    found = witnessed(SIGNED + line(2, TIME + 9) + line(2, TIME) + line(2, TIME), POLICY)
    assert found == Witnessed(("w2",), (TIME,))


def test_a_stranger_and_a_key_under_another_name_count_for_nothing() -> None:
    other = note.parse_signatures(line(1))[0]
    renamed = str(note.Signature("witness.example.org/w2", other.key_id, other.blob))
    assert witnessed(SIGNED + line(9) + renamed, POLICY) == Witnessed()


def test_a_line_that_does_not_hold_counts_for_nothing_and_is_named() -> None:
    """A stranger who adds a line must not spoil what others signed, nor add to it."""
    false = line(1, text=TEXT.replace("\n7\n", "\n8\n"))
    found = witnessed(SIGNED + false + line(2) + line(3), POLICY)
    assert found == Witnessed(("w2", "w3"), (TIME, TIME), True, TIME, ("w1",))
    assert witnessed(SIGNED + false + line(2), POLICY).met is False
    assert witnessed(SIGNED + false * 2 + line(1), POLICY) == Witnessed(
        ("w1",), (TIME,), false=("w1",)
    )


def test_a_cosignature_from_the_future_counts_for_nothing() -> None:
    """C2SP tlog-cosignature: verifiers MAY reject cosignatures with timestamps in the future."""
    signed = SIGNED + line(1) + line(2, TIME + 600)
    assert witnessed(signed, POLICY, TIME + 600).met
    assert witnessed(signed, POLICY, TIME + 599) == Witnessed(("w1",), (TIME,), false=("w2",))
    assert not witnessed(SIGNED + line(1, 2**63 - 1) + line(2), POLICY).met


def test_no_quorum_has_no_time() -> None:
    found = witnessed(SIGNED, parse("quorum none\n"))
    assert found.met and found.time is None


def test_what_is_no_note_is_malformed() -> None:
    with pytest.raises(FormatError):
        witnessed(TEXT, POLICY)


MET = Witnessed(("w1", "w3"), (TIME, TIME), True, TIME)


@pytest.mark.parametrize(
    ("policy", "size", "seen", "asked", "at", "sentence"),
    [
        (None, 0, None, 7, TIME, f"No witness is asked by this log: {UNCONFIRMED}"),
        (
            parse("quorum none\n"),
            7,
            MET,
            7,
            TIME,
            f"No witness is asked by this log: {UNCONFIRMED}",
        ),
        (
            parse(f"witness w1 {vkey(1)}\nquorum none\n"),
            7,
            MET,
            7,
            TIME,
            f"This log demands the word of no witness: {UNCONFIRMED}",
        ),
        (POLICY, 0, None, 7, TIME, f"Not witnessed yet: {UNCONFIRMED}"),
        (POLICY, 7, Witnessed(("w1",), (TIME,)), 7, TIME, f"Not witnessed yet: {UNCONFIRMED}"),
        (
            POLICY,
            1042,
            MET,
            1043,
            TIME,
            f"Not witnessed since 2031-04-02 10:00 UTC (entry 1,041): {UNCONFIRMED}",
        ),
        (
            POLICY,
            1042,
            MET,
            1042,
            TIME + FRESH + 1,
            f"Not witnessed since 2031-04-02 10:00 UTC (entry 1,041): {UNCONFIRMED}",
        ),
        (POLICY, 0, MET, 1, TIME, f"Not witnessed since 2031-04-02 10:00 UTC: {UNCONFIRMED}"),
    ],
)
def test_a_missing_quorum_is_said_aloud(
    policy: object, size: int, seen: Witnessed | None, asked: int, at: int, sentence: str
) -> None:
    """Design, section 5: a missing witness degrades the answer aloud."""
    said = told(policy, size, seen, asked, at)  # type: ignore[arg-type]
    assert (said.sentence, said.met) == (sentence, False)


@pytest.mark.parametrize(("asked", "at"), [(1042, TIME + FRESH), (7, TIME - 10_000), (1042, TIME)])
def test_a_quorum_is_said_with_its_time(asked: int, at: int) -> None:
    said = told(POLICY, 1042, MET, asked, at)
    assert said.met
    assert said.sentence == (
        "Witnessed by 2 of 3 at 2031-04-02 10:00 UTC (entry 1,041): the log shown to you is the"
        " one that they saw."
    )
