"""Documents are written by RFC 8785's encoder, and compared by one that is quicker."""

from __future__ import annotations

from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.acts import document as documents

PLAIN = st.recursive(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text(st.characters(max_codepoint=0x9F)),
        st.integers(0, 2**53 - 1),
        st.booleans(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), inner, max_size=5),
    ),
)


@given(PLAIN)
def test_the_quick_encoder_writes_the_bytes_of_rfc_8785(value: Any) -> None:
    """For all that an act can hold, it is the encoder that documents are written with."""
    assert documents._QUICK.encode(value).encode() == rfc8785.dumps(value)
