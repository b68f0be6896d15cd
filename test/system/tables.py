#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Redis behind the daemon: edits that count at once, and mail that flows while Redis is away."""
import contextlib
import datetime
import json
import os
import pty
import signal
import subprocess
import time
from types import SimpleNamespace

from lib.mail import bounce, plain, refusal, send
from lib.milter import Milter
from lib.postfix import Postfix
from lib.run import equal, main, need, program, true, wait_for
from lib.servers import Accounts, Postern, Redis, Sink

need("postfix", "redis-server")

ALICE = "alice@example.com"
SETTLE = 0.3  # an edit is noticed within milliseconds; a loaded machine may be slower


def world(bench):
    it = SimpleNamespace(mailbox=bench.add(Sink()), abroad=bench.add(Sink()))
    accounts = bench.add(Accounts(bench, {"alice": "secret"}))
    it.redis = bench.add(Redis(bench))
    it.redis.cli("HSET", "postern:domains", "example.com", "enforce")
    it.milter = bench.add(Postern(bench, redis=it.redis.url))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port, "*": it.abroad.port}, accounts=accounts,
                              milter=it.milter.address))
    return it


def edit(it, *command):
    it.redis.cli(*command)
    time.sleep(SETTLE)


def deliver(it, subject, claim="203.0.113.9", recipient=ALICE, sender="anna@example.org"):
    before = len(it.mailbox.has(recipient))
    send(it.mx, sender, [recipient], plain(subject), claim=claim)
    return it.mailbox.to(recipient, count=before + 1)[-1]


def rule_edit(it):
    """redis-cli HSET of a rule scores the next message"""
    equal(deliver(it, "a magicword here").field("Subject"), "a magicword here", "Subject before")
    edit(it, "HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/ -- the word of this test")
    equal(deliver(it, "a magicword here").field("Subject"), "[SPAM] a magicword here", "Subject after")
    it.milter.verdict("rules=TEST_WORD", "verdict=spam")
    edit(it, "HDEL", "postern:rules", "TEST_WORD")
    equal(deliver(it, "a magicword here").field("Subject"), "a magicword here", "Subject after removal")


def policy_edit(it):
    """redis-cli HSET of a policy decides the next message's action"""
    edit(it, "HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/")
    edit(it, "HSET", "postern:policy:" + ALICE, "spam", "quarantine")
    send(it.mx, "anna@example.org", [ALICE], plain("a magicword kept"), claim="203.0.113.9")
    it.mx.held(ALICE)
    edit(it, "HSET", "postern:policy:" + ALICE, "spam", "deliver")
    equal(deliver(it, "a magicword let in").field("Subject"), "a magicword let in", "Subject")
    edit(it, "DEL", "postern:policy:" + ALICE)
    equal(deliver(it, "a magicword tagged").field("Subject"), "[SPAM] a magicword tagged", "Subject")
    edit(it, "HDEL", "postern:rules", "TEST_WORD")


def network_edit(it):
    """redis-cli HSET of a network lets the next message in or keeps it out"""
    deliver(it, "no list yet")
    edit(it, "HSET", "postern:networks", "198.51.100.0/24", "allow note=provider")
    equal(refusal(it.mx, "anna@example.org", [ALICE], plain("x"), claim="203.0.113.9").code, 550, "unlisted")
    deliver(it, "listed", claim="198.51.100.3")
    edit(it, "HSET", "postern:networks", "203.0.113.0/24", "allow")
    deliver(it, "listed now")
    edit(it, "DEL", "postern:networks")
    deliver(it, "no list again", claim="192.0.2.9")


def bad_row(it):
    """a bad row is named in the log and hurts nothing else"""
    edit(it, "HSET", "postern:networks", "198.51.100.0/33", "allow")
    it.milter.wait_line("198.51.100.0/33")
    deliver(it, "after a bad row")
    edit(it, "DEL", "postern:networks")


def told_about_redis(it, since):
    return [line for line in it.milter.text()[since:].splitlines()
            if "redis" in line.lower() and "verdict=" not in line]


def submit(it, subject, recipient):
    """Sends as alice; gives the stamped message that went abroad."""
    send(it.mx, ALICE, [recipient], plain(subject, sender=ALICE, to=recipient), login=("alice", "secret"))
    return it.abroad.marked(recipient, subject)


def redis_stopped(it):
    """Redis stopped in mid-traffic: mail flows, stamped bounces still verify; one line down, one line up"""
    since = len(it.milter.text())
    it.redis.stop()
    try:
        for number in range(5):
            deliver(it, f"without Redis {number}")
        stamped = submit(it, "stamped without Redis", "bob@example.net")
        send(it.mx, "", [ALICE], bounce(ALICE, stamped.head, failed="bob@example.net"), claim="203.0.113.9")
        it.milter.verdict("from=<>", "bounce=failure/stamp", "verdict=clean")
        send(it.mx, "", [ALICE], bounce(ALICE, "Subject: never sent\r\nMessage-ID: <x@example.org>"),
             claim="203.0.113.8")
        it.milter.verdict("from=<>", "client=[203.0.113.8]", "verdict=forged-bounce")
    finally:
        it.redis.start()

    def back():
        deliver(it, "is Redis back")
        return len(told_about_redis(it, since)) >= 2
    wait_for(back, "the line that says Redis is back", 30)
    for number in range(3):
        deliver(it, f"with Redis {number}")
    equal(len(told_about_redis(it, since)), 2, f"lines about Redis: {told_about_redis(it, since)}")


def edits_after_return(it):
    """after Redis has come back edits count at once again"""
    edit(it, "HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/")
    equal(deliver(it, "a magicword again").field("Subject"), "[SPAM] a magicword again", "Subject")
    edit(it, "HDEL", "postern:rules", "TEST_WORD")


def redis_hangs(it):
    """Redis hangs: no message waits longer than the limits allow"""
    it.redis.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        for number in range(4):
            deliver(it, f"while Redis hangs {number}")
        spent = time.monotonic() - started
        true(spent < 12, f"four messages took {spent:.1f} s")
    finally:
        it.redis.signal(signal.SIGCONT)


def records_arrive(it):
    """what was sent while Redis was away is recorded when it is back"""
    it.redis.stop()
    try:
        submit(it, "recorded late", "carol@example.net")
    finally:
        it.redis.start()
    wait_for(lambda: it.redis.cli("--scan", "--pattern", "postern:track:*"), "tracking records", 30)


def two_nodes(bench):
    """Two nodes of one Redis, without an MTA."""
    it = SimpleNamespace(redis=bench.add(Redis(bench)))
    it.redis.cli("HSET", "postern:networks", "198.51.100.0/24", "allow")
    it.first = bench.add(Postern(bench, "first", redis=it.redis.url))
    it.second = bench.add(Postern(bench, "second", redis=it.redis.url))
    return it


def node_field(it, node, field):
    return it.redis.cli("HGET", f"postern:node:{node}", field)


def stale_node(it):
    """postern check passes while all nodes agree, and shows a node that has not caught up in red"""
    same = lambda: node_field(it, "first", "digest") == node_field(it, "second", "digest") != ""  # noqa: E731
    wait_for(same, "both nodes to apply the same")
    agreed = on_terminal(it.first, "check", "198.51.100.1")
    true("PASS" in agreed and "Not every node" not in agreed, agreed)
    it.second.signal(signal.SIGSTOP)
    try:
        old = node_field(it, "second", "digest")
        it.redis.cli("HSET", "postern:networks", "203.0.113.0/24", "allow")
        wait_for(lambda: node_field(it, "first", "digest") not in ("", old), "the first node to catch up")
        shown = on_terminal(it.first, "check", "203.0.113.1")
        for piece in ("\x1b[32mPASS\x1b[0m 203.0.113.1", "Not every node applies the newest tables",
                      "\x1b[32mCURRENT\x1b[0m first", "\x1b[31mOLD    \x1b[0m second", "may answer otherwise"):
            true(piece in shown, f"{piece!r} is not in {shown!r}")
        asked = json.loads(it.first.command("check", "--json", "203.0.113.1").stdout)
        equal(asked[0]["nodes_behind"], ["second"], "nodes behind, as JSON")
        status = it.first.command("status")
        true(status.returncode == 1 and "lags" in status.stdout, f"{status.returncode}: {status.stdout}")
    finally:
        it.second.signal(signal.SIGCONT)
    wait_for(same, "the second node to catch up")
    true("Not every node" not in on_terminal(it.first, "check", "203.0.113.1"), "all nodes are current again")
    wait_for(lambda: it.first.command("status").returncode == 0, "status 0 again")


def on_terminal(node, *arguments):
    """What `postern` writes to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([program("postern"), "--config", str(node.config), *arguments], stdout=theirs,
                               stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):  # EIO: the other side was closed
        while piece := os.read(ours, 65536):
            text += piece
    os.close(ours)
    process.wait(timeout=60)
    return text.decode().replace("\r\n", "\n")


def loads(it):
    """load: again it changes nothing, with a bad row nothing at all, and dump gives back what was loaded"""
    texts = {"networks": "192.0.2.0/24 allow note=one\n203.0.113.0/24 deny\n", "domains": "example.com enforce\n",
             "policy": "@example.com surespam=reject\nalice@example.com spam=delete\n",
             "rules": "TEST_WORD 6 subject =~ /magicword/\n"}
    bad = {"networks": "192.0.2.0/33 allow", "domains": "example.com perhaps", "policy": "alice@example.com spam=burn",
           "rules": "TEST_BAD six subject"}

    def generation():
        return it.redis.cli("GET", "postern:generation"), it.redis.cli("XLEN", "postern:changes")
    for table, text in texts.items():
        path = it.first.home / f"{table}.txt"
        path.write_text(text)
        first = it.first.command(table, "load", str(path))
        equal(first.returncode, 0, f"{table} load: {first.stdout}{first.stderr}")
        before = generation()
        again = it.first.command(table, "load", str(path))
        equal((again.returncode, generation()), (0, before), f"{table} load again: {again.stdout}")
        equal(it.first.command(table, "diff", str(path)).returncode, 0, f"{table} diff with the same")
        dumped = it.first.command(table, "dump").stdout
        copy = it.first.home / f"{table}.dump"
        copy.write_text(dumped)
        equal((it.first.command(table, "load", str(copy)).returncode, generation()), (0, before), f"{table}: {dumped}")
        path.write_text(bad[table] + "\n" + text.splitlines()[0].replace("one", "two") + "\n")
        wrong = it.first.command(table, "load", str(path))
        true(wrong.returncode != 0 and f"{path}:1" in wrong.stderr, f"{table}: {wrong.stderr}")
        equal((generation(), it.first.command(table, "dump").stdout), (before, dumped), f"{table} after a bad load")
    it.redis.cli("DEL", "postern:rules", "postern:domains", "postern:networks")
    it.redis.cli("HSET", "postern:networks", "198.51.100.0/24", "allow")


def refused_together(it):
    """refused clients of all nodes are counted together, by network; the counts expire and are bounded"""
    started = int(time.time())
    for node, client in ((it.first, "192.0.2.7"), (it.second, "192.0.2.200"), (it.second, "192.0.2.7"),
                         (it.second, "2001:db8:1:2::9")):
        connection = Milter(node.port)
        connection.connect(client)
        equal((connection.mail(), connection.reply_text[:3]), (b"y", b"550"), "answer to MAIL")
        connection.close()

    def listed():
        told = it.first.command("networks", "refused", "--json").stdout
        return {each["network"]: each for each in json.loads(told)}

    counts = wait_for(lambda: listed().get("192.0.2.0/24", {}).get("count") == 3 and "2001:db8:1::/48" in listed() and
                      listed(), "the counts of both nodes", 40)
    last = datetime.datetime.fromisoformat(counts["192.0.2.0/24"]["last"].replace("Z", "+00:00")).timestamp()
    true(last >= started, f"last time {counts}")
    equal(counts["192.0.2.0/24"]["passes_now"], False, "whether it passes now")
    keys = it.redis.cli("KEYS", "postern:refused:*").split()
    true(keys, "no key of refusals")
    for key in keys:
        true(0 < int(it.redis.cli("TTL", key)) <= 9 * 86400, f"{key} does not expire")
    crowd = ("for i = 0, 10499 do redis.call('ZADD', KEYS[1], 1, "
             "'10.' .. math.floor(i / 250) .. '.' .. i % 250 .. '.0/24') end")
    for key in keys:
        it.redis.cli("EVAL", crowd, "1", key)
    connection = Milter(it.first.port)
    connection.connect("192.0.2.9")
    connection.mail()
    connection.close()
    for key in keys:
        wait_for(lambda key=key: int(it.redis.cli("ZCARD", key)) <= 10000, f"{key} to be cut", 40)
    equal(listed()["192.0.2.0/24"]["count"], 4, "the busiest is still there")
    it.redis.cli("HSET", "postern:networks", "192.0.2.0/24", "allow")
    equal(listed()["192.0.2.0/24"]["passes_now"], True, "whether it passes when listed")


if __name__ == "__main__":
    main([(world, [rule_edit, policy_edit, network_edit, bad_row, redis_stopped, edits_after_return, redis_hangs,
                   records_arrive]),
          (two_nodes, [stale_node, refused_together, loads])])
