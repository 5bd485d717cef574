"""A registry and its witnesses, each as people run them: commands, processes, a folder each."""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.log.test_cosignature import LOG, ORIGIN
from tests.operations.ministry import Ministry, build
from tests.witness.parts import ROOT, body, no_passphrase, running
from tests.witness.parts import build as build_witness

from vidimus import wiring
from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.log.checkpoint import open_checkpoint
from vidimus.core.log.cosignature import CosignatureVerifier
from vidimus.core.log.note import Verifier
from vidimus.core.log.witnessed import witnessed
from vidimus.core.trust import root as trust_roots


def run(*arguments: object) -> tuple[int, str]:
    said = io.StringIO()
    status = main([str(each) for each in arguments], Terminal(io.BytesIO(), said, said))
    return status, said.getvalue()


@pytest.fixture
def ministry(tmp_path: Path) -> Ministry:
    made = build(tmp_path / "office")
    made.released()
    return made


def new_witness(folder: Path, ministry: Ministry) -> str:
    """Made and told whom to watch, by the commands; gives its key."""
    name = f"{folder.name}.example.org/w"
    status, said = run("witness", "init", folder, "--name", name, "--no-passphrase")
    assert status == 0
    status, _ = run("witness", "trust", folder, ministry.registry.settings.log_key)
    assert status == 0
    return said.split("its key: ")[1].split()[0]


def install(ministry: Ministry, tmp_path: Path, policy: str) -> tuple[int, str]:
    (tmp_path / "policy").write_text(policy)
    return run("log", "witnesses", tmp_path / "policy", "--registry", ministry.folder)


def test_a_registry_asks_the_witnesses_of_its_policy(tmp_path: Path, ministry: Ministry) -> None:
    """Set up by commands; asked; one goes away; the quorum holds; then it is missed aloud."""
    folder = ministry.folder
    keys = {name: new_witness(tmp_path / name, ministry) for name in ("north", "south")}
    assert run("log", "witnesses", "--registry", folder) == (0, "this log asks no witness\n")
    assert run("log", "ask-witnesses", "--registry", folder)[0] == 3
    size = ministry.registry.log.head().size
    with running(tmp_path / "north") as (_, north):
        with running(tmp_path / "south") as (_, south):
            lines = [f"witness north {keys['north']} {north}"]
            lines += [f"witness south {keys['south']} {south}", "group one any north south"]
            status, said = install(ministry, tmp_path, "\n".join([*lines, "quorum one", ""]))
            assert status == 0 and said.endswith("quorum one\n")
            status, said = run("log", "ask-witnesses", "--registry", folder)
            assert (status, said) == (
                0,
                f"north cosigned {size} entries\nsouth cosigned {size} entries\n"
                "the quorum is met\n",
            )
        ministry.draft("another text")
        status, said = run("log", "ask-witnesses", "--registry", folder)
        assert status == 0
        assert f"north cosigned {size + 1} entries" in said
        assert "south cannot be asked: Connection refused" in said
    ministry.draft("and another text")
    status, said = run("log", "ask-witnesses", "--registry", folder)
    assert status == 3 and said.endswith("the quorum is missed\n")
    # What was enough is kept, and holds for whoever reads it.
    kept = ministry.registry.log.witnessed()
    assert kept is not None and kept.size == size + 1
    settings = ministry.registry.settings
    opened = open_checkpoint(kept.checkpoint, Verifier.parse(settings.log_key), settings.origin)
    assert opened.size == kept.size
    policy = wiring.witness_policy(folder)
    assert policy is not None and witnessed(kept.checkpoint, policy).names == ("north",)
    assert f"cosigned {size + 1} entries last" in run("witness", "show", tmp_path / "north")[1]
    assert f"cosigned {size} entries last" in run("witness", "show", tmp_path / "south")[1]


def test_a_log_that_went_back_is_told_by_its_witness(tmp_path: Path, ministry: Ministry) -> None:
    """An older copy of the registry is put in place: the witness has seen more, and says so."""
    key = new_witness(tmp_path / "north", ministry)
    folder = ministry.folder
    with running(tmp_path / "north") as (_, north):
        install(ministry, tmp_path, f"witness north {key} {north}\nquorum north\n")
        log = folder / "public" / "log.sqlite"
        with closing(sqlite3.connect(log)) as connection:
            connection.execute("VACUUM INTO ?", (str(tmp_path / "older"),))
        ministry.draft("another text")
        size = ministry.registry.log.head().size
        assert run("log", "ask-witnesses", "--registry", folder)[0] == 0
        ministry.registry.log.close()  # type: ignore[attr-defined]
        for name in ("log.sqlite-wal", "log.sqlite-shm"):
            log.with_name(name).unlink(missing_ok=True)
        (tmp_path / "older").replace(log)
        status, said = run("log", "ask-witnesses", "--registry", folder)
    assert status == 3
    assert f"north has seen {size} entries of this log, and the log has" in said
    assert "*** look into this ***" in said


def test_a_server_asks_by_itself(tmp_path: Path, ministry: Ministry) -> None:
    """While it runs, what is registered is witnessed soon after, and failures are said once."""
    key = new_witness(tmp_path / "north", ministry)
    said: list[str] = []
    with running(tmp_path / "north") as (process, north):
        install(ministry, tmp_path, f"witness north {key} {north}\nquorum north\n")
        with wiring.asking(ministry.folder, said.append, pause=0.05):
            for _ in range(2):
                ministry.draft(f"text {time.time()}")
                until(lambda: kept(ministry) == ministry.registry.log.head().size)
            assert said == []
            process.kill()
            process.wait()
            for _ in range(3):
                ministry.draft(f"text {time.time()}")
                time.sleep(0.3)
            until(lambda: bool(said))
    assert said == ["witnesses: north cannot be asked: Connection refused"]


def kept(ministry: Ministry) -> int:
    head = ministry.registry.log.witnessed()
    return head.size if head is not None else 0


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_a_policy_is_checked_before_it_counts(tmp_path: Path, ministry: Ministry) -> None:
    """Neither another log's, nor one that the log itself would meet, nor one nobody can ask."""
    key = new_witness(tmp_path / "north", ministry)
    own = Verifier.parse(ministry.registry.settings.log_key)
    as_witness = CosignatureVerifier("other.example.org", own.key)
    for policy, reason in (
        ("quorum north\n", "malformed policy"),
        (f"log {LOG.verifier}\nquorum none\n", "is for other logs"),
        (f"witness me {as_witness}\nquorum me\n", "has the log's own key"),
        (f"witness n {key} ftp://x\nquorum n\n", "has an address in the policy that is none"),
    ):
        status, said = install(ministry, tmp_path, policy)
        assert status == 2 and reason in said
        assert not (ministry.folder / "public" / "witnesses.txt").exists()
    for policy in (
        f"log {own}\nwitness n {key} https://w.example.org/\nquorum n\n",
        f"witness n {key}\nquorum none\n",
    ):
        assert install(ministry, tmp_path, policy)[0] == 0
        assert (ministry.folder / "public" / "witnesses.txt").read_text() == policy


def test_a_witness_is_not_made_over_another(tmp_path: Path) -> None:
    assert run("witness", "init", tmp_path / "w", "--name", "w.example", "--no-passphrase")[0] == 0
    status, said = run("witness", "init", tmp_path / "w", "--name", "v.example", "--no-passphrase")
    assert status == 2 and "holds a witness already" in said
    for name in ("", "a b", "a+b", "x" * 201, "a\x07b"):
        status, said = run("witness", "init", tmp_path / "v", "--name", name, "--no-passphrase")
        assert status == 2, name
        assert not (tmp_path / "v").exists()


def test_a_trust_root_names_the_keys_and_ends_them(tmp_path: Path) -> None:
    """A registry that rotates its key hands over its newer trust root, never an older one."""
    folder = tmp_path / "w"
    wiring.new_witness(folder, "w.example.org", None)
    vectors = ROOT / "vectors" / "v1" / "trust-extension"
    first = run("witness", "trust", folder, vectors / "pinned.json")
    assert first[0] == 0 and first[1].count("trusts ") >= 1
    status, said = run("witness", "trust", folder, vectors / "trust.json")
    assert status == 0
    root = trust_roots.read((vectors / "trust.json").read_bytes())
    current = {each.key for each in root.trust.log_keys if each.until is None}
    assert set(wiring.watched(folder)[root.origin].keys) == current
    status, said = run("witness", "trust", folder, vectors / "pinned.json")
    assert status == 1 and "this is an older trust root" in said
    status, said = run("witness", "trust", folder, vectors / "pinned.json", "--origin", "x")
    assert status == 2
    assert set(wiring.watched(folder)) == {root.origin}


def test_a_log_that_shows_two_histories_is_convicted_by_its_witness(tmp_path: Path) -> None:
    """The witness keeps the evidence in one file, and anybody can check it with the log's key."""
    folder = tmp_path / "w"
    build_witness(folder)
    assert run("witness", "evidence", folder) == (0, "no log showed this witness two histories\n")
    witness = wiring.open_witness(folder, no_passphrase)
    for old, size, history in ((0, 9, "true"), (9, 12, "forked"), (9, 9, "forked")):
        for _ in range(2):
            witness.add_checkpoint(body(old, size, history))
    assert run("witness", "evidence", folder) == (0, f"1  {ORIGIN}\n2  {ORIGIN}\n")
    assert f"*** {ORIGIN} signed two histories" in run("witness", "show", folder)[1]
    for number in (1, 2):
        status, said = run("witness", "evidence", folder, number)
        assert status == 0
        (tmp_path / "fork.json").write_text(said)
        status, said = run("log", "fork", tmp_path / "fork.json", "--log-key", LOG.verifier)
        assert status == 0, said
    assert run("witness", "evidence", folder, 3)[0] == 2
    # One log cannot fill the witness's disk with evidence against itself.
    for size in range(10, 60):
        witness.add_checkpoint(body(9, size, "forked"))
    assert len(wiring.witness_evidence(folder)) == 16
