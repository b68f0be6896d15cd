#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages a second and CPU a message: postern-milter beside libmilter filters that do nothing.

The same driver feeds all of them in turn, several rounds each, so that a busy moment of the machine hits all alike;
the figures are medians.  CPU is user and system time of the filter and its children from /proc.
On a machine that is busy with other things the rates say how the scheduler feels; CPU a message stays comparable.
  POSTERN_BENCH_SECONDS (1.5), POSTERN_BENCH_ROUNDS (3): how long and how often each one runs.
"""
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
from lib.process import Process, children, free_port, listens  # noqa: E402
from lib.run import Bench, program, wait_for  # noqa: E402
from lib.servers import Postern, Redis  # noqa: E402

SECONDS = os.environ.get("POSTERN_BENCH_SECONDS", "1.5")
ROUNDS = int(os.environ.get("POSTERN_BENCH_ROUNDS", "3"))
SAMPLES = 20
OWN = "user@example.com"  # the sender of the generator's outbound mail
TICK = os.sysconf("SC_CLK_TCK")


class Floor(Process):
    def __init__(self, bench, manner):
        self.port = free_port()
        super().__init__([program("test/bench/bench-floor"), str(self.port), manner],
                         str(bench.path(f"floor-{manner}.log")))

    def start(self):
        super().start()
        wait_for(lambda: listens(self.port), "the floor")


def cpu_seconds(pid):
    total = 0
    for each in [pid] + children(pid):
        try:
            with open(f"/proc/{each}/stat", encoding="ascii", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
        except OSError:
            pass
    return total / TICK


def generate(directory, kind, *options):
    """SAMPLES files of one kind; gives their paths."""
    subprocess.run([program("test/data/postern-testdata"), "--kind", kind, "--count", str(SAMPLES), "--crlf", *options,
                    str(directory)], check=True, stdout=subprocess.DEVNULL)
    return sorted(str(path) for path in directory.iterdir())


def bounces(bench, daemon, outbound):
    """True bounces of stamped mail, and as many forged ones."""
    paths = []
    for number, path in enumerate(outbound[:SAMPLES // 2]):
        stamped = bench.path(f"stamped-{number}.eml")
        done = daemon.command("stamp", "--from", OWN, "--rcpt", "partner@example.net", path)
        stamped.write_bytes(done.stdout.encode())
        for name, source in (("true", stamped), ("forged", path)):
            report = bench.path(f"bounce-{name}-{number}.eml")
            done = subprocess.run([program("test/data/postern-testdata"), "--bounce-of", str(source), "--to", OWN,
                                   "--crlf"], check=True, capture_output=True)
            report.write_bytes(done.stdout)
            paths.append(str(report))
    return paths


def run(server, sender, recipient, paths, *more):
    """One run of the driver; gives (messages a second, CPU milliseconds a message)."""
    before = cpu_seconds(server.pid)
    done = subprocess.run([program("test/bench/bench-driver"), "--port", str(server.port), "--seconds", SECONDS,
                           "--from", sender, "--to", recipient, *more, *paths], check=True, capture_output=True,
                          text=True)
    spent = cpu_seconds(server.pid) - before
    messages = int(re.search(r"messages=(\d+)", done.stdout).group(1))
    return float(re.search(r"per-second=([\d.]+)", done.stdout).group(1)), 1000 * spent / messages


def workload(bench):
    """(name, sender, recipient, files, driver options) of each kind of mail."""
    def of(kind, *options):
        directory = bench.path("mail-" + kind)
        directory.mkdir()
        return generate(directory, kind, *options)
    outbound = of("outbound")
    yield "plain", "anna@example.org", "alice@example.com", of("clean"), ()
    yield "multipart", "news@example.org", "alice@example.com", of("newsletter"), ()
    yield "outbound", OWN, "partner@example.net", outbound, ("--auth", "user")
    yield "bounce", "", OWN, bounces(bench, bench.embedded, outbound), ()
    yield "pdf scan", "anna@example.org", "alice@example.com", of("scan"), ()
    yield "pdf spam", "bulk@example.org", "alice@example.com", of("spam-2007"), ()


def measure(bench):
    tables = {"domains": "example.com enforce\n", "networks": "198.51.100.0/24 allow\n",
              "policy": "* spam=tag surespam=tag forged-bounce=tag unverified-bounce=tag\n"}
    servers = {"floor, replying": bench.add(Floor(bench, "reply")), "floor, silent": bench.add(Floor(bench, "silent")),
               "floor, skipping": bench.add(Floor(bench, "skip"))}
    bench.embedded = servers["postern"] = bench.add(Postern(bench, tables=tables))
    if shutil.which("redis-server"):
        redis = bench.add(Redis(bench))
        for table, name, value in (("domains", "example.com", "enforce"), ("networks", "198.51.100.0/24", "allow")):
            redis.cli("HSET", "postern:" + table, name, value)
        redis.cli("HSET", "postern:policy:*", "spam", "tag", "surespam", "tag", "forged-bounce", "tag")
        servers["postern, Redis"] = bench.add(Postern(bench, name="shared", redis=redis.url))
    print(f"{'mail':<10}{'filter':<18}{'msg/s':>9}{'CPU ms':>9}{'of replying':>13}{'of silent':>11}", flush=True)
    for name, sender, recipient, paths, more in workload(bench):
        figures = {each: [] for each in servers}
        for _ in range(ROUNDS):
            for each, server in servers.items():
                figures[each].append(run(server, sender, recipient, paths, *more))
        rates = {each: statistics.median(rate for rate, _ in runs) for each, runs in figures.items()}
        for each, runs in figures.items():
            cpu = statistics.median(cost for _, cost in runs)
            print(f"{name:<10}{each:<18}{rates[each]:>9.0f}{cpu:>9.2f}"
                  f"{100 * rates[each] / rates['floor, replying']:>12.0f}%"
                  f"{100 * rates[each] / rates['floor, silent']:>10.0f}%", flush=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a stopped run ends its servers too
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
        bench = Bench(directory)
        with bench.stack:
            try:
                measure(bench)
            except subprocess.CalledProcessError as fault:
                bench.show_logs()
                sys.exit(f"{fault}: {fault.stderr}")


if __name__ == "__main__":
    main()
