# SPDX-License-Identifier: GPL-2.0-or-later
"""A service manager as systemd is one for Type=notify: it restarts what ends, keeps the descriptors that it is given
(FDSTORE), hands them to the next process, and follows the main process (MAINPID)."""
import array
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

from .process import alive
from .run import wait_for


class Supervisor:
    """Runs `command` until stop().  `store`: whether it keeps descriptors, as FileDescriptorStoreMax= says."""

    def __init__(self, command, log, notify, store=True, delay=0.1):
        self.command, self.log, self.keeps, self.delay = command, log, store, delay
        self.notify = str(notify)
        self.stored, self.main, self.first, self.former = [], None, None, []
        self.starts, self.ready = 0, threading.Event()
        self.stopping = threading.Event()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.notify)
        os.chmod(self.notify, 0o666)
        self.socket.settimeout(0.1)
        self.threads = [threading.Thread(target=each, daemon=True) for each in (self.listen, self.watch)]

    def start(self):
        for each in self.threads:
            each.start()
        wait_for(self.ready.is_set, f"{self.command[0]} under its supervisor: {self.text()[-2000:]}", 60)

    def text(self):
        path = pathlib.Path(self.log)
        return path.read_text(errors="replace") if path.exists() else ""

    def spawn(self):
        environment = dict(os.environ, NOTIFY_SOCKET=self.notify)
        command, keep = self.command, ()
        if self.stored:
            # The descriptors must be 3 and up, and the variables must name the process itself.
            moves = " ".join(f"{3 + at}<&{fd}" for at, fd in enumerate(self.stored))
            shell = f"exec {moves}; LISTEN_PID=$$ LISTEN_FDS={len(self.stored)}; export LISTEN_PID LISTEN_FDS; exec \"$@\""
            command, keep = ["bash", "-c", shell, "bash", *self.command], tuple(self.stored)
        with open(self.log, "ab") as out:
            self.first = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment,
                                          pass_fds=keep, start_new_session=True)
        self.main = self.first.pid
        self.starts += 1

    def listen(self):
        while not self.stopping.is_set():
            try:
                rights = array.array("i")
                data, control, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(64))
            except OSError:
                continue
            for level, kind, content in control:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    rights.frombytes(content[:len(content) // rights.itemsize * rights.itemsize])
            self.heard(data.decode().splitlines(), list(rights))

    def heard(self, lines, rights):
        for line in lines:
            if line == "READY=1":
                self.ready.set()
            elif line.startswith("MAINPID="):
                self.former.append(self.main)
                self.main = int(line[8:])
            elif line == "FDSTORE=1" and self.keeps and rights and not self.holds(rights[0]):
                self.stored.append(os.dup2(rights.pop(0), 100 + len(self.stored)))
        for each in rights:
            os.close(each)

    def holds(self, fd):
        """Whether the same socket is there already; systemd compares with kcmp(2)."""
        return any(os.path.sameopenfile(fd, each) for each in self.stored)

    def watch(self):
        while not self.stopping.is_set():
            if self.first is not None:
                self.first.poll()  # so that it does not stay a zombie
            if self.main is None or not alive(self.main):
                if self.starts:
                    time.sleep(self.delay)
                if not self.stopping.is_set():
                    self.spawn()
            time.sleep(0.02)

    def kill(self):
        """SIGKILL to the main process."""
        self.send(signal.SIGKILL)

    def send(self, number):
        try:
            os.kill(self.main, number)
        except ProcessLookupError:
            pass

    def processes(self):
        """Also a successor whose predecessor was killed before it could tell of it: systemd knows it by its group."""
        program = str(self.command[0]).encode()
        found = [self.main] if self.main else []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if path.read_bytes().split(b"\0")[0] == program:
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return [pid for pid in dict.fromkeys(found) if alive(pid)]

    def stop(self):
        self.stopping.set()
        for each in self.threads:
            if each.is_alive():
                each.join()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.processes():
                os.kill(pid, number)
            try:
                wait_for(lambda: self.first is None or (self.first.poll(), not self.processes())[1], "its end", 15)
                break
            except AssertionError:
                continue
        self.socket.close()
        for fd in self.stored:
            os.close(fd)
