# SPDX-License-Identifier: GPL-2.0-or-later
"""Three Redis servers and three Sentinels on loopback, and what they say about themselves."""
import math
import threading
import time

from .process import Process, free_port
from .resp import ErrorReply, Lost, Resp, ask
from .run import wait_for

NAME = "main"  # of the master, for Sentinel


class Server(Process):
    """A redis-server with an append-only file, which remembers on disk whose replica it is."""

    def __init__(self, bench, number, master=None):
        self.port = free_port()
        self.number = number
        directory = bench.path(f"redis{number}")
        directory.mkdir()
        config = directory / "redis.conf"
        config.write_text(f"port {self.port}\nbind 127.0.0.1\ndir {directory}\nsave \"\"\nappendonly yes\n"
                          "auto-aof-rewrite-percentage 0\nrepl-diskless-sync-delay 0\nrepl-ping-replica-period 1\n"
                          + (f"replicaof 127.0.0.1 {master}\n" if master else ""))
        super().__init__(["redis-server", str(config)], str(bench.path(f"redis{number}.log")))

    def start(self):
        super().start()
        self.wait_listening(self.port)


class Sentinel(Process):
    """A redis-sentinel, and a thread that listens to it for a new master."""

    def __init__(self, bench, number, master):
        self.port = free_port()
        directory = bench.path(f"sentinel{number}")
        directory.mkdir()
        config = directory / "sentinel.conf"
        config.write_text(f"port {self.port}\nbind 127.0.0.1\ndir {directory}\n"
                          f"sentinel monitor {NAME} 127.0.0.1 {master} 2\n"
                          f"sentinel down-after-milliseconds {NAME} 700\n"
                          f"sentinel failover-timeout {NAME} 2000\n"
                          f"sentinel parallel-syncs {NAME} 2\n")
        super().__init__(["redis-server", str(config), "--sentinel"], str(bench.path(f"sentinel{number}.log")))
        self.moves = []  # (when, at the latest; the port that it named as the master's; the one that it names now)

    def start(self):
        super().start()
        self.wait_listening(self.port)
        try:  # so that a test need not wait for what Sentinel does every ten seconds; Redis 7
            ask(self.port, "SENTINEL", "DEBUG", "info-period", "300", "publish-period", "300", "ask-period", "300")
        except ErrorReply:
            pass
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        connection = Resp(self.port, None)
        try:
            connection.run("SUBSCRIBE", "+switch-master")
            while True:
                message = connection.reply()
                if isinstance(message, list) and message[0] == "message":
                    _, _, old, _, new = message[2].split()
                    self.moves.append((time.monotonic(), int(old), int(new)))
        except Lost:
            pass

    def master(self):
        """The port that it names now, or None."""
        return self.word()[1]

    def word(self):
        """(config epoch, port that it names now), or (-1, None)."""
        try:
            answer = ask(self.port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME, timeout=0.5)
            fields = ask(self.port, "SENTINEL", "MASTER", NAME, timeout=0.5)
            return int(fields[fields.index("config-epoch") + 1]), int(answer[1])
        except (Lost, ErrorReply):
            return -1, None


class Cluster:
    """The servers; starts and stops them all."""

    def __init__(self, bench):
        first = Server(bench, 0)
        self.servers = [first] + [Server(bench, number, first.port) for number in (1, 2)]
        self.sentinels = [Sentinel(bench, number, first.port) for number in range(3)]
        self.all = [*self.servers, *self.sentinels]
        self.logs = [each.log for each in self.all]
        self.killed = []  # (when it was surely dead, server number)

    def start(self):
        for each in self.all:
            each.start()
        self.settle()

    def stop(self):
        for each in reversed(self.all):
            each.stop()

    @property
    def url(self):
        return "sentinel://" + ",".join(f"127.0.0.1:{each.port}" for each in self.sentinels) + "/" + NAME

    def server_at(self, port):
        return next(each for each in self.servers if each.port == port)

    def named(self):
        """The port of the master that the Sentinel names which knows most, or None."""
        return max((sentinel.word() for sentinel in self.sentinels), key=lambda word: word[0])[1]

    def kill(self, server):
        server.kill()
        self.killed.append((time.monotonic(), server.number))

    def end_of(self, epoch, following):
        """When, at the latest, a server ceased to be the master: dead, or named by no Sentinel any more."""
        server = self.servers[epoch.server]
        died = [at for at, number in self.killed if number == epoch.server and epoch.opened <= at <= following]
        if died:
            return died[0]
        left = [[at for at, port, _ in sentinel.moves if port == server.port and at >= epoch.opened]
                for sentinel in self.sentinels]
        return max(each[0] for each in left) if all(left) else math.inf

    def named_since(self, start):
        """Servers that some Sentinel has come to name since then, in order: (when first, server)."""
        first = {}
        for at, _, port in sorted(move for sentinel in self.sentinels for move in sentinel.moves):
            if at >= start:
                first.setdefault(port, at)
        return [(at, self.server_at(port)) for port, at in first.items()]

    def settled(self):
        """Whether all Sentinels agree, and see a master with two good replicas."""
        try:
            ports = {each.master() for each in self.sentinels}
            if len(ports) != 1 or None in ports:
                return False
            replication = ask(ports.pop(), "INFO", "replication")
            if "role:master" not in replication or replication.count("state=online") != 2:
                return False
            for sentinel in self.sentinels:
                replicas = ask(sentinel.port, "SENTINEL", "REPLICAS", NAME)
                rows = [dict(zip(each[::2], each[1::2])) for each in replicas]
                good = [each for each in rows if each["flags"] == "slave" and each["master-link-status"] == "ok"]
                others = ask(sentinel.port, "SENTINEL", "SENTINELS", NAME)
                if len(good) != 2 or len(others) != 2:
                    return False
            return True
        except (Lost, ErrorReply):
            return False

    def settle(self, meanwhile=lambda: None):
        def settled():
            meanwhile()
            return self.settled()
        wait_for(settled, "a master, two replicas and three Sentinels that agree", 60)
