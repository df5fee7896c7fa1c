"""Files of others. They lie beside the checkout and are no part of it: where they are not, their tests
are skipped, also in CI."""

import os
from pathlib import Path

import pytest

CORPORA = Path(
    os.environ.get(
        "POLARWAY_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "corpora"
    )
)
ABSENT = "is not here"


def corpus_files(folder, pattern="*"):
    """The files of a folder within CORPORA as parameters; where there are none, one that is skipped."""
    found = sorted(
        path for path in (CORPORA / folder).glob(pattern) if path.is_file() and path.suffix != ".md"
    )
    if not found:
        skip = pytest.mark.skip(reason=f"{CORPORA / folder} {ABSENT}")
        return [pytest.param(None, id="none", marks=skip)]
    return [pytest.param(path, id=f"{path.parent.name}-{path.name[-40:]}") for path in found]
