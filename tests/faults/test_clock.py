"""The clock of the machine jumps. It is told, no act is lost, and none is dated back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.faults.doors import ROOMY
from tests.operations.ministry import OTHER, TEXT, HandClock, Ministry, build
from tests.service.door import Door, opened, told

from vidimus import wiring
from vidimus.core.acts import vocabulary as v
from vidimus.core.copies.answers import Headline
from vidimus.errors import NotAllowed, OutsideFailed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Machine(HandClock):
    """This machine's clock: `time` is the true time, and it is off by so much."""

    off = timedelta()

    def now(self) -> datetime:
        return self.time + self.off


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with opened(build(tmp_path / "registry", clock=Machine()), ROOMY) as made:
        yield made


def machine(door: Door) -> Machine:
    clock = door.m.clock
    assert isinstance(clock, Machine)
    return clock


def truly(door: Door, body: v.Body) -> tuple[bytes, bytes]:
    """Signed by somebody whose own clock is right."""
    machine(door).pass_(seconds=1)
    return door.signed("cleo", body, at=machine(door).time)


def times(m: Ministry) -> list[datetime]:
    return [act.act.at for act in m.said]


def require_in_order(m: Ministry) -> None:
    """The log's time never falls, and whoever verifies it finds every act where it was."""
    m.verify()
    noted = [each.time for each in m.registry.log.filed(0, m.registry.log.head().size)]
    assert noted == sorted(noted)


def test_an_hour_back_and_nothing_is_taken_until_it_is_right_again(door: Door) -> None:
    """Refuse rather than date back; and nobody is told to set a clock that is right."""
    m, letter = door.m, door.m.released()
    size, act = m.registry.log.head().size, truly(door, v.Hold(letter, "We are looking."))
    machine(door).off = -HOUR
    with pytest.raises(OutsideFailed) as refused:
        m.do("ben", "withdraw", letter=letter)
    assert "the clock says" in refused.value.fact and "set the clock" in refused.value.hint
    answer = door.post(*act)
    title, detail = told(answer)
    assert (answer.status_code, title) == (503, "Service Unavailable")
    assert "the clock says" in detail and "of this machine" in detail
    # What is there is answered, as every day.
    assert m.check().headline is Headline.STANDS
    assert door.client.get("/checkpoint").status_code == 200
    assert door.client.get("/entries/3").status_code == 200
    assert m.registry.log.head().size == size
    machine(door).off = timedelta()
    assert door.registers(*act).index == size
    m.do("ben", "withdraw", letter=letter)
    assert m.check().headline is Headline.WITHDRAWN
    require_in_order(m)


def test_a_little_back_is_nothing(door: Door) -> None:
    """Clocks are set by seconds all the time: the act bears the time that the log has reached."""
    m = door.m
    machine(door).pass_(minutes=20)  # since the appointments
    for off in (0, -40, 3, -200, -100):
        machine(door).off = timedelta(seconds=off)
        m.draft(f"{OTHER} {off}")
        letter = m.released(f"{TEXT} {off}")
        door.registers(*door.signed("cleo", v.Hold(letter, f"{off}")))
    assert times(m) == sorted(times(m))
    require_in_order(m)


def test_a_day_ahead_and_back_what_was_signed_at_its_time_is_not_redated(door: Door) -> None:
    """Through the door of programs nobody's time is believed that is not the present one, so
    nothing is taken while the clock is wrong, and everything afterwards."""
    m, letter = door.m, door.m.released()
    size, act = m.registry.log.head().size, truly(door, v.Hold(letter, "We are looking."))
    machine(door).off = DAY
    answer = door.post(*act)
    assert (answer.status_code, told(answer)[0]) == (400, "Rejected")
    assert "it is" in told(answer)[1] and "sign again" in told(answer)[1]
    assert m.registry.log.head().size == size
    machine(door).off = timedelta()
    found = door.registers(*act)
    assert m.registry.log.filed(found.index, found.index + 1)[0].time == int(
        machine(door).time.timestamp()
    )
    require_in_order(m)


def test_an_act_that_was_made_a_day_ahead_stays_and_the_next_waits_for_it(door: Door) -> None:
    """An act that is made here bears the time of this machine; that it was wrong, nobody here
    can know. It is not lost and not redated. Nothing is dated before it: it is said why, and
    from its time on all goes on."""
    m, letter = door.m, door.m.released()
    machine(door).off = DAY
    m.do("cleo", "hold", letter=letter)
    ahead = m.said[-1].act.at
    assert ahead == machine(door).now()
    machine(door).off = timedelta()
    with pytest.raises(OutsideFailed) as refused:
        m.do("cleo", "clear", letter=letter)
    assert f"the log has an act of {ahead:%Y-%m-%d %H:%M:%S}" in refused.value.fact
    answer = door.post(*truly(door, v.Clear(letter)))
    assert answer.status_code == 503 and "the log has an act of" in told(answer)[1]
    # It counts, and whoever asks hears so.
    assert m.check().headline is Headline.ON_HOLD
    machine(door).time = ahead
    m.do("cleo", "clear", letter=letter)
    door.registers(*truly(door, v.Hold(letter, "Once more.")))
    assert m.check().headline is Headline.ON_HOLD
    require_in_order(m)


def test_back_and_forth_no_answered_act_is_lost(door: Door) -> None:
    """However it jumps: what was taken is on the log, in order, and each refusal says why."""
    m, taken, refused = door.m, 0, 0
    size = m.registry.log.head().size
    for off in (0, -7200, 60, -30, -301, -299, 0, 86_400 * 40, -1, 86_400 * 41, 0):
        machine(door).off = timedelta(seconds=off)
        try:
            m.draft(f"{OTHER} {off} {taken}")
            taken += 1
        except OutsideFailed as error:
            assert "clock" in error.fact and error.hint
            refused += 1
        except NotAllowed:
            raise AssertionError("a clock is nobody's fault") from None
    assert taken + refused == 11 and refused >= 3
    assert m.registry.log.head().size == size + taken
    require_in_order(m)
    assert not wiring.verify_log(m.folder, False).refused
