"""Who owes an answer is reminded, once a day, by e-mail; and no reminder is lost on the way."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_commands import run
from tests.operations.ministry import BEGIN, OTHER, Ministry, build
from tests.reminding.catcher import catching

from vidimus import wiring
from vidimus.adapters.smtp import MailServer, Smtp
from vidimus.adapters.sqlite.reminded import SqliteReminded
from vidimus.core.acts.kinds import Position
from vidimus.errors import FormatError, OutsideFailed
from vidimus.operations.reminding import Message, Plan, Round, plan, send
from vidimus.wiring.folder import Folder
from vidimus.wiring.reminding import mail_of

PEOPLE = {"gus": "gus@archive.example", "cleo": "cleo@press.example", "fay": "fay@press.example"}
UNTIL = BEGIN.replace(day=5)


class Sent:
    """A Notifier that keeps what it is given, unless the way to that person is closed."""

    def __init__(self, *closed: str) -> None:
        self.messages: list[tuple[str, str]] = []
        self.closed = closed

    @contextmanager
    def session(self) -> Iterator[Sent]:
        yield self

    def send(self, to: str, subject: str, text: str) -> None:
        if to in self.closed:
            raise OutsideFailed(f"nobody answers at {to}")
        self.messages.append((to, text))


@pytest.fixture
def m(tmp_path: Path) -> Ministry:
    return build(tmp_path / "registry")


@pytest.fixture
def asked(m: Ministry) -> Ministry:
    """Two letters: the archive owes an answer to both, the press office (cleo, fay) to one."""
    for text, offices in ((None, ("archive",)), (OTHER, ("archive", "ministry/press"))):
        name = m.draft(text) if text else m.draft()
        m.do("dan", "coordinate", letter=name, ask=offices, until=UNTIL)
    return m


def planned(m: Ministry, people: dict[str, str] | None = None) -> Plan:
    store = SqliteReminded(Folder(m.folder).office)
    return plan(m.registry, PEOPLE if people is None else people, store)


def sent(m: Ministry, notifier: Sent | None = None) -> Round:
    store = SqliteReminded(Folder(m.folder).office)
    return send(planned(m), notifier or Sent(), store)


def test_nobody_is_reminded_before_the_last_day(asked: Ministry) -> None:
    asked.clock.time = UNTIL.replace(day=3)
    assert planned(asked).messages == ()
    asked.clock.time = UNTIL.replace(day=4)
    assert [each.person for each in planned(asked).messages] == ["cleo", "fay", "gus"]


def test_one_message_a_person_tells_all_that_is_owed_and_nothing_of_the_letter(
    asked: Ministry,
) -> None:
    asked.clock.time = UNTIL.replace(day=4)
    gus = next(each for each in planned(asked).messages if each.person == "gus")
    assert gus.to == "gus@archive.example"
    assert gus.subject == "EXERCISE: 2 answers are owed"
    assert gus.text.count("the answer of archive") == 2
    assert "MC-1, version 1" in gus.text
    assert "due by 2031-03-05 09:00 UTC" in gus.text
    assert "A title" not in gus.text
    assert "harbour" not in gus.text
    asked.clock.time = UNTIL.replace(day=6)
    assert "overdue since 2031-03-05 09:00 UTC" in planned(asked).messages[0].text


def test_each_answer_is_asked_for_once_a_day_until_it_comes(asked: Ministry) -> None:
    asked.clock.time = UNTIL.replace(day=4)
    assert len(sent(asked).sent) == 3
    asked.clock.pass_(hours=10)
    assert sent(asked).sent == ()
    asked.clock.time = UNTIL
    assert len(sent(asked).sent) == 3
    asked.clock.time = UNTIL.replace(day=6)
    for number in (1, 2):
        fields = {"letter": f"MC-{number}", "position": Position.CONCUR, "version": 1}
        asked.do("gus", "answer", **fields)
    assert [each.person for each in planned(asked).messages] == ["cleo", "fay"]


def test_a_new_version_with_a_new_date_is_another_answer(asked: Ministry) -> None:
    asked.clock.time = UNTIL.replace(day=6)
    sent(asked)
    asked.do("dan", "revise", letter="MC-1", text=OTHER + "P.S.")
    # Its date has passed, and nobody is late with a text that was not there.
    assert planned(asked).messages == ()
    asked.do("dan", "coordinate", letter="MC-1", ask=("archive",), until=UNTIL.replace(day=7))
    (message,) = planned(asked).messages
    assert "MC-1, version 2" in message.text


def test_what_does_not_go_is_not_noted_and_the_others_go(asked: Ministry) -> None:
    asked.clock.time = UNTIL
    done = sent(asked, Sent("cleo@press.example"))
    assert [each.person for each in done.sent] == ["fay", "gus"]
    assert [(each.person, why) for each, why in done.failed] == [
        ("cleo", "nobody answers at cleo@press.example")
    ]
    assert [each.person for each in sent(asked).sent] == ["cleo"]


def test_who_cannot_be_reached_is_told(asked: Ministry) -> None:
    asked.clock.time = UNTIL
    people = {"fay": "fay@press.example"}
    assert planned(asked, people).unreachable == (
        "there is no address for cleo of ministry/press",
        "there is no address for gus of archive",
    )
    asked.do("ada", "end", person="gus", office="archive", effective=asked.clock.time)
    assert "nobody holds the office archive" in planned(asked).unreachable


def test_who_left_the_office_is_not_reminded(asked: Ministry) -> None:
    asked.clock.time = UNTIL
    asked.do("ada", "end", person="cleo", office="ministry/press", effective=UNTIL)
    assert [each.person for each in planned(asked).messages] == ["fay", "gus"]


# --- by mail ---------------------------------------------------------------------------------

MESSAGE = Message("gus", "gus@archive.example", "An answer is owed", "Grüße,\n.\nby 5 March\n", ())


def mailed(server: MailServer, *to: str) -> None:
    with Smtp(server, lambda: BEGIN, seconds=5).session() as session:
        for each in to:
            session.send(each, MESSAGE.subject, MESSAGE.text)


def test_a_message_arrives_as_it_was_written(tmp_path: Path) -> None:
    """With STARTTLS, and the certificate of the server checked."""
    with catching(tmp_path) as catcher:
        server = MailServer(
            *("127.0.0.1", catcher.port, "letters@ministry.example"), ca_file=tmp_path / "ca.pem"
        )
        mailed(server, "gus@archive.example")
    ((to, raw),) = catcher.mail
    message = message_from_bytes(raw, policy=policy.default)
    assert to == message["To"] == "gus@archive.example"
    assert message["From"] == "letters@ministry.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == BEGIN
    assert message["Message-ID"].endswith("@ministry.example>")
    assert message.get_content().replace("\r\n", "\n") == MESSAGE.text


def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with catching(tmp_path) as catcher:
        server = MailServer("127.0.0.1", catcher.port, "letters@ministry.example")
        with pytest.raises(OutsideFailed, match="certificate verify failed"):
            mailed(server, "gus@archive.example")
    assert catcher.mail == []


def test_a_server_without_starttls_gets_nothing() -> None:
    with catching() as catcher:
        server = MailServer("127.0.0.1", catcher.port, "letters@ministry.example")
        with pytest.raises(OutsideFailed, match="cannot be used: STARTTLS"):
            mailed(server, "gus@archive.example")
    assert catcher.mail == []


def test_an_address_that_is_refused_does_not_keep_the_others_back() -> None:
    with catching() as catcher:
        catcher.refused.add("gus@archive.example")
        server = MailServer("127.0.0.1", catcher.port, "l@ministry.example", "none")
        with Smtp(server, lambda: BEGIN).session() as session:
            with pytest.raises(OutsideFailed, match="550 nobody of that name here"):
                session.send("gus@archive.example", "s", "t")
            session.send("fay@press.example", "s", "t")
    assert [to for to, _ in catcher.mail] == ["fay@press.example"]


def test_a_server_that_is_silent_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        server = MailServer("127.0.0.1", deaf.getsockname()[1], "l@ministry.example", "none")
        with (
            pytest.raises(OutsideFailed, match="timed out"),
            Smtp(server, lambda: BEGIN, seconds=0.2).session(),
        ):
            pass


def test_mail_in_the_clear_goes_no_further_than_this_machine() -> None:
    with pytest.raises(FormatError, match="would go in the clear"):
        MailServer("mail.example.org", 25, "l@ministry.example", "none")


# --- the settings and the command ---------------------------------------------------------------


def settings(m: Ministry, **changes: Any) -> None:
    usual = {"server": "127.0.0.1", "from": "letters@ministry.example", "people": PEOPLE}
    content = {name: each for name, each in (usual | changes).items() if each is not None}
    (m.folder / "office" / "mail.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"server": None}, "it needs server, from and people"),
        ({"sevrer": "x"}, "it does not know 'sevrer'"),
        ({"from": "nobody"}, "'nobody' is no mail address"),
        ({"people": {"gus": "a@b.c\nBcc: x@y.z"}}, "is no mail address"),
        ({"people": {"Gus": "a@b.c"}}, "short names"),
        ({"port": "25"}, "25 is no port"),
        ({"security": "ssl"}, "is no security of mail"),
        ({"user": "u"}, "user and password_file go together"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    m: Ministry, changes: dict[str, Any], words: str
) -> None:
    settings(m, **changes)
    with pytest.raises(FormatError) as error:
        mail_of(m.folder)
    assert words in error.value.fact
    assert error.value.hint


def test_the_password_lies_in_a_file_of_its_own_and_is_not_shown(m: Ministry) -> None:
    (m.folder / "office" / "mail.password").write_text("open sesame\n")
    settings(m, user="letters", password_file="mail.password", security="tls")
    server = mail_of(m.folder).server
    assert (server.password, server.port) == ("open sesame", 465)
    assert "sesame" not in repr(server)


def test_the_command_sends_once_and_tells_what_failed(tmp_path: Path) -> None:
    m = build(tmp_path / "registry")
    m.do("dan", "coordinate", letter=m.draft(), ask=("archive", "ministry/press"), until=UNTIL)
    wiring.move_clock(m.folder, UNTIL)
    folder = ("--registry", str(m.folder))
    assert run("remind", *folder)[0] == 2  # nobody wrote where mail goes
    with catching() as catcher:
        settings(m, port=catcher.port, security="none")
        status, out, _err = run("remind", "--dry-run", *folder)
        assert (status, catcher.mail) == (0, [])
        assert "to gus@archive.example: EXERCISE: an answer is owed" in out
        catcher.hang_up_after = 1
        status, out, err = run("remind", *folder)
        assert (status, len(catcher.mail)) == (3, 1)
        assert "1 sent, 2 to be tried again" in out
        assert "fay was not reminded" in err
        catcher.hang_up_after = 10**9
        status, out, _err = run("remind", *folder)
        assert (status, len(catcher.mail)) == (0, 3)
        assert run("remind", *folder)[1].endswith("0 sent, 0 to be tried again\n")
        assert len({to for to, _ in catcher.mail}) == 3
    wiring.move_clock(m.folder, UNTIL.replace(day=7))
    status, _out, err = run("remind", *folder)
    assert status == 3  # the server is down; nothing is lost
    assert "cannot be used: Connection refused" in err


def test_the_log_holds_no_address(asked: Ministry) -> None:
    asked.clock.time = UNTIL
    sent(asked)
    asked.verify()
    public = b"".join(path.read_bytes() for path in (asked.folder / "public").iterdir())
    assert b"gus@" not in public
