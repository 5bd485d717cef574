"""Letters on paper: Typst sets them, segno draws the seal, pyHanko signs the file."""
