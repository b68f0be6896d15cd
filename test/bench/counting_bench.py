#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What counting for Prometheus costs: processor time a message of two daemons that take turns, one with
metrics-listen, and what Metrics::judged() takes by itself, as a share of that.

  POSTERN_BENCH_ROUNDS (5): turns.  POSTERN_BENCH_MESSAGES (4000): messages of a turn.
"""
import os
import re
import statistics
import subprocess
import urllib.request

from measure import ROUNDS, TABLES, Mail, drive, generate, program
from lib.process import free_port
from lib.run import temporary_bench
from lib.servers import Postern

MESSAGES = int(os.environ.get("POSTERN_BENCH_MESSAGES", "4000"))


def by_itself():
    """Nanoseconds that counting one message takes, by one thread."""
    done = subprocess.run([program("test/bench/bench-metrics")], check=True, capture_output=True, text=True)
    return float(re.search(r"^1 threads: (\d+) ns", done.stdout, re.M).group(1))


def counted(port):
    """Messages that the page tells of."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        text = page.read().decode()
    return sum(float(each) for each in re.findall(r"^postern_messages_total{.*} (\S+)$", text, re.M))


def measure(bench):
    port = free_port()
    silent = bench.add(Postern(bench, name="silent", tables=TABLES))
    counting = bench.add(Postern(bench, name="counting", tables=TABLES, metrics_listen=f"inet:{port}@127.0.0.1"))
    nanos = by_itself()
    print(f"counting a message by itself: {nanos:.0f} ns")
    sent = 0
    for name, kind in (("plain", "clean"), ("pdf spam", "spam-2007")):
        mail = Mail(name, "anna@example.org", "alice@example.com", generate(bench.path(kind), kind))
        ratios, costs = [], []
        for turn in range(ROUNDS + 1):
            runs = {}
            for server in (silent, counting) if turn % 2 else (counting, silent):
                runs[server] = drive(server, mail, seconds=600, messages=MESSAGES)
            sent += runs[counting].messages
            if turn > 0:  # the first warms up
                ratios.append(runs[counting].cpu / runs[silent].cpu)
                costs.append(runs[silent].cpu)
        whole = statistics.median(costs)
        print(f"{name}: {1000 * whole:.0f} us of processor time a message without counting, {statistics.median(ratios):.4f}"
              f" times that with it (turns: {min(ratios):.3f} to {max(ratios):.3f}); by itself counting is"
              f" {nanos / 10_000 / whole:.2f} % of it", flush=True)
    if counted(port) != sent:
        raise AssertionError(f"{counted(port)} messages were counted, {sent} were sent")


def main():
    with temporary_bench() as bench:
        measure(bench)


if __name__ == "__main__":
    main()
