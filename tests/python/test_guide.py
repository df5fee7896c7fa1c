"""The Python of the user guide runs as it was written.

tests/guide/ has its blocks, word for word, and beside a block that cannot be Python as it stands the
patch that repairs it and does no more: doubled backslashes, a statement in a lambda, `break` outside
of a loop. The names that the guide uses and never imports are supplied here.
"""

import shutil
import subprocess
from pathlib import Path

import polarway as pl
import pytest
from polarway.errors import MemoryLimitError, NetworkError
from polarway.result import Err, Ok, Some
from polarway.streaming import CsvSource

BLOCKS = Path(__file__).resolve().parents[1] / "guide"


@pytest.fixture
def run_block(desk, command):
    """run_block(name, names) runs that block with these names, and gives all names at its end."""

    def run(name, **names):
        shutil.copy(BLOCKS / f"{name}.py", desk)
        patch = BLOCKS / f"{name}.patch"
        subprocess.run([command("git"), "apply", "--unsafe-paths", patch], cwd=desk, check=True)
        code = compile((desk / f"{name}.py").read_text(encoding="utf-8"), f"{name}.py", "exec")
        exec(code, names)
        return names

    return run


def test_blocks_and_patches_go_together():
    assert {path.suffix for path in BLOCKS.iterdir()} == {".py", ".patch"}
    for patch in BLOCKS.glob("*.patch"):
        assert patch.with_suffix(".py").exists()


def test_the_python_example_runs(run_block, capsys):
    names = run_block("python_example")
    assert names["df"].to_dict(as_series=False) == {
        "name": ["Ada", "Grace", "Edsger"],
        "age": [36, 45, 72],
    }
    assert capsys.readouterr().out == "Processing 3 rows\n"


def test_python_with_monads_runs(run_block, capsys):
    processed = []
    names = run_block(
        "python_with_monads",
        # What the guide does not import.
        pl=pl,
        Some=Some,
        NetworkError=NetworkError,
        MemoryLimitError=MemoryLimitError,
        # What the guide leaves to its reader.
        source=CsvSource("data.csv", chunk_size=2),
        process_data=processed.append,
        process_chunk=processed.append,
        log_error=pytest.fail,
        validate_schema=lambda chunk: Ok(chunk) if "age" in chunk.columns else Err("no age"),
        clean_data=lambda chunk: Ok(chunk.drop_nulls()),
        transform=lambda chunk: Ok(chunk.with_columns(pl.col("age") + 1)),
        aggregate=lambda chunk: chunk.select(pl.col("age").sum()),
    )
    assert capsys.readouterr().out == "Combined 9 rows\n"
    assert names["result"].columns == ["name", "age"]
    # The loop around match, and the context manager, each saw every row.
    assert pl.concat(processed).height == 6
    assert names["process_chunk_safe"](CsvSource("data.csv")) == Ok(3)
    assert names["pipeline"](CsvSource("data.csv")).map(pl.DataFrame.item) == Ok(156)


def test_the_guides_functions_come_through_errors_and_the_end(run_block):
    names = run_block(
        "python_with_monads",
        **{name: lambda *_: Ok(None) for name in ("process_data", "process_chunk", "log_error")},
        pl=pl,
        Some=Some,
        NetworkError=NetworkError,
        MemoryLimitError=MemoryLimitError,
        source=CsvSource("data.csv"),
    )
    read = CsvSource("data.csv")
    assert names["process_chunk_safe"](read) == Ok(3)
    assert names["process_chunk_safe"](read) == Ok(None)
    broken = CsvSource("data.csv", schema_overrides={"name": "int64"})
    assert names["process_chunk_safe"](broken).unwrap_err().startswith("Processing failed: data.csv")
