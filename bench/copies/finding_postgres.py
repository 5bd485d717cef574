"""PostgreSQL's pg_trgm, on a server of its own that lives as long as the benchmark."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.copies.finding_queries import Query

DEBIAN = Path("/usr/lib/postgresql")  # where its packages put each version's bin/
TIMEOUT_MS = 10_000  # a question that takes longer has no answer
SHARE = 0.5  # of the trigrams must be shared; at 0.3, the default, every question timed out


class Trigrams:
    name = "PostgreSQL pg_trgm GIN"

    def __init__(self) -> None:
        import psycopg

        places = [*map(str, sorted(DEBIAN.glob("*/bin"), reverse=True)), *os.get_exec_path()]
        found = shutil.which("initdb", path=os.pathsep.join(places))
        if found is None:
            raise OSError(f"no initdb in the PATH or under {DEBIAN}")
        self._programs = Path(found).parent
        # The server refuses to run as root; Debian's package has made it a user.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="vidimus-bench-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = str(self._folder / "data")
        try:
            self._run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync")
            options = f"-k {self._folder} -c listen_addresses= -c shared_buffers=512MB"
            log = str(self._folder / "log")
            self._run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
            self._db: Any = psycopg.connect(
                host=str(self._folder), user="bench", dbname="postgres", autocommit=True
            )
            self._db.execute("CREATE EXTENSION pg_trgm")
        except (subprocess.CalledProcessError, psycopg.Error) as error:
            self.close()
            raise OSError(f"its server did not start: {error}") from error
        self._cancelled = psycopg.errors.QueryCanceled

    def build(self, texts: Iterator[tuple[int, str]]) -> int:
        self._db.execute("CREATE TABLE t (number integer, body text)")
        with self._db.cursor().copy("COPY t FROM STDIN") as rows:
            for row in texts:
                rows.write_row(row)
        self._db.execute("SET maintenance_work_mem = '512MB'")
        self._db.execute("CREATE INDEX t_body ON t USING gin (body gin_trgm_ops)")
        self._db.execute("ANALYZE t")
        self._db.execute(f"SET statement_timeout = {TIMEOUT_MS}")
        self._db.execute(f"SET pg_trgm.similarity_threshold = {SHARE}")
        self._db.execute(f"SET pg_trgm.word_similarity_threshold = {SHARE}")
        return int(self._db.execute("SELECT pg_relation_size('t_body')").fetchone()[0])

    def ask(self, query: Query) -> int | None:
        whole = query.condition.part == "full"
        sort = "similarity(%(q)s, body)" if whole else "word_similarity(%(q)s, body)"
        near = "body %% %(q)s" if whole else "%(q)s <%% body"
        try:
            row = self._db.execute(
                f"SELECT number FROM t WHERE {near} ORDER BY {sort} DESC, number LIMIT 1",
                {"q": query.read},
            ).fetchone()
        except self._cancelled:
            return None
        return None if row is None else int(row[0])

    def close(self) -> None:
        if hasattr(self, "_db"):
            self._db.close()
        data = str(self._folder / "data")
        with suppress(subprocess.CalledProcessError):  # it may not have started
            self._run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            user=self._user,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )
