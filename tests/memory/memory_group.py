"""A memory cgroup of a size, where one byte too many is a kill."""

import contextlib
import os
import time
import uuid
from pathlib import Path

from conftest import skip_or_fail


class MemoryGroup:
    """A memory cgroup, of version 1 or 2, whatever this machine has."""

    def __init__(self, limit_bytes):
        self.version, parent = find_memory_controller()
        self.folder = parent / f"polarway-test-{uuid.uuid4().hex[:8]}"
        self.folder.mkdir()
        try:
            self.limit_to(limit_bytes)
            if self.version == 2 and (self.folder / "memory.swap.max").exists():
                self.write("memory.swap.max", 0)
        except OSError:
            self.remove()
            raise

    def limit_to(self, limit_bytes):
        """Sets the limit, also while processes run in the group: what is above it is reclaimed."""
        self.write("memory.limit_in_bytes" if self.version == 1 else "memory.max", limit_bytes)

    def write(self, name, value):
        (self.folder / name).write_text(str(value))

    def read(self, name):
        """A file of the group: a number, or a dict of them by name."""
        lines = (self.folder / name).read_text().splitlines()
        if len(lines) == 1 and " " not in lines[0]:
            return int(lines[0])
        return {key: int(value) for key, value in (line.split() for line in lines)}

    def kills(self):
        return self.read("memory.oom_control" if self.version == 1 else "memory.events")["oom_kill"]

    def enter(self):
        """Moves the calling process into the group."""
        self.write("cgroup.procs", os.getpid())

    def remove(self):
        for _ in range(100):  # the last process may still be on its way out
            try:
                return self.folder.rmdir()
            except OSError:
                time.sleep(0.05)


def find_memory_controller():
    """(version, the folder of our own group) of the hierarchy that limits memory."""
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, _, kind = line.partition(" - ")
        fields, (kind, _, options) = place.split(), kind.split(" ", 2)
        if kind == "cgroup" and "memory" in options.split()[-1].split(","):
            mounts[1] = fields[4]
        elif kind == "cgroup2":
            mounts[2] = fields[4]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if 1 in mounts and "memory" in controllers.split(","):
            own = Path(mounts[1] + path)
            return 1, own if own.is_dir() else Path(mounts[1])
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if 2 in mounts and line.startswith("0::"):
            own = Path(mounts[2] + line[3:])
            for folder in (own, own.parent, Path(mounts[2])):
                control = folder / "cgroup.subtree_control"
                if control.exists() and "memory" in control.read_text().split():
                    return 2, folder
    raise OSError("no hierarchy that limits memory")


@contextlib.contextmanager
def memory_group(limit_bytes):
    """A group for the time of a `with`; where none can be made, the test proves nothing."""
    try:
        group = MemoryGroup(limit_bytes)
    except OSError as error:
        skip_or_fail(f"NOT PROVEN HERE: no memory cgroup can be made ({error})")
    try:
        yield group
    finally:
        group.remove()
