"""The form and its answer, as a browser without JavaScript gets them."""

from __future__ import annotations

import re

import pytest
from bench.copies import typeset
from tests.web import town as towns
from tests.web.client import TestClient, as_browser
from tests.web.reading import VERDICTS, words

from vidimus.core.copies.answers import Headline

HEADLINES = {
    "stands": "STANDS",
    "withdrawn": "WITHDRAWN",
    "superseded": "SUPERSEDED",
    "corrected": "CORRECTED",
    "on-hold": "ON_HOLD",
    "disowned": "DISOWNED",
    "draft": "DRAFT_NEVER_RELEASED",
    "forged": "DECLARED_FORGED",
    "without-authority": "SIGNER_WITHOUT_AUTHORITY",
    "ratified": "RATIFIED",
    "altered": "ALTERED",
    "part": "PART_STANDS",
    "unknown": "NO_RECORD",
    "unknown there": "NOT_RELEASED",
    "too short": "CANNOT_TELL",
}
TEXTS = {
    **towns.TEXTS,
    "altered": towns.ALTERED,
    "part": towns.PART,
    "unknown": towns.UNKNOWN,
    "unknown there": towns.UNKNOWN,
    "too short": "Dear Sir",
}


def ask(client: TestClient, name: str) -> str:
    office = "harbour" if name == "unknown there" else ""
    answer = client.post("/", **as_browser({"text": TEXTS[name], "office": office, "at": ""}))
    assert answer.status_code == 200
    return answer.text


def test_every_headline_is_tried_here() -> None:
    assert set(HEADLINES.values()) == {each.value for each in Headline}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_page_says_the_headline_and_four_answers(client: TestClient, name: str) -> None:
    page = ask(client, name)
    assert f"<code>{HEADLINES[name]}</code>" in page
    said = words(page)
    assert "Is this their text?" in said
    for question in ("Who signed", "released?", "stand?"):
        assert question in said
    assert page.count("<dt>") == 4


@pytest.mark.parametrize("name", HEADLINES)
def test_every_answer_says_as_of_when_and_what_was_not_checked(
    client: TestClient, name: str
) -> None:
    """Design, section 1: as of, reasons, and everything that was not checked, on success too."""
    said = words(ask(client, name))
    assert "As of 2031-04-01" in said
    assert "had 53 entries" in said
    assert "What was not checked" in said
    assert "It shows what was registered. It does not show that a content is right." in said


@pytest.mark.parametrize("name", HEADLINES)
def test_no_word_on_the_page_is_a_verdict_that_we_cannot_give(
    client: TestClient, name: str
) -> None:
    assert not VERDICTS.search(words(ask(client, name)))


@pytest.mark.parametrize(("name", "family"), [
    ("stands", "stands"), ("part", "part"), ("ratified", "stands"),
    ("withdrawn", "falls"), ("disowned", "falls"), ("draft", "falls"), ("on-hold", "falls"),
    ("unknown there", "absent"), ("without-authority", "falls"),
    ("unknown", "open"), ("too short", "open"),
    ("altered", "other"), ("forged", "other"),
])  # fmt: skip
def test_a_family_has_words_and_a_shape_of_its_own(
    client: TestClient, name: str, family: str
) -> None:
    page = ask(client, name)
    assert f'<div class="headline {family}">' in page
    shapes = {
        "stands": '<circle cx="24" cy="24" r="20"',
        "part": "M24 4a20 20 0 0 0 0 40Z",
        "absent": "M7 7h34v34H7Z",
        "falls": "M11 37 37 11",
        "open": 'stroke-dasharray="7 5"',
        "other": "M24 2 46 24 24 46 2 24Z",
    }
    shape = page[page.index('<svg class="shape"') : page.index("</svg>")]
    assert [name for name, mark in shapes.items() if mark in shape] == [family]


@pytest.mark.parametrize(("name", "label"), [
    ("unknown there", "Not released"), ("altered", "Not the registered words"),
    ("part", "The part that was seen stands"), ("forged", "These are not the office’s words"),
    ("withdrawn", "It does not stand"), ("unknown", "We cannot say"),
])  # fmt: skip
def test_what_stands_over_a_headline_says_no_more_than_it(
    client: TestClient, name: str, label: str
) -> None:
    """What was never recognised did not fall, an earlier draft is no fake, a part no whole."""
    page = ask(client, name)
    box = page[page.index('<div class="headline ') : page.index('class="sentence"')]
    assert label in words(box)
    others = {"It does not stand", "It stands", "These are not the office’s words"} - {label}
    assert not [other for other in others if other in words(box)]


def test_what_was_not_seen_is_named_stretch_by_stretch(client: TestClient) -> None:
    page = ask(client, "part")
    part = page[page.index('<section class="unshown">') :]
    said = words(part[: part.index("</section>")])
    answer = client.post("/check", files={"file": ("copy", TEXTS["part"])}).json()
    assert answer["text"]["missing"]
    for each in answer["text"]["missing"]:
        assert f"{each['words']} word" in said and each["begins"] in said and each["ends"] in said
    assert "to the end of the letter" in said
    for name in ("stands", "unknown", "unknown there", "too short"):
        assert "unshown" not in ask(client, name)


def test_an_answer_leads_to_what_its_word_means(client: TestClient) -> None:
    assert '<a href="/words#altered">' in ask(client, "altered")
    meanings = client.get("/words").text
    for headline in Headline:
        assert f'id="{headline.value.lower().replace("_", "-")}"' in meanings
        assert f"<code>{headline.value}</code>" in meanings
    assert meanings.count("<dt>It means</dt>") == len(Headline)
    assert meanings.count("<dt>It does not mean</dt>") == len(Headline)
    assert not VERDICTS.search(words(meanings))


def test_the_form_says_who_sees_what_is_sent(client: TestClient) -> None:
    said = words(client.get("/").text)
    assert "The server sees what you send, and it is run by whoever runs this register." in said
    assert "paste one sentence of it, or run vidimus check yourself" in said
    assert "crop the picture to the paper" in said


def test_altered_words_are_listed_and_marked_in_the_text(client: TestClient) -> None:
    """A registered word is never struck through: only the copy's own words are marked."""
    page = ask(client, "altered")
    for number, (registered, copy) in enumerate(
        [("23", "28"), ("no", "every"), ("not", ""), ("120", "210")], start=1
    ):
        line = re.search(rf'<li id="word-{number}".*?</li>', page, re.DOTALL)
        assert line is not None
        assert f'<a href="#mark-{number}">' in line[0]
        assert f'<span class="registered" dir="auto">{registered}</span>' in line[0]
        assert (f'<mark dir="auto">{copy}</mark>' if copy else "<em>missing</em>") in line[0]
        mark = re.search(rf'<a class="mark altered" id="mark-{number}".*?</a>', page)
        assert mark is not None
        shown = re.sub(r"^<a [^>]*>", "", mark[0])
        assert (f"<mark>{copy}</mark>" in shown) == bool(copy)
        assert (f"[missing: {registered}]" in shown) == (not copy)
        assert (registered in shown.replace(str(number), "", 1)) == (not copy)
    assert "<del" not in page
    assert "<ins" not in page


def test_the_rows_of_an_altered_copy_speak_of_the_registered_letter(client: TestClient) -> None:
    """Nobody may take “stands” beside altered words for an answer about those words."""
    said = words(ask(client, "altered"))
    assert "Does the registered letter stand? Stands" in said
    assert "Does it stand?" not in said


def test_the_text_is_shown_as_it_was_pasted(client: TestClient) -> None:
    page = ask(client, "stands")
    text = re.search(r'<div class="text" dir="auto">(.*?)</div>', page, re.DOTALL)
    assert text is not None
    assert text[1] == towns.TEXTS["stands"]


def test_what_people_send_is_escaped(client: TestClient) -> None:
    evil = towns.TEXTS["stands"] + " <script>alert(1)</script> \"'><img src=x>"
    page = client.post("/", data={"text": evil, "office": '"><b>'}).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>" not in page


def test_a_recognised_letter_is_linked(client: TestClient, town: towns.Town) -> None:
    page = ask(client, "superseded")
    assert f'href="/c/{town.letters["superseded"]}"' in page
    assert f'href="/c/{town.letters["successor"]}"' in page


def test_a_secret_draft_and_a_fake_get_the_same_page(client: TestClient) -> None:
    """Design, section 6: no oracle. All but one's own words is the same, byte for byte."""
    pages = []
    for text in (towns.TEXTS["secret"], towns.UNKNOWN):
        page = client.post("/", data={"text": text, "office": "harbour"})
        shown = re.compile(r'(<div class="text" dir="auto">).*?(</div>)', re.DOTALL)
        pages.append((page.status_code, shown.sub(r"\1\2", page.text)))
    assert pages[0] == pages[1]
    assert "NOT_RELEASED" in pages[0][1]


def test_a_pdf_shows_its_pages_with_the_altered_words_framed(client: TestClient) -> None:
    page = client.post(
        "/", files={"file": ("x.pdf", typeset.letter_pdf(towns.ALTERED), "application/pdf")}
    ).text
    assert "<code>ALTERED</code>" in page
    assert page.count("data:image/jpeg;base64,") == 1, "the picture stands there once"
    sheet = page[page.index('<figure class="sheet">') :]
    for number in range(1, 5):
        assert f'id="mark-{number}" href="#word-{number}"' in sheet
        assert f'<li id="word-{number}" class="altered"' in page
    assert page.count('<use href="#page-1"/>') == 4


def test_nothing_of_an_answer_is_stored_or_asked_elsewhere(client: TestClient) -> None:
    answer = client.post("/", data={"text": towns.ALTERED})
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    outside = re.findall(r'(?:src|href|action)="((?:https?:)?//[^"]*)"', answer.text)
    assert outside == []


def test_as_of_an_earlier_moment(client: TestClient) -> None:
    """Before the hold and the disowning, the letter stood; the page says which moment it is."""
    page = client.post("/", data={"text": towns.TEXTS["disowned"], "at": "2031-04-01T08:17"}).text
    assert "<code>STANDS</code>" in page
    assert "an earlier moment, as you asked" in page


def test_the_form_comes_back_with_what_was_typed_when_it_cannot_be_answered(
    client: TestClient,
) -> None:
    answer = client.post(
        "/", data={"text": "some <words> here", "office": "museum", "at": "2099-01-01T00:00"}
    )
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "2099-01-01 00:00 UTC lies in the future" in answer.text
    assert "--at" not in answer.text, "the words of the command line"
    assert "some &lt;words&gt; here</textarea>" in answer.text
    assert '<option value="museum" selected>' in answer.text
    assert 'value="2099-01-01T00:00"' in answer.text


@pytest.mark.parametrize(
    ("fields", "file", "status", "fact"),
    [
        ({}, ("", b""), 400, "There is nothing to check"),
        ({"text": " \n "}, ("", b""), 400, "There is nothing to check"),
        ({"text": "words", "at": "yesterday"}, ("", b""), 400, "is no moment in time"),
        ({"text": "words", "ofice": "x"}, ("", b""), 400, "there is no field “ofice”"),
        ({}, ("a.gif", b"GIF89a...."), 400, "This is a GIF picture"),
        ({}, ("a.pdf", b""), 422, "The file is empty"),
        ({"text": "a\x00b"}, ("", b""), 400, "control character U+0000"),
        ({"text": "words"}, ("a.png", b"\x89PNG\r\n\x1a\n..."), 400, "different kinds"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_fact(
    client: TestClient, fields: dict[str, str], file: tuple[str, bytes], status: int, fact: str
) -> None:
    answer = client.post("/", **as_browser(fields, file))
    assert answer.status_code == status
    assert fact.lower() in answer.text.lower()
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text


def test_the_front_page_says_what_is_promised_and_what_is_not(client: TestClient) -> None:
    said = words(client.get("/").text)
    assert (
        "The Harbour Office registers every letter of this kind: “letter” since 2031-04-01" in said
    )
    assert "No promise to register everything comes from" in said
    assert "What the check cannot tell" in said
    assert "register.town.example" in said
    assert not VERDICTS.search(said)


def test_the_form_can_be_filled_by_a_link(client: TestClient) -> None:
    page = client.get("/?office=museum&at=2031-04-01T09:00").text
    assert '<option value="museum" selected>' in page
    assert 'value="2031-04-01T09:00"' in page


def test_phones_can_take_a_photo_and_everybody_can_choose_several_files(
    client: TestClient,
) -> None:
    page = client.get("/").text
    assert re.search(r'<input type="file" id="photo"[^>]*capture="environment"', page)
    assert re.search(r'<input type="file" id="file"[^>]*multiple', page)
