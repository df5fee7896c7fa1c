"""A run of the program inside a memory cgroup."""

import contextlib
import os
import subprocess

from conftest import PROGRAM, Run, environment
from group_sampler import GroupSampler

MIB = 1 << 20


class LimitedRun(Run):
    """A finished run, with the largest memory that was seen from outside while it ran."""

    def __init__(self, process, out, err, sampler, kills):
        super().__init__(process.returncode, out, err)
        self.peak_bytes, self.samples, self.kills = sampler.peak_bytes, sampler.samples, kills

    @property
    def story(self):
        """What to show when it was not what it should be."""
        return (
            f"exit {self.code}, {self.kills} kills, at most {self.peak_bytes:,} bytes in "
            f"{self.samples} samples\n{self.err[-3000:]}"
        )


@contextlib.contextmanager
def start_in(group, *arguments, **options):
    """Starts the program inside the group: (process, sampler), both ended with the `with`."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
    process = subprocess.Popen(
        [str(PROGRAM), *map(str, arguments)],
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=group.enter,
        **options,
    )
    sampler = GroupSampler(group)
    sampler.start()
    try:
        yield process, sampler
    finally:
        process.kill()
        process.wait()
        sampler.stop()


def run_in(group, *arguments, timeout=900, **options):
    """Runs the program inside the group, to its end."""
    with start_in(group, *arguments, **options) as (process, sampler):
        out, err = process.communicate(timeout=timeout)
    return LimitedRun(process, out or b"", err, sampler, group.kills())


def forget_pages(path):
    """Drops the file from the page cache, so that reading it again is charged to the group."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
