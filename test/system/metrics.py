#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Prometheus would read from a daemon behind a real Postfix, and the dashboard made for it."""
import json
import os
import pathlib
import re
import socket
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

from lib.mail import bounce, generated, plain, refusal, send
from lib.postfix import Postfix
from lib.process import children, free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Accounts, Postern, Redis, Sink

need("postfix", "redis-server")

ALICE = "alice@example.com"
SAMPLE = re.compile(r"^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$")


def scrape(port):
    """The page as {(name, frozenset of labels): value}."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        equal(page.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8", "content type")
        text = page.read().decode()
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        true(match, f"not a sample: {line}")
        labels = frozenset(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
        true((match[1], labels) not in found, f"twice: {line}")
        found[match[1], labels] = float(match[3])
    return found


def total(samples, name, **labels):
    """The sum of a metric over the labels that are not named."""
    wanted = set(labels.items())
    return sum(value for (each, have), value in samples.items() if each == name and wanted <= have)


def world(bench):
    it = SimpleNamespace(bench=bench, mailbox=bench.add(Sink()), metrics=free_port(), redis=bench.add(Redis(bench)))
    it.redis.cli("HSET", "postern:networks", "203.0.113.0/24", "allow")
    it.redis.cli("HSET", "postern:domains", "example.com", "enforce")
    it.milter = bench.add(Postern(bench, redis=it.redis.url, metrics_listen=f"inet:{it.metrics}@127.0.0.1"))
    accounts = bench.add(Accounts(bench, {"alice": "secret"}))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port, "example.net": it.mailbox.port},
                              accounts=accounts, milter=it.milter.address))
    return it


def numbers_agree(it):
    """what was sent is what is counted: verdicts, actions, bounces, refusals, rules, stages"""
    true(total(scrape(it.metrics), "postern_messages_total") == 0, "counts before the first message")
    for number in range(3):
        send(it.mx, "anna@example.org", [ALICE], plain(f"clean {number}"), claim="203.0.113.9")
    send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 5), claim="203.0.113.9")
    send(it.mx, "", [ALICE], bounce(ALICE, "From: alice@example.com\r\nMessage-ID: <x@example.com>\r\nSubject: Hi"),
         claim="203.0.113.9")
    for _ in range(2):
        refusal(it.mx, "anna@example.org", [ALICE], plain("refused"), claim="198.51.100.7")
    send(it.mx, ALICE, ["carol@example.net"], plain("out", sender=ALICE, to="carol@example.net"),
         login=("alice", "secret"))
    it.milter.verdict(count=8)
    now = scrape(it.metrics)
    equal(total(now, "postern_messages_total", direction="inbound", verdict="clean", action="deliver"), 3, "clean")
    equal(total(now, "postern_messages_total", verdict="forged-bounce", action="quarantine"), 1, "forged bounces")
    equal(total(now, "postern_messages_total", direction="inbound"), 5, "inbound")
    equal(total(now, "postern_messages_total", direction="outbound"), 1, "outbound")
    spam = total(now, "postern_messages_total", verdict="spam") + total(now, "postern_messages_total",
                                                                        verdict="surespam")
    equal(spam, 1, "spam")
    equal(total(now, "postern_bounces_total", kind="failure", evidence="none"), 1, "bounces without evidence")
    equal(total(now, "postern_bounces_total"), 1, "bounces")
    equal(total(now, "postern_gate_refusals_total", action="reject"), 2, "refusals")
    line = it.milter.verdict("rules=", "from=<bulk@example.org>")[0]
    for rule in re.search(r"rules=([^ ]*), ", line)[1].split(","):
        equal(total(now, "postern_rule_hits_total", rule=rule), 1, rule)
    equal(total(now, "postern_stage_duration_seconds_count", stage="all"), 6, "messages with a duration")
    equal(total(now, "postern_stage_duration_seconds_count", stage="bounce"), 1, "evidence looked for")
    true(total(now, "postern_stage_duration_seconds_count", stage="inspect") >= 2, "inspected")
    equal(total(now, "postern_messages_failed_total"), 0, "failed")
    equal(total(now, "postern_messages_in_hand"), 0, "messages in hand")
    equal(total(now, "postern_redis_up"), 1, "Redis")
    equal(it.milter.command("policy", "set", "bob@example.com", "spam=deliver").returncode, 0, "policy set")
    wait_for(lambda: total(scrape(it.metrics), "postern_tables_generation") == 1, "the next generation")


def tells_of_trouble(it):
    """a dead inspector and a dead Redis show"""
    before = total(scrape(it.metrics), "postern_inspector_restarts_total")
    for pid in children(it.milter.pid):
        os.kill(pid, 9)
    send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 6), claim="203.0.113.9")
    wait_for(lambda: total(scrape(it.metrics), "postern_inspector_restarts_total") > before, "the restarts")
    it.redis.stop()
    wait_for(lambda: total(scrape(it.metrics), "postern_redis_up") == 0, "Redis away")
    send(it.mx, ALICE, ["carol@example.net"], plain("while away", sender=ALICE, to="carol@example.net"),
         login=("alice", "secret"))
    wait_for(lambda: total(scrape(it.metrics), "postern_track_queue_records") == 1, "a queued record")
    time.sleep(1.1)
    wait_for(lambda: total(scrape(it.metrics), "postern_tables_stale_seconds") >= 1, "stale tables")
    it.redis.start()
    wait_for(lambda: total(scrape(it.metrics), "postern_redis_up") == 1, "Redis back", 30)


def dashboard_names_exist(it):
    """every metric and label that the dashboard asks for is in the daemon's output"""
    source = pathlib.Path(os.environ.get("top_srcdir") or pathlib.Path(__file__).parents[2])
    send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 7), claim="203.0.113.9")  # so that rules hit
    it.milter.verdict("rules=", "from=<bulk@example.org>")
    board = json.loads((source / "contrib/grafana/postern.json").read_text())
    samples = scrape(it.metrics)
    names = {name for name, _ in samples}
    labels = {(name, label) for name, pairs in samples for label, _ in pairs}
    asked = set()
    for panel in board["panels"]:
        true(panel["title"].endswith("?"), f"not a question: {panel['title']}")
        for target in panel["targets"]:
            found = re.findall(r"postern_[a-z_]+", target["expr"])
            true(found, f"{panel['title']} asks for nothing")
            asked.update(found)
            for name in found:
                true(name in names, f"{panel['title']}: {name} is not in the output")
                for label in re.findall(r"(\w+)!?=\"", target["expr"]):
                    true((name, label) in labels, f"{panel['title']}: {name} has no label {label}")
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    there = {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
    equal(there - shown, set(), "metrics that no panel shows")


def only_get_metrics(it):
    """other pages and methods are refused, a silent reader holds nobody up for long"""
    for path, code in (("/", 404), ("/metrics/x", 404)):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{it.metrics}{path}", timeout=10)
            raise AssertionError(f"{path} was served")
        except urllib.error.HTTPError as fault:
            equal(fault.code, code, path)
    with socket.create_connection(("127.0.0.1", it.metrics)) as silent:
        scrape(it.metrics)
        silent.close()


def unix_world(bench):
    it = SimpleNamespace(bench=bench, path=str(bench.path("metrics.sock")))
    it.milter = bench.add(Postern(bench, metrics_listen=f"unix:{it.path}"))
    return it


def over_a_unix_socket(it):
    """the page comes over a unix socket that others cannot open, which is gone after the end; no Redis, no redis_up"""
    wait_for(lambda: os.path.exists(it.path), "the socket")
    equal(oct(os.stat(it.path).st_mode & 0o777), "0o660", "mode")
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(it.path)
        peer.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
    true("\npostern_connections 0\n" in text and "postern_redis_up" not in text, text)
    it.milter.stop()
    true(not os.path.exists(it.path), "the socket was left behind")


def taken_address(it):
    """an address that is taken stops no mail: the daemon serves, says so, and tries again"""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        milter = it.bench.add(Postern(it.bench, name="second", metrics_listen=f"inet:{port}@127.0.0.1"))
        milter.wait_line("metrics: cannot listen", "in use")
    wait_for(lambda: milter.lines("metrics: listening"), "the second try")
    true(total(scrape(port), "postern_build_info") == 1, "no page")


if __name__ == "__main__":
    main([
        (world, [numbers_agree, dashboard_names_exist, only_get_metrics, tells_of_trouble]),
        (unix_world, [over_a_unix_socket, taken_address]),
    ])
