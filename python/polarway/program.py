"""The program `polarway`, which the wheel brings along."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import NoReturn


def main() -> NoReturn:
    """Becomes the program: the shell command `polarway`."""
    program = Path(__file__).with_name("polarway")
    arrow = importlib.util.find_spec("pyarrow")
    if arrow is None or not arrow.submodule_search_locations:
        sys.exit("polarway: pyarrow is not installed, whose Arrow the program uses")
    # The program looks beside its own package; pyarrow may be in another folder of packages.
    folders = [*arrow.submodule_search_locations, os.environ.get("LD_LIBRARY_PATH", "")]
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, folders))
    os.execv(program, ["polarway", *sys.argv[1:]])
