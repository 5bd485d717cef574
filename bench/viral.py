"""One photo that everybody sends: requests a second and CPU, against reading it each time.

    how it is sent                requests  by  read  requests/s  CPU ms a request  of one reading

A real server over HTTP in a process of its own. *different*: as many photos as requests, so
that each is read. *the same*: one photo, asked by programs (`POST /check`) and by people
(`POST /`, whose page also shows the picture); first one that the server has not seen, then
once more. The last row is that of people who come one after the other, when the picture is
drawn anew for each.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import statistics
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import vidimus
from bench.copies.camera import photo
from bench.copies.typeset import letter_pdf, page_images
from vidimus import wiring
from vidimus.adapters.reading import reader as readers
from vidimus.operations import story as stories

EXAMPLE = Path(vidimus.__file__).parent / "example"
REQUESTS, CLIENTS = 200, 16
DIFFERENT = 8


def _serve(folder: Path, said: Connection, read: object) -> None:
    look = readers.CellReader.look

    def counted(self: readers.CellReader, *parts: object) -> object:
        with read.get_lock():  # type: ignore[attr-defined]
            read.value += 1  # type: ignore[attr-defined]
        return look(self, *parts)  # type: ignore[arg-type]

    readers.CellReader.look = counted  # type: ignore[assignment,method-assign]
    wiring.serve(folder, "127.0.0.1", 0, said.send)


class Server:
    """A real server; what it and its readers have computed so far, and how often it read."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._read = context.Value("i", 0)
        mine, its = context.Pipe()
        self._process = context.Process(target=_serve, args=(folder, its, self._read))
        self._process.start()
        self.address = urlsplit(mine.recv())

    def cpu(self) -> float:
        status = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        # utime, stime, and those of children that were waited for (proc(5), from state on).
        return sum(map(int, status[11:15])) / os.sysconf("SC_CLK_TCK")

    def read(self) -> int:
        return int(self._read.value)

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


def send(server: Server, path: str, copies: Sequence[bytes], clients: int) -> Counter[str]:
    """All of them, each client one after the other; how often each answer came."""
    rest = list(copies)
    said: Counter[str] = Counter()
    lock = threading.Lock()

    def client(number: int) -> None:
        assert server.address.hostname
        line = http.client.HTTPConnection(server.address.hostname, server.address.port, timeout=300)
        while True:
            with lock:
                if not rest:
                    return
                copy = rest.pop()
            # Each client has its own address, as behind a proxy on the same machine.
            headers = {"Content-Type": "image/jpeg", "X-Forwarded-For": f"198.51.100.{number}"}
            line.request("POST", path, copy, headers)
            answer = line.getresponse()
            body = answer.read()
            with lock:
                said[_headline(answer.status, body)] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return said


def _headline(status: int, body: bytes) -> str:
    if status != 200:
        return str(status)
    for name in (b"STANDS", b"WITHDRAWN", b"ALTERED", b"CANNOT_TELL"):
        if b'"headline":"' + name in body or b"<!-- " + name in body:
            return name.decode()
    return "page"


def main() -> None:
    text = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")
    sheet = page_images(letter_pdf(text), dpi=200)[0]
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry"
        story = stories.read((EXAMPLE / "story.yaml").read_bytes())
        wiring.play(story, EXAMPLE, registry)
        print(f"{'how it is sent':<26}{'requests':>9}{'by':>4}{'read':>6}{'requests/s':>12}"
              f"{'CPU ms a request':>18}{'of one reading':>16}  answers")  # fmt: skip
        server = Server(registry)
        try:
            # The first request of all also finds out what is installed.
            send(server, "/check", [photo(sheet, 99, "medium")], 1)
            alone = [_row(server, "", "/check", [photo(sheet, 50 + n, "medium")], 1)
                     for n in range(3)]  # fmt: skip
            once = statistics.median(alone)
            several = [photo(sheet, 10 + n, "medium") for n in range(DIFFERENT)]
            print(f"one reading{1000 * once:>64.0f}{'100.0%':>16}")
            _row(server, "different", "/check", several, CLIENTS, once)
            same = [photo(sheet, 1, "medium")] * REQUESTS
            _row(server, "the same, by programs", "/check", same, CLIENTS, once)
            _row(server, "… and again", "/check", same, CLIENTS, once)
            same = [photo(sheet, 2, "medium")] * REQUESTS
            _row(server, "the same, by people", "/", same, CLIENTS, once)
            _row(server, "… one after the other", "/", same[:20], 1, once)
        finally:
            server.close()
    print("CPU: of the server and of the cells that read; one reading is the median of three")


def _row(
    server: Server, name: str, path: str, copies: Sequence[bytes], clients: int, once: float = 0.0
) -> float:
    """Prints a row where it has a name; CPU seconds a request."""
    began, spent, read = perf_counter(), server.cpu(), server.read()
    said = send(server, path, copies, clients)
    wall, spent, read = perf_counter() - began, server.cpu() - spent, server.read() - read
    each = spent / len(copies)
    if name:
        answers = ", ".join(f"{count} {what}" for what, count in said.most_common())
        print(f"{name:<26}{len(copies):>9}{clients:>4}{read:>6}{len(copies) / wall:>12.1f}"
              f"{1000 * each:>18.0f}{each / once:>15.1%}  {answers}", flush=True)  # fmt: skip
    return each


if __name__ == "__main__":
    main()
