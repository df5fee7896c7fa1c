"""The program in a pipeline, and when a signal ends it."""

import contextlib
import os
import signal
import subprocess
import threading
import time

import polars as pl
import pytest
from conftest import COLUMNS, PROGRAM, environment, leftovers
from polars.testing import assert_frame_equal


def test_minus_reads_a_pipe(polarway, people, people_rows, tmp_path):
    data = people.read_bytes()
    polarway(
        "stream",
        "-",
        "--as",
        "csv",
        "--memory-limit",
        "64MB",
        "--to",
        tmp_path / "out.parquet",
        stdin=data,
    )
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), people_rows)
    assert polarway("count", "-", "--as", "csv", stdin=data).out == f"{people_rows.height}\n"


def test_a_reader_that_leaves_early_is_no_error(program, people):
    done = subprocess.run(
        [
            "bash",
            "-c",
            '"$0" stream "$1" --to - --stats none | head -n 1; echo "${PIPESTATUS[0]}"',
            program,
            people,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=True,
    )
    assert done.stdout.splitlines() == [",".join(COLUMNS), "0"]
    assert done.stderr == ""


class Feeder(threading.Thread):
    """Writes `batches` of 2,000 rows into a pipe, and then nothing more, but leaves it open."""

    def __init__(self, pipe, batches):
        super().__init__()
        self.pipe = pipe
        self.batches = batches
        self.start()

    def run(self):
        rows = b"".join(b"%d,name %d,2024-01-01\n" % (number, number) for number in range(2000))
        with contextlib.suppress(BrokenPipeError):
            self.pipe.write(b"id,name,day\n" if self.batches else b"")
            for _ in range(self.batches):
                self.pipe.write(rows)
            self.pipe.flush()


FED = {"nothing": 0, "a little": 1, "much": 100, "more than it takes": 1_000_000}


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("batches", FED.values(), ids=FED.keys())
def test_a_signal_ends_it_at_once_and_leaves_no_file(
    polarway, tmp_path, record_property, number, code, name, batches
):
    process = polarway.start(
        "stream", "-", "--as", "csv", "--to", tmp_path / name, stdin=subprocess.PIPE
    )
    feeder = Feeder(process.stdin, batches)
    try:
        time.sleep(0.5)
        assert process.poll() is None, process.stderr.read()
        sent = time.monotonic()
        process.send_signal(number)
        ended = process.wait(timeout=5)
        took_ms = (time.monotonic() - sent) * 1000
    finally:
        process.kill()
        feeder.join()
        error = process.stderr.read().decode()
        process.stdout.close()
        process.stderr.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    record_property("took_ms", round(took_ms))
    assert ended == code, error
    assert took_ms < 1000, "200 ms is what is promised; the rest is for a busy machine"
    assert leftovers(tmp_path) == []


def test_a_signal_ends_it_when_nobody_reads_its_output(polarway, people):
    process = polarway.start("stream", people, "--to", "-")  # fills the pipe, then waits in a write
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) == 130
    process.stdout.close()
    process.stderr.close()


def test_the_output_gets_the_mode_that_umask_leaves(program, people, tmp_path):
    subprocess.run(
        [PROGRAM, "stream", people, "--limit", "10", "--to", tmp_path / "out.csv"],
        env=environment(),
        check=True,
        capture_output=True,
        preexec_fn=lambda: os.umask(0o027),
    )
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640
