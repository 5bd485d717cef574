"""The log: entries newest first, sealed ones as such, texts that check without us."""

from __future__ import annotations

import hashlib
import io
import re
from html import unescape
from pathlib import Path

import pytest
from tests.web import town as towns
from tests.web.client import TestClient
from tests.web.reading import VERDICTS, words

from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.log import proof
from vidimus.core.log.note import Verifier
from vidimus.core.seal import statement


def test_newest_first_and_older_ones_on_the_next_page(client: TestClient, town: towns.Town) -> None:
    size = town.desk.registry().size
    first = client.get("/log").text
    assert ">← Older entries</a>" in first
    shown = [int(n) for n in re.findall(r'<a class="index" href="/log/(\d+)">', first)]
    assert shown == list(range(size - 1, size - 51, -1))
    assert f'href="/log?before={size - 50}"' in first
    rest = client.get(f"/log?before={size - 50}").text
    shown += [int(n) for n in re.findall(r'<a class="index" href="/log/(\d+)">', rest)]
    assert shown == list(range(size - 1, -1, -1))
    assert not VERDICTS.search(words(first))


def test_a_sealed_entry_shows_that_it_is_there_and_nothing_else(
    client: TestClient, town: towns.Town
) -> None:
    sealed = [line for line in town.desk.log_lines(0, 53) if line.sealed]
    assert sealed
    for line in sealed:
        said = words(client.get(f"/log/{line.index}").text)
        assert "sealed: an act of preparation, of which nothing else is public" in said
        for word in ("harbour", "draft", "sign "):
            assert word not in said.lower().replace("a draft, a signature", "")
    assert town.letters["secret"] not in client.get("/log").text


def test_the_proof_of_an_entry_checks_without_us(client: TestClient, town: towns.Town) -> None:
    answer = client.get("/log/5.tlog-proof")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    (stored,) = town.desk.log.entries(5, 6)
    facts = town.desk.registry()
    head = proof.check_proof(
        proof.parse(answer.text), stored.raw, Verifier.parse(facts.log_key), facts.origin
    )
    assert head.size == facts.size


def test_the_checkpoint_is_the_signed_text_itself(client: TestClient, town: towns.Town) -> None:
    answer = client.get("/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == town.desk.checkpoint()


@pytest.mark.parametrize(
    "path",
    ["/log/53", "/log/05", "/log/+5", "/log/-1", "/log/٣", "/log/99999999999999999999",
     "/log/x", "/log/1_0", "/log/53.tlog-proof", "/log/53.json", "/log/53.cose",
     "/log/05.cose", "/log/" + "9" * 5000, "/log?before=x",
     "/log?before=-1"],
)  # fmt: skip
def test_what_is_no_entry_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def entry_of(town: towns.Town, kind: str) -> int:
    size = town.desk.registry().size
    return next(line.index for line in town.desk.log_lines(0, size) if line.kind == kind)


def sealed_entry(town: towns.Town) -> int:
    size = town.desk.registry().size
    return next(line.index for line in town.desk.log_lines(0, size) if line.sealed)


def test_a_public_entry_tells_who_did_what_to_whom_and_why(
    client: TestClient, town: towns.Town
) -> None:
    said = words(client.get(f"/log/{entry_of(town, 'disown')}").text)
    assert "By Ada Alder (ada)" in said
    assert "In the office The Harbour Office (harbour)" in said
    assert "Code not-authorised:" in said
    assert "Reason “No such decision was made.”" in said
    said = words(client.get(f"/log/{entry_of(town, 'appoint')}").text)
    assert "By Ruth Root (root) In the office the founders of this register (root)" in said
    assert "Concerns Ada Alder (ada)" in said
    said = words(client.get(f"/log/{entry_of(town, 'revoke_key')}").text)
    assert "Concerns Cas Cedar (cas)" in said
    said = words(client.get("/log/0").text)
    assert "Concerns Ruth Root (root)" in said


def test_every_entry_has_a_page_and_its_document_stands_on_it(
    client: TestClient, town: towns.Town
) -> None:
    for stored in town.desk.log.entries(0, town.desk.registry().size):
        page = client.get(f"/log/{stored.index}").text
        if stored.document is None:
            assert "Its document" not in page
            assert f"/log/{stored.index}.json" not in page
        else:
            shown = re.search(r'<pre class="document" dir[^>]*>(.*?)</pre>', page, re.DOTALL)
            assert shown is not None
            assert re.sub(r"\s", "", unescape(shown[1])) == re.sub(
                r"\s", "", stored.document.decode()
            )


def test_the_files_of_an_entry_are_its_exact_bytes_and_name_each_other(
    client: TestClient, town: towns.Town
) -> None:
    index = entry_of(town, "disown")
    (stored,) = town.desk.log.entries(index, index + 1)
    document, entry = client.get(f"/log/{index}.json"), client.get(f"/log/{index}.cose")
    assert document.headers["content-type"] == "application/json"
    assert entry.headers["content-type"] == "application/cose"
    assert (document.content, entry.content) == (stored.document, stored.raw)
    assert statement.parse(entry.content).digest == hashlib.sha256(document.content).digest()


def test_a_sealed_document_is_not_found_in_the_very_words_of_one_that_never_was(
    client: TestClient, town: towns.Town
) -> None:
    sealed = sealed_entry(town)
    for accept in ("text/html", "application/json"):
        one, other = (
            client.get(f"/log/{index}.json", headers={"accept": accept})
            for index in (sealed, 99_999)
        )
        assert one.status_code == other.status_code == 404
        assert (one.content, dict(one.headers)) == (other.content, dict(other.headers))
    assert client.get(f"/log/{sealed}.cose").status_code == 200
    assert client.get(f"/log/{sealed}.tlog-proof").status_code == 200


def test_older_lies_to_the_left_and_newer_to_the_right_everywhere(
    client: TestClient, town: towns.Town
) -> None:
    entry = client.get("/log/5").text
    assert entry.index('href="/log/4" rel="prev">← Older: 4<') < entry.index(
        'href="/log/6" rel="next">Newer: 6 →<'
    )
    log = client.get("/log?before=52").text
    assert log.index(">← Older entries<") < log.index(">Newer entries →<")
    assert "← Older" not in client.get("/log/0").text


def check_proof(*arguments: object) -> tuple[int, str]:
    said = io.StringIO()
    terminal = Terminal(io.BytesIO(), said, said)
    return main(["log", "check-proof", *map(str, arguments)], terminal), said.getvalue()


@pytest.mark.parametrize("sealed", [False, True])
def test_what_was_saved_from_the_page_is_checked_offline(
    client: TestClient, town: towns.Town, tmp_path: Path, sealed: bool
) -> None:
    """No registry is at hand: two files, and the log's key from a place that one believes."""
    index = sealed_entry(town) if sealed else entry_of(town, "disown")
    saved, entry = tmp_path / "x.tlog-proof", tmp_path / "x.cose"
    saved.write_bytes(client.get(f"/log/{index}.tlog-proof").content)
    entry.write_bytes(client.get(f"/log/{index}.cose").content)
    key = town.desk.settings.log_key
    status, said = check_proof(saved, entry, "--log-key", key)
    assert status == 0, said
    assert f"this entry is number {index} of the log register.town.example\n" in said
    head = town.desk.head()
    assert f"size {head.size}\nroot {head.root.hex()}\n" in said
    assert statement.parse(entry.read_bytes()).digest.hex() in said


def test_a_proof_of_another_entry_place_size_or_key_does_not_hold(
    client: TestClient, town: towns.Town, exercise: towns.Town, tmp_path: Path
) -> None:
    saved, entry = tmp_path / "x.tlog-proof", tmp_path / "x.cose"
    text = client.get("/log/5.tlog-proof").text
    raw = client.get("/log/5.cose").content
    key = town.desk.settings.log_key
    size = town.desk.registry().size
    wrong = [
        (text, client.get("/log/6.cose").content, key),
        (text.replace("index 5\n", "index 6\n"), raw, key),
        (text.replace(f"\n{size}\n", f"\n{size + 1}\n"), raw, key),
        (text, raw, exercise.desk.settings.log_key),
    ]
    for proof_text, content, log_key in wrong:
        saved.write_text(proof_text)
        entry.write_bytes(content)
        status, said = check_proof(saved, entry, "--log-key", log_key)
        assert status == 1, said
        assert said.startswith("vidimus: false: ")
        assert "it holds" not in said


def test_a_proof_of_an_exercise_says_so(exercise: towns.Town, tmp_path: Path) -> None:
    saved, entry = tmp_path / "x.tlog-proof", tmp_path / "x.cose"
    saved.write_text(exercise.desk.proof(3))
    entry.write_bytes(exercise.desk.entry(3).raw)
    status, said = check_proof(saved, entry, "--log-key", exercise.desk.settings.log_key)
    assert status == 0
    assert said.startswith("*** EXERCISE (register.town.example/exercise)")
