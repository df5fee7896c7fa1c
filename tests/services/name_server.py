"""A name server that fails in the ways that no real one can be made to, for one process."""

import ctypes
import os
import socket
import subprocess
import threading

import pytest

NEW_MOUNTS = 0x00020000  # <linux/sched.h>: CLONE_NEWNS
PRIVATE_BELOW = 0x4000 | 0x40000  # <linux/mount.h>: MS_REC | MS_PRIVATE
BIND = 0x1000  # MS_BIND


class NameServer:
    """Answers each question with `code`, a response code of RFC 1035; with None, it never does."""

    def __init__(self, folder, code):
        can_mount = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
        if can_mount.returncode != 0 or not os.path.exists("/etc/resolv.conf"):
            pytest.skip("NOT PROVEN HERE: a process can be given another name server by root only")
        self.code = code
        self.questions = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.77.0.1", 53))
        self.settings = folder / "resolv.conf"
        self.settings.write_text("nameserver 127.77.0.1\n")
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            question, client = self.socket.recvfrom(4096)
            if not question:
                return
            self.questions += 1
            if self.code is not None:
                # The same, as an answer: recursion is there, and the code.
                head = question[:2] + bytes([question[2] | 0x80, 0x80 | self.code])
                self.socket.sendto(head + question[4:], client)

    def enter(self):
        """What a child process calls to ask this one: its own /etc/resolv.conf."""
        libc = ctypes.CDLL(None, use_errno=True)
        settings = os.fsencode(self.settings)
        for failed in (
            libc.unshare(NEW_MOUNTS),
            libc.mount(b"none", b"/", None, PRIVATE_BELOW, None),
            libc.mount(settings, b"/etc/resolv.conf", None, BIND, None),
        ):
            if failed:
                raise OSError(ctypes.get_errno(), "no mounts of its own")

    def stop(self):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()
