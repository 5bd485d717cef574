"""Attacks on PDFs, written by hand from ISO 32000-2 and from what was published about them.

    book      a letter of a dozen lines, its page and its file, byte for byte
    signing   a signature over it, made by the same bytes every time
    signed    attacks on what a signature covers
    revised   attacks by what is added to a signed file, and by what was there before
    shown     words that people see otherwise than they are read, on the page
    built     files that two readers take for two
    forged    all of them, by the names under which they stand in vectors/v1/pdf

`python -m tests.attacks.pdf_forge` writes the vectors.
"""
