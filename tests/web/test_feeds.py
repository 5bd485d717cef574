"""The feeds and the states: from the log alone, asked for again cheaply, and nothing secret."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.operations.ministry import OTHER, TEXT, Ministry, build
from tests.web import town as towns
from tests.web.client import TestClient
from tests.web.conftest import ROOMY

from vidimus import wiring
from vidimus.core.notices import atom
from vidimus.operations.telling import Tellings
from vidimus.web.app import create_app

ATOM = "{http://www.w3.org/2005/Atom}"
FH = "{http://purl.org/syndication/history/1.0}"


def entries(content: bytes) -> list[ElementTree.Element]:
    return ElementTree.fromstring(content).findall(f"{ATOM}entry")


def terms(entry: ElementTree.Element) -> dict[str, str]:
    return {
        each.attrib["scheme"].rpartition(":")[2]: each.attrib["term"]
        for each in entry.findall(f"{ATOM}category")
    }


def test_the_feed_has_one_entry_for_each_act_that_was_told(
    client: TestClient, town: towns.Town
) -> None:
    answer = client.get("/feed.atom")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml"
    found = entries(answer.content)
    acts = [terms(each)["act"] for each in reversed(found)]
    assert acts.count("release") == 10 and acts.count("power") == 2
    for act in ("withdraw", "supersede", "correct", "disown", "ratify", "acknowledge_draft"):
        assert acts.count(act) == 1
    ids = [each.findtext(f"{ATOM}id") for each in found]
    assert len(set(ids)) == len(ids)
    assert {terms(each)["status"] for each in found} == {"Actual"}


def test_a_letter_whose_key_was_revoked_is_told_as_withheld(
    client: TestClient, town: towns.Town
) -> None:
    """No act speaks of it; whoever printed it must hear of it all the same."""
    name = town.letters["without-authority"]
    last = entries(client.get(f"/c/{name}/feed.atom").content)[0]
    assert terms(last)["pubStatus"] == "withheld" and terms(last)["act"] == "power"
    state = client.get(f"/c/{name}/state.json").json()
    assert state["ninjs"]["pubStatus"] == "withheld"
    assert state["headline"] == "SIGNER_WITHOUT_AUTHORITY"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(("stands", "usable"), ("ratified", "usable"), ("on-hold", "withheld")),
        *(("withdrawn", "canceled"), ("superseded", "canceled"), ("corrected", "canceled")),
        *(("disowned", "canceled"), ("draft", "canceled"), ("without-authority", "withheld")),
    ],
)
def test_the_state_of_a_letter_is_its_headline_in_the_words_of_machines(
    client: TestClient, town: towns.Town, name: str, status: str
) -> None:
    found = client.get(f"/c/{town.letters[name]}/state.json").json()
    assert found["ninjs"]["pubStatus"] == status
    desk = town.desk.letter(town.letters[name])
    assert found["headline"] == desk.answer.headline.value
    assert found["as_of"]["tree_size"] == desk.size


def test_a_letter_that_took_anothers_place_says_so(client: TestClient, town: towns.Town) -> None:
    state = client.get(f"/c/{town.letters['corrected']}/state.json").json()
    instead = state["replaced_by"]
    assert instead["uri"].endswith(town.letters["correction"])
    assert instead["evolvedFrom"] == state["ninjs"]["uri"]
    assert instead["pubStatus"] == "usable"


def test_nothing_of_a_secret_draft_is_in_any_feed(client: TestClient, town: towns.Town) -> None:
    """And its number gets the very answer of a number that was never given."""
    secret, office = town.letters["secret"], "/offices/harbour/feed.atom"
    for path in ("/feed.atom", office):
        content = client.get(path).text
        assert secret not in content and "secret" not in content
    for ending in ("feed.atom", "state.json"):
        drafted = client.get(f"/c/{secret}/{ending}")
        nobody = client.get(f"/c/AAAAAAAAAAAAAAAA/{ending}")
        assert drafted.status_code == nobody.status_code == 404
        assert drafted.content == nobody.content


def test_an_office_has_its_own_letters_and_no_other_ones(client: TestClient) -> None:
    assert len(entries(client.get("/offices/harbour/feed.atom").content)) > 10
    assert not entries(client.get("/offices/museum/feed.atom").content)
    assert client.get("/offices/harbour/clerks/feed.atom").status_code == 200
    assert client.get("/offices/nobody/feed.atom").status_code == 404
    assert client.get("/feed/0.atom").status_code == 404


def test_who_has_it_is_told_that_nothing_changed(client: TestClient) -> None:
    first = client.get("/feed.atom")
    tag, time = first.headers["etag"], first.headers["last-modified"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/feed.atom", headers={"if-none-match": held})
        assert again.status_code == 304 and not again.content
        assert again.headers["etag"] == tag
    # Two acts of one second would be one by time.
    assert client.get("/feed.atom", headers={"if-modified-since": time}).status_code == 200
    assert client.get("/feed.atom", headers={"if-none-match": '"other"'}).status_code == 200


def test_an_exercise_says_so_in_every_feed(exercise: towns.Town) -> None:
    with TestClient(create_app(exercise.desk, limits=ROOMY), follow_redirects=False) as client:
        root = ElementTree.fromstring(client.get("/feed.atom").content)
        titles = [each.text or "" for each in root.iter(f"{ATOM}title")]
        assert len(titles) > 10 and all(each.startswith("EXERCISE: ") for each in titles)
        summaries = [each.text or "" for each in root.iter(f"{ATOM}summary")]
        assert all(each.startswith("EXERCISE") for each in summaries)
        for each in root.iter(f"{ATOM}id"):
            assert "/exercise/" in (each.text or "")
        assert {terms(each)["status"] for each in root.findall(f"{ATOM}entry")} == {"Exercise"}
        state = client.get(f"/c/{exercise.letters['stands']}/state.json").json()
        assert state["cap"]["status"] == "Exercise" and state["exercise"] is True


def test_addresses_have_one_spelling(client: TestClient, town: towns.Town) -> None:
    name = town.letters["stands"]
    dashed = "-".join((name[:4], name[4:8], name[8:12], name[12:])).lower()
    moved = client.get(f"/c/{dashed}/feed.atom")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/c/{name}/feed.atom")
    assert client.get("/c/../feed.atom").status_code in (200, 404)
    assert client.get("/c/%00/state.json").status_code == 404


# --- paging and files -------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Ministry]:
    """A ministry whose feeds have pages of eight entries."""
    for module in ("vidimus.core.notices.atom", "vidimus.operations.telling"):
        monkeypatch.setattr(f"{module}.WINDOW", 8)
    yield build(tmp_path / "registry")


def all_ids(told: Tellings) -> list[str]:
    """As a reader finds them: from the feed back along prev-archive."""
    found: dict[str, None] = {}
    content: bytes | None = told.feed()
    while content is not None:
        root = ElementTree.fromstring(content)
        for entry in root.findall(f"{ATOM}entry"):
            found.setdefault(entry.findtext(f"{ATOM}id") or "")
        before = [
            each.attrib["href"]
            for each in root.findall(f"{ATOM}link")
            if each.attrib["rel"] == "prev-archive"
        ]
        content = None
        if before:
            assert before[0].startswith("https://letters.example/feed/")
            number = before[0].removeprefix("https://letters.example/feed/")
            content = told.archive(int(number.removesuffix(".atom")))
            assert ElementTree.fromstring(content).find(f"{FH}archive") is not None
    return list(found)


def test_the_archived_pages_hold_every_entry_and_never_change(small: Ministry) -> None:
    """RFC 5005; and another desk, later, makes the same bytes of the same log."""
    told = Tellings(small.desk, "https://letters.example/")
    letters = [small.released(f"{TEXT} {number}") for number in range(4)]
    early = {n: told.archive(n) for n in range(atom.windows(told.size())[1])}
    assert len(early) >= 2
    for letter in letters:
        small.do("ben", "hold", letter=letter)
        small.do("ben", "withdraw", letter=letter)
    fresh = Tellings(wiring.public_desk(small.folder), "https://letters.example/")
    assert {n: fresh.archive(n) for n in early} == early
    assert fresh.feed() == told.feed()
    every = [each.id for each in fresh.between(0, fresh.size())]
    assert sorted(all_ids(fresh)) == sorted(every) and len(every) == 12


def test_the_published_files_are_what_the_server_answers(small: Ministry, tmp_path: Path) -> None:
    """Step by step or all at once, by whoever: the same files."""
    letter = small.released()
    (small.folder / "public" / "address.txt").write_text("https://letters.example/\n")
    wiring.publish_feeds(small.folder)
    small.do("ben", "withdraw", letter=letter)
    small.released(OTHER)
    small.do("ada", "establish", office="lights", title="The Lights", under=None)
    assert wiring.publish_feeds(small.folder) > 0
    assert wiring.publish_feeds(small.folder) == 0
    told = wiring.tellings(small.folder)
    while not wiring.publish_some_feeds(small.folder, told, tmp_path / "other", 3)[1]:
        pass

    def files(folder: Path) -> dict[str, bytes]:
        return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*.atom")}

    published = files(small.folder / "public" / "log")
    assert published == files(tmp_path / "other")
    tellings = wiring.tellings(small.folder)
    app = create_app(small.desk, limits=ROOMY, tellings=tellings)
    with TestClient(app, follow_redirects=False) as client:
        for path, content in published.items():
            answer = client.get(f"/{path}")
            assert answer.status_code == 200 and answer.content == content, path
    assert "offices/lights/feed.atom" in published and "offices/lights/feed/0.atom" in published


def test_the_address_of_the_pages_is_one_line_and_an_address(small: Ministry) -> None:
    file = small.folder / "public" / "address.txt"
    assert wiring.tellings(small.folder).address == "https://letters.ministry.example/exercise/"
    for wrong in ("letters.example", "https://l.example", "https://u:p@l.example/", "ftp://l/"):
        file.write_text(wrong)
        with pytest.raises(Exception, match=r"address"):
            wiring.tellings(small.folder)


def test_the_state_is_json_with_how_far_the_log_went(client: TestClient, town: towns.Town) -> None:
    answer = client.get(f"/c/{town.letters['stands']}/state.json")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["as_of"]["root"] == town.desk.head().root.hex()


def test_a_register_without_entries_has_a_feed_without_entries(tmp_path: Path) -> None:
    wiring.init(tmp_path / "r", origin="l.example", exercise=False, passphrase=None)
    told = wiring.tellings(tmp_path / "r")
    assert not entries(told.feed()) and not told.offices()
    assert wiring.publish_feeds(tmp_path / "r") == 0
