"""A cgroup whose limit is lowered while the program runs in it."""

import subprocess
import threading
import time

import polars as pl
from conftest import leftovers
from limited_run import start_in
from memory_group import memory_group
from people_pipe import PeoplePipe

# Without a change it takes 50 MB of the first or more; it is lowered before that, to a little more.
WIDE, GROWN, LEFT = 300_000_000, 34_000_000, 24_000_000


class Pump(threading.Thread):
    """Writes blocks of people into the program until it is told that this was the last one."""

    def __init__(self, block, pipe):
        super().__init__(daemon=True)
        with open(block, "rb") as file:
            self.header, self.rows = file.readline(), file.read()
        self.pipe, self.copies, self.last = pipe, 0, threading.Event()

    def run(self):
        try:
            self.pipe.write(self.header)
            while not self.last.is_set():
                self.pipe.write(self.rows)
                self.copies += 1
            self.pipe.close()
        except BrokenPipeError:  # the program ended with an error, which is looked at elsewhere
            pass


def lower_when_grown(group, process, sampler):
    """Lowers the limit to a little above what is in use when the program has begun to grow, and
    gives the new one. (Below it the kernel would refuse, with version 1, or kill, with 2.)"""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if (used := sampler.now_bytes) > GROWN:
            try:
                group.limit_to(used + LEFT)
                return used + LEFT
            except OSError:  # pages of the output are being written: not now
                pass
        time.sleep(0.001)
    raise AssertionError(f"never lowered: {sampler.peak_bytes=:,} {sampler.now_bytes=:,}")


def test_a_limit_lowered_while_running_is_kept_or_is_an_error_and_no_kill(make_people, tmp_path):
    people, out = PeoplePipe(make_people("64MB")), tmp_path / "out.parquet"
    arguments = ["stream", "-", "--as", "csv", "--memory-limit", "300MB", "--to", out]
    with (
        memory_group(WIDE) as group,
        start_in(group, *arguments, stdin=subprocess.PIPE) as (process, sampler),
    ):
        pump = Pump(people.block, process.stdin)
        pump.start()
        lowered = lower_when_grown(group, process, sampler)
        copies = pump.copies
        while pump.copies < copies + 5 and process.poll() is None:
            time.sleep(0.01)
        pump.last.set()
        pump.join()
        errors = process.stderr.read().decode()
        code = process.wait(timeout=60)
        assert group.kills() == 0, f"{lowered:,} {errors}"
    assert code in (0, 6), errors
    if code == 0:
        ages = pl.scan_parquet(out).select(pl.len(), pl.col("age").sum().alias("sum"))
        expected = [pump.copies * len(people.ages), pump.copies * people.ages.sum()]
        assert list(ages.collect().row(0)) == expected
    else:
        assert "limit" in errors
        assert leftovers(tmp_path) == []
