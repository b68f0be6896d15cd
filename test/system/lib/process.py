# SPDX-License-Identifier: GPL-2.0-or-later
"""Free ports, and processes that are ended by their process ID."""
import os
import signal
import socket
import subprocess

from .run import wait_for


def free_port(address="127.0.0.1"):
    """A port that nobody listens on now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def listens(port, address="127.0.0.1"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid):
    """Process IDs of the direct children."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(entry))
    return found


class Process:
    """A program in the foreground, its output in a log file."""

    def __init__(self, arguments, log, environment=None):
        self.arguments = arguments
        self.logs = [log]
        self.log = log
        self.environment = environment
        self.process = None

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            env=self.environment, start_new_session=True)

    def wait_listening(self, port, seconds=20.0):
        """Waits until the process takes connections there."""
        wait_for(lambda: listens(port) or self.process.poll() is not None, f"{self.arguments[0]} on port {port}",
                 seconds)
        if self.process.poll() is not None:
            raise AssertionError(f"{self.arguments[0]} ended with status {self.process.returncode}: {self.text()}")

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, seconds=20.0):
        return self.process.wait(timeout=seconds)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait(timeout=5)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait(timeout=5)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def lines(self, *words):
        """Log lines that hold all of the words."""
        return [line for line in self.text().splitlines() if all(word in line for word in words)]

    def wait_line(self, *words, seconds=20.0, count=1):
        return wait_for(lambda: len(self.lines(*words)) >= count and self.lines(*words),
                        f"{words} in {self.log}", seconds)
