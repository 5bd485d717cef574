"""Whose evidence it must be, as people print it, read it aloud and type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.cases import Cases, run
from tests.evidence.test_rotation import bundle
from tests.operations.ministry import build
from tests.trust.chains import changed, links
from tests.trust.test_rotation import add, finish

from vidimus import wiring
from vidimus.core.trust import root as roots
from vidimus.core.trust import spoken
from vidimus.core.trust.spoken import Spoken
from vidimus.errors import FormatError
from vidimus.operations.trusting import Sort

GROUPS = "ac85 c90e 5f20 0123 4567 89ab cdef 0042"


@pytest.mark.parametrize(
    ("typed", "version"),
    [
        (GROUPS, None),
        (f"1 {GROUPS}", 1),
        (f"  12   {GROUPS.replace(' ', '   ')}\n", 12),
        (GROUPS.upper(), None),
        (f"1-{GROUPS.replace(' ', '-')}".upper(), 1),
        (f"1 {GROUPS.replace(' ', ' – ')}", 1),
        (GROUPS.replace(" ", "\u00a0"), None),
        (GROUPS.replace(" ", ""), None),
        (f"fingerprint  3 {GROUPS}", 3),
        (f"genesis      {GROUPS}", None),
    ],
)
def test_however_people_type_it(typed: str, version: int | None) -> None:
    assert spoken.parse(typed) == Spoken(GROUPS, version)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "trust.json",
        "1",
        GROUPS[:-1],
        GROUPS[:-5],
        f"{GROUPS} 0000 0000",
        f"0 {GROUPS}",
        f"1 1 {GROUPS}",
        GROUPS.replace("a", "g"),
        GROUPS.replace("1", "\u0661"),
        f"another {GROUPS}",
    ],
)
def test_what_is_none_is_none(typed: str) -> None:
    assert spoken.parse(typed) is None


@given(st.text(alphabet="0123456789abcdefABCDEF -\u2013g\n", max_size=60))
def test_what_is_understood_is_written_in_one_way(typed: str) -> None:
    found = spoken.parse(typed)
    if found is not None:
        assert spoken.parse(str(found)) == found
        digits = "".join(each for each in typed.lower() if each in "0123456789abcdef")
        assert digits == str(found).replace(" ", "")


def test_every_fingerprint_that_it_ever_had_names_it() -> None:
    """What was printed before a change of keys is on paper for ever."""
    chain = links(changed())
    whole = roots.build(chain)
    assert len(chain) > 2
    for stop in range(1, len(chain) + 1):
        then = roots.build(chain[:stop])
        said = spoken.parse(roots.fingerprint(then))
        assert said is not None and said.version == then.version
        assert said.names(whole) and Spoken(said.groups).names(whole)
        # But not the other way round: a later one says more than an older chain proves.
        assert said.names(roots.build(chain[:1])) is (stop == 1)
        assert not Spoken(said.groups, then.version + 1).names(whole)
    assert Spoken(roots.spoken(whole.genesis)).names(whole)
    assert not Spoken(roots.spoken(whole.genesis), 1).names(whole)
    assert not Spoken(GROUPS).names(whole)
    assert spoken.fingerprints(whole)[-1] == (
        whole.version,
        roots.fingerprint(whole).partition(" ")[2],
    )


def test_an_old_printed_fingerprint_works_after_a_change_of_keys(tmp_path: Path) -> None:
    """And the line of the genesis, just as “vidimus log trust” shows both."""
    m = build(tmp_path / "registry")
    letter = m.released()
    trust, file = str(tmp_path / "trust.json"), tmp_path / "b.json"
    old = run("log", "trust", "--registry", str(m.folder), "--out", trust)[1].splitlines()
    for step in (add, finish):
        step(m, Sort.LOG)
    now = roots.fingerprint(wiring.trust_root(m.folder))
    file.write_bytes(bundle(m, letter))
    (tmp_path / "now.json").write_bytes(roots.write(wiring.trust_root(m.folder)))
    lines = {each.split()[0]: each for each in old if each}
    printed = lines["fingerprint"].removeprefix("fingerprint").strip()
    assert now != printed
    # Whoever compares by eye finds the older one there, too.
    checked = run("log", "trust", "--check", str(tmp_path / "now.json"))[1].splitlines()
    assert f"fingerprint  {now}" in checked and f"before that  {printed}" in checked
    for said in (
        *(now, printed, lines["genesis"], lines["fingerprint"], printed.upper()),
        *(printed.replace(" ", "-"), printed.partition(" ")[2], trust),
        lines["genesis"].removeprefix("genesis").strip(),
    ):
        status, shown, noted = run("check", "--bundle", str(file), "--trust", said)
        assert (status, noted) == (0, ""), said
        assert f"that you named with --trust: {now}" in " ".join(shown.split())


def test_another_registers_fingerprint_never_lets_it_stand(cases: Cases, tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(cases.bundle(cases.stands))
    for said in (GROUPS, f"1 {GROUPS}", GROUPS.upper().replace(" ", "-")):
        status, shown, noted = run("check", "--bundle", str(file), "--trust", said)
        assert (status, shown) == (1, "")
        assert "neither that nor an older one" in noted and "hint" in noted


def test_what_is_neither_a_file_nor_a_fingerprint_is_told(cases: Cases, tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(cases.bundle(cases.stands))
    for said in ("nowhere.json", "1 ac85 c90e", GROUPS[:-2]):
        status, shown, noted = run("check", "--bundle", str(file), "--trust", said)
        assert (status, shown) == (2, "")
        assert f"“{said}” is neither a file nor a fingerprint" in noted
        assert "eight groups of four digits" in noted
    with pytest.raises(FormatError):
        wiring.pin("-", lambda _name: b"no trust root")
