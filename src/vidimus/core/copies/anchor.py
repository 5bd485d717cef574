"""Where a comment speaks of a text: the quoted words, and the words around them if need be.

    quote "harbour", before "the inner"    →  one place, or it is no anchor

Words are sought in the canonical text (`canonical.py`), so a line break or a typed quotation
mark is no difference. An anchor holds for the version that it was made for. On another one it
is orphaned: a sentence that looks alike may mean something else. See spec/acts.md, section 9.
"""

from __future__ import annotations

from vidimus.core.copies.canonical import canonical


def places(text: str, quote: str, before: str = "", after: str = "") -> tuple[int, ...]:
    """Where in the canonical text the quote stands between these words."""
    whole, wanted = canonical(text), canonical(quote)
    ahead, behind = canonical(before), canonical(after)
    found: list[int] = []
    start = whole.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        # One space more than the context is long may lie between the two.
        left = whole[max(0, start - len(ahead) - 1) : start].rstrip()
        right = whole[end : end + len(behind) + 1].lstrip()
        if left.endswith(ahead) and right.startswith(behind):
            found.append(start)
        start = whole.find(wanted, start + 1)
    return tuple(found)
