"""The wheel of `make wheel` works in an environment that has nothing else of ours."""

import os
import subprocess
import sys

import pytest

from .conftest import PEOPLE, ROOT

pytestmark = pytest.mark.long


def run(*command, exits=0, **options):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "LD_LIBRARY_PATH")
    }
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        **options,
    )
    assert done.returncode == exits, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The folder of programs of a fresh environment with the wheel and what it depends on."""
    run("make", "wheel", cwd=ROOT)
    (wheel,) = (ROOT / "build" / "wheels").glob("*.whl")
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--quiet", wheel)
    return folder / "bin"


def test_the_wheel_brings_the_package_and_the_program(environment, tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    code = "import polarway as pl; print(pl.CsvSource('people.csv').collect()['age'].sum())"
    assert run(environment / "python", "-c", code, cwd=tmp_path) == "153\n"
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    assert version in run(environment / "polarway", "--version")
    assert run(environment / "polarway", "count", "people.csv", cwd=tmp_path) == "3\n"


def test_another_pyarrow_is_told_with_both_versions(environment):
    run(environment / "pip", "install", "--quiet", "--no-deps", "pyarrow==25.*")
    told = run(environment / "python", "-c", "import polarway", exits=1)
    assert "ImportError: polarway" in told
    assert "built for pyarrow 26.0" in told
    assert "pyarrow 25." in told
