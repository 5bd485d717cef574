"""Copies of letters as strangers hold them: typeset, scanned, photographed, misread, altered.

Every function is pure: the same arguments give the same bytes, on the same versions of the
libraries. Randomness comes from a `seed` argument alone. Tests, benchmarks and the shipped
example all draw their copies from here, so that one picture means the same thing everywhere.

    typeset.py   text → PDF → page pictures → PDFs without, or with a false, text layer
    camera.py    page picture → scan, photo, screenshot, fax, part of a page
    noise.py     text → text as a poor reader would read it
    edits.py     text → text with one deliberate change, and what was changed
    corpus.py    seed → a registry of made-up letters, as many as one likes
    degrade.py   text → the part of it that somebody has, as it was read
    adversary.py letters → copies that must never be told to stand
"""
