"""Any number of people through a pipe: no disk, and the pages of the pipe are not the reader's."""

import contextlib
import subprocess
import sys
from pathlib import Path

import polars as pl

BLOCK_BYTES = 64_000_000
FEEDER = Path(__file__).parent / "feed_blocks.py"


class PeoplePipe:
    """One block of people over and over."""

    def __init__(self, block):
        self.block = block
        self.ages = pl.read_csv(block, columns=["age"], schema_overrides={"age": pl.Int64})["age"]

    def copies(self, size_bytes):
        """How many blocks make at least that many bytes."""
        return -(-size_bytes // BLOCK_BYTES)

    def rows(self, size_bytes):
        return self.copies(size_bytes) * len(self.ages)

    @contextlib.contextmanager
    def open(self, size_bytes):
        """The end to read from, of a pipe that a process outside of every test group fills."""
        feeder = subprocess.Popen(
            [sys.executable, FEEDER, self.block, str(self.copies(size_bytes))],
            stdout=subprocess.PIPE,
        )
        try:
            yield feeder.stdout
        finally:
            feeder.stdout.close()
            feeder.kill()
            feeder.wait()
