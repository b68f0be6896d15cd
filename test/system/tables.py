#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Redis behind the daemon: edits that count at once, and mail that flows while Redis is away."""
import signal
import time
from types import SimpleNamespace

from lib.mail import bounce, plain, refusal, send
from lib.postfix import Postfix
from lib.run import equal, main, need, true, wait_for
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


if __name__ == "__main__":
    main([(world, [rule_edit, policy_edit, network_edit, bad_row, redis_stopped, edits_after_return, redis_hangs,
                   records_arrive])])
