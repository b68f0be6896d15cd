#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long after Redis' reply to an edit of a policy each node of a cluster applies it.

Every node gets one message after the other for a recipient whose policy is edited again and again, by HSET as anybody
may.  A message that begins after the reply and is still judged by the old policy is a late one; the end of the first
that is judged by the new one, counted from the reply, bounds from above how long the node took.

  POSTERN_BENCH_NODES (8), POSTERN_BENCH_EDITS (300)
"""
import multiprocessing
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
from lib.milter import Milter  # noqa: E402
from lib.resp import Resp  # noqa: E402
from lib.run import temporary_bench, wait_for  # noqa: E402
from lib.servers import Postern, Redis  # noqa: E402

NODES = int(os.environ.get("POSTERN_BENCH_NODES", "8"))
EDITS = int(os.environ.get("POSTERN_BENCH_EDITS", "300"))
PAUSE = 0.002  # between the messages of a node
POLICY = "postern:policy:alice@example.com"
REJECTED = (b"y", b"r")
HEADERS = [("From", "anna@example.org"), ("Subject", "a magicword"), ("Date", "Thu, 5 Jul 2007 10:00:00 +0000")]


def send(port, stop, results):
    """Messages to one node: (start, end, whether it was rejected) of each."""
    seen = []
    milter = Milter(port)
    milter.connect()
    milter.helo()
    while not stop.is_set():
        start = time.monotonic()
        answer = milter.message(headers=HEADERS)
        seen.append((start, time.monotonic(), answer in REJECTED))
        time.sleep(PAUSE)
    milter.quit()
    results.put(seen)


def edit(redis):
    """(time of the reply, whether it now says reject) of each edit."""
    made = []
    for number in range(EDITS):
        redis.run("HSET", POLICY, "spam", "reject" if number % 2 == 0 else "tag")
        made.append((time.monotonic(), number % 2 == 0))
        time.sleep(0.05 + 0.002 * (number % 7))
    return made


def delays(made, seen):
    """Of one node: milliseconds from each reply to the end of the first message judged anew, and the late messages."""
    found, late = [], 0
    for at, (reply, wanted) in enumerate(made):
        until = made[at + 1][0] if at + 1 < len(made) else float("inf")
        inside = [each for each in seen if reply < each[1] and each[0] < until]
        applied = next((end for start, end, rejected in inside if rejected == wanted), None)
        found.append((applied - reply) * 1000 if applied else float("inf"))
        late += sum(1 for start, _, rejected in inside if start > reply and rejected != wanted)
    return found, late


def measure(bench):
    redis = bench.add(Redis(bench))
    redis.cli("HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/")
    redis.cli("HSET", POLICY, "spam", "tag")
    nodes = [bench.add(Postern(bench, name=f"node{number}", redis=redis.url)) for number in range(NODES)]
    wait_for(lambda: redis.cli("EXISTS", "postern:keys") == "1", "the first key")
    stop, results = multiprocessing.Event(), multiprocessing.Queue()
    senders = [multiprocessing.Process(target=send, args=(node.port, stop, results)) for node in nodes]
    for each in senders:
        each.start()
    time.sleep(1.0)
    made = edit(Resp(redis.port))
    time.sleep(0.5)
    stop.set()
    logs = [results.get(timeout=60) for _ in senders]
    for each in senders:
        each.join()
    return made, logs


def main():
    with temporary_bench() as bench:
        made, logs = measure(bench)
    told = [delays(made, seen) for seen in logs]
    all_delays = sorted(delay for found, _ in told for delay in found)
    cuts = statistics.quantiles(all_delays, n=1000, method="inclusive")
    print(f"{NODES} nodes, {len(made)} edits, {sum(map(len, logs))} messages of "
          f"{statistics.median(end - start for seen in logs for start, end, _ in seen) * 1000:.2f} ms")
    print(f"from the reply to HSET to the end of the first message judged anew: median {cuts[499]:.1f} ms, "
          f"90 % {cuts[899]:.1f}, 99 % {cuts[989]:.1f}, longest {all_delays[-1]:.1f}")
    print(f"messages that began after the reply and were judged by the old policy: {sum(late for _, late in told)}")


if __name__ == "__main__":
    main()
