#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What connections cost one node: threads, memory and file descriptors of the daemon with idle connections of the MTA,
and the latency of messages over many busy ones, with and without the idle ones.

  POSTERN_BENCH_IDLE (2000), POSTERN_BENCH_BUSY (200): connections.
  POSTERN_BENCH_SECONDS (5): how long the busy ones send.
"""
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
from lib.process import children  # noqa: E402
from lib.run import program, temporary_bench, wait_for  # noqa: E402
from lib.servers import Postern  # noqa: E402

IDLE = int(os.environ.get("POSTERN_BENCH_IDLE", "2000"))
BUSY = int(os.environ.get("POSTERN_BENCH_BUSY", "200"))
SECONDS = os.environ.get("POSTERN_BENCH_SECONDS", "5")


def status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        values = dict(line.split(":", 1) for line in lines)
    return {"threads": int(values["Threads"]), "rss": int(values["VmRSS"].split()[0]) / 1024,
            "peak": int(values["VmHWM"].split()[0]) / 1024, "size": int(values["VmSize"].split()[0]) / 1024}


def show(words, server):
    now = status(server.pid)
    workers = sum(status(each)["rss"] for each in children(server.pid))
    descriptors = len(os.listdir(f"/proc/{server.pid}/fd"))
    print(f"{words:<44}{now['threads']:>8}{descriptors:>8}{now['rss']:>9.1f}{now['size']:>10.0f}{workers:>10.1f}",
          flush=True)
    return now


def busy(words, server, files):
    driver = subprocess.Popen([program("test/bench/bench-driver"), "--port", str(server.port), "--seconds", SECONDS,
                               "--connections", str(BUSY), "--per-connection", "50", *files], stdout=subprocess.PIPE,
                              text=True)
    threads = 0
    while driver.poll() is None:
        threads = max(threads, status(server.pid)["threads"])
        time.sleep(0.05)
    found = dict(re.findall(r"([\w-]+)=([\d.]+)", driver.stdout.read()))
    if driver.returncode != 0:
        raise AssertionError("the driver failed")
    half, most, all_of_them = (float(found[each]) / 1000 for each in ("p50", "p99", "max"))
    print(f"{words:<44}{found['per-second']:>10} msg/s   half within {half:.1f} ms, 99 of 100 within {most:.1f} ms, "
          f"all within {all_of_them:.1f} ms; at most {threads} threads", flush=True)


def measure(bench):
    server = bench.add(Postern(bench, tables={"networks": "192.0.2.0/24 allow\n198.51.100.0/24 allow\n"}))
    files = []
    for kind in ("clean", "newsletter"):
        place = bench.path(kind)
        place.mkdir()
        subprocess.run([program("test/data/postern-testdata"), "--kind", kind, "--count", "10", "--crlf", str(place)],
                       check=True, stdout=subprocess.DEVNULL)
        files += sorted(str(path) for path in place.iterdir())
    print(f"{'':<44}{'threads':>8}{'fds':>8}{'RSS MB':>9}{'size MB':>10}{'workers MB':>10}")
    before = show("after the start", server)
    busy(f"{BUSY} busy connections", server, files)
    show("after them", server)
    idle = subprocess.Popen([program("test/bench/bench-driver"), "--port", str(server.port), "--connections", str(IDLE),
                             "--idle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    bench.stack.callback(idle.kill)
    if f"holding={IDLE}" not in idle.stdout.readline():
        raise AssertionError("the driver could not open its connections")
    with_idle = show(f"{IDLE} idle connections", server)
    busy(f"{BUSY} busy connections beside them", server, files)
    show("after them", server)
    idle.communicate(timeout=60)
    wait_for(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) < 100, "the end of the connections", 60)
    after = show("idle connections closed", server)
    print(f"an idle connection: {(with_idle['rss'] - before['rss']) * 1024 / IDLE:.0f} KB resident, "
          f"{(with_idle['threads'] - before['threads']) / IDLE:.2f} threads; peak of the daemon {after['peak']:.0f} MB")


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * (IDLE + BUSY) + 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    with temporary_bench() as bench:
        measure(bench)


if __name__ == "__main__":
    main()
