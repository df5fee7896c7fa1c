"""Puts standard input into a document, between two marks: `... | python bench/into.py DOCUMENT NAME`."""

import pathlib
import sys


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: written by make bench-docs -->\n", f"<!-- end of {name} -->\n"


def put_into(document: pathlib.Path, name: str, text: str) -> None:
    """Replaces what is between the marks. Without them, it is an error."""
    begin, end = marks(name)
    before, found_begin, rest = document.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        sys.exit(f"{document} has no marks for {name}: {begin}{end}")
    document.write_text(f"{before}{begin}\n{text.strip()}\n\n{end}{after}")


if __name__ == "__main__":
    put_into(pathlib.Path(sys.argv[1]), sys.argv[2], sys.stdin.read())
