"""One run of a command: its time, its processor time and its memory."""

import dataclasses
import os
import pathlib
import select
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("POLARWAY", ROOT / "build" / "release" / "polarway"))
SAMPLE_SECONDS = 0.004


@dataclasses.dataclass
class Measured:
    """Seconds, and peaks in MB: `anon` of RssAnon + RssShmem, as sampled, `rss` of all that is resident."""

    wall: float
    cpu: float
    anon: float
    rss: float
    out: str = ""


class Failed(Exception):
    """The command's exit was not 0; the text is the end of what it said."""


def status_bytes(pid: int) -> tuple[int, int]:
    """What is anonymous now, and the most that was ever resident."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)
                 if name in ("RssAnon", "RssShmem", "VmHWM")}
    return (1024 * (kilobytes.get("RssAnon", 0) + kilobytes.get("RssShmem", 0)), 1024 * kilobytes.get("VmHWM", 0))


def measure(command: list[str]) -> Measured:
    """Runs it. Time is that of the whole process, start-up included."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        exited = select.poll()
        pidfd = os.pidfd_open(child.pid)
        exited.register(pidfd, select.POLLIN)
        anon = rss = 0
        while not exited.poll(1000 * SAMPLE_SECONDS):
            now = status_bytes(child.pid)
            anon, rss = max(anon, now[0]), max(rss, now[1])
        wall = time.perf_counter() - start
        os.close(pidfd)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            said = err.read().decode("utf-8", "replace").strip()
            raise Failed(f"exit {child.returncode}: {said[-2000:]}")
        return Measured(wall, usage.ru_utime + usage.ru_stime, anon / 1e6, rss / 1e6,
                        out.read().decode("utf-8", "replace"))
