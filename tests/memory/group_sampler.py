"""The memory that the limit is about, measured from outside."""

import threading


class GroupSampler(threading.Thread):
    """Looks 1,000 times a second how much anonymous and shared memory all processes of a group
    have together: the program's whole process tree, since children are born into their parent's
    group. Start it when the program runs: between fork and exec, the child is a copy of Python."""

    def __init__(self, group):
        super().__init__(daemon=True)
        self.procs = open(group.folder / "cgroup.procs", "rb", buffering=0)
        self.status = {}  # pid -> its open /proc/PID/status
        self.now_bytes = self.peak_bytes = self.samples = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.001):
            self.procs.seek(0)
            self.now_bytes = sum(map(self.process_bytes, self.procs.read(4096).split()))
            self.peak_bytes = max(self.peak_bytes, self.now_bytes)
            self.samples += self.now_bytes > 0

    def process_bytes(self, pid):
        try:
            if pid not in self.status:
                self.status[pid] = open(b"/proc/%b/status" % pid, "rb", buffering=0)
            self.status[pid].seek(0)
            lines = self.status[pid].read(4096).split(b"\n")
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            return 0
        return sum(
            int(line.split()[1]) * 1024
            for line in lines
            if line.startswith((b"RssAnon:", b"RssShmem:"))
        )

    def stop(self):
        self.done.set()
        self.join()
        for file in (self.procs, *self.status.values()):
            file.close()
