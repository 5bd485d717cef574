"""The witnesses of a registry's log, whom its founders named on it.

DIR/public/witnesses.txt     the operator's policy, in force until the founders name one
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread

from vidimus.adapters.clock import SystemClock
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.tile_files import TileFiles
from vidimus.adapters.witness_client import SECONDS, HttpCourier, address
from vidimus.core.log import policy as policies
from vidimus.core.log.note import Verifier
from vidimus.core.log.policy import Policy
from vidimus.core.log.witnessed import trimmed
from vidimus.errors import NotAllowed, NotFound, OutsideFailed, UsageError, VidimusError
from vidimus.operations.heads import Trim
from vidimus.operations.ports import LogStore
from vidimus.operations.witness_policy import PolicyInForce
from vidimus.operations.witnessing import Round, Witnessing
from vidimus.wiring.folder import Folder, settings
from vidimus.wiring.keys import opener

FILE = "witnesses.txt"

PAUSE = 0.2  # seconds between looks whether the log has grown
RETRY = 30.0
EVERY = 3600.0


def witness_policy(path: Path) -> Policy | None:
    """Whose word this log asks for; None where it asks for nobody's."""
    settings(path)
    return PolicyInForce(SqliteLog(Folder(path).log, writable=False), lambda: operators(path))()


def operators(path: Path) -> Policy | None:
    """The operator's own policy, which counts until the founders name one."""
    try:
        return policies.parse(TileFiles(path / "public").read(FILE))
    except NotFound:
        return None


def trimming(path: Path, log: LogStore) -> Trim:
    """Leaves those cosignatures away that do not hold by the policy in force. Any thread may ask.

    Where the policy itself cannot be read, nobody's word can be told from a damaged one.
    """
    in_force, lock = PolicyInForce(log, lambda: operators(path)), Lock()

    def trim(checkpoint: str) -> str:
        with lock, suppress(VidimusError):
            return trimmed(checkpoint, in_force())
        return trimmed(checkpoint, None)

    return trim


def install_witnesses(path: Path, content: bytes) -> Policy:
    """Check a policy as one of this log, and put it into force. Raises UsageError if it is none.

    Raises NotAllowed where the founders named the witnesses: theirs is in force.
    """
    found, policy = settings(path), policies.parse(content)
    log = SqliteLog(Folder(path).log, writable=False)
    if PolicyInForce(log, lambda: None)() is not None:
        raise NotAllowed(
            "the founders named the witnesses of this log",
            hint="they change them as they change keys, by a new version of their trust",
        )
    own = [Verifier.parse(each.key) for each in found.log_keys]
    if policy.logs and all(each.key not in own for each in policy.logs):
        raise UsageError(
            f"this policy is for other logs than {found.origin}",
            hint="leave the “log” lines away, or name this log's key",
        )
    for each in policy.witnesses:
        if each.key.key in [key.key for key in own]:
            raise UsageError(
                f"the witness {each.name} has the log's own key",
                hint="a log that confirms itself confirms nothing",
            )
        if each.url:
            try:
                address(each.url)
            except OutsideFailed as error:
                raise UsageError(f"the witness {each.name} {error.fact}") from error
    files = TileFiles(path / "public")
    files.replace(FILE, content)
    files.sync()
    return policy


def witness_rounds(path: Path, *, log: SqliteLog | None = None) -> Witnessing:
    """Whoever asks this log's witnesses. The time is this machine's, in an exercise too."""
    store = log or SqliteLog(Folder(path).log)
    return Witnessing(
        store,
        opener(path),
        PolicyInForce(store, lambda: operators(path)),
        HttpCourier,
        SystemClock(),
    )


def ask_witnesses(path: Path) -> Round | None:
    return witness_rounds(path).round()


@contextmanager
def asking(path: Path, say: Callable[[str], None], *, pause: float = PAUSE) -> Iterator[None]:
    """While this lasts, a thread asks the witnesses whenever the log has grown.

    About a head that stays it asks again every hour, and sooner where the quorum was missed.
    What fails is said once, and again when it is another failure. Nothing waits for this.
    """
    over = Event()
    thread = Thread(target=_ask_on, args=(path, say, over, pause), daemon=True, name="witnesses")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(SECONDS + 1)


def _ask_on(path: Path, say: Callable[[str], None], over: Event, pause: float) -> None:
    log = SqliteLog(Folder(path).log)
    asker = witness_rounds(path, log=log)
    asked, left, said = "", 0.0, ""
    try:
        while not over.wait(pause):
            left -= pause
            try:
                head = log.head().checkpoint
                if head == asked and left > 0:
                    continue
                found = asker.round()
                asked, left = head, EVERY if found is None or found.witnessed.met else RETRY
                failures = found.failures if found is not None else {}
                now = "; ".join(f"{name} {each.sentence}" for name, each in failures.items())
            except VidimusError as error:
                left, now = RETRY, error.fact
            if now and now != said:
                say(f"witnesses: {now}")
            said = now
    finally:
        log.close()
