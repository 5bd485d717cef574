"""The log: entries newest first, sealed ones as such, texts that check without us."""

from __future__ import annotations

import re

import pytest
from tests.web import town as towns
from tests.web.client import TestClient
from tests.web.reading import VERDICTS, words

from vidimus.core.log import proof
from vidimus.core.log.note import Verifier


def test_newest_first_and_older_ones_on_the_next_page(client: TestClient, town: towns.Town) -> None:
    size = town.desk.registry().size
    first = client.get("/log").text
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
     "/log/x", "/log/1_0", "/log/53.tlog-proof", "/log/" + "9" * 5000, "/log?before=x",
     "/log?before=-1"],
)  # fmt: skip
def test_what_is_no_entry_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
