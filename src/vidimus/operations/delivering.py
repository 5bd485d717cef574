"""Telling subscribers, each in order, at least once, and no longer than it makes sense.

Nothing is queued when an act is done: the log is the queue, and each subscriber has a place on
it. So no crash can come between an act and its message. What is sent is marked as sent only
afterwards; after a crash in between it is sent once more, under the same id.

    deliveries.round()       send what is due, to everybody at once, and wait for nobody
    deliveries.settle()      … and wait until all that is under way has ended
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from vidimus.core.notices import patience, webhook
from vidimus.core.notices.states import Telling
from vidimus.core.notices.subscriber import DeadLetter, Place, Posted, Subscriber
from vidimus.errors import OutsideFailed, VidimusError
from vidimus.operations.telling import Tellings

AT_ONCE = 16  # subscribers that are told at the same time
NOTED = 1024  # entries without a message for somebody, after which it is noted that he has them
REST = 5.0  # seconds until the next try, where it is our side that failed
GONE = 410  # “stop sending”, as Standard Webhooks has it


class Post(Protocol):
    def __call__(self, url: str, headers: dict[str, str], body: bytes, *, private: bool) -> Posted:
        """Raises OutsideFailed where there is no answer, or nobody may be asked there."""
        ...


class Outbox(Protocol):
    """The subscribers and their places. What a method wrote is on the disk when it returns."""

    def all(self) -> tuple[Subscriber, ...]: ...

    def get(self, name: str) -> Subscriber | None: ...

    def add(self, subscriber: Subscriber) -> None: ...

    def remove(self, name: str) -> None:
        """With what is dead of it. Raises NotFound."""
        ...

    def move(self, subscriber: Subscriber, place: Place, *, lasting: bool = True) -> None:
        """It was told up to here. Nothing happens where it was moved by somebody else."""
        ...

    def failed(self, subscriber: Subscriber) -> None:
        """Keep its failures, times and what was said, where it is still at that place."""
        ...

    def give_up(self, subscriber: Subscriber, dead: DeadLetter, place: Place) -> None:
        """Keep the dead letter and go on behind it, both or neither."""
        ...

    def end(self, subscriber: Subscriber, why: str) -> None: ...

    def dead(self) -> tuple[DeadLetter, ...]: ...

    def again(self, name: str) -> int:
        """Go back to the first dead letter, and forget them; gives how many. Raises NotFound."""
        ...


@dataclass(slots=True)
class Counted:
    sent: int = 0
    failed: int = 0
    dead: int = 0


class Deliveries:
    """One process at a time; whoever makes it holds the lock."""

    def __init__(
        self,
        tellings: Tellings,
        outbox: Outbox,
        post: Post,
        *,
        now: Callable[[], float],
        chance: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        """`now` gives this machine's seconds since 1970, `chance` a number from 0 up to 1."""
        self._tellings = tellings
        self._outbox = outbox
        self._post = post
        self._now = now
        self._chance = chance
        self._say = say
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="delivery")
        self._running: dict[str, Future[None]] = {}
        # Up to which size of the log nothing is due to whom: not looked through again.
        self._looked: dict[str, tuple[Place, int]] = {}
        # What went wrong on our side, and until when it is left alone.
        self._resting: dict[str, tuple[str, float]] = {}
        self._over = False
        self.counted = Counted()

    def round(self) -> None:
        """Begin with everybody to whom something is due and who is not being told right now."""
        for name, future in list(self._running.items()):
            if future.done():
                del self._running[name]
                self._ended(name, future)
        size, now = self._tellings.size(), self._now()
        for each in self._outbox.all():
            if each.id in self._running or each.ended or each.not_before > now:
                continue
            if self._resting.get(each.id, ("", 0.0))[1] > now:
                continue
            if each.place.index < size and self._looked.get(each.id) != (each.place, size):
                self._running[each.id] = self._pool.submit(self._tell, each.id, size)

    def settle(self) -> None:
        for name, future in list(self._running.items()):
            future.exception()
            del self._running[name]
            self._ended(name, future)

    def close(self) -> None:
        """What is under way ends with the message that it is at."""
        self._over = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _ended(self, name: str, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None:
            self._resting.pop(name, None)
            return
        if not isinstance(error, Exception):
            raise error
        # The log, the office's file or a mistake of ours, and not the subscriber. The others go
        # on; of an unforeseen error only its kind is told, since it might quote a secret.
        fact = error.fact if isinstance(error, VidimusError) else f"defect: {type(error).__name__}"
        if fact != self._resting.get(name, ("", 0.0))[0]:
            self._say(f"subscriber {name}: {fact}")
        self._resting[name] = (fact, self._now() + REST)

    def _tell(self, name: str, size: int) -> None:
        while not self._over:
            # As it is by now: the office may have removed it, or sent it back.
            subscriber = self._outbox.get(name)
            if subscriber is None or subscriber.ended:
                return
            due = next(self._due(subscriber, size), None)
            if due is None:
                if size - subscriber.place.index >= NOTED:
                    self._outbox.move(subscriber, Place(size), lasting=False)
                self._looked[name] = (subscriber.place, size)
                return
            if not self._sent(subscriber, *due):
                return

    def _due(self, subscriber: Subscriber, size: int) -> Iterator[tuple[Place, Telling]]:
        """What it has not been told, each with the place behind it."""
        begin = subscriber.place
        for index in range(begin.index, size):
            for part, told in enumerate(self._tellings.at(index)):
                behind = Place(index, part + 1)
                told_already = index == begin.index and part < begin.part
                if not told_already and subscriber.wants(told):
                    yield behind, told

    def _sent(self, subscriber: Subscriber, behind: Place, told: Telling) -> bool:
        """Whether to go on with the next message."""
        content = webhook.body(told, self._tellings.as_of(), self._tellings.address)
        name, now = webhook.message_id(subscriber.id, told), self._now()
        headers = webhook.headers(subscriber.secret, name, int(now), content)
        asked = None
        try:
            posted = self._post(subscriber.url, headers, content, private=subscriber.private)
        except OutsideFailed as error:
            said = error.fact
        else:
            if 200 <= posted.status < 300:
                self._outbox.move(subscriber, behind)
                self.counted.sent += 1
                if subscriber.failures:
                    self._say(f"subscriber {subscriber.id}: answers again")
                return True
            if posted.status == GONE:
                self._outbox.end(subscriber, "it answered 410: it wants no more")
                self._say(f"subscriber {subscriber.id}: it answered 410, so it is told no more")
                return False
            said, asked = f"it answered {posted.status}", posted.retry_after
        return self._failed(subscriber, behind, told, said, asked)

    def _failed(
        self, subscriber: Subscriber, behind: Place, told: Telling, said: str, asked: float | None
    ) -> bool:
        now = self._now()
        first = subscriber.first_failure or now
        if patience.over(first, now):
            dead = DeadLetter(subscriber.id, subscriber.place, told.id, said, now)
            self._outbox.give_up(subscriber, dead, behind)
            self.counted.dead += 1
            self._say(
                f"subscriber {subscriber.id}: given up after {subscriber.failures + 1} attempts:"
                f" {told.heading} (entry {told.index}): {said}; tell it by other means, or:"
                f" vidimus subscribers again {subscriber.id}"
            )
            return True
        failures = subscriber.failures + 1
        later = now + patience.pause(failures, self._chance(), asked)
        after = replace(
            subscriber, failures=failures, first_failure=first, not_before=later, said=said
        )
        self._outbox.failed(after)
        self.counted.failed += 1
        if said != subscriber.said:
            self._say(f"subscriber {subscriber.id}: {said}; it is tried again")
        return False
