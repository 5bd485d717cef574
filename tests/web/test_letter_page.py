"""A letter's public page: what anybody may know, and the same nothing for all the rest."""

from __future__ import annotations

import pytest
from tests.web import town as towns
from tests.web.client import TestClient
from tests.web.reading import VERDICTS, words

NOBODY = "AAAABBBBCCCCDDDD"


def test_it_tells_the_history_in_order(client: TestClient, town: towns.Town) -> None:
    said = words(client.get(f"/c/{town.letters['disowned']}").text)
    told = [said.index(f"{step} 2031-04-01") for step in ("Released", "Put on hold", "Disowned")]
    assert told == sorted(told)
    assert "nobody with the power to do so had decided it; “No such decision was made.”" in said
    assert "HO/2031/8" in said
    assert "The southern quarter of the harbour" in said
    assert not VERDICTS.search(said)


def test_every_act_links_to_its_entry_and_its_proof(client: TestClient, town: towns.Town) -> None:
    page = client.get(f"/c/{town.letters['withdrawn']}").text
    links = [part.split('"')[0] for part in page.split('href="/log/')[1:]]
    assert any(link.endswith(".tlog-proof") for link in links)
    for link in set(links):
        assert client.get(f"/log/{link}").status_code == 200


def test_it_says_that_it_does_not_speak_of_the_paper(client: TestClient, town: towns.Town) -> None:
    """A number can be printed on other words; valid codes on forged paper fooled many."""
    said = words(client.get(f"/c/{town.letters['stands']}").text)
    assert "not of the paper in your hand" in said


def test_a_replaced_letter_leads_to_the_one_in_its_place(
    client: TestClient, town: towns.Town
) -> None:
    page = client.get(f"/c/{town.letters['superseded']}").text
    assert f'In its place: <a href="/c/{town.letters["successor"]}">' in page


def test_a_draft_and_a_number_of_nobodys_get_the_same_bytes(
    client: TestClient, town: towns.Town
) -> None:
    """Design, section 6; the answer echoes nothing and differs in no header."""
    answers = [
        client.get(f"/c/{number}")
        for number in (town.letters["secret"], NOBODY, "no-number", "x" * 300, "ABC%0A")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


def test_a_redirect_does_not_tell_whether_the_letter_is_there(
    client: TestClient, town: towns.Town
) -> None:
    for number in (town.letters["secret"], town.letters["stands"], NOBODY):
        answer = client.get(f"/c/{number.lower()}")
        assert (answer.status_code, answer.headers["location"]) == (308, f"/c/{number}")


@pytest.mark.parametrize("spelling", ["{}.7", "/C/{}", "/C/{}.12", "{dashed}", "{lower}"])
def test_a_number_is_taken_as_it_is_printed(
    client: TestClient, town: towns.Town, spelling: str
) -> None:
    number = town.letters["stands"]
    dashed = "-".join(number[i : i + 4] for i in range(0, 16, 4))
    path = spelling.format(number, dashed=dashed, lower=dashed.lower())
    path = path if path.startswith("/") else f"/c/{path}"
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.path == f"/c/{number}"


@pytest.mark.parametrize("name", [*towns.TEXTS])
def test_only_public_wordings_are_shown(client: TestClient, town: towns.Town, name: str) -> None:
    if name == "forged":
        return  # its number is not the town's to know
    answer = client.get(f"/c/{town.letters[name]}")
    assert (answer.status_code == 200) == (name != "secret")
    first = towns.TEXTS[name].split("\n")[0]
    assert (first in answer.text) == (name != "secret")


def test_an_acknowledged_draft_is_called_a_draft(client: TestClient, town: towns.Town) -> None:
    page = client.get(f"/c/{town.letters['draft']}").text
    assert "<code>DRAFT_NEVER_RELEASED</code>" in page
    assert "Acknowledged as a draft: not the office’s word" in page
    assert "As it was released" not in page
