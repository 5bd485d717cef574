"""Making a bundle: one letter's evidence, taken from the public desk and believed by nobody here.

What is handed out was read back first, as a stranger will read it. The log's word on what
there is about the letter, and the receipts, come from whoever holds the registry's keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from vidimus.core.acts import document as documents
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.vocabulary import Release
from vidimus.core.evidence import bundle as bundles
from vidimus.core.evidence.bundle import Bundle, Piece, Text
from vidimus.core.evidence.page import page
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.claim import MOST_SUBJECTS
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import Link, TrustRoot
from vidimus.errors import TooLarge, VerificationFailed
from vidimus.operations.bundle_desk import opened as open_bundle
from vidimus.operations.desk import Desk
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.ports import Progress, Stored, silent

TRIES = 3  # the log may grow while a bundle is put together

# The log's signed word on these subjects as of this head (operations/claims.py).
AskClaim = Callable[[Sequence[str], Checkpoint], str]
# The receipt for an entry, with its path to the root of this head.
Receipt = Callable[[Stored, tuple[bytes, ...], Checkpoint], bytes]


def make(
    desk: Desk,
    own: OwnIndex,
    name: str,
    ask: AskClaim,
    receipt: Receipt | None = None,
    *,
    progress: Progress = silent,
) -> bytes:
    """The bundle on a public letter, by its number. Raises NotFound, for a draft as for none."""
    tries = 0
    while True:
        tries += 1
        text, head = _head(desk)
        progress("collecting the acts", None)
        made = _collected(desk, own, name, text, head, ask, receipt)
        progress("reading it back", None)
        # What came in between may be the very withdrawal; and half from before an act and half
        # from after it would not hold together.
        grown = tries < TRIES and _head(desk)[1] != head
        try:
            answered = open_bundle(made, desk.reader).the_letter().answer
        except VerificationFailed:
            if not grown:
                raise
        else:
            if not grown:
                return bundles.write(replace(made, page=page(answered)))


def trust_root(own: OwnIndex, chain: tuple[int, ...], head: Checkpoint) -> TrustRoot:
    """The founding and whatever changed founders or keys since, proved to be on the log."""
    links = []
    for index in chain:
        stored, _path = own.proved(index, head)
        links.append(Link(index, stored.raw, (stored.document or b"").decode()))
    return roots.build(links)


def _head(desk: Desk) -> tuple[str, Checkpoint]:
    """The latest signed head; with the cosignatures of the witnesses where they have seen it."""
    return desk.face.shown()


def _collected(
    desk: Desk,
    own: OwnIndex,
    name: str,
    text: str,
    head: Checkpoint,
    ask: AskClaim,
    receipt: Receipt | None,
) -> Bundle:
    letter, texts = _letters(desk, name)
    letters = sorted({each.letter for each in texts})
    indices = own.indices((AUTHORITY, *letters), head)
    pieces: dict[int, Piece] = {}

    def take(index: int, *, of_letter: bool = False) -> Stored:
        stored, path = own.proved(index, head)
        given = [documents.to_base64(receipt(stored, path, head))] if receipt and of_letter else []
        document = None if stored.document is None else stored.document.decode()
        pieces[index] = Piece(index, stored.raw, path, document, tuple(given))
        return stored

    # The last one tells how far the log's time had come.
    take(head.size - 1)
    for subject, all_of_it in indices.items():
        for index in all_of_it:
            stored = take(index, of_letter=subject != AUTHORITY)
            body = documents.read(stored.document or b"").body
            for opens in body.opens if isinstance(body, Release) else ():
                take(opens.index)
    chain = desk.facts(()).authority.chain
    root = trust_root(own, tuple(each for each in chain if each < head.size), head)
    return Bundle(
        letter=letter,
        page="",
        trust=roots.write(root),
        checkpoint=text,
        claim=ask(tuple(indices), head),
        pieces=tuple(pieces[index] for index in sorted(pieces)),
        texts=tuple(texts),
    )


def _letters(desk: Desk, name: str) -> tuple[str, list[Text]]:
    """The letter's number, and the public texts of it and of all that took its place."""
    texts: dict[tuple[str, int], Text] = {}
    first = desk.letter(name)
    waiting, seen = [first], {first.letter.id}
    while waiting:
        found = waiting.pop()
        for version, each in found.texts.items():
            texts[found.letter.id, version] = Text(
                found.letter.id, version, each.language, each.text
            )
        successor = found.letter.successor
        if successor is not None and successor not in seen:
            seen.add(successor)
            if len(seen) >= MOST_SUBJECTS:
                raise TooLarge(f"more than {MOST_SUBJECTS - 2} letters replaced one another")
            waiting.append(desk.letter(successor))
    return first.letter.id, [texts[each] for each in sorted(texts)]
