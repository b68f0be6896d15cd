# SPDX-License-Identifier: GPL-2.0-or-later
"""The one who edits: pipelines of random edits on the present master, written down in a History."""
import subprocess
import time

from .history import History
from .resp import ErrorReply, Lost, Resp, monitored_words
from .run import program
from .state import direct, flush, group_network, reading, restore, scripted, several, state_of

USERS = [f"user{number}@example.com" for number in range(5)]
POLICY_KEYS = [*USERS, "@example.com", "*"]
GROUPS = range(4)   # of clients; see group_network()
WORDS = range(4)    # rules look for these in the subject
ACTIONS = ("deliver", "tag", "quarantine", "delete")
BASE = {"rules": ("PROOF_BASE", "6 subject =~ /base/"), "networks": (group_network(0), "allow")}


def read(connection):
    """The state that a server holds."""
    return state_of(connection.transaction(reading(POLICY_KEYS)), POLICY_KEYS)


def script_of(port, config):
    """The script by which `postern` edits, as Redis sees it."""
    monitor = Resp(port)
    monitor.run("MONITOR")
    subprocess.run([program("postern"), "--config", str(config), "domains", "set", "example.net", "monitor"],
                   check=True, capture_output=True, timeout=30)
    while True:
        line = monitor.reply()
        words = monitored_words(line)
        if words and words[0] == "EVAL":
            monitor.close()
            return words[1]


class Author:
    """Edits `cluster` with `random`, and keeps `history`.  `config` is a settings file for `postern`, rewritten for
    each use."""

    def __init__(self, cluster, random, config, script):
        self.cluster = cluster
        self.random = random
        self.config = config
        self.script = script
        self.connection = None
        self.old_name = None
        self.history = None
        self.number = 0
        self.connect()

    # Connections

    def connect(self):
        """Finds the master and reads what it holds; False if there is none now."""
        if self.connection:
            return True
        port = self.cluster.named()
        if port is None:
            return False
        try:
            connection = Resp(port, 1.5)
            if connection.run("ROLE")[0] != "master":
                connection.close()
                return False
            if self.old_name:  # nothing of what was sent before may come later
                try:
                    connection.run("CLIENT", "KILL", "ADDR", self.old_name)
                except ErrorReply:
                    pass  # it is gone already
            run_id = next(line[7:] for line in connection.run("INFO", "server").splitlines()
                          if line.startswith("run_id:"))
            asked = time.monotonic()
            state = read(connection)
        except (Lost, ErrorReply):
            return False
        server = self.cluster.server_at(port).number
        if self.history is None:
            self.history = History(server, run_id, state, asked)
        else:
            for at, other in self.cluster.named_since(self.history.present.opened):
                if other.number not in (self.history.present.server, server):
                    self.history.unmet(other.number, at)
            self.history.again(server, run_id, state, time.monotonic())
        self.connection, self.old_name = connection, connection.name
        return self.await_key()

    def read(self):
        """What the master holds now."""
        return read(self.connection)

    def await_key(self):
        """Waits until a daemon has made the first key, so that no edit and it can cross.  False: the master is lost."""
        while not self.history.last.state.tables["keys"]:
            try:
                state = self.read()
            except (Lost, ErrorReply):
                self.leave()
                return False
            self.history.meet(state, time.monotonic())
            time.sleep(0.01)
        return True

    def leave(self):
        """The connection is of no use any more."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def follow(self):
        """Goes to the new master if Sentinel names one."""
        if self.connection and self.cluster.named() not in (None, self.connection.port):
            self.leave()
        return self.connect()

    # Edits

    def carry_out(self, edits):
        """Sends the edits in one pipeline.  False: not all of them were answered."""
        if not self.connect():
            return False
        read = reading(POLICY_KEYS)
        sent = time.monotonic()
        answered = 0
        try:
            self.connection.send([each for edit in edits for each in
                                  [("MULTI",), *read, *edit.commands, ("EXEC",)]])
            for edit in edits:
                replies = self.connection.transaction_reply(len(read) + len(edit.commands))
                faults = [each for each in replies if isinstance(each, ErrorReply)]
                if faults:
                    raise AssertionError(f"{edit.words}: {faults[0]}")
                self.history.edited(state_of(replies, POLICY_KEYS), edit, sent, time.monotonic())
                answered += 1
            return True
        except ErrorReply:       # READONLY: neither this one nor any after it was carried out
            self.leave()
        except Lost:
            self.history.unanswered(edits[answered:], sent)
            self.leave()
        return False

    def by_command(self):
        """One edit with the program `postern` itself, on the same master."""
        if not self.connect():
            return
        table, key, value = self.row()
        edit = scripted(self.script, table, [(key, value)])
        before = self.history.last.state  # no daemon can write now: there is a key
        if edit.after(before).policies == before.policies and edit.after(before).tables == before.tables:
            return  # no change: no new generation
        self.config.write_text(f'redis = "redis://127.0.0.1:{self.connection.port}/0"\n')
        command = [program("postern"), "--config", str(self.config), table]
        command += ["set", key, *value.split()] if value else ["delete", key]
        sent = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            self.history.edited(before, edit, sent, time.monotonic())
        else:
            self.history.unanswered([edit], sent)
            self.leave()

    def row(self):
        """A random row: (table, key, value or None)."""
        random = self.random
        self.number += 1
        table = random.choice(("policy", "policy", "rules", "networks", "domains"))
        gone = random.random() < 0.15
        if table == "policy":
            fields = [f"{verdict}={random.choice(ACTIONS)}" for verdict in ("spam", "surespam")
                      if random.random() < 0.7]
            return table, random.choice(POLICY_KEYS), None if gone or not fields else " ".join(fields)
        if table == "rules":
            value = f"{random.choice((2, 3, 6))} subject =~ /word{random.choice(WORDS)}|never{self.number}/"
            return table, f"PROOF_{random.choice(WORDS)}", None if gone else value
        if table == "networks":
            value = f"{random.choice(('allow', 'allow', 'allow', 'deny'))} note={self.number}"
            return table, group_network(random.choice(GROUPS)), None if gone else value
        value = random.choice(("enforce", "monitor", "off"))
        return table, f"d{self.number % 40}.example.com", None if gone else value

    def edit(self):
        """A random edit."""
        random = self.random
        kind = random.random()
        if kind < 0.4:
            return direct(*self.row())
        if kind < 0.8:
            table, key, value = self.row()
            return scripted(self.script, table, [(key, value)])
        if kind < 0.9:
            return several([direct(*self.row()) for _ in range(random.randint(2, 4))])
        if kind < 0.93:  # not understood by anybody, and in nobody's way
            return direct("networks", "198.51.100.0/33", f"allow note={self.number}")
        return direct("domains", "marker.example.com", f"off since=2026-01-01T00:00:{self.number % 60:02}Z")

    def base(self):
        """The rows without which little would happen, and no bad ones."""
        wanted = [direct(table, *row) for table, row in BASE.items()]
        return several([*wanted, direct("networks", "198.51.100.0/33", None)])

    def flush(self):
        return self.carry_out([flush()]) and self.await_key() and self.carry_out([self.base()])

    def restore(self):
        """A backup of some moment of this epoch is put back."""
        if not self.connect():
            return False
        old = self.random.choice([each.state for each in self.history.present.states if each.state.tables["keys"]])
        return self.carry_out([restore(old, POLICY_KEYS)])
