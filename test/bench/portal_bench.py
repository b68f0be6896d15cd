#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How many answers a second the portal's wizard gives: processes that ask over kept connections, each for its own time.

    POSTERN_BUILD=build-opt python3 -B test/bench/portal_bench.py [NETWORKS] [CLIENTS] [SECONDS]
"""
import http.client
import multiprocessing
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from lib.portal import Portal  # noqa: E402
from lib.run import temporary_bench  # noqa: E402


def ask(port, seconds, out):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times, end = [], time.monotonic() + seconds
    while (started := time.monotonic()) < end:
        connection.request("GET", f"/?address=198.51.{random.randrange(256)}.{random.randrange(256)}")
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read():
            raise SystemExit(f"status {answer.status}")
        times.append(time.monotonic() - started)
    out.put(times)


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    networks, clients, seconds = (int(each) for each in (sys.argv[1:] + ["10000", "8", "5"][len(sys.argv) - 1:]))
    with temporary_bench() as bench:
        portal = Portal(bench)
        rows = "".join(f"10.{each >> 8 & 255}.{each & 255}.0/24 allow note=network {each}\n" for each in range(networks))
        (portal.home / "tables" / "networks").write_text(rows)
        bench.add(portal)
        out = multiprocessing.Queue()
        workers = [multiprocessing.Process(target=ask, args=(portal.port, seconds, out)) for _ in range(clients)]
        before = processor_seconds(portal.pid)
        for each in workers:
            each.start()
        times = sorted(each for _ in workers for each in out.get())
        used = processor_seconds(portal.pid) - before
        for each in workers:
            each.join()
    print(f"{networks} networks, {clients} clients: {len(times) / seconds:.0f} answers a second, "
          f"median {times[len(times) // 2] * 1e3:.2f} ms, 99 % within {times[len(times) * 99 // 100] * 1e3:.2f} ms; "
          f"{used / len(times) * 1e6:.0f} us of the portal's processor time each")


if __name__ == "__main__":
    main()
