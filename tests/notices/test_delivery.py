"""Messages to subscribers: each act, in order, at least once, and not for ever."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.notices.receiver import Message, Receiver, dripping, receiving
from tests.operations.ministry import OTHER, TEXT, THIRD, Ministry, build

from vidimus import wiring
from vidimus.adapters import webhooks
from vidimus.adapters.webhooks import HttpPost, outside
from vidimus.core.log import proof as proofs
from vidimus.core.log.note import Verifier
from vidimus.core.notices import patience, webhook
from vidimus.core.notices.subscriber import Posted
from vidimus.errors import Conflict, OutsideFailed, UsageError
from vidimus.operations.delivering import Deliveries
from vidimus.operations.telling import Tellings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def m(tmp_path: Path) -> Ministry:
    return build(tmp_path / "registry")


class Wall:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = 1_900_000_000.0

    def now(self) -> float:
        return self.time


def subscribe(m: Ministry, receiver: Receiver, **more: Any) -> tuple[str, bytes]:
    made, secret = wiring.add_subscriber(m.folder, receiver.url, private=True, **more)
    return made.id, webhook.read_secret(secret)


def deliver(m: Ministry, wall: Wall | None = None, said: list[str] | None = None) -> Deliveries:
    """One round, to its end."""
    wall, lines = wall or Wall(), said if said is not None else []
    made = wiring.deliveries(m.folder, lines.append, now=wall.now, post=HttpPost(seconds=5))
    made.round()
    made.settle()
    made.close()
    return made


def afterlife(m: Ministry, text: str = TEXT) -> list[str]:
    """A letter's life in five acts."""
    letter = m.released(text)
    for verb in ("hold", "clear", "hold", "withdraw"):
        m.do("ben", verb, letter=letter)
    return ["release", "hold", "clear", "hold", "withdraw"]


def test_every_act_arrives_in_order_signed_and_can_be_checked(m: Ministry) -> None:
    """A receiver verifies rather than believes: the entry's proof holds by the log's key."""
    with receiving() as newsroom:
        _, secret = subscribe(m, newsroom)
        acts = afterlife(m)
        deliver(m)
        assert [each.act for each in newsroom.got] == acts
        for message in newsroom.got:
            sent = int(message.headers["webhook-timestamp"])
            assert webhook.check(secret, message.headers, message.body, sent) == message.id
            document = json.loads(message.body)
            assert document["as_of"]["tree_size"] == m.desk.head().size
            entry = m.desk.entry(message.entry)
            proof = proofs.parse(m.desk.proof(message.entry))
            key = Verifier.parse(m.registry.settings.log_keys[0].key)
            proofs.check_proof(proof, entry.raw, key, key.name)
            assert document["check"]["proof"].endswith(f"/log/{message.entry}.tlog-proof")
        # And nobody is told twice.
        assert deliver(m).counted.sent == 0 and len(newsroom.got) == len(acts)


def test_nothing_that_is_sealed_is_sent(m: Ministry) -> None:
    with receiving() as newsroom:
        subscribe(m, newsroom)
        secret = m.draft(THIRD, reference="SECRET-9", title="In confidence")
        m.do("dan", "share", letter=secret, to="Somebody Abroad")
        m.do("ben", "sign", letter=secret)
        assert deliver(m).counted.sent == 0
        m.released(OTHER)
        deliver(m)
        (message,) = newsroom.got
        for words in ("SECRET", secret, "confidence", "Abroad", "keepers of the lights"):
            assert words not in message.body.decode()


def test_a_subscriber_of_a_letter_or_an_office_hears_of_nothing_else(m: Ministry) -> None:
    letter = m.released()
    with receiving() as one, receiving() as office, receiving() as archive, receiving() as past:
        subscribe(m, one, letter=letter)
        subscribe(m, office, office="ministry")
        subscribe(m, archive, office="archive")
        subscribe(m, past, start=0)
        m.released(OTHER)
        m.do("ben", "hold", letter=letter)
        deliver(m)
        assert [each.act for each in one.got] == ["hold"]
        assert [each.act for each in office.got] == ["release", "hold"]
        assert not archive.got
        assert [each.act for each in past.got] == ["release", "release", "hold"]


def test_what_fails_is_sent_again_later_under_its_name_and_in_order(m: Ministry) -> None:
    answers = iter([500, 503, 302, 204, 404])
    with receiving(lambda _message: next(answers, 204)) as newsroom:
        _, secret = subscribe(m, newsroom)
        acts, wall = afterlife(m), Wall()
        said: list[str] = []
        times = []
        for _ in range(40):
            deliver(m, wall, said)
            times.append(wall.time)
            if len(newsroom.once()) == len(acts) and len(newsroom.got) >= len(acts) + 4:
                break
            # Before its time it is not tried again.
            (state,), _dead = wiring.subscribers(m.folder)
            assert state.not_before > wall.time
            before = len(newsroom.got)
            deliver(m, wall, said)
            assert len(newsroom.got) == before
            wall.time = state.not_before
        assert [each.act for each in newsroom.once()] == acts
        first = [each for each in newsroom.got if each.id == newsroom.got[0].id]
        assert len(first) == 4
        assert len({each.headers["webhook-timestamp"] for each in first}) > 1
        for each in first:
            sent = int(each.headers["webhook-timestamp"])
            webhook.check(secret, each.headers, each.body, sent)
        assert any("500" in each for each in said) and any("302" in each for each in said)
        assert all("newsroom" not in each for each in said)


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 1e9))
def test_a_pause_grows_and_has_an_end(failures: int, chance: float, asked: float | None) -> None:
    found = patience.pause(failures, chance, asked)
    assert 1.0 <= found <= 1.5 * patience.LONGEST
    if asked is None and failures < 10:
        assert patience.pause(failures + 1, chance) == 2 * found


def test_after_days_it_is_given_up_aloud_and_can_be_sent_again(m: Ministry) -> None:
    """The messages that come after it arrive; what was given up stays on the list."""
    broken = [True]
    with receiving(lambda _message: 500 if broken[0] else 204) as newsroom:
        name, _ = subscribe(m, newsroom)
        m.released()
        wall, said = Wall(), list[str]()
        attempts = 0
        while not wiring.subscribers(m.folder)[1]:
            deliver(m, wall, said)
            attempts += 1
            (state,), _dead = wiring.subscribers(m.folder)
            wall.time = max(wall.time + 1, state.not_before)
            assert attempts < 100
        assert attempts > 15
        assert any("given up" in each and "subscribers again" in each for each in said)
        broken[0] = False
        m.released(OTHER)
        deliver(m, wall)
        assert newsroom.got[-1].entry > newsroom.got[0].entry
        assert wiring.tell_again(m.folder, name) == 1
        deliver(m, wall)
        assert newsroom.got[-2].id == newsroom.got[0].id
        assert not wiring.subscribers(m.folder)[1]


def test_who_wants_no_more_is_told_no_more(m: Ministry) -> None:
    """Standard Webhooks: 410 Gone ends it."""
    with receiving(lambda _message: 410) as newsroom:
        name, _ = subscribe(m, newsroom)
        said: list[str] = []
        afterlife(m)
        deliver(m, said=said)
        deliver(m, said=said)
        assert len(newsroom.got) == 1 and "410" in said[0]
        (state,), _dead = wiring.subscribers(m.folder)
        assert "410" in state.ended
        wiring.remove_subscriber(m.folder, name)
        assert wiring.subscribers(m.folder) == ((), ())


def test_a_receiver_may_ask_for_a_longer_pause(m: Ministry) -> None:
    with receiving(lambda _message: (429, {"retry-after": "120"})) as newsroom:
        subscribe(m, newsroom)
        m.released()
        wall = Wall()
        deliver(m, wall)
        (state,), _dead = wiring.subscribers(m.folder)
        assert state.not_before >= wall.time + 120


@pytest.mark.parametrize("piece", [b"x-header: y\r\n", b"\r\nbody", b"x"])
def test_an_answer_without_an_end_is_cut_off_and_holds_nobody_up(m: Ministry, piece: bytes) -> None:
    with dripping(piece) as slow, receiving() as newsroom:
        wiring.add_subscriber(m.folder, slow, private=True)
        subscribe(m, newsroom)
        m.released()
        said: list[str] = []
        made = wiring.deliveries(m.folder, said.append, post=HttpPost(seconds=1.0))
        begun = time.monotonic()
        made.round()
        newsroom.wait(1, 10)
        made.settle()
        made.close()
        assert time.monotonic() - begun < 8


def test_within_seconds_of_the_act_beside_a_server(m: Ministry) -> None:
    """As `log serve` does it: a thread that looks at the log, whoever wrote there."""
    said: list[str] = []
    with receiving() as newsroom:
        subscribe(m, newsroom)
        with wiring.delivering(m.folder, said.append, pause=0.05):
            letter = m.released()
            newsroom.wait(1)
            begun = time.monotonic()
            m.do("ben", "withdraw", letter=letter)
            newsroom.wait(2)
            assert time.monotonic() - begun < 5
    assert newsroom.got[1].act == "withdraw" and not said


def test_only_one_process_delivers(m: Ministry) -> None:
    with wiring.alone_delivering(m.folder), pytest.raises(Conflict):
        wiring.deliver_once(m.folder, print)


# --- crashes --------------------------------------------------------------------------------


def killed_often(m: Ministry, kills: int, letters: int) -> tuple[list[str], Receiver, bytes]:
    """Deliver with processes that are killed while their message is being received."""
    running: list[subprocess.Popen[bytes]] = []
    left = [kills]

    def answer(_message: Message) -> int:
        # Every third message its sender dies of: received, and never marked as sent.
        if left[0] and len(newsroom.got) % 3 == 0 and running:
            left[0] -= 1
            os.kill(running[-1].pid, signal.SIGKILL)
        return 204

    command = [sys.executable, "-m", "vidimus", "deliver", "--registry", str(m.folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with receiving(answer) as newsroom:
        _, secret = subscribe(m, newsroom)
        acts = [act for n in range(letters) for act in afterlife(m, f"{TEXT} {n}")]
        for _ in range(kills + 3):
            child = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            running.append(child)
            if child.wait(120) == 0:
                break
        assert left[0] == 0
        return acts, newsroom, secret


def require_all_told(acts: list[str], newsroom: Receiver, secret: bytes, kills: int) -> None:
    once = newsroom.once()
    assert [each.act for each in once] == acts
    assert [each.entry for each in once] == sorted(each.entry for each in once)
    assert len(newsroom.got) == len(acts) + kills
    # What came again was the same message, at once and not later.
    for before, after in zip(newsroom.got, newsroom.got[1:], strict=False):
        assert after.entry >= before.entry
    for each in newsroom.got:
        sent = int(each.headers["webhook-timestamp"])
        webhook.check(secret, each.headers, each.body, sent)


def test_a_kill_between_sending_and_marking_loses_nothing(m: Ministry) -> None:
    require_all_told(*killed_often(m, 3, 2), 3)


@pytest.mark.soak
def test_many_kills_lose_nothing(m: Ministry) -> None:
    require_all_told(*killed_often(m, 40, 30), 40)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_beside_the_mark_sends_it_again_or_not_at_all(m: Ministry, moment: str) -> None:
    class Crash(BaseException):
        pass

    with receiving() as newsroom:
        subscribe(m, newsroom)
        acts = afterlife(m)
        box = wiring.outbox(m.folder)
        real: Callable[..., None] = box.move

        def move(*args: Any, **more: Any) -> None:
            if moment == "after":
                real(*args, **more)
            raise Crash

        box.move = move  # type: ignore[method-assign]
        made = Deliveries(
            wiring.tellings(m.folder),
            box,
            HttpPost(),
            now=Wall().now,
            chance=lambda: 0.5,
            say=lambda _line: None,
        )
        made.round()
        with pytest.raises(Crash):
            made.settle()
        made.close()
        deliver(m)
        assert [each.act for each in newsroom.once()] == acts
        assert len(newsroom.got) == len(acts) + (moment == "before")


def test_what_fails_on_our_side_stops_nobody_else_and_is_said_once(m: Ministry) -> None:
    """A defect that concerns one subscriber; its words are not shown."""
    with receiving() as newsroom, receiving() as unlucky:
        subscribe(m, newsroom)
        name, _ = subscribe(m, unlucky)
        m.released()
        post, said, wall = HttpPost(), list[str](), Wall()

        def broken(url: str, *args: Any, **more: Any) -> Any:
            if url == unlucky.url:
                raise RuntimeError("a secret")
            return post(url, *args, **more)

        made = wiring.deliveries(m.folder, said.append, now=wall.now, post=broken)
        for _ in range(4):
            made.round()
            made.settle()
            wall.time += 3
        made.close()
        assert len(newsroom.got) == 1 and not unlucky.got
        assert said == [f"subscriber {name}: defect: RuntimeError"]
        deliver(m)
        assert len(newsroom.got) == len(unlucky.got) == 1


class Newsroom:
    """A Post that answers as it was told to, and keeps what it took."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.got: list[Message] = []
        self.tried: list[tuple[str, int]] = []

    def __call__(self, url: str, headers: dict[str, str], body: bytes, *, private: bool) -> Posted:
        message = Message(url, headers, body)
        answer = self.answers.pop(0) if self.answers else 204
        self.tried.append((message.id, message.entry))
        if answer == 0:
            raise OutsideFailed("it cannot be reached")
        if answer < 0:
            # It took the message, and its answer was lost on the way.
            self.got.append(message)
            raise OutsideFailed("it did not answer")
        if answer < 300:
            self.got.append(message)
        return Posted(answer)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    made = build(tmp_path_factory.mktemp("lived") / "registry")
    for words in (TEXT, OTHER):
        afterlife(made, words)
    return made


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from([204, 200, 500, 0, -1, 404, 429]), max_size=40),
    st.lists(st.integers(1, 5 * 86_400), max_size=12),
)
def test_whatever_is_answered_all_arrive_in_order_or_are_on_the_list(
    lived: Ministry, answers: list[int], pauses: list[int]
) -> None:
    """At least once, in order; what is missing was given up, and stands among the dead letters."""
    for each in wiring.subscribers(lived.folder)[0]:
        wiring.remove_subscriber(lived.folder, each.id)
    wiring.add_subscriber(lived.folder, "https://news.example/", start=0)
    wall, newsroom = Wall(), Newsroom(list(answers))
    tellings = Tellings(lived.desk, "https://letters.example/")
    told = list(tellings.between(0, tellings.size()))
    made = Deliveries(
        tellings,
        wiring.outbox(lived.folder),
        newsroom,
        now=wall.now,
        chance=lambda: 0.5,
        say=lambda _line: None,
    )
    for _ in range(200):
        made.round()
        made.settle()
        (state,), _dead = wiring.subscribers(lived.folder)
        if newsroom.tried and newsroom.tried[-1][1] == told[-1].index and not state.failures:
            break
        wall.time = max(wall.time, state.not_before) + (pauses.pop() if pauses else 0)
    made.close()
    dead = {each.telling for each in wiring.subscribers(lived.folder)[1]}
    once = list({each.id: each.entry for each in newsroom.got}.values())
    arrived = set(once)
    assert once == sorted(once)
    assert [entry for _, entry in newsroom.tried] == sorted(entry for _, entry in newsroom.tried)
    for each in told:
        assert each.index in arrived or each.id in dead


# --- whither ---------------------------------------------------------------------------------

INSIDE = (
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
    *("2002:7f00:1::", "2002:a00:1::", "2001:db8::1", "::127.0.0.1", "64:ff9b:1::1", "nonsense"),
)


@pytest.mark.parametrize("address", INSIDE)
def test_nobodys_own_network_is_outside(address: str) -> None:
    assert not outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_the_internet_is_outside(address: str) -> None:
    assert outside(address)


@pytest.mark.parametrize("address", INSIDE[:24])
def test_a_name_that_leads_inside_is_not_asked(address: str) -> None:
    """Not even where it leads outside as well; and no connection is made."""
    post = HttpPost(resolve=lambda _host, _port: ["8.8.8.8", address])
    with pytest.raises(OutsideFailed, match="network of its own"):
        post("https://news.example/", {}, b"", private=False)


def test_a_private_address_is_refused_unless_it_was_allowed(m: Ministry) -> None:
    with receiving() as inside:
        secure = inside.url.replace("http:", "https:")
        made, _ = wiring.add_subscriber(m.folder, secure)
        m.released()
        said: list[str] = []
        deliver(m, said=said)
        assert not inside.got and "network of its own" in said[0]
        wiring.remove_subscriber(m.folder, made.id)


def test_the_name_is_looked_up_once_and_the_connection_goes_there() -> None:
    """A name that means another machine the second time does not lead us there."""
    with receiving() as inside:
        port = int(inside.url.rpartition(":")[2].partition("/")[0])
        asked: list[str] = []

        def resolve(host: str, _port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"]

        post = HttpPost(resolve=resolve)
        url = f"http://news.example:{port}/hook?x=1"
        assert post(url, {}, b"{}", private=True).status == 204
        assert asked == ["news.example"]
        (message,) = inside.got
        assert message.headers["host"] == f"news.example:{port}" and message.path == "/hook?x=1"


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inside, receiving() as outer:
        outer.answer = lambda _message: (307, {"location": inside.url})
        assert HttpPost()(outer.url, {}, b"", private=True).status == 307
        assert not inside.got


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x.example/", "https://", "https:///x", "x", "", "https://x.example/a b"),
        *("https://u:p@x.example/", "https://x.example/#a", "https://x.example:0/"),
        *("https://x.example:99999/", "https://x.example/\r\nx: y", "http://x.example/"),
        *("https://[::1", "https://ü.example/", "https://x.example/" + "a" * 2000),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        webhooks.require_url(url, private=False)


def test_a_server_without_a_certificate_is_not_told() -> None:
    """TLS is checked by the name; a plain server behind https:// gets nothing."""
    with receiving() as inside:
        with pytest.raises(OutsideFailed):
            HttpPost(seconds=3)(inside.url.replace("http:", "https:"), {}, b"", private=True)
        assert not inside.got


def test_the_same_address_is_not_told_twice(m: Ministry) -> None:
    with receiving() as newsroom:
        subscribe(m, newsroom)
        with pytest.raises(Conflict):
            subscribe(m, newsroom)
        subscribe(m, newsroom, office="ministry")
        for wrong in ({"letter": "x"}, {"office": "nobody"}, {"start": 10_000}):
            with pytest.raises(Exception, match=r"number|office|entries"):
                subscribe(m, newsroom, **wrong)


def test_texts_of_letters_are_not_sent(m: Ministry) -> None:
    with receiving() as newsroom:
        subscribe(m, newsroom)
        afterlife(m)
        deliver(m)
        for each in newsroom.got:
            assert TEXT.split("\n")[2][:30] not in each.body.decode()


def test_the_logs_server_tells_within_seconds_and_publishes_the_feed(m: Ministry) -> None:
    """A whole server, and somebody who acts beside it."""
    command = [
        *(sys.executable, "-m", "vidimus", "log", "serve"),
        *("--registry", str(m.folder), "--port", "0"),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with receiving() as newsroom:
        _, secret = subscribe(m, newsroom)
        letter = m.released()
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        try:
            newsroom.wait(1, 60)
            begun = time.monotonic()
            m.do("ben", "withdraw", letter=letter)
            newsroom.wait(2, 30)
            passed = time.monotonic() - begun
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
            assert server.stdout is not None
            server.stdout.close()
    message = newsroom.got[1]
    sent = int(message.headers["webhook-timestamp"])
    webhook.check(secret, message.headers, message.body, sent)
    assert message.act == "withdraw" and passed < 10
    assert (m.folder / "public" / "log" / "feed.atom").exists()
