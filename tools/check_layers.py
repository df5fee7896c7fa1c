"""Holds the sources to the layers of the design: who may include whom.

    tools/check_layers.py [ROOT]

Prints each violation as file:line and exits with 1 if there is any.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

# Which rooms each room of src/ may look into, beside itself and the public headers.
ROOMS = {
    "core": set(),
    "transports": {"core"},
    "frame": {"core"},
    "formats": {"core", "frame"},  # a decoder applies the filter before it makes the other columns
    "adaptive": {"core", "frame"},  # a filter that the source could not apply is applied here
    "sinks": {"core", "frame"},
    "sources": {"core", "transports", "formats", "frame"},
}
# These tie the rooms together, and may look into all of them.
KNOTS = re.compile(r"src/(registry|sources/builtin)\.cc")

# One vendor, one room: a library that may have to be replaced is known in one place only.
VENDORS = {
    "parquet/": re.compile(r"src/(formats|sinks)/parquet"),
    "curl/": re.compile(r"src/transports/http"),
    "librdkafka/": re.compile(r"src/sources/kafka"),
    "nanobind/": re.compile(r"python/core/"),
}
# What a user's compiler must read beside the standard library: little, as every user pays for it.
PUBLIC_MAY_INCLUDE = {"tl/expected.hpp", "arrow/type_fwd.h"}

SCANNED = ("include", "src", "cli", "datasets", "examples", "bench", "python")
MAX_LINES = 500
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')


def objection(file: str, included: str) -> str | None:
    """Why `file` may not include `included`, or None if it may."""
    top, _, rest = file.partition("/")
    room = rest.partition("/")[0] if top == "src" else top
    other = included.partition("/")[0] if "/" in included else room

    if top == "include":
        is_standard = "/" not in included and "." not in included
        if is_standard or other == "polarway" or included in PUBLIC_MAY_INCLUDE:
            return None
        return "a public header includes only the standard library, polarway/ and " + ", ".join(
            sorted(PUBLIC_MAY_INCLUDE)
        )
    if top != "cli" and other == "cli":
        return "nothing looks into cli"
    if top not in ("cli", "datasets", "bench") and other == "datasets":
        return "only cli and bench look into datasets"
    if file.endswith("_test.cc"):
        return None
    for vendor, home in VENDORS.items():
        if included.startswith(vendor) and not home.match(file):
            return f"{vendor} is known only to {home.pattern}"
    if other not in ROOMS or other == room or KNOTS.fullmatch(file):
        return None
    if top != "src":
        return f"{top} looks only into polarway/"
    allowed = ROOMS.get(room, set())
    if other not in allowed:
        return f"{room} looks only into {', '.join(sorted(allowed | {'polarway'}))}"
    return None


def violations(root: Path) -> Iterator[str]:
    """One line for each violation in the tree at `root`."""
    files = (f for top in SCANNED for f in (root / top).rglob("*") if f.suffix in (".h", ".cc"))
    for path in sorted(files):
        file = path.relative_to(root).as_posix()
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            include = INCLUDE.match(line)
            if include and (why := objection(file, include[1])):
                yield f"{file}:{number}: includes {include[1]}, but {why}"
        if len(lines) > MAX_LINES:
            yield f"{file}:{MAX_LINES + 1}: has {len(lines)} lines, {MAX_LINES} are allowed: split it at a concept"


if __name__ == "__main__":
    found = list(violations(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)))
    print("\n".join(found) or "layers: in order")
    sys.exit(bool(found))
