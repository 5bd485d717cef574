"""The log's public face over HTTP: the files that `vidimus log publish` writes, and claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vidimus.core.seal import problem
from vidimus.errors import FormatError, NotFound, VerificationFailed
from vidimus.operations.face import Face
from vidimus.web.service.replies import STILL, Reply, of_error, refusal

TEXT = b"text/plain; charset=utf-8"
BYTES = b"application/octet-stream"
JSON = b"application/json"
MOST_SUBJECTS = 20

# Gives the log's signed word on which entries speak of these subjects.
Claim = Callable[[Sequence[str]], str]


class PublicFace:
    """Answers for the addresses that anybody may read, and says not found for all others."""

    def __init__(self, face: Face, claim: Claim, trust: Callable[[], bytes]) -> None:
        self._face = face
        self._claim = claim
        self._trust = trust

    def reply(self, path: str) -> Reply:
        try:
            return self._found(path.removeprefix("/"))
        except NotFound as error:
            return of_error(error, problem.NOT_FOUND)
        except (FormatError, VerificationFailed) as error:
            # Who reads has sent nothing that could be false: it is the log that is damaged.
            return of_error(error, problem.UNAVAILABLE)

    def _found(self, path: str) -> Reply:
        if path == "checkpoint":
            return Reply(200, TEXT, self._face.checkpoint().encode())
        if path == "trust.json":
            return Reply(200, JSON, self._trust())
        if path.startswith(("tile/", "acts/")):
            return Reply(200, BYTES, self._face.file(path), cache=STILL)
        if path.startswith("subjects/"):
            subjects = path.removeprefix("subjects/").split(",")
            if len(subjects) > MOST_SUBJECTS:
                return refusal(problem.MALFORMED, f"at most {MOST_SUBJECTS} subjects at once")
            return Reply(200, TEXT, self._claim(subjects).encode())
        return refusal(problem.NOT_FOUND, "nothing is at this address")
