"""The page about one more letter of a form: what was filled in otherwise, and no accusation."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.copies.test_form import letter
from tests.operations.ministry import Ministry, build
from tests.web.client import TestClient, as_browser
from tests.web.reading import VERDICTS, words

from vidimus.web.app import create_app
from vidimus.web.limits import Limits


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    m = build(Path(tmp_path_factory.mktemp("forms")) / "registry")
    m.do("ada", "cover", office="ministry", cls="paper")
    m.released(letter("MC-1"))
    m.released(letter("MC-2", "Bob Farrow", "3 June 2031", "65"))
    return m


def ask(office: Ministry, text: str) -> str:
    app = create_app(office.desk, limits=Limits(bucket=1e9, refill=1e9))
    with TestClient(app, follow_redirects=False) as client:
        answer = client.post("/", **as_browser({"text": text, "office": "", "at": ""}))
    assert answer.status_code == 200
    return answer.text


def test_another_letter_of_a_form_is_shown_as_that(office: Ministry) -> None:
    page = ask(office, letter("MC-9", "Dora Moss", "9 July 2031", "90"))
    said = words(page)
    assert "<code>NOT_RELEASED</code>" in page
    assert "one of 2 released letters of its form" in said
    assert "Words filled in otherwise" in said
    assert "Altered words" not in said
    assert "It does not stand" not in said
    assert not VERDICTS.search(said)


def test_under_a_registered_reference_it_is_altered(office: Ministry) -> None:
    page = ask(office, letter("MC-1", crowns="90"))
    assert "<code>ALTERED</code>" in page
    assert "Altered words" in words(page)
