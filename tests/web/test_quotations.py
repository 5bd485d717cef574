"""The page about a newspaper's paragraph: each quotation, and its sentence in the letter."""

from __future__ import annotations

import re

from tests.web import town as towns
from tests.web.client import TestClient, as_browser
from tests.web.reading import VERDICTS, words

SENTENCE = "During these weeks no boat may be moored east of the ice house."
FEE = "The fee of 120 crowns for May is waived."
PAPER = f"The office writes: “{SENTENCE}” The owners grumble. “{FEE}” That helps them."


def ask(client: TestClient, text: str) -> str:
    answer = client.post("/", **as_browser({"text": text, "office": "", "at": ""}))
    assert answer.status_code == 200
    return answer.text


def test_each_quotation_is_shown_in_its_sentence(client: TestClient, town: towns.Town) -> None:
    page = ask(client, PAPER)
    assert "<code>PART_STANDS</code>" in page
    said = words(page)
    assert "What it quotes 2" in said
    assert "2 quotations, of one letter: What is quoted is genuine" in said
    assert f"<b>{SENTENCE}</b>" in page
    assert page.count(f'In <a href="/c/{town.letters["stands"]}">HO/2031/1</a>, paragraph') == 2
    assert not VERDICTS.search(said)


def test_a_misquotation_shows_both_wordings(client: TestClient) -> None:
    page = ask(client, PAPER.replace("no boat", "every boat"))
    assert "<code>ALTERED</code>" in page
    passage = re.search(r'<span class="differs">no .*?<mark>every</mark></span>', page)
    assert passage is not None
    text = re.search(r'<div class="text" dir="auto">(.*?)</div>', page, re.DOTALL)
    assert text is not None
    assert "<mark>every</mark>" in text[1]


def test_what_is_left_out_is_shown_where_it_stood(client: TestClient) -> None:
    page = ask(client, PAPER.replace("east of the ice house", "… of the ice house"))
    assert "[left out here: east]" in page
    assert "<code>PART_STANDS</code>" in page


def test_a_quotation_is_escaped(client: TestClient) -> None:
    page = ask(client, f"{PAPER} “<script>alert(1)</script> and <b>four</b> more words”")
    assert "<script>alert" not in page
    assert "<b>four" not in page


def test_a_program_gets_the_same(client: TestClient) -> None:
    document = client.post("/check", files={"file": ("x", PAPER.encode())}).json()
    assert [each["headline"] for each in document["quotations"]] == ["PART_STANDS"] * 2
    described = client.get("/openapi.json").json()["components"]["schemas"]
    assert set(document["quotations"][0]) == set(described["Quotation"]["required"])
    assert set(document["quotations"][0]["context"][0]) == set(described["Run"]["required"])
