"""Two at once on one registry: two servers, a server and the command line, two publishers."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.kept import Kept
from tests.faults.parts import close, copied, released
from tests.faults.serving import ENVIRONMENT, Caller, command, serving, vidimus
from tests.faults.test_server import Client, act_beside, require_once, require_published
from tests.operations.ministry import Ministry
from tests.store.faces import files_in, monitor

from vidimus import wiring


def test_a_second_server_is_refused_and_the_first_goes_on(base: Ministry, tmp_path: Path) -> None:
    """Issue: two servers started on one registry by mistake: one is refused, with a fact and a
    hint, in whatever way the folder is named. And one that is killed is in nobody's way."""
    m, kept = copied(base, tmp_path / "registry"), Kept()
    (tmp_path / "link").symlink_to(m.folder)
    client = Client(m, released(m)[0], kept)
    with serving(m.folder) as first:
        with Caller(first.address) as call:
            client.once(call)
            for name in (m.folder, tmp_path / "link"):
                second = vidimus("log", "serve", "--port", "0", "--registry", str(name))
                assert second.returncode == 2
                assert second.stderr.splitlines()[0] == (
                    "vidimus: conflict: a server of the log is running for this registry already"
                )
                assert "hint: stop the other one first" in second.stderr
                client.once(call)
        # The public pages are no such server: they write nothing.
        with serving(m.folder, log=False) as pages, Caller(pages.address) as call:
            assert call.get("/checkpoint")[0] == 200
        first.process.kill()
        first.process.wait()
        with serving(m.folder) as third, Caller(third.address) as call:
            client.once(call)
            # Asked to end, it ends, and what was answered before is there.
            third.process.terminate()
            assert third.process.wait(20) in (0, -signal.SIGTERM)
    assert client.wrong == [] and len(kept.receipts) >= 4
    kept.require(m.folder)


def test_servers_that_are_started_at_the_same_moment_become_one(
    base: Ministry, tmp_path: Path
) -> None:
    m = copied(base, tmp_path / "registry")
    arguments = command("log", "serve", "--port", "0", "--registry", str(m.folder))
    started = [
        subprocess.Popen(
            arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    until = time.monotonic() + 60
    while sum(each.poll() is None for each in started) > 1:
        assert time.monotonic() < until
        time.sleep(0.05)
    said = []
    for each in started:
        if each.poll() is None:
            assert each.stdout is not None and "http://" in each.stdout.readline()
            each.kill()
        said.append(each.communicate()[1])
    refused = [each for each in said if "conflict" in each]
    assert len(refused) == 2 and all("hint:" in each for each in refused)
    m.verify()


def test_a_server_and_people_at_work_interleave(base: Ministry, tmp_path: Path) -> None:
    """Both write on one log; each is answered, and what one knows of it the other learns."""
    m, kept, over = copied(base, tmp_path / "registry"), Kept(), threading.Event()
    first = m.registry.log.head().size
    clients = [Client(m, letter, kept) for letter in (*released(m), "")]
    with serving(m.folder) as server:
        people = [threading.Thread(target=act_beside, args=(m, kept, over)) for _ in range(2)]
        for each in people:
            each.start()

        def work(client: Client) -> None:
            with Caller(server.address) as call:
                for _ in range(12):
                    client.once(call)

        with ThreadPoolExecutor(len(clients)) as pool:
            list(pool.map(work, clients))
        over.set()
        for each in people:
            each.join()
        # A real command beside it, too.
        for arguments in (("log", "verify"), ("log", "publish"), ("list",)):
            done = vidimus(*arguments, "--registry", str(m.folder))
            assert done.returncode == 0, done.stderr
        require_published(m.folder, m.registry.log.head().size)
        assert "Traceback" not in server.said()
    assert [each.wrong for each in clients] == [[]] * len(clients)
    assert require_once(m, kept, first, clients) == 0
    assert len(kept.receipts) >= 48 and len(kept.acts) >= 2
    indices = sorted(kept.acts)
    assert indices != list(range(indices[0], indices[0] + len(indices))), "they took turns"


def test_two_publishers_leave_one_face(base: Ministry, tmp_path: Path) -> None:
    """One of them waits for nobody: it says so, and the next time all is published."""
    m = copied(base, tmp_path / "registry")
    size = m.registry.log.head().size
    arguments = command("log", "publish", "--registry", str(m.folder))
    started = [
        subprocess.Popen(arguments, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [(each.communicate()[1], each.returncode) for each in started]
    assert 0 in {status for _, status in said}
    for error, status in said:
        assert status == 0 or ("somebody else is publishing" in error and "hint:" in error)
    assert monitor(files_in(wiring.public_face(m.folder)), wiring.opener(m.folder)) == size
    m.draft("More words that nobody has said before in this registry.")
    close(m)
    assert wiring.publish(m.folder) == size + 1
    assert monitor(files_in(wiring.public_face(m.folder)), wiring.opener(m.folder)) == size + 1
    assert not (wiring.public_face(m.folder) / ".new").exists()
