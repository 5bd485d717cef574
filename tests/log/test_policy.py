"""Policies: who counts, how many of them, and since when that many have signed."""

from __future__ import annotations

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.log import note
from vidimus.core.log.cosignature import Cosigner
from vidimus.core.log.policy import Policy, parse
from vidimus.errors import FormatError


def cosigner(number: int) -> Cosigner:
    seed = bytes([number]) * 32
    return Cosigner.of(f"witness.example.org/w{number}", Ed25519PrivateKey.from_private_bytes(seed))


def vkey(number: int) -> str:
    return str(cosigner(number).verifier)


LOG = str(
    note.Signer.of("log.example.org", Ed25519PrivateKey.from_private_bytes(b"\x99" * 32)).verifier
)
# The example of the standard, with keys.
EXAMPLE = f"""\
log {LOG}

witness X1 {vkey(1)}
witness X2 {vkey(2)}
witness X3 {vkey(3)}
group X-witnesses 2 X1 X2 X3

witness Y1 {vkey(4)}
witness Y2 {vkey(5)}
witness Y3 {vkey(6)}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")


def test_the_example_of_the_standard() -> None:
    """C2SP tlog-policy: at least two of the X-witnesses, and at least one of the Y-witnesses."""
    read = parse(EXAMPLE)
    assert [str(each.key) for each in read.logs] == [LOG]
    assert [each.name for each in read.witnesses] == list(NAMES)
    assert [each.url for each in read.witnesses] == [""] * 6
    for count in range(7):
        for names in itertools.combinations(NAMES, count):
            enough = sum(n[0] == "X" for n in names) >= 2 and any(n[0] == "Y" for n in names)
            assert read.met(names) is enough


def test_the_quorum_is_reached_when_the_last_of_enough_has_signed() -> None:
    """The k-th smallest time in each group; more cosignatures never make it later."""
    read = parse(EXAMPLE)
    assert read.reached({"X1": 10, "X2": 20}) is None
    assert read.reached({"X1": 10, "X2": 20, "Y3": 5}) == 20
    assert read.reached({"X1": 10, "X2": 20, "Y3": 50}) == 50
    assert read.reached({"X1": 10, "X2": 20, "X3": 12, "Y3": 5, "Y1": 1}) == 12
    assert read.reached({"X1": 10, "X2": 20, "stranger": 1, "Y-witnesses": 1}) is None


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100)), st.sampled_from(NAMES))
def test_the_time_is_the_first_at_which_the_quorum_was_there(
    times: dict[str, int], name: str
) -> None:
    read = parse(EXAMPLE)
    moments = sorted(set(times.values()))
    met = [at for at in moments if read.met([n for n, time in times.items() if time <= at])]
    assert read.reached(times) == (met[0] if met else None)
    assert read.met(times) is bool(met)
    # Nobody's word makes it worse.
    more = {name: 1} | times
    assert not met or (read.reached(more) or 0) <= met[0]


def test_fewer_liars_than_the_quorum_takes_cannot_put_it_before_honest_people() -> None:
    read = parse(
        "\n".join(
            [
                *(f"witness w{n} {vkey(n)}" for n in (1, 2, 3)),
                "group all-of 2 w1 w2 w3",
                "quorum all-of",
                "",
            ]
        )
    )
    assert read.reached({"w1": 1, "w2": 700, "w3": 800}) == 700


def test_no_quorum_is_always_met_and_never_reached() -> None:
    read = parse("quorum none\n")
    assert read.met(()) and not read.demands and read.reached({}) is None
    assert read.witnesses == ()


def test_a_single_witness_can_be_the_quorum() -> None:
    read = parse(f"witness w1 {vkey(1)} https://w.example.org/x\nquorum w1\n")
    assert read.met(["w1"]) and not read.met(["w2"]) and read.reached({"w1": 3}) == 3
    assert read.witnesses[0].url == "https://w.example.org/x"


def test_blanks_and_comments_are_allowed_where_the_standard_allows_them() -> None:
    """Leading and trailing whitespace, spaces and tabs only; comments may be any octets."""
    text = f" \t\n#x\n \t# y\xff\n\t witness \t a\t{vkey(1)}  \nquorum a \n".encode("latin-1")
    assert parse(text).quorum == "a"


def test_names_are_opaque() -> None:
    """The standard: K is another name than the Kelvin sign; no folding of any kind."""
    text = f"witness K {vkey(1)}\nwitness \u212a {vkey(2)}\ngroup g 2 K \u212a\nquorum g\n"
    read = parse(text)
    assert [each.name for each in read.witnesses] == ["K", "\u212a"]
    assert not read.met(["K"]) and read.met(["K", "\u212a"])
    # A space that is none in ASCII belongs to the name.
    assert parse(f"witness a\u00a0b {vkey(1)}\nquorum a\u00a0b\n").quorum == "a\u00a0b"
    # A keyword is a name like any other where a name stands.
    assert parse(f"witness any {vkey(1)}\ngroup all any any\nquorum all\n").met(["any"])


W = "".join(f"witness w{n} {vkey(n)}\n" for n in range(1, 4))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "\n",
        W,
        "quorum none",
        "quorum none\r\n",
        "quorum\x0bnone\n",
        "quorum none\nquorum none\n",
        W + "quorum w1\nquorum w2\n",
        W + "quorum w4\n",
        W + "quorum\n",
        W + "quorum w1 w2\n",
        "quorum w1\n" + W,
        W + "Quorum w1\n",
        W + "witness\nquorum w1\n",
        W + f"witness w4 {vkey(4)} url more\nquorum w1\n",
        W + f"witness w1 {vkey(4)}\nquorum w1\n",
        W + f"witness w4 {vkey(1)}\nquorum w1\n",
        W + f"witness none {vkey(4)}\nquorum none\n",
        W + f"witness w4 {vkey(4)[:-1]}\nquorum w1\n",
        W + f"witness w4 {LOG}\nquorum w1\n",
        W + "group g all\nquorum w1\n",
        W + "group g 0 w1 w2\nquorum g\n",
        W + "group g 3 w1 w2\nquorum g\n",
        W + "group g 02 w1 w2\nquorum g\n",
        W + "group g +2 w1 w2\nquorum g\n",
        W + "group g some w1 w2\nquorum g\n",
        W + "group g all w1 w1\nquorum g\n",
        W + "group g all w1 w2\ngroup h all w2 w3\nquorum h\n",
        W + "group g all g w1\nquorum g\n",
        W + "group g all h\ngroup h all w1\nquorum g\n",
        W + "group g all none\nquorum g\n",
        W + "group none all w1\nquorum none\n",
        W + "group w1 all w2\nquorum w1\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {vkey(1)}\nquorum none\n",
        f"log {LOG} a b\nquorum none\n",
        "".join(f"group g{n} all g{n - 1}\n" for n in range(1, 99)) + "quorum none\n",
        W
        + "".join(f"group g{n} all {'w1' if n == 0 else f'g{n - 1}'}\n" for n in range(65))
        + "quorum none\n",
        "#" * 70_000 + "\nquorum none\n",
    ],
)
def test_what_is_no_policy_is_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        parse(bad)


def test_a_duplicate_is_the_same_key_under_any_name() -> None:
    """The standard: duplicate if they wrap the same key, even if name and key id differ."""
    other = Cosigner.of("another.example", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
    with pytest.raises(FormatError, match="twice"):
        parse(W + f"witness w9 {other.verifier}\nquorum w1\n")


def test_a_name_that_is_not_utf_8_is_refused_by_its_line() -> None:
    with pytest.raises(FormatError, match="line 2"):
        parse(b"# \xff\nwitness \xff " + vkey(1).encode() + b"\nquorum none\n")


def test_so_many_are_read() -> None:
    """The standard: at least 32 logs, 32 witnesses and 32 groups."""
    count = 32
    lines = [f"log {log_vkey(n)}" for n in range(1, count + 1)]
    lines += [f"witness w{n} {vkey(n)}" for n in range(1, count + 1)]
    lines += [f"group g{n} all w{n}" for n in range(1, count + 1)]
    read = parse("\n".join([*lines, "quorum g32", ""]))
    assert len(read.logs) == len(read.witnesses) == len(read.groups) == count


def log_vkey(number: int) -> str:
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return str(note.Signer.of(f"log{number}.example.org", private).verifier)


def test_what_is_written_is_read_back() -> None:
    read = parse(EXAMPLE)
    assert parse(str(read)) == read
    assert parse(str(parse("quorum none\n"))) == parse("quorum none\n")


@given(
    st.lists(
        st.sampled_from([*EXAMPLE.splitlines(), "quorum none", "quorum X1", "group g any Y1 X1"]),
        max_size=14,
    ),
    st.text(max_size=10),
)
def test_any_text_is_a_policy_or_malformed(picked: list[str], text: str) -> None:
    for attempt in ("\n".join(picked) + "\n", "\n".join([*picked, text, ""])):
        try:
            read = parse(attempt)
        except FormatError:
            continue
        assert isinstance(read, Policy)
        assert parse(str(read)) == read
        assert read.met(()) is not read.demands
        assert read.met([each.name for each in read.witnesses]), "all together are always enough"


@given(st.binary(max_size=60))
def test_any_bytes_are_a_policy_or_malformed(content: bytes) -> None:
    for attempt in (content, content + b"\nquorum none\n", EXAMPLE.encode() + content):
        try:
            parse(attempt)
        except FormatError:
            continue
