"""Keys of a real registry change while it works, and nothing that was answered breaks."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.operations.ministry import OTHER, TEXT, Ministry, build, no_passphrase

from vidimus import wiring
from vidimus.core.copies.answers import Headline
from vidimus.core.log import note
from vidimus.core.log import proof as proofs
from vidimus.core.seal import receipt
from vidimus.core.trust import keys
from vidimus.core.trust import root as roots
from vidimus.errors import NotAllowed, NotFound, OutsideFailed, UsageError, VerificationFailed
from vidimus.operations import trusting
from vidimus.operations.registrar import Registrar
from vidimus.operations.trusting import Sort, TrustFile


@pytest.fixture
def m(tmp_path: Path) -> Ministry:
    return build(tmp_path / "registry")


def trust(m: Ministry, **changes: Any) -> None:
    m.do("ada", "trust", **changes)
    wiring.renew(m.folder, m.registry)


def add(m: Ministry, sort: Sort) -> None:
    _file, key = wiring.add_own_key(m.folder, m.registry, sort, None, no_passphrase)
    trust(m, **trusting.added(m.registry.authority().trust, sort, key))


def finish(m: Ministry, sort: Sort) -> list[Path]:
    now = m.registry.authority().trust
    trust(m, **trusting.ended(now, sort, m.registry.size))
    return wiring.set_aside(m.folder, m.registry, sort)


def lose(m: Ministry, sort: Sort) -> None:
    """Its file is gone; the office begins anew without it, and replaces it."""
    for file in (m.folder / "office").glob(f"{sort}*.key"):
        file.unlink()
    reopen(m, sort)
    _file, key = wiring.add_own_key(m.folder, m.registry, sort, None, no_passphrase)
    m.do("ada", "trust", **trusting.ended(m.registry.authority().trust, sort, m.registry.size, key))


def reopen(m: Ministry, lost: Sort | None = None) -> None:
    m.registry = wiring.office(m.folder, no_passphrase, lost)
    m.registry.clock = m.clock


def signers(m: Ministry) -> list[str]:
    """Whose lines stand under the checkpoint, by the numbers of the log's keys."""
    listed = [each.key for each in m.registry.authority().trust.log_keys]
    ids = {note.Verifier.parse(each).key_id: str(n) for n, each in enumerate(listed)}
    return [ids[each.key_id] for each in note.parse(m.desk.checkpoint()).signatures]


def trust_now(m: Ministry) -> roots.TrustRoot:
    return wiring.trust_root(m.folder)


def test_a_whole_change_of_all_keys_breaks_nothing(m: Ministry) -> None:
    """Issue: key rotation with an overlap; a rotated or revoked key breaks no older answer."""
    letter = m.released()
    signed = m.signed(OTHER)
    before = {index: m.desk.proof(index) for index in range(m.registry.size)}
    raws = {index: m.desk.entry(index).raw for index in before}
    registrar = Registrar(m.registry)
    receipts = {index: registrar.receipt(index) for index in before}
    size = m.registry.size
    for sort in Sort:
        add(m, sort)
    assert signers(m) == ["0", "1"]
    m.do("cleo", "release", letter=signed)  # sealed entries of the old key, released now
    for sort in Sort:
        assert finish(m, sort), sort
    assert signers(m) == ["1"]
    m.released("A third letter about the tides, the ferries and the buoys of the bay.\n" * 3)
    m.verify()
    assert m.check().headline is Headline.STANDS
    assert m.check(OTHER).headline is Headline.STANDS
    assert m.desk.letter(letter).answer.headline is Headline.STANDS
    trust = trust_now(m).trust
    for index, text in before.items():
        proof = proofs.parse(text)
        head, key = keys.open_checkpoint(proof.checkpoint, trust)
        assert head.size == size
        proofs.check_proof(proof, raws[index], key, key.name)
        (counting, *_) = keys.receipt_keys(trust, size)
        assert receipt.verify(receipts[index], raws[index], counting).index == index


def test_receipts_are_signed_with_the_oldest_key_that_counts(m: Ministry) -> None:
    """Spec 3.3: nobody needs the newer trust root before the older key ends."""
    registrar, first = Registrar(m.registry), m.registry.receipt_signer.public
    add(m, Sort.RECEIPT)
    raw = m.desk.entry(3).raw
    assert receipt.verify(registrar.receipt(3), raw, first)
    finish(m, Sort.RECEIPT)
    later = registrar.receipt(3)
    with pytest.raises(VerificationFailed):
        receipt.verify(later, raw, first)
    (second,) = keys.receipt_keys(trust_now(m).trust, m.registry.size)
    assert receipt.verify(later, raw, second)
    # Retired keys stay resolvable, and the one in use comes first.
    assert registrar.receipt_keys() == [second, first]


def test_a_desk_that_runs_through_a_change_goes_on(m: Ministry) -> None:
    """A server reads its settings when it begins; the keys may change long after."""
    m.released()
    add(m, Sort.LOG)
    assert m.check().headline is Headline.STANDS
    finish(m, Sort.LOG)
    assert m.check().headline is Headline.STANDS
    opener = wiring.opener(m.folder)
    add(m, Sort.LOG)
    finish(m, Sort.LOG)
    assert opener(m.desk.checkpoint()).size == m.registry.size
    assert m.check().headline is Headline.STANDS


@pytest.mark.parametrize("sort", Sort)
def test_a_lost_key_is_replaced_without_its_file(m: Ministry, sort: Sort) -> None:
    letter = m.released()
    lose(m, sort)
    reopen(m)
    m.signed(OTHER)
    m.do("ben", "withdraw", letter=letter)
    m.verify()
    assert m.check().headline is Headline.WITHDRAWN


def test_a_missing_file_is_missed_before_anything_is_done(m: Ministry) -> None:
    (m.folder / "office" / "log.key").unlink()
    with pytest.raises(NotFound, match=r"log\.key") as error:
        wiring.office(m.folder, no_passphrase)
    assert "--lost" in error.value.hint


def test_a_key_that_does_not_count_signs_nothing(m: Ministry) -> None:
    """Somebody put another key into the place of the log's."""
    head = m.registry.log.head()
    (m.folder / "office" / "log.key").unlink()
    reopen(m, Sort.LOG)
    wiring.add_own_key(m.folder, m.registry, Sort.LOG, None, no_passphrase)
    with pytest.raises(OutsideFailed, match="none of the log keys"):
        m.do("ada", "establish", office="more", title="More")
    assert m.registry.log.head() == head
    m.verify()


def test_a_crash_between_the_act_and_the_settings_is_put_right(m: Ministry) -> None:
    """The act is on the log, and registry.json still names the lost key alone."""
    m.released()
    lose(m, Sort.LOG)
    # As after a crash: nobody has renewed what lies beside the log.
    assert len(wiring.settings(m.folder).log_keys) == 1
    with pytest.raises(VerificationFailed, match="nobody whom we know"):
        m.check()
    with pytest.raises(VerificationFailed):
        wiring.verify_log(m.folder, True)
    reopen(m)
    assert [each.until for each in wiring.settings(m.folder).log_keys] != [None]
    assert m.check().headline is Headline.STANDS
    m.verify()


def test_another_log_with_keys_of_its_own_is_not_believed(tmp_path: Path, m: Ministry) -> None:
    """Who can write the public file alone could name his own key in a log of his own."""
    letter = m.released()
    twin = tmp_path / "twin"
    shutil.copytree(m.folder, twin)
    forger = replace(m, folder=twin, registry=wiring.office(twin, no_passphrase))
    forger.registry.clock = m.clock
    lose(forger, Sort.LOG)  # the forger's own key, in his own history
    m.do("ben", "withdraw", letter=letter)
    # What the office remembers goes on to a withdrawal; the log that lies there now does not.
    with sqlite3.connect(wiring.Folder(twin).log) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in (m.folder / "public").glob("log.sqlite*"):
        file.unlink()
    shutil.copy(wiring.Folder(twin).log, wiring.Folder(m.folder).log)
    before = (m.folder / "public" / "registry.json").read_bytes()
    with pytest.raises(VerificationFailed, match=r"retired at size|the office remembers"):
        wiring.office(m.folder, no_passphrase)
    assert (m.folder / "public" / "registry.json").read_bytes() == before


def test_settings_of_before_keys_could_change_are_read(m: Ministry) -> None:
    (only,) = wiring.settings(m.folder).log_keys
    file = m.folder / "public" / "registry.json"
    value = json.loads(file.read_text())
    del value["log_keys"]
    file.write_text(json.dumps(value | {"v": 1, "log_key": only.key}))
    assert wiring.settings(m.folder).log_keys == (only,)
    m.verify()
    add(m, Sort.LOG)
    assert json.loads(file.read_text())["v"] == 2


def test_settings_that_lie_about_an_end_are_noticed(m: Ministry) -> None:
    """A retired key would count again for whoever believes what lies beside the log."""
    add(m, Sort.LOG)
    finish(m, Sort.LOG)
    file = m.folder / "public" / "registry.json"
    value = json.loads(file.read_text())
    del value["log_keys"][0]["until"]
    file.write_text(json.dumps(value))
    with pytest.raises(VerificationFailed, match="not those that its log says"):
        wiring.verify_log(m.folder, True)
    with pytest.raises(VerificationFailed, match="not those that the log names"):
        wiring.trust_root(m.folder)
    reopen(m)
    m.verify()


def test_the_file_for_the_world_follows_the_log(m: Ministry) -> None:
    file = TrustFile(m.desk.acts.about)
    size = m.registry.size
    first = file.root(size)
    assert file.root(size) is first
    add(m, Sort.LOG)
    second = file.root(m.registry.size)
    assert roots.extend(first, second) is second and second.version == 2
    assert roots.read(roots.write(second)) == second == trust_now(m)
    finish(m, Sort.LOG)
    assert file.root(m.registry.size).trust == m.registry.authority().trust


def test_an_empty_log_has_no_trust_root(tmp_path: Path) -> None:
    wiring.init(tmp_path / "new", origin="a.example", exercise=False, passphrase=None)
    with pytest.raises(NotFound, match="empty"):
        wiring.trust_root(tmp_path / "new")


def test_a_version_that_changes_nothing_is_one(m: Ministry) -> None:
    """It says again who the founders are: so an approval with a revoked key is healed."""
    before = m.registry.authority().trust
    trust(m)
    assert m.registry.authority().trust == replace(before, version=2)


def test_nobody_but_the_founders_changes_keys(m: Ministry) -> None:
    _file, key = wiring.add_own_key(m.folder, m.registry, Sort.LOG, None, no_passphrase)
    changes = trusting.added(m.registry.authority().trust, Sort.LOG, key)
    for by in ("ben as ministry", "ben as root", "eve as root"):
        with pytest.raises(NotAllowed):
            m.do(by, "trust", **changes)
    m.verify()


def test_an_office_that_began_before_signs_through_the_overlap_and_no_longer(m: Ministry) -> None:
    """A server holds the keys with which it was started; it must not sign with ended ones."""
    begun = replace(m, registry=wiring.office(m.folder, no_passphrase))
    begun.registry.clock = m.clock
    for sort in Sort:
        add(m, sort)
    begun.do("ada", "establish", office="one", title="One")
    assert signers(m) == ["0"]
    assert begun.draft()
    m.registry.catch_up()
    finish(m, Sort.LOG)
    head = m.registry.log.head()
    with pytest.raises(OutsideFailed, match="none of the log keys") as error:
        begun.do("ada", "establish", office="two", title="Two")
    assert "restart" in error.value.hint
    assert m.registry.log.head() == head
    m.verify()


def test_what_has_ended_is_not_ended_again(m: Ministry) -> None:
    with pytest.raises(UsageError, match="no older"):
        finish(m, Sort.LOG)
    add(m, Sort.LOG)
    (aside,) = finish(m, Sort.LOG)
    assert aside.name == "log.key.ended" and aside.exists()
    with pytest.raises(UsageError, match="no older"):
        finish(m, Sort.LOG)


def test_a_letter_of_before_is_judged_as_before(m: Ministry) -> None:
    """Times and sizes of before a change are asked about after it."""
    letter = m.released(TEXT)
    at = m.clock.now()
    m.clock.pass_(minutes=1)
    for sort in Sort:
        add(m, sort)
        finish(m, sort)
    m.do("ben", "withdraw", letter=letter)
    m.clock.pass_(minutes=1)
    assert m.check(at=at).headline is Headline.STANDS
    assert m.check().headline is Headline.WITHDRAWN
