# SPDX-License-Identifier: GPL-2.0-or-later
"""What befalls the daemon in test/system/storm.py while mail flows."""
import os
import random
import resource
import shutil
import signal
import threading
from collections import Counter

from .process import children

# What must not be noticed by anybody who sends mail.
CALM = ["reload", "upgrade", "worker_killed", "redis_killed"]
STORM = CALM + ["daemon_killed", "daemon_restarted", "disk_full", "worker_starved", "daemon_starved"]


class Weather:
    """Troubles of these kinds at random moments, each kind `rounds` times, spread over `count` messages."""

    def __init__(self, it, seed, count, kinds, rounds):
        self.it = it
        self.random = random.Random(seed)
        self.counts = Counter()
        self.timers = []
        self.plan = sorted((self.random.uniform(0.05, 0.95) * count, kind) for kind in kinds for _ in range(rounds))

    def progress(self, sent):
        while self.plan and self.plan[0][0] <= sent:
            _, kind = self.plan.pop(0)
            self.counts[kind] += 1
            getattr(self, kind)()

    def after(self, seconds, action):
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()
        self.timers.append((timer, action))

    def heal(self):
        """Waits for what is still to be put right."""
        for timer, _ in self.timers:
            timer.join()

    def reload(self):
        self.it.daemon.send(signal.SIGHUP)

    def upgrade(self):
        """As a package does it: the new file takes the name of the old one, which still runs."""
        program = self.it.daemon.command[0]
        shutil.copy2(program, program + ".new")
        os.rename(program + ".new", program)
        self.it.daemon.send(signal.SIGUSR2)

    def daemon_killed(self):
        self.it.daemon.kill()

    def daemon_restarted(self):
        self.it.daemon.send(signal.SIGTERM)

    def a_worker(self):
        found = [pid for daemon in self.it.daemon.processes() for pid in children(daemon) if self.inspects(pid)]
        return self.random.choice(found) if found else None

    @staticmethod
    def inspects(pid):
        """A successor is a child of the old daemon too."""
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as command:
                return b"postern-inspect" in command.read()
        except OSError:
            return False

    def worker_killed(self):
        """One worker only: a message whose second worker is killed too is judged without facts, but goes on."""
        pid = self.a_worker()
        if pid:
            self.signal(pid, signal.SIGKILL)

    @staticmethod
    def signal(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def worker_starved(self):
        pid = self.a_worker()
        if pid:
            self.squeeze(pid, 1 << 20)

    def daemon_starved(self):
        """For two seconds it gets hardly any more memory, and then all it wants; so does a successor it starts then."""
        before = self.squeeze(self.it.daemon.main, 4 << 20)

        def enough():
            for pid in self.it.daemon.processes():
                self.limit(pid, before)
        if before:
            self.after(2.0, enough)

    def squeeze(self, pid, room):
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
                size = int(statm.read().split()[0]) * os.sysconf("SC_PAGESIZE")
            before = resource.prlimit(pid, resource.RLIMIT_AS)
        except (OSError, IndexError):
            return None
        self.limit(pid, (size + room, before[1]))
        return before

    @staticmethod
    def limit(pid, values):
        try:
            resource.prlimit(pid, resource.RLIMIT_AS, values)
        except OSError:
            pass  # it has ended

    def redis_killed(self):
        if self.it.redis.process.poll() is None:
            self.it.redis.kill()
            self.after(self.random.uniform(0, 1.5), self.it.redis.start)

    def disk_full(self):
        """The file system of state and log has no byte left for a while."""
        filler = self.it.small_disk / "filler"
        try:
            with open(filler, "wb", buffering=0) as out:
                while out.write(b"\0" * 65536) == 65536:
                    pass
        except OSError:
            pass
        self.after(1.5, lambda: filler.unlink(missing_ok=True))
