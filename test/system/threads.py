#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""All of the daemon's threads at once: many connections, while settings and tables are read again, policies change,
metrics are read, workers are killed and Redis hangs up.  contrib/tsan-tests runs it on a daemon built with TSan, which
ends with a report at the first race."""
import contextlib
import itertools
import os
import re
import signal
import socket
import threading
import urllib.request
from types import SimpleNamespace

from lib.mail import bounce, generated, plain
from lib.milter import Milter
from lib.process import children, free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern, Redis

need("redis-server", "redis-cli")
CONNECTIONS, ROUNDS = 12, 12
ALICE = "alice@example.com"
TABLES = {"networks": "198.51.100.0/24 allow\n", "domains": "example.com enforce\n"}


def letter(data, **envelope):
    """A message in parts, as Milter.message() takes them."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields = [line.partition(":") for line in re.sub(r"\r\n[ \t]", " ", head.decode()).split("\r\n")]
    return dict(envelope, headers=[(name, value.strip()) for name, _, value in fields], body=body)


def letters():
    report = bounce(ALICE, "Message-ID: <1@example.com>\r\nSubject: Not ours\r\n")
    return [letter(plain(), sender="anna@example.org"),
            letter(plain("going out"), sender=ALICE, recipients=("carol@example.net",), auth_authen="alice"),
            letter(report, sender="", recipients=(ALICE,)),
            letter(generated("spam-2007", 5), sender="bulk@example.org", recipients=(ALICE, "bob@example.com")),
            letter(generated("newsletter", 1), sender="news@example.org")]


def world_with(bench, **settings):
    it = SimpleNamespace(metrics=free_port(), sent=[], faults=[], done=threading.Event())
    it.milter = bench.add(Postern(bench, metrics_listen=f"inet:{it.metrics}@127.0.0.1", **settings))
    return it


def embedded(bench):
    """with tables in files"""
    it = world_with(bench, tables=TABLES)
    it.redis = None
    return it


def shared(bench):
    """with Redis"""
    redis = bench.add(Redis(bench))
    for table, text in TABLES.items():
        redis.cli("HSET", "postern:" + table, *text.split())
    it = world_with(bench, redis=redis.url)
    it.redis = redis
    return it


def carry(it, kinds, number):
    """One connection of the MTA after the other, until it is done."""
    try:
        for turn in itertools.count():
            peer = Milter(it.milter.port)
            peer.connect("198.51.100.7")
            peer.helo()
            for each in range(3):
                name = f"Q{number}.{turn}.{each}"
                answer = peer.message(queue_id=name, mail_mailer="esmtp", **kinds[(number + turn + each) % len(kinds)])
                true(answer in (b"a", b"c"), f"{name}: answer {answer!r}")
                it.sent.append(name)
            peer.quit()
            if it.done.is_set():
                return
    except Exception as fault:  # noqa: BLE001: told by the scenario
        it.faults.append(f"connection {number}: {fault!r}")


def trouble(it, number):
    it.milter.write_settings(spam_score=5 + number / 100)
    it.milter.signal(signal.SIGHUP)
    with urllib.request.urlopen(f"http://127.0.0.1:{it.metrics}/metrics", timeout=30) as page:
        true(b"postern_connections" in page.read(), "the page of metrics")
    row = f"spam={('tag', 'quarantine')[number % 2]}"
    if it.redis is None:
        it.milter.table("policy", f"bob@example.com {row}\n")
    else:
        it.redis.cli("HSET", "postern:policy:bob@example.com", *row.split("="))
        if number % 4 == 1:
            it.redis.cli("CLIENT", "KILL", "TYPE", "pubsub")
        if number % 4 == 3:
            it.redis.cli("CLIENT", "KILL", "TYPE", "normal")
    if number % 3 == 0:
        for pid in children(it.milter.pid)[:1]:
            with contextlib.suppress(ProcessLookupError):  # it may have been replaced just now
                os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(it.milter.lines("reloaded:")) > number, "the reload", 60)


def everything_at_once(it):
    """each message gets one verdict and one line, no fault is logged, and the end is clean"""
    kinds = letters()
    threads = [threading.Thread(target=carry, args=(it, kinds, number)) for number in range(CONNECTIONS)]
    for each in threads:
        each.start()
    try:
        for number in range(ROUNDS):
            trouble(it, number)
    finally:
        it.done.set()
        for each in threads:
            each.join()
    equal(it.faults, [], "faults")
    it.milter.signal(signal.SIGTERM)
    status = it.milter.wait(60)
    true("ThreadSanitizer" not in it.milter.text(), "a race")
    equal(status, 0, "status at the end")
    told = re.findall(r"^postern-milter: (Q[\d.]+): .*verdict=", it.milter.text(), re.M)
    equal(sorted(told), sorted(it.sent), "messages that have a line")
    equal([each for each in it.milter.lines("error: ") if "the inspector ended" not in each], [], "errors")


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    main([(embedded, [everything_at_once]), (shared, [everything_at_once])])
