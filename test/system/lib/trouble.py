# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong in test/system/proof.py, at random, and how it is put right again."""
import random
import signal
import time
from collections import Counter

from .redis_cluster import NAME
from .resp import ErrorReply, Lost, ask


class Trouble:
    """For one seed: one great trouble, and small ones throughout, spread over the edits."""

    def __init__(self, it, seed, edits):
        self.it = it
        self.random = random.Random(seed)
        self.counts = Counter()
        self.later = []  # (when, what)
        great = [self.failover, self.master_killed, self.master_stopped, self.master_restarted, self.replica_killed]
        small = [self.node_stopped, self.node_stopped, self.node_killed, self.node_ended, self.clients_cut,
                 self.notices_cut, self.relay_cut, self.relay_silent, self.scripts_forgotten, self.flushed,
                 self.restored, self.command, self.command, self.command, self.sentinel_stopped]
        chosen = [(self.random.uniform(0.2, 0.7), great[seed % len(great)])]
        chosen += [(self.random.random(), each) for each in small]
        self.plan = sorted(((int(part * edits), each) for part, each in chosen), key=lambda each: each[0])
        self.looked = 0.0

    def go_on(self):
        """Does what is due."""
        now = time.monotonic()
        due = [each for each in self.later if each[0] <= now]
        self.later = [each for each in self.later if each[0] > now]
        for _, action in due:
            action()
        if self.it.author.connection is None or now - self.looked > 0.05:
            self.looked = now
            self.follow()
        while self.plan and self.plan[0][0] <= self.it.author.history.edits:
            _, action = self.plan.pop(0)
            self.counts[action.__name__] += 1
            action()

    def follow(self):
        """Author and relay go to the master that Sentinel names."""
        author, relay = self.it.author, self.it.relay
        if author.follow() and relay.target != author.connection.port:
            self.point_relay(author.connection.port)

    def point_relay(self, port):
        self.it.relay.point_at(port)
        self.it.relay_moves.append((time.monotonic(), port))

    def heal(self):
        """Ends everything that is still going on."""
        for _, action in sorted(self.later, key=lambda each: each[0]):
            action()
        self.later = []
        self.it.relay.cut()

    def after(self, seconds, action):
        self.later.append((time.monotonic() + seconds, action))

    def master(self):
        """The server that the author writes to, or None."""
        author = self.it.author
        return self.it.cluster.server_at(author.connection.port) if author.connection else None

    def pause(self, process, seconds):
        process.signal(signal.SIGSTOP)
        self.after(seconds, lambda: process.signal(signal.SIGCONT))

    def free_node(self):
        free = [each for each in self.it.nodes if not each.busy]
        return self.random.choice(free)

    # Small

    def node_stopped(self):
        node = self.free_node()
        node.busy = True
        node.postern.signal(signal.SIGSTOP)

        def go_on():
            node.postern.signal(signal.SIGCONT)
            node.busy = False
        self.after(self.random.choice((0.1, 0.6, 2.0)), go_on)

    def node_killed(self):
        self.free_node().restart(signal.SIGKILL)

    def node_ended(self):
        self.free_node().restart(signal.SIGTERM)

    def on_master(self, *command):
        server = self.master()
        if server:
            try:
                ask(server.port, *command)
            except (Lost, ErrorReply):
                pass

    def clients_cut(self):
        """All but the author: those of nodes, and of Sentinels."""
        server = self.master()
        if server:
            try:
                listed = ask(server.port, "CLIENT", "LIST", "TYPE", "normal").splitlines()
                others = [line.split()[1][5:] for line in listed if self.it.author.connection.name not in line]
                for each in others:
                    ask(server.port, "CLIENT", "KILL", "ADDR", each)
            except (Lost, ErrorReply):
                pass

    def notices_cut(self):
        self.on_master("CLIENT", "KILL", "TYPE", "pubsub")

    def relay_cut(self):
        self.it.relay.cut()

    def relay_silent(self):
        self.it.relay.hush(self.random)
        self.after(3.0, self.it.relay.cut)

    def scripts_forgotten(self):
        self.on_master("SCRIPT", "FLUSH")

    def flushed(self):
        self.it.author.flush()

    def restored(self):
        self.it.author.restore()

    def command(self):
        self.it.author.by_command()

    def sentinel_stopped(self):
        self.pause(self.random.choice(self.it.cluster.sentinels), 1.0)

    # Great

    def failover(self):
        try:
            ask(self.random.choice(self.it.cluster.sentinels).port, "SENTINEL", "FAILOVER", NAME)
        except (Lost, ErrorReply):
            pass

    def kill(self, server):
        self.point_relay(None)
        self.it.cluster.kill(server)

    def master_killed(self):
        server = self.master()
        if server:
            self.kill(server)
            self.after(2.5, server.start)

    def master_restarted(self):
        server = self.master()
        if server:
            self.kill(server)
            server.start()

    def master_stopped(self):
        server = self.master()
        if server:
            self.pause(server, self.random.choice((0.5, 3.0)))

    def replica_killed(self):
        master = self.master()
        server = self.random.choice([each for each in self.it.cluster.servers if each is not master])
        server.kill()
        server.start()
