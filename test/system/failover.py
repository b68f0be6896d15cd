#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers and Sentinels that are not what a node took them for: each must be noticed, and none believed."""
import random
import signal
import time
from types import SimpleNamespace

from lib.author import USERS
from lib.judged import Node
from lib.redis_cluster import NAME, Cluster
from lib.relay import Relay
from lib.resp import ask
from lib.resp_server import RespServer, array
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern, Redis

need("redis-server")

RULE = "6 subject =~ /base/"  # every message of a Node has this word


def watched(bench, name, url):
    """A daemon whose messages are judged one at a time."""
    settings = {"redis": url, "inspect_workers": 1, "default_rules": False, "redis_command_timeout": "500ms"}
    return Node(bench.add(Postern(bench, name, **settings)), 0, False)


def judge(node, choice=random.Random(1)):
    """What the log says of one more message."""
    client = node.judge(choice, USERS)
    return wait_for(lambda: [each for each in node.judged() if each.client == client], "the line of a message")[0]


def comes_to_apply(node, rule):
    """Waits until messages are judged with exactly this rule and said to be current; gives the last of them."""
    def applied():
        line = judge(node)
        return line.rules == [rule] and line.stale is None and line
    return wait_for(applied, f"{node.name} to apply {rule}", 60)


def sentinels(bench):
    """Sentinels, and one that is behind"""
    it = SimpleNamespace(cluster=bench.add(Cluster(bench)))
    it.old = it.cluster.server_at(it.cluster.named())

    def answer(words):
        if [each.lower() for each in words[:2]] == ["sentinel", "get-master-addr-by-name"]:
            return array("127.0.0.1", str(it.old.port))
        return array("name", NAME, "config-epoch", "0")
    it.behind = bench.add(RespServer(answer))
    it.node = watched(bench, "node", f"sentinel://127.0.0.1:{it.cluster.sentinels[0].port},"
                                     f"127.0.0.1:{it.behind.port}/{NAME}")
    return it


def a_sentinel_that_is_behind_is_not_believed(it):
    """a Sentinel that missed a failover, the only one left, names the old master: the node does not go back to it"""
    cluster, node, old = it.cluster, it.node, it.old
    ask(old.port, "HSET", "postern:rules", "OLD", RULE)
    comes_to_apply(node, "OLD")
    old.signal(signal.SIGSTOP)
    wait_for(lambda: cluster.sentinels[0].master() not in (old.port, None), "a failover", 60)
    new = cluster.server_at(cluster.named())
    wait_for(lambda: ask(new.port, "ROLE")[0] == "master", "the new master", 60)
    ask(new.port, "DEL", "postern:rules")
    ask(new.port, "HSET", "postern:rules", "NEW", RULE)
    digest = comes_to_apply(node, "NEW").mark[1]
    for each in cluster.sentinels:
        each.signal(signal.SIGSTOP)
    old.signal(signal.SIGCONT)
    equal(ask(old.port, "ROLE")[0], "master", "the old master's view of itself")
    end = time.monotonic() + 3
    lines = []
    while time.monotonic() < end:
        lines.append(judge(node))
    equal({line.mark[1] for line in lines}, {digest}, "digests")
    true(lines[-1].stale is not None, "nobody who knows vouches for the new master, and it is called current")
    for each in cluster.sentinels:
        each.signal(signal.SIGCONT)
    comes_to_apply(node, "NEW")


class Fork(Relay):
    """One address that leads to two servers in turn."""

    def __init__(self, first, second):
        super().__init__(first)
        self.both = [first, second]

    def accept(self):
        if self.both:
            self.target = self.both[0]
            self.both.reverse()
        super().accept()


def fork(bench):
    """Two servers behind one address"""
    it = SimpleNamespace(one=bench.add(Redis(bench, "one")), other=bench.add(Redis(bench, "other")))
    it.one.cli("HSET", "postern:rules", "ONE", RULE)
    it.other.cli("HSET", "postern:rules", "OTHER", RULE)
    it.relay = bench.add(Fork(it.one.port, it.other.port))
    it.node = watched(bench, "node", f"redis://127.0.0.1:{it.relay.port}")
    return it


def notices_of_another_server_count_for_nothing(it):
    """rows of one server and notices of another are never called current; with one server all is well"""
    it.node.postern.wait_line("two connections reached two servers")
    for _ in range(5):
        true(judge(it.node).stale is not None, "called current")
    it.relay.both = []
    it.relay.point_at(it.one.port)
    comes_to_apply(it.node, "ONE")
    it.one.cli("HSET", "postern:policy:*", "spam", "deliver")
    wait_for(lambda: judge(it.node).decisions[0][1:] == ("deliver", "*"), "a notice")


def pool_of_another_server(it):
    """the address leads to another server for new connections only: no policy of that one counts before its tables do"""
    node = it.node
    it.relay.both = []
    it.relay.point_at(it.one.port)
    it.one.cli("HSET", "postern:policy:*", "spam", "deliver")
    it.other.cli("HSET", "postern:policy:*", "spam", "delete")
    comes_to_apply(node, "ONE")
    it.relay.target = it.other.port
    # What policies are asked for with; Redis names a connection by its last command.
    for line in it.one.cli("CLIENT", "LIST", "TYPE", "normal").splitlines():
        fields = dict(each.partition("=")[::2] for each in line.split())
        if fields["cmd"] == "role" and "t" not in fields["flags"]:
            it.one.cli("CLIENT", "KILL", "ID", fields["id"])
    for who in USERS:  # none is remembered any more
        it.one.cli("HSET", "postern:policy:" + who, "surespam", "tag")
    for number in range(200):
        line = judge(node)
        for who, action, key in line.decisions:
            # One that was begun before the node goes over to the other server, and ends after that, says stale=.
            true(action == "deliver" or line.rules == ["OTHER"] or line.stale is not None,
                 f"message {number} to {who}: {action} by {key}, and it is called current")
        if line.rules == ["OTHER"]:
            break
    comes_to_apply(node, "OTHER")


def demoted(bench):
    """A server that becomes another's replica"""
    it = SimpleNamespace(one=bench.add(Redis(bench, "one")), other=bench.add(Redis(bench, "other")))
    it.one.cli("HSET", "postern:rules", "ONE", RULE)
    it.other.cli("HSET", "postern:rules", "OTHER", RULE)
    it.node = watched(bench, "node", it.one.url)
    return it


def a_change_of_role_is_noticed(it):
    """the only server is made a replica, or a master again: the node reads everything anew and follows it"""
    comes_to_apply(it.node, "ONE")
    it.one.cli("REPLICAOF", "127.0.0.1", str(it.other.port))
    comes_to_apply(it.node, "OTHER")
    it.node.postern.wait_line("(replica)")
    it.one.cli("REPLICAOF", "NO", "ONE")
    it.one.cli("HSET", "postern:rules", "ONE", RULE)
    it.one.cli("HDEL", "postern:rules", "OTHER")
    comes_to_apply(it.node, "ONE")


def loading(bench):
    """A server that loads its data"""
    it = SimpleNamespace(redis=bench.add(Redis(bench)))
    it.redis.cli("HSET", "postern:rules", "ONE", RULE)
    it.loading = bench.add(RespServer(lambda words: b"-LOADING Redis is loading the dataset in memory\r\n"))
    it.relay = bench.add(Relay(it.redis.port))
    it.node = watched(bench, "node", f"redis://127.0.0.1:{it.relay.port}")
    return it


def a_server_that_loads_is_waited_for(it):
    """LOADING: named in the log, the last tables stay in force meanwhile, and then all is well again"""
    digest = comes_to_apply(it.node, "ONE").mark[1]
    it.relay.point_at(it.loading.port)
    wait_for(lambda: judge(it.node).stale is not None, "stale=")
    it.node.restart(signal.SIGTERM)
    it.node.postern.wait_line("LOADING", "the server is loading its data after a start")
    for _ in range(5):
        line = judge(it.node)
        equal((line.mark[1], line.rules), (digest, ["ONE"]), "state")
        true(line.stale is not None, "called current")
    it.relay.point_at(it.redis.port)
    it.redis.cli("DEL", "postern:rules")
    it.redis.cli("HSET", "postern:rules", "OTHER", RULE)
    comes_to_apply(it.node, "OTHER")


if __name__ == "__main__":
    main([(sentinels, [a_sentinel_that_is_behind_is_not_believed]),
          (fork, [notices_of_another_server_count_for_nothing, pool_of_another_server]),
          (demoted, [a_change_of_role_is_noticed]),
          (loading, [a_server_that_loads_is_waited_for])])
