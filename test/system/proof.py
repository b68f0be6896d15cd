#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Nodes and Redis through edits and trouble: every message is judged under a state that Redis held.

Six daemons (five follow Sentinel, one an address behind a relay), three Redis servers, three Sentinels.  While mail is
judged all the time, edits of all kinds, stops, cuts, failovers, restarts and losses happen at random; then every
message that was judged is held against the history of all that Redis held (lib/history.py, lib/proof_check.py).
  POSTERN_PROOF_SEED=N    only this seed
  POSTERN_PROOF_SEEDS=20  how many, from 1 on; or 21-40.  5 by default: each of the great troubles once
  POSTERN_PROOF_EDITS=500 edits for each
The machine decides what meets what, so a fault that one run in many shows has to be looked into with its seed.
"""
import copy
import math
import os
import random
import re
import time
from collections import Counter
from types import SimpleNamespace

from lib.author import USERS, Author, script_of
from lib.history import Broken
from lib.judged import Node
from lib.proof_check import Checker, Older, check_node
from lib.redis_cluster import Cluster
from lib.relay import Relay
from lib.resp import ask
from lib.run import main, need, true, wait_for
from lib.servers import Postern
from lib.trouble import Trouble

need("redis-server")

BOUND = 1.0  # seconds: half a second between pings and redis-command-timeout (500 ms); see postern-redis(5)
EDITS = int(os.environ.get("POSTERN_PROOF_EDITS", "500"))
FIRST, _, LAST = os.environ.get("POSTERN_PROOF_SEEDS", "5").rpartition("-")
SEEDS = ([int(os.environ["POSTERN_PROOF_SEED"])] if "POSTERN_PROOF_SEED" in os.environ
         else range(int(FIRST or 1), 1 + int(LAST)))


def world(bench):
    it = SimpleNamespace(bench=bench, older=Older(), totals=Counter(), cluster=bench.add(Cluster(bench)))
    first = it.cluster.servers[0].port
    it.relay = bench.add(Relay(first))
    it.relay_moves = []
    it.nodes = []
    for number in range(6):
        direct = number == 5
        url = f"redis://127.0.0.1:{it.relay.port}/0" if direct else it.cluster.url
        settings = {"redis": url, "inspect_workers": 1, "default_rules": False,
                    "quarantine_address": "{user}+kept@{domain}", "redis_command_timeout": "500ms"}
        it.nodes.append(Node(bench.add(Postern(bench, name=f"node{number}", **settings)), number, direct))
    config = bench.path("author.toml")
    config.write_text(f'redis = "{it.cluster.url}"\n')
    it.author = Author(it.cluster, random.Random(0), config, script_of(first, config))
    return it


def converge(it, trouble):
    """Everything runs again; every node must come to apply, and say that it applies, what Redis holds."""
    trouble.heal()
    it.cluster.settle(meanwhile=trouble.follow)  # every master has to be met, as it may hold what no other one does

    def last_edit():
        trouble.follow()
        return it.author.connect() and it.author.carry_out([it.author.base()])
    wait_for(last_edit, "a master that takes edits", 60)
    generation, digest = it.author.history.last.mark

    def agree():
        port = it.author.connection.port
        rows = [ask(port, "HMGET", f"postern:node:{node.name}", "digest", "generation") for node in it.nodes]
        return all(row == [digest, str(generation)] for row in rows)
    wait_for(agree, f"all nodes at generation {generation}, digest {digest}", 60)
    choice = random.Random(0)
    for node in it.nodes:
        node.end()

        def current():
            client = node.judge(choice, USERS)
            found = [each for each in node.judged() if each.client == client]
            return found and found[0].stale is None and found[0].mark == (generation, digest)
        wait_for(current, f"{node.name} to judge by what Redis holds", 60)
    it.author.history.meet(it.author.read(), time.monotonic())
    known = ask(it.author.connection.port, "KEYS", "postern:policy:*")
    true({each.rpartition(":")[2] for each in known} <= set(it.author.history.last.state.policies), known)
    done = it.nodes[0].postern.command("status")
    true(done.returncode == 0 and digest in done.stdout, done.stdout + done.stderr)


def ends_for(it, direct):
    """When each epoch ended at the latest, for a node that follows Sentinel or the relay."""
    epochs = it.author.history.epochs
    ends = []
    for epoch, following in zip(epochs, epochs[1:]):
        end = it.cluster.end_of(epoch, following.opened)
        port = it.cluster.servers[epoch.server].port
        moved = [at for at, target in it.relay_moves if at >= epoch.opened and target != port]
        ends.append(max(end, moved[0]) if direct and moved else end)
    return [*ends, math.inf]


def checked(it, node):
    return check_node(node, Checker(it.author.history, ends_for(it, node.direct), BOUND, it.older))


def tell(node, fault):
    """What the node said around its first fault, and when each message was sent: that is all there is to go by."""
    lines = node.postern.text()[node.read:].splitlines()
    place = next((at for at, line in enumerate(lines) if line and line in fault), 0)
    for line in lines[max(0, place - 60):place + 10]:
        sent = node.sent.get(next(iter(re.findall(r"client=\[([^]]*)\]", line)), ""))
        print(f"{sent.started:.3f}" if sent and sent.started else "-", line, flush=True)


def run_seed(it, seed):
    author = it.author
    author.random = random.Random(seed)
    author.leave()
    author.history = None
    wait_for(author.connect, "a master", 60)
    author.carry_out([author.base()])
    trouble = Trouble(it, seed, EDITS)
    for node in it.nodes:
        node.begin(seed * 10 + node.number, USERS)
    started = time.monotonic()
    while author.history.edits < EDITS:
        true(time.monotonic() - started < 300, "edits are not taken any more")
        trouble.go_on()
        if author.connect():
            author.carry_out([author.edit() for _ in range(author.random.randint(1, 12))])
        time.sleep(author.random.random() * 0.02)
    converge(it, trouble)
    faults = []
    counts = Counter(edits=author.history.edits, epochs=len(author.history.epochs), lost=author.history.lost,
                     unmet=sum(epoch.run_id is None for epoch in author.history.epochs), **trouble.counts)
    for node in it.nodes:
        checker = checked(it, node)
        faults += [f"{node.name}: {each}" for each in checker.faults]
        if checker.faults:
            tell(node, checker.faults[0])
        counts += checker.counts
    it.totals += counts
    words = ", ".join(f"{name}={count}" for name, count in sorted(counts.items()))
    print(f"POSTERN_PROOF_SEED={seed}: {time.monotonic() - started:.1f} s, {words}", flush=True)
    true(not faults, f"POSTERN_PROOF_SEED={seed}: {len(faults)} faults, the first: " + "\n".join(faults[:5]))
    it.older.add(author.history)


def every_message_was_judged_by_a_state_of_redis(it):
    """no node applies what Redis did not hold, or something older than promised, or goes back, or writes back"""
    for seed in SEEDS:
        try:
            run_seed(it, seed)
        except Exception:
            print(f"POSTERN_PROOF_SEED={seed} POSTERN_PROOF_EDITS={EDITS} failed", flush=True)
            raise
    print("total: " + ", ".join(f"{name}={count}" for name, count in sorted(it.totals.items())), flush=True)


def the_checker_finds_faults(it):
    """a changed digest, an old state, one out of order, another action and a write back are all noticed"""
    author = it.author
    author.leave()
    author.history = None
    author.connect()
    author.carry_out([author.base()])
    node = it.nodes[0]
    node.begin(0, USERS)
    for _ in range(20):
        author.carry_out([author.edit() for _ in range(3)])
        time.sleep(0.05)
    node.end()
    lines = node.judged()
    true(len(lines) > 10 and not checked(it, node).faults, "the run was not good")

    def faults_with(change):
        altered, sent = copy.deepcopy(lines), copy.deepcopy(node.sent)
        change(altered, sent)
        other = SimpleNamespace(starts=[], sent=sent, judged=lambda: altered)
        found = check_node(other, Checker(author.history, ends_for(it, False), BOUND)).faults
        true(found, f"{change.__name__} was not noticed")

    def digest(altered, _):
        altered[5].mark = (altered[5].mark[0], "0" * 16)

    def age(_, sent):
        for each in list(sent.values())[:3]:
            each.started += 60
            each.taken = each.ended = None

    def order(altered, sent):
        for each in altered:
            each.stale = "0"
        for each in sent.values():
            each.taken = each.ended = None
        altered[0].mark, altered[-1].mark = altered[-1].mark, altered[0].mark

    def action(altered, _):
        for each in altered:
            each.decisions = [(who, "reject", policy) for who, _, policy in each.decisions]

    def rules(altered, _):
        for each in altered:
            each.rules = [*each.rules, "OTHER"]

    for change in (digest, age, order, action, rules):
        faults_with(change)
    ask(author.connection.port, "HSET", "postern:domains", "written.back.example.com", "enforce")
    try:
        author.carry_out([author.edit()])
    except Broken:
        author.leave()
        return
    raise AssertionError("a write back was not noticed")


if __name__ == "__main__":
    main([(world, [every_message_was_judged_by_a_state_of_redis, the_checker_finds_faults])])
