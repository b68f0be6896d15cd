#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Copies for the live archive: one more recipient in the MTA's own queue, which nobody else learns of."""
from types import SimpleNamespace

from lib.mail import generated, plain, send
from lib.postfix import Postfix
from lib.process import free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Accounts, Postern, Redis, Sink

need("postfix")

RULES = "TEST_SPAM 6 subject =~ /perhaps bought/\nTEST_SURE 11 subject =~ /surely bought/\n"
POLICY = "@example.com archive=on\ncarol@example.com archive=off\n"
TEMPLATE = "{user}={domain}@archive.example.net"


def copy_of(name):
    return f"{name}=example.com@archive.example.net"


def world(bench, refuse=lambda recipient: None, **settings):
    it = SimpleNamespace(bench=bench, archive=bench.add(Sink(refuse)), outside=bench.add(Sink()),
                         primary_port=free_port(), accounts=bench.add(Accounts(bench, {"alice": "correct horse"})))
    it.primary = bench.add(Sink(port=it.primary_port))
    it.milter = bench.add(Postern(bench, archive_address=TEMPLATE,
                                  **{"tables": {"policy": POLICY, "test.rules": RULES}, **settings}))
    routes = {"example.com": it.primary_port, "archive.example.net": it.archive.port, "example.org": it.outside.port}
    it.mx = bench.add(Postfix(bench, "mx", routes, milter=it.milter.address, accounts=it.accounts))
    return it


def refusing(bench):
    """An archive that refuses everything"""
    return world(bench, refuse=lambda recipient: f"550 5.1.1 <{recipient}> no such archive mailbox")


def monitored(bench):
    return world(bench, mode="monitor")


def with_redis(bench):
    redis = bench.add(Redis(bench))
    it = world(bench, redis=redis.url, tables={})
    it.redis = redis
    return it


def inbound(it, subject, *names, data=None):
    data = data or plain(subject)
    send(it.mx, "anna@example.org", [name + "@example.com" for name in names], data, claim="203.0.113.9")
    return data


def content(message):
    """The message without the trace fields that each MTA adds on top."""
    return message.data[message.data.index(b"From:"):]


def primary_down(it):
    """the primary is down: the archive has the message at once, and the primary gets it later, once, byte for byte"""
    it.primary.stop()
    data = inbound(it, "while it was down", "alice")
    copy = it.archive.marked(copy_of("alice"), "while it was down")
    equal(content(copy), data, "the copy")
    it.mx.wait_line("to=<alice@example.com>", "status=deferred")
    it.primary = it.bench.add(Sink(port=it.primary_port))
    it.mx.flush()
    equal(content(it.primary.marked("alice@example.com", "while it was down", seconds=40)), data, "the original")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    equal(len(it.primary.has("alice@example.com")), 1, "originals")
    equal(len(it.archive.has(copy_of("alice"))), 1, "copies")


def archive_down(it):
    """the archive is down: the original arrives at once, the copy waits in the queue and arrives when it is back"""
    port = it.archive.port
    it.archive.stop()
    data = inbound(it, "archive away", "alice")
    equal(content(it.primary.marked("alice@example.com", "archive away")), data, "the original")
    it.mx.wait_line(f"to=<{copy_of('alice')}>", "status=deferred")
    it.archive = it.bench.add(Sink(port=port))
    it.mx.flush()
    equal(content(it.archive.marked(copy_of("alice"), "archive away", seconds=40)), data, "the copy")
    equal([each for each in it.outside.messages if each.sender == ""], [], "reports to the sender")


def blind_copies(it):
    """nothing in any copy names another recipient: blind copies stay blind"""
    data = inbound(it, "a blind one", "alice", "bob", "carol")
    for name in ("alice", "bob"):
        equal(content(it.archive.marked(copy_of(name), "a blind one")), data, f"the copy for {name}")
    for name in ("alice", "bob", "carol"):
        got = it.primary.marked(name + "@example.com", "a blind one")
        equal(content(got), data, f"the original for {name}")
        true(b"archive" not in got.data and b"bob" not in got.data, got.head)
    equal(it.archive.has(copy_of("carol")), [], "copies of mail for a mailbox without an archive")
    it.milter.verdict("nrcpt=3", "archive=2")


def comes_again(it):
    """a message that a content filter gives back is not copied again, nor is mail to the archive or reports about it"""
    before = len(it.archive.messages)
    send(it.mx, "anna@example.org", ["alice@example.com", copy_of("alice")], plain("given back"))
    it.archive.marked(copy_of("alice"), "given back")
    send(it.mx, "", [copy_of("bob")], plain("a report"))
    it.archive.marked(copy_of("bob"), "a report")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    equal(len(it.archive.messages) - before, 2, "messages to the archive")
    # Nor is one that the administrator requeues.
    it.primary.stop()
    inbound(it, "requeued", "alice")
    it.archive.marked(copy_of("alice"), "requeued")
    it.mx.wait_line("to=<alice@example.com>", "status=deferred")
    it.mx.run("postsuper", "-c", str(it.mx.config), "-r", "ALL")
    it.primary = it.bench.add(Sink(port=it.primary_port))
    it.mx.flush()
    it.primary.marked("alice@example.com", "requeued", seconds=40)
    equal(len([each for each in it.archive.messages if b"requeued" in each.data]), 1, "copies of it")


def spam(it):
    """spam is not archived, tagged or held"""
    inbound(it, "perhaps bought", "alice")
    true("[SPAM]" in it.primary.marked("alice@example.com", "perhaps bought").field("Subject"), "no tag")
    inbound(it, "surely bought", "alice")
    it.mx.held("alice@example.com")
    inbound(it, "", "alice", data=generated("spam-2007", 5))
    it.primary.marked("alice@example.com", "application/pdf")
    for words in ("bought", "application/pdf"):
        equal([each for each in it.archive.messages if words.encode() in each.data], [], "archived spam")


def outbound(it):
    """outbound mail is archived for its sender, mail between two archived mailboxes for both"""
    how = {"login": ("alice", "correct horse"), "claim": "203.0.113.9"}
    send(it.mx, "alice@example.com", ["anna@example.org"], plain("outbound"), **how)
    sent = it.outside.marked("anna@example.org", "outbound")
    copy = it.archive.marked(copy_of("alice"), "outbound")
    equal(content(copy), content(sent), "the copy")
    true(copy.field("X-Postern-ID") and b"archive" not in sent.data, sent.head)
    send(it.mx, "alice@example.com", ["bob@example.com"], plain("between us"), **how)
    for name in ("alice", "bob"):
        it.archive.marked(copy_of(name), "between us")
    it.milter.verdict("archive=2", "direction=outbound")


def nobody_is_told(it):
    """an archive that refuses a copy: the original arrives, and no report tells its sender of the archive"""
    inbound(it, "refused copy", "alice")
    it.primary.marked("alice@example.com", "refused copy")
    it.mx.wait_line(f"to=<{copy_of('alice')}>", "status=bounced")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    equal(it.outside.messages, [], "reports")
    # The same address as an ordinary recipient is reported, and so is a failing original.
    send(it.mx, "anna@example.org", [copy_of("bob")], plain("to the archive itself"))
    true(b"no such archive mailbox" in it.outside.to("anna@example.org")[-1].data, "no report")
    it.outside.messages.clear()
    it.primary.refuse = lambda recipient: "550 5.2.2 mailbox full"
    inbound(it, "refused both", "alice")
    report = it.outside.to("anna@example.org")[-1]
    true(b"5.2.2" in report.data and b"archive" not in report.data, report.data.decode())
    equal(len(it.outside.messages), 1, "reports")


def monitor_mode(it):
    """mode = monitor: nothing is copied, and the log says what would be"""
    inbound(it, "watched", "alice")
    it.primary.marked("alice@example.com", "watched")
    it.milter.verdict("archive=monitor")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    equal(it.archive.messages, [], "copies")


def edited_in_redis(it):
    """rows in Redis, by `postern policy set` and redis-cli, count from the next message on"""
    done = it.milter.command("policy", "set", "alice@example.com", "archive=on")
    equal(done.returncode, 0, done.stderr)
    inbound(it, "by postern", "alice", "bob")
    it.archive.marked(copy_of("alice"), "by postern")
    it.redis.cli("HSET", "postern:policy:bob@example.com", "archive", "on")
    it.redis.cli("HSET", "postern:policy:alice@example.com", "archive", "off")
    wait_for(lambda: "archive=off" in it.milter.command("policy", "get", "alice@example.com").stdout, "the edit")

    def followed():
        inbound(it, "by redis-cli", "alice", "bob")
        lines = [line for line in it.milter.lines("nrcpt=2") if "archive=1" in line]
        return len(lines) >= 2 and it.archive.has(copy_of("bob"))
    wait_for(followed, "a copy for bob")
    before = len(it.archive.has(copy_of("alice")))
    inbound(it, "the last one", "alice", "bob")
    it.archive.marked(copy_of("bob"), "the last one")
    equal(len(it.archive.has(copy_of("alice"))), before, "copies for alice")
    bad = it.milter.command("policy", "set", "bob@example.com", "archive=perhaps")
    true(bad.returncode == 2 and "field archive: \"perhaps\": expected on or off" in bad.stderr, bad.stderr)


if __name__ == "__main__":
    main([
        (world, [primary_down, archive_down, blind_copies, comes_again, spam, outbound]),
        (refusing, [nobody_is_told]),
        (monitored, [monitor_mode]),
        (with_redis, [edited_in_redis]),
    ])
