"""A witness cosigns one tree that grows, whatever it is sent and in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.log.trees import Tree

from vidimus.core.log import fork as forks
from vidimus.core.log import merkle, note, witness
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.cosignature import Cosigner
from vidimus.core.log.lines import to_base64
from vidimus.core.log.witness import Answer, Cosigned, decide, parse, write
from vidimus.errors import FormatError

ORIGIN = "letters.example.org/log"
LOG = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
NEXT = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
STRANGER = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x04" * 32))
COSIGNER = Cosigner.of("witness.example.org/w1", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
NOW = 1_900_000_000
# Two histories that part after entry 4, and a tree of each of their sizes.
TRUE = [f"entry {n}".encode() for n in range(20)]
FORKED = [*TRUE[:5], *(f"other {n}".encode() for n in range(5, 20))]
TREES = {"true": Tree(TRUE), "forked": Tree(FORKED)}


def text(size: int, history: str = "true") -> str:
    return str(Checkpoint(ORIGIN, size, merkle.root(size, TREES[history].read)))


def signed(size: int, history: str = "true", signer: note.Signer = LOG) -> str:
    return note.sign(text(size, history), signer)


def body(old: int, size: int, history: str = "true", signer: note.Signer = LOG) -> bytes:
    proof = merkle.consistency(old, size, TREES[history].read) if old <= size else ()
    return write(old, proof, signed(size, history, signer)).encode()


def ask(
    sent: bytes | str,
    latest: Cosigned | None = None,
    *,
    keys: tuple[note.Verifier, ...] = (LOG.verifier,),
    now: int = NOW,
) -> Answer:
    content = sent.encode() if isinstance(sent, str) else sent
    return decide(parse(content), keys, latest, COSIGNER, now)


def seen(size: int, history: str = "true", now: int = NOW) -> Cosigned:
    kept = ask(body(0, size, history), now=now).keep
    assert kept is not None
    return kept


def test_what_a_log_sends_is_read() -> None:
    sent = body(5, 7)
    read = parse(sent)
    assert (read.old, read.head.size, read.head.origin) == (5, 7, ORIGIN)
    assert read.proof == merkle.consistency(5, 7, TREES["true"].read)
    assert str(read).encode() == sent


def test_the_first_checkpoint_is_cosigned_and_so_is_one_that_extends_it() -> None:
    """C2SP tlog-witness: 200, signature lines alone, and the record updated."""
    first = ask(body(0, 5))
    assert first.status == 200 and first.keep is not None
    (line,) = note.parse_signatures(first.body)
    assert COSIGNER.verifier.verify(text(5), line) == NOW
    second = ask(body(5, 7), first.keep, now=NOW + 1)
    assert second.status == 200 and second.keep is not None
    assert (second.keep.size, second.keep.time) == (7, NOW + 1)


def test_what_is_kept_bears_the_logs_signature_and_the_witnesss() -> None:
    """Monitors get “the cosignature(s) … and the cosignature from the log key(s)”, no others."""
    many = signed(5) + str(note.parse(signed(5, signer=STRANGER)).signatures[0])
    answer = ask(write(0, (), many))
    assert answer.keep is not None
    kept = note.parse(answer.keep.checkpoint)
    assert [each.key_id for each in kept.signatures] == [
        LOG.verifier.key_id,
        COSIGNER.verifier.key_id,
    ]
    assert str(kept).endswith(answer.body)


def test_the_same_checkpoint_again_is_cosigned_with_a_later_time() -> None:
    again = ask(body(7, 7), seen(7), now=NOW + 60)
    assert again.status == 200 and again.keep is not None
    assert again.keep.time == NOW + 60


def refusals() -> list[object]:
    """Every status of the standard: what is sent, what was cosigned last, the status."""
    hashes = merkle.consistency(5, 7, TREES["true"].read)
    wrong_root = note.sign(f"{ORIGIN}\n0\n{to_base64(bytes(32))}\n", LOG)
    other_log = note.sign(text(7).replace(ORIGIN, "other.example.org"), LOG)
    bad = signed(7).replace("\n7\n", "\n8\n")
    cases = {
        "the first size": (body(0, 7), None, 200),
        "an extension": (body(5, 7), seen(5), 200),
        "the same again": (body(7, 7), seen(7), 200),
        "nothing yet": (body(0, 0), None, 200),
        "something after nothing": (body(0, 7), seen(0), 200),
        "an unknown log": (write(0, (), other_log), None, 404),
        "signed by a stranger": (body(0, 7, signer=STRANGER), None, 403),
        "a signature of another text": (write(0, (), bad), None, 403),
        "a stranger before what else is wrong": (body(9, 7, signer=STRANGER), seen(5), 403),
        "an old size beyond": (write(8, (), signed(7)), seen(7), 400),
        "an old size beyond, and stale": (write(8, (), signed(7)), seen(5), 400),
        "behind": (body(0, 7), seen(5), 409),
        "ahead": (body(6, 7), seen(5), 409),
        "smaller than seen": (body(5, 5), seen(7), 409),
        "never seen": (body(5, 7), None, 409),
        "behind, with a bad proof": (write(0, hashes, signed(7)), seen(5), 409),
        "an empty tree with a root": (write(0, (), wrong_root), None, 422),
        "a proof from nothing": (write(0, hashes, signed(7)), None, 422),
        "no proof": (write(5, (), signed(7)), seen(5), 422),
        "a proof too short": (write(5, hashes[:-1], signed(7)), seen(5), 422),
        "a proof too long": (write(5, (*hashes, bytes(32)), signed(7)), seen(5), 422),
        "a wrong proof": (write(5, hashes[::-1], signed(7)), seen(5), 422),
        "a fork": (body(7, 9, "forked"), seen(7), 422),
        "another root of the same size": (body(7, 7, "forked"), seen(7), 422),
        "the same again, with a proof": (write(7, hashes, signed(7)), seen(7), 422),
    }
    return [pytest.param(*case, id=name.replace(" ", "-")) for name, case in cases.items()]


@pytest.mark.parametrize(("sent", "latest", "status"), refusals())
def test_each_case_has_the_status_of_the_standard(
    sent: bytes | str, latest: Cosigned | None, status: int
) -> None:
    keys = () if status == 404 else (LOG.verifier,)
    answer = ask(sent, latest, keys=keys)
    assert answer.status == status, answer.body
    assert (answer.keep is not None) is (status == 200)
    if status == 409:
        assert answer.content_type == "text/x.tlog.size"
        assert answer.body == f"{latest.size if latest else 0}\n"
    elif status != 200:
        assert "—" not in answer.body, "no refusal looks like a signature line"


def test_a_bad_line_beside_a_good_one_by_a_trusted_key_is_refused() -> None:
    """403 “… or a signature line's key name and ID match a trusted key but it fails to verify”."""
    line = note.parse(signed(7)).signatures[0]
    spoiled = str(replace(line, blob=bytes(64)))
    assert ask(write(0, (), signed(7) + spoiled)).status == 403


def test_either_key_of_a_log_that_rotates_will_do() -> None:
    keys = (LOG.verifier, NEXT.verifier)
    for signer in (LOG, NEXT):
        assert ask(body(0, 7, signer=signer), keys=keys).status == 200
    assert ask(body(0, 7, signer=NEXT)).status == 403


def test_extension_lines_of_other_logs_are_signed_with_the_rest() -> None:
    """C2SP tlog-cosignature: they MUST be included in the cosigned message."""
    extended = text(5) + "a line of their own\nand another\n"
    answer = ask(write(0, (), note.sign(extended, LOG)))
    assert answer.status == 200
    (line,) = note.parse_signatures(answer.body)
    assert COSIGNER.verifier.verify(extended, line) == NOW


def test_the_origin_need_not_be_the_name_of_the_key() -> None:
    """The checksum database of Go signs “go.sum database tree” as “sum.golang.org”."""
    other = note.sign(text(5).replace(ORIGIN, "a database of sums"), LOG)
    assert ask(write(0, (), other)).status == 200


def test_times_never_fall() -> None:
    """A cosignature says what was the largest tree at its time: an earlier one would be false."""
    latest = seen(5, now=NOW)
    a_little = ask(body(5, 7), latest, now=NOW - witness.SET_BACK)
    assert a_little.status == 200 and a_little.keep is not None and a_little.keep.time == NOW
    too_much = ask(body(5, 7), latest, now=NOW - witness.SET_BACK - 1)
    assert too_much.status == 503 and too_much.keep is None


GOOD = body(5, 7).decode()
PROOF_LINE = GOOD.splitlines()[1]


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "\n",
        "old 5\n",
        GOOD[:-1],
        GOOD + "\n",
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("old 5", "old 05"),
        GOOD.replace("old 5", "old +5"),
        GOOD.replace("old 5", "old  5"),
        GOOD.replace("old 5", "old 5 "),
        GOOD.replace("old 5", "Old 5"),
        GOOD.replace("old 5", "old"),
        GOOD.replace("old 5", f"old {2**63}"),
        GOOD.replace("old 5\n", ""),
        GOOD.replace(PROOF_LINE, PROOF_LINE[:-1]),
        GOOD.replace(PROOF_LINE, to_base64(bytes(31))),
        GOOD.replace(PROOF_LINE, PROOF_LINE + " "),
        GOOD.replace("\n\n", "\n", 1),
        "\n" + GOOD,
        GOOD.replace(PROOF_LINE, "\n".join([PROOF_LINE] * 64)),
        GOOD.replace("\n7\n", "\n07\n"),
        GOOD.replace("\n7\n", f"\n{2**63}\n"),
        GOOD.replace(f"{ORIGIN}\n7\n", "7\n"),
        write(0, (), note.sign("origin\n7\n", LOG)),
        write(0, (), note.sign(text(7) + "\n", LOG)),
        write(0, (), note.sign(f"{ORIGIN}\n7\n{to_base64(bytes(31))}\n", LOG)),
        write(0, (), note.sign(f"\n7\n{to_base64(bytes(32))}\n", LOG)),
        "x" * witness.LONGEST_REQUEST + "x",
    ],
)
def test_only_the_one_form_is_a_request(bad: str) -> None:
    with pytest.raises(FormatError):
        parse(bad.encode())


def test_sixty_three_hashes_and_sixteen_long_signatures_are_read() -> None:
    """tlog-witness: at most 63 lines of proof; signed-note: at least 16 signatures, up to 5 kB."""
    long = "".join(str(note.Signature(f"pq{n}", bytes([n] * 4), bytes(5000))) for n in range(16))
    assert len(parse(write(5, [bytes(32)] * 63, signed(7) + long).encode()).proof) == 63


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_malformed(content: bytes) -> None:
    for attempt in (content, b"old 5\n" + content, GOOD.encode() + content):
        try:
            read = parse(attempt)
        except FormatError:
            continue
        assert str(read).encode() == attempt
        assert ask(attempt, seen(5)).status in (200, 400, 403, 409, 422)


@given(st.integers(0, len(GOOD) - 1), st.text(max_size=3), st.integers(0, 3))
def test_a_changed_request_is_never_cosigned_as_another(at: int, put: str, cut: int) -> None:
    changed = GOOD[:at] + put + GOOD[at + cut :]
    try:
        answer = ask(changed.encode("utf-8", "surrogatepass"), seen(5))
    except FormatError:
        return
    if answer.status == 200:
        assert parse(changed.encode()).head == parse(GOOD.encode()).head


@dataclass
class Said:
    """A witness that keeps what it must, and all that it ever gave out."""

    latest: Cosigned | None = None
    cosigned: list[tuple[int, bytes, int]] = field(default_factory=list)

    def add(self, sent: bytes, now: int) -> Answer:
        answer = ask(sent, self.latest, now=now)
        if answer.keep is not None:
            self.latest = answer.keep
            (line,) = note.parse_signatures(answer.body)
            time = COSIGNER.verifier.verify(str(parse(sent).head), line)
            self.cosigned.append((answer.keep.size, answer.keep.root, time))
        return answer


SIZES = st.integers(0, 20)
HISTORIES = st.sampled_from(["true", "forked"])


@given(st.lists(st.tuples(SIZES, SIZES, HISTORIES, st.integers(-200, 200)), max_size=40))
def test_no_order_of_requests_makes_it_cosign_two_histories(
    requests: list[tuple[int, int, str, int]],
) -> None:
    """What it cosigned is one tree that only grew, and the times of it too.

    Also when it is asked as a cunning log would: with its own last size, and a proof that is
    right for the history that is shown.
    """
    said = Said()
    now = NOW
    for old, size, history, passed in requests:
        now += passed
        said.add(body(old, size, history), now)
        known = said.latest.size if said.latest is not None else 0
        said.add(body(known, size, history), now)
    assert [size for size, _, _ in said.cosigned] == sorted(s for s, _, _ in said.cosigned)
    assert [time for _, _, time in said.cosigned] == sorted(t for _, _, t in said.cosigned)
    assert any(
        all(root == merkle.root(size, tree.read) for size, root, _ in said.cosigned)
        for tree in TREES.values()
    ), "all that it cosigned is of one history"


def convicted(sent: bytes | str, latest: Cosigned) -> bool:
    """Is this request kept as evidence, and does the evidence stand by itself?"""
    answer = ask(sent, latest)
    assert answer.keep is None or answer.fork is None
    if answer.fork is None:
        return False
    fork = forks.read(forks.write(answer.fork))
    assert forks.check(fork, lambda _size: [LOG.verifier]).origin == ORIGIN
    return True


def test_two_roots_of_one_size_are_evidence_whatever_else_is_asked() -> None:
    """C2SP tlog-witness: a refused request “might be proof of log misbehavior”."""
    for sent in (body(9, 9, "forked"), body(0, 9, "forked"), body(12, 9, "forked")):
        assert convicted(sent, seen(9))


@pytest.mark.parametrize("size", [6, 7, 9, 11, 14])
def test_a_right_proof_of_another_past_is_evidence(size: int) -> None:
    """The larger tree says itself which root its first leaves have."""
    assert convicted(body(size, 15, "forked"), seen(size))


def test_a_past_that_the_proof_does_not_name_is_only_refused() -> None:
    """The root of a complete subtree is left out of the proof, so nothing follows from it."""
    assert not convicted(body(8, 15, "forked"), seen(8))


@pytest.mark.parametrize(
    "sent",
    [
        body(9, 15),
        body(9, 9),
        body(0, 15),
        body(9, 15, signer=STRANGER),
        body(9, 9, "forked", signer=STRANGER),
        body(9, 15, "forked", signer=STRANGER),
        write(9, (), signed(15)),
        write(9, [bytes(32)] * 4, signed(15)),
        write(9, [bytes(32)] * 4, signed(15, "forked")),
        write(0, (), signed(7, "forked")),
    ],
)
def test_nothing_else_is_evidence(sent: bytes | str) -> None:
    """Whoever has a log's checkpoints cannot make it look guilty before its witness."""
    assert not convicted(sent, seen(9))


@given(
    SIZES, SIZES, SIZES, st.lists(st.binary(min_size=32, max_size=32), max_size=6), st.booleans()
)
def test_an_honest_log_is_never_convicted(
    known: int, old: int, size: int, hashes: list[bytes], honest: bool
) -> None:
    proof = merkle.consistency(old, size, TREES["true"].read) if honest and old <= size else hashes
    assert not convicted(write(old, proof, signed(size)), seen(known))
