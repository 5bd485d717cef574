"""The page of an office: why somebody may or may not, in steps, a drawing and the same in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import sync_playwright
from tests.web import town as towns
from tests.web.browsing import (
    ARGUMENTS,
    CHROMIUM,
    serving,
    wider_than_the_screen,
    wrong_for_people,
)
from tests.web.client import TestClient
from tests.web.conftest import ROOMY
from tests.web.reading import VERDICTS, words

from vidimus.core.acts.held import Bar
from vidimus.web.app import create_app
from vidimus.web.authority.timeline import MOST, WIDTH, timeline

PATHS = (
    "/authority",
    "/authority/harbour",
    "/authority/harbour?at=2031-04-01&class=letter&act=sign",
    "/authority/harbour?at=2031-04-01&class=letter&person=cas&known=now",
    "/authority/harbour/clerks?act=release&class=letter",
    "/authority/museum?at=2031-04-01T08:00:00Z",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_entry_that_a_page_names_is_on_the_log(client: TestClient, path: str) -> None:
    """Issue 5: every step names its entry, so that a stranger can look it up."""
    answer = client.get(path)
    assert answer.status_code == 200
    entries = set(re.findall(r'href="/log/(\d+)"', answer.text))
    assert entries
    for each in entries:
        assert client.get(f"/log/{each}").status_code == 200
    assert "<script" not in answer.text
    assert "style=" not in answer.text  # the policy allows none
    assert not VERDICTS.search(words(answer.text))


def test_the_offices_and_who_holds_them(client: TestClient) -> None:
    said = words(client.get("/authority").text)
    assert "The Harbour Office harbour" in said
    assert "Ada Alder (ada), since 2031-04-01 08:00 UTC" in said


def test_a_revoked_key_is_told_with_the_entry_that_revoked_it(client: TestClient) -> None:
    """Cas is appointed, and signs with nothing that counts."""
    page = client.get("/authority/harbour?class=letter&person=cas").text
    said = words(page)
    assert "May not" in said
    assert "no key of Cas Cedar (cas) counts in the office “harbour”" in said
    assert re.search(r"counts up to entry \d+ only, by entry \d+", said)
    assert "Fails first: a key of the person counts in the office" in said


def test_a_day_in_which_it_changes_is_told_with_the_minute(client: TestClient) -> None:
    said = words(client.get("/authority/harbour?at=2031-04-01&class=letter&person=ada").text)
    first, second = said.index("From 2031-04-01 00:00 UTC"), said.index("From 2031-04-01 08:00 UTC")
    assert "May not there is no office “harbour”" in said[first:second]
    assert "May The Harbour Office, appointed 2031-04-01 ( entry 4 )" in said[second:]
    assert "the whole day" in said


def test_the_drawing_is_told_in_words_too(client: TestClient) -> None:
    page = client.get("/authority/harbour").text
    svg = re.search(r"<svg class=\"tenures\".*?</svg>", page, re.S)
    assert svg is not None and 'role="img"' in svg[0] and "aria-label" in svg[0]
    drawn = len(re.findall(r'<rect class="(?:held|acting|lent)"', svg[0]))
    told = page[page.index('class="tenures-told"') :]
    assert drawn == told[: told.index("</ol>")].count("<li") == 2


@pytest.mark.parametrize(
    ("path", "status", "fact"),
    [
        ("/authority/harbor", 404, "did you mean harbour"),
        ("/authority/harbour?class=leter", 404, "did you mean letter"),
        ("/authority/harbour?person=adda", 404, "did you mean ada"),
        ("/authority/harbour?act=dance", 400, "one of: sign, release"),
        ("/authority/harbour?at=yesterday", 400, "not a time"),
        ("/authority/harbour?at=2031-02-30", 400, "not a time"),
        ("/authority/harbour?at=2041-01-01", 400, "lies in the future"),
        ("/authority/root", 400, "founders"),
        ("/authority/", 404, "knows no office"),
        ("/authority/" + "x" * 3000, 404, "knows no office"),
        ("/authority/harbour?person=%3Cscript%3E", 404, "knows no person"),
        ("/authority/harbour?at=%00", 400, "not a time"),
    ],
)
def test_what_nobody_ever_heard_of_gets_an_error(
    client: TestClient, path: str, status: int, fact: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert fact in words(answer.text).lower()
    assert "<script" not in answer.text


def test_the_page_of_an_exercise_says_so(exercise: towns.Town) -> None:
    with TestClient(create_app(exercise.desk, limits=ROOMY)) as client:
        for path in PATHS:
            assert "<strong>EXERCISE</strong>" in client.get(path).text


def _bars(count: int, length: timedelta) -> Iterator[Bar]:
    begin = datetime(2031, 1, 1, tzinfo=UTC)
    for number in range(count):
        since = begin + number * length
        yield Bar("p", "N" * 300, since, since + length if number % 2 else None, number)


@pytest.mark.parametrize("count", [1, 2, MOST + 5])
@pytest.mark.parametrize("length", [timedelta(seconds=1), timedelta(days=400)])
def test_the_drawing_stays_in_its_frame(count: int, length: timedelta) -> None:
    bars = [
        *_bars(count, length),
        Bar("q", "Q", datetime(2031, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), 9),
    ]
    for at in (datetime(1, 1, 1, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC)):
        drawing = timeline(bars, at)
        assert drawing is not None
        assert len(drawing.lanes) + drawing.undrawn == len(bars)
        for lane in drawing.lanes:
            assert lane.x >= 0 and lane.width > 0 and lane.x + lane.width <= WIDTH + 0.2
        assert 0 <= drawing.at <= WIDTH
    assert timeline([], datetime(2031, 1, 1, tzinfo=UTC)) is None


@pytest.mark.skipif(not CHROMIUM.exists(), reason="no browser: apt-get install chromium")
def test_it_reads_well_on_a_phone_and_to_everybody(town: towns.Town) -> None:
    """No sideways scrolling, names, labels and contrast; and the form asks without a script."""
    with (
        serving(create_app(town.desk, limits=ROOMY)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        for width, scheme in ((360, "dark"), (1200, "light")):
            context = browser.new_context(
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": 740},
                java_script_enabled=True,
            )
            page = context.new_page()
            for path in PATHS:
                shown = page.goto(address.rstrip("/") + path)
                assert shown is not None and shown.status == 200, path
                assert wider_than_the_screen(page) == [], path
                assert wrong_for_people(page) == [], path
            context.close()
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(address + "authority/harbour")
        page.fill("#at", "2031-04-01")
        page.select_option("#person", "ada")
        page.click("button[type=submit]")
        assert "at=2031-04-01" in page.url and "person=ada" in page.url
        assert "the whole day" in page.inner_text("main")
        browser.close()
