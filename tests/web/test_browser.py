"""The pages in a real browser, before the real server and a real register."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from bench.copies import camera, typeset
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.web import town as towns
from tests.web.browsing import (
    ARGUMENTS,
    CHROMIUM,
    serving,
    wider_than_the_screen,
    wrong_for_people,
)
from tests.web.conftest import ROOMY
from tests.web.test_door import Slow

from vidimus.web.app import create_app
from vidimus.web.check.marks import CLEAR

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}: apt-get install chromium"
)
PHONE = {"width": 360, "height": 740}
gate = threading.Event()


@pytest.fixture(scope="module")
def address(town: towns.Town) -> Iterator[str]:
    gate.set()
    desk: Any = Slow(town.desk, lambda: gate.wait(60))
    with serving(create_app(desk, limits=ROOMY)) as where:
        yield where


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phone's photo of the letter with four altered words."""
    page = typeset.page_images(typeset.letter_pdf(towns.ALTERED), 200)[0]
    path = tmp_path_factory.mktemp("photo") / "letter.jpg"
    path.write_bytes(camera.photo(page, 3))
    return path


class Visit:
    """One visitor: a page, and everything that his browser asked for."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def check(self, text: str) -> None:
        self.page.goto(self.address)
        self.page.get_by_label("Or its words").fill(text)
        self.page.get_by_role("button", name="Check it").click()
        self.page.wait_for_selector(".headline")

    def stayed_here(self) -> bool:
        return all(url.startswith((self.address, "data:")) for url in self.asked)


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    options = getattr(request, "param", {})
    context = browser.new_context(**options)
    context.set_default_timeout(90_000)
    made = Visit(context, address)
    yield made
    assert made.stayed_here(), "a request left the host"
    assert context.cookies() == []
    context.close()


def test_paste_a_text_and_read_the_headline(visit: Visit) -> None:
    visit.check(towns.TEXTS["withdrawn"])
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Withdrawn")
    expect(visit.page.get_by_text("the office took it back on 2031-04-01")).to_be_visible()
    assert visit.said == [], "the console is quiet: nothing broke the policy"


@pytest.mark.parametrize(
    "visit", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True
)
def test_a_photo_from_a_phone_shows_the_altered_words_on_it(visit: Visit, photo: Path) -> None:
    visit.page.goto(visit.address)
    visit.page.get_by_label("Or take a photo of it").set_input_files(photo)
    expect(visit.page.get_by_role("list", name="Chosen files")).to_contain_text("letter.jpg")
    visit.page.get_by_role("button", name="Check it").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Altered", timeout=90_000)
    said = visit.page.locator(".changes").first.inner_text()
    for word in ("23", "28", "no", "every", "120", "210"):
        assert word in said
    page = visit.page.get_by_role("group", name="Page 1 of your copy")
    frames = page.locator("rect.frame")
    assert frames.count() >= 4
    sheet = page.bounding_box()
    assert sheet is not None
    for number in range(frames.count()):
        box = frames.nth(number).bounding_box()
        assert box is not None
        assert sheet["x"] <= box["x"] < box["x"] + box["width"] <= sheet["x"] + sheet["width"]
        assert sheet["y"] <= box["y"] < box["y"] + box["height"] <= sheet["y"] + sheet["height"]
    expect(visit.page.get_by_role("img", name="Close-up of place 1")).to_be_visible()
    assert wider_than_the_screen(visit.page) == []
    assert wrong_for_people(visit.page) == []
    assert visit.said == []


def test_with_the_keyboard_alone(visit: Visit) -> None:
    """Everything is reached by Tab, in order, and where one is can be seen."""
    page = visit.page
    page.goto(visit.address)
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "() => { const el = document.activeElement, s = getComputedStyle(el);"
            " const name = el.id || el.textContent.trim();"
            " return [name, s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert here[1] != "none", f"{here[0]}: its focus cannot be seen"
        assert here[2] >= 2, f"{here[0]}: its focus is too thin"
        if not reached or reached[-1] != here[0]:
            reached.append(here[0])
        if here[0] == "text":
            page.keyboard.insert_text(towns.TEXTS["on-hold"])
        if here[0] == "submit":
            break
    assert reached[0] == "Skip to the content"
    wanted = ["file", "text", "office", "at", "submit"]
    assert [each for each in reached if each in wanted] == wanted
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("On hold")


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript(visit: Visit, photo: Path) -> None:
    visit.check(towns.ALTERED)
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Altered")
    visit.page.goto(visit.address)
    expect(visit.page.locator("#progress")).to_be_hidden()
    visit.page.get_by_label("A file: PDF").set_input_files(photo)
    visit.page.get_by_role("button", name="Check it").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Altered", timeout=90_000)


def paths(town: towns.Town) -> list[str]:
    return [
        "",
        "log",
        "log/3",
        "log/9",
        "words",
        "c/AAAABBBBCCCCDDDD",
        f"c/{town.letters['disowned']}",
        "nothing",
    ]


@pytest.mark.parametrize(("scheme", "width"), [("dark", 360), ("light", 1200)])
def test_every_page_fits_and_can_be_read_by_everybody(
    browser: Browser, address: str, town: towns.Town, scheme: str, width: int
) -> None:
    """No sideways scrolling, labels, names, headings in order, contrast of at least 4.5."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 740},
    )
    visit = Visit(context, address)
    for path in paths(town):
        visit.page.goto(address + path)
        assert wider_than_the_screen(visit.page) == [], path
        assert wrong_for_people(visit.page) == [], path
    for text in (*towns.TEXTS.values(), towns.ALTERED, towns.PART, towns.UNKNOWN):
        visit.check(text)
        assert wider_than_the_screen(visit.page) == [], text[:40]
        assert wrong_for_people(visit.page) == [], text[:40]
    dark = visit.page.evaluate(
        "() => getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0] < 128"
    )
    assert dark == (scheme == "dark")
    context.close()


def test_the_checker_itself_finds_what_is_wrong(visit: Visit) -> None:
    visit.page.goto(visit.address)
    visit.page.evaluate(
        "() => document.querySelector('main').insertAdjacentHTML('beforeend',"
        ' \'<h5>x</h5><input name=bare><img src="/static/icon.svg"><a href="#gone"></a>\')'
    )
    found = " | ".join(wrong_for_people(visit.page))
    for fault in ("h5 after", "no label: bare", "no alt", "leads nowhere: #gone", "nameless: <a"):
        assert fault in found


def test_waiting_is_told_and_the_button_pressed_once(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    page.get_by_label("Or its words").fill(towns.UNKNOWN)
    gate.clear()
    try:
        # Looked at from within: from without, the browser tells only of the page to come.
        told = page.evaluate(
            """() => {
              document.querySelector('form').requestSubmit(document.getElementById('submit'));
              const look = () => [
                document.getElementById('submit').disabled,
                document.getElementById('progress').hidden,
                document.getElementById('told').textContent,
              ];
              return new Promise((done) => setTimeout(() => done(look()), 200));
            }"""
        )
        assert told == [True, False, "Comparing the words."]
    finally:
        gate.set()
    expect(page.get_by_role("heading", level=1)).to_have_text("No record")
    page.go_back()
    expect(page.get_by_role("button", name="Check it")).to_be_enabled()


def test_files_can_be_dropped_listed_and_taken_away(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.address)
    page.evaluate(
        """() => {
          const carrier = new DataTransfer();
          carrier.items.add(new File(['first page'], 'one.txt', {type: 'text/plain'}));
          carrier.items.add(new File(['second page'], 'two.txt', {type: 'text/plain'}));
          const told = {dataTransfer: carrier, bubbles: true, cancelable: true};
          const drop = new DragEvent('drop', told);
          document.querySelector('.drop').dispatchEvent(drop);
        }"""
    )
    chosen = page.get_by_role("list", name="Chosen files")
    expect(chosen.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Take away one.txt").click()
    expect(chosen).to_contain_text("two.txt")
    names = page.evaluate("() => [...document.getElementById('file').files].map((f) => f.name)")
    assert names == ["two.txt"]


def test_a_place_in_the_list_and_its_frame_lead_to_each_other(visit: Visit) -> None:
    visit.check(towns.ALTERED)
    visit.page.locator("#word-3 a").click()
    assert visit.page.url.endswith("#mark-3")
    expect(visit.page.locator("#mark-3")).to_be_in_viewport()
    visit.page.locator("#mark-3").click()
    assert visit.page.url.endswith("#word-3")


def test_people_s_text_keeps_its_direction(visit: Visit) -> None:
    visit.check("رسالة من مكتب الميناء إلى أصحاب القوارب في المدينة عن أعمال الحوض الشمالي")
    direction = "el => getComputedStyle(el).direction"
    assert visit.page.locator(".typed .text").evaluate(direction) == "rtl"


def test_the_banner_of_an_exercise_stays_in_sight(browser: Browser, exercise: towns.Town) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    with serving(create_app(exercise.desk, limits=ROOMY)) as address:
        page = context.new_page()
        for path in paths(exercise):
            page.goto(address + path)
            banner = page.locator(".exercise-banner").first
            expect(banner).to_have_text("EXERCISE – not real")
            expect(banner).to_be_in_viewport()
            page.evaluate("() => scrollTo(0, document.body.scrollHeight / 2)")
            expect(banner).to_be_in_viewport()
            assert wider_than_the_screen(page) == []
            assert wrong_for_people(page) == []
        context.close()


LARGE = (
    "addEventListener('DOMContentLoaded', () => {"
    " document.documentElement.style.fontSize = '200%'; })"
)
BROKEN_WORDS = """() => [...document.querySelectorAll('button, .button, h1, .exercise-banner')]
  .flatMap((el) => {
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    const broken = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (const found of node.data.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, found.index);
        range.setEnd(node, found.index + found[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1)
          broken.push(found[0]);
      }
    return broken;
  })"""


def test_letters_twice_as_large_still_fit_a_phone(browser: Browser, exercise: towns.Town) -> None:
    """WCAG 1.4.4 and 1.4.10 at 360 px: no page scrolls sideways, no word of a button breaks."""
    context = browser.new_context(viewport=PHONE, is_mobile=True)  # type: ignore[arg-type]
    with serving(create_app(exercise.desk, limits=ROOMY)) as address:
        visit = Visit(context, address)
        visit.page.add_init_script(LARGE)

        def look(where: str) -> None:
            assert wider_than_the_screen(visit.page) == [], where
            assert visit.page.evaluate(BROKEN_WORDS) == [], where
            banner = visit.page.locator(".exercise-banner").first.bounding_box()
            assert banner is not None
            assert banner["x"] >= 0 and banner["x"] + banner["width"] <= PHONE["width"], where
            assert banner["height"] <= PHONE["height"] / 10, where
            skip = visit.page.locator(".skip").bounding_box()
            assert skip is not None and skip["y"] + skip["height"] <= 0, where

        for path in paths(exercise):
            visit.page.goto(address + path)
            look(path)
        for text in (*towns.TEXTS.values(), towns.ALTERED, towns.PART, towns.UNKNOWN):
            visit.check(text)
            look(text[:40])
    context.close()


def test_every_printed_sheet_of_an_exercise_says_so(
    browser: Browser, exercise: towns.Town, tmp_path: Path
) -> None:
    context = browser.new_context()
    with serving(create_app(exercise.desk, limits=ROOMY)) as address:
        visit = Visit(context, address)
        visit.check(towns.ALTERED)
        for path in ("", "words", f"c/{exercise.letters['disowned']}"):
            if path:
                visit.page.goto(address + path)
            printed = tmp_path / "page.pdf"
            visit.page.pdf(path=printed, format="A4")
            sheets = [
                sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(printed)
            ]
            assert len(sheets) > 1, "this letter no longer tests the second sheet"
            assert [sheet.count("EXERCISE – not real") >= 2 for sheet in sheets] == [True] * len(
                sheets
            )
    context.close()


# Where nothing moves smoothly the scroll is over with the focus, and two frames draw it. A page
# that stands still for a while proves nothing: on a busy machine its scroll has not begun yet.
STILL_COVERED = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const el = document.activeElement;
  const edge = document.querySelector('.exercise-banner').getBoundingClientRect().bottom;
  return el.getBoundingClientRect().top < edge ? el.outerHTML.slice(0, 80) : '';
}"""


def test_the_banner_never_lies_on_what_has_the_focus(
    browser: Browser, exercise: towns.Town
) -> None:
    """WCAG 2.4.11, forwards and backwards."""
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    with serving(create_app(exercise.desk, limits=ROOMY)) as address:
        visit = Visit(context, address)
        visit.check(towns.ALTERED)
        page = visit.page
        links = page.locator("main a, main summary")
        for number in range(0, links.count() - 1, 3):
            for here, key in ((number + 1, "Shift+Tab"), (number, "Tab")):
                there = links.nth(number if key == "Shift+Tab" else number + 1)
                links.nth(here).focus()
                # The next one lies just where the banner is: in the window, and hidden.
                there.evaluate(
                    "(el) => scrollBy({top: el.getBoundingClientRect().top - 8,"
                    " behavior: 'instant'})"
                )
                page.keyboard.press(key)
                covered = page.evaluate(STILL_COVERED)
                assert covered == "", f"{key} to {covered}"
    context.close()


@pytest.mark.parametrize("visit", [{"viewport": PHONE}], indirect=True)
def test_the_frame_that_one_came_for_leaves_its_word_to_be_read(visit: Visit, photo: Path) -> None:
    """A frame and nothing on the word, even where the page is 300 pixels wide."""
    page = visit.page
    page.goto(visit.address)
    page.get_by_label("A file: PDF").set_input_files(photo)
    page.get_by_role("button", name="Check it").click()
    page.wait_for_selector(".headline", timeout=90_000)
    page.locator("#word-1 a").click()
    assert page.url.endswith("#mark-1")
    frame = page.locator("#mark-1 .frame")
    style = frame.evaluate(
        "(el) => { const s = getComputedStyle(el); return [s.fill, parseFloat(s.strokeWidth)]; }"
    )
    assert style[0] == "none"
    # Half of the stroke lies inside of the frame: less than the gap that marks.py leaves.
    box, sheet = frame.bounding_box(), page.locator(".sheet svg image").first.bounding_box()
    assert box is not None and sheet is not None
    assert style[1] / 2 <= sheet["width"] / CLEAR
    assert box["width"] > 2 * style[1] and box["height"] > 2 * style[1]


def test_each_meaning_takes_three_lines_at_most(visit: Visit) -> None:
    visit.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    visit.page.goto(visit.address + "words")
    lines = visit.page.locator(".meaning dd").evaluate_all(
        "(all) => all.map((el) => el.getBoundingClientRect().height"
        " / parseFloat(getComputedStyle(el).lineHeight))"
    )
    assert len(lines) == 30
    assert max(lines) < 3.5
