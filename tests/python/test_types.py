"""The package's types are whole, and what users write with them type-checks."""

import subprocess
import sys
from pathlib import Path

import polars
import polarway
import pytest
from .conftest import PACKAGES, ROOT
from polarway import _polars

SAMPLES = Path(__file__).parent / "typed"


def check(*command):
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stub_of_polars_names_has_all_of_them():
    stub = Path(_polars.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    listed = {line.split()[0] for line in stub.splitlines() if " as " in line}
    assert listed == set(polars.__all__) - _polars.OURS


def test_the_package_says_that_it_is_typed():
    assert Path(polarway.__file__).with_name("py.typed").exists()


@pytest.mark.long
def test_mypy_is_content_with_the_package_and_its_use():
    check("mypy", "--strict", "--cache-dir", ROOT / ".cache" / "mypy", PACKAGES / "polarway", SAMPLES)


@pytest.mark.long
def test_pyright_is_content_with_the_package():
    check("pyright", "-p", ROOT, "--pythonpath", sys.executable)
