#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench`: everything that is measured, side by side, into RESULTS.md and results.svg.

  run_bench.py [--parts speed,growth,memory,start,writer,floors] [--output DIRECTORY]
Environment: POSTERN_BENCH_SECONDS (1) and POSTERN_BENCH_ROUNDS (5) of each figure, POSTERN_BENCH_MESSAGES (50000) of
the memory run, POSTERN_BENCH_MOST (1000000) rows of a table, POSTERN_BENCH_WRITER (60) seconds for the writer.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys

import growth
import plot
import resources
from measure import ROUNDS, SECONDS, TABLES, Floor, fill_tables, kinds, rss_bytes, take_turns, with_redis
from peers import start_peers
from lib.run import program, temporary_bench
from lib.servers import Postern, Redis

FLOOR = "floor, silent"
PARTS = ("speed", "growth", "memory", "start", "writer", "floors")


class Report:
    """Markdown and plots as they come, also on standard output."""

    def __init__(self):
        self.text, self.plots = [], []

    def add(self, *lines):
        for line in lines:
            print(line, flush=True)
            self.text.append(line)

    def table(self, title, head, rows):
        self.add("", f"## {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head))
        for row in rows:
            self.add("| " + " | ".join(str(cell) for cell in row) + " |")

    def curves(self, title, x_words, y_words, lines, log_y=True):
        rows = [(name, ", ".join(f"{plot.short(x)}: {plot.short(y)}" for x, y in line))
                for name, line in lines.items()]
        self.table(f"{title} ({y_words}, by {x_words})", ("", "figures"), rows)
        self.plots.append(plot.curves(title, x_words, y_words, lines, log_y))


class World:
    """The servers, and the mail that goes to them."""

    def __init__(self, bench):
        self.bench = bench
        self.floors = {f"floor, {name}": bench.add(Floor(bench, manner))
                       for name, manner in (("replying", "reply"), ("silent", "silent"), ("skipping", "skip"),
                                                ("streaming", "stream"))}
        self.own = {"postern": bench.add(Postern(bench, tables=TABLES))}
        self.redis = None
        if shutil.which("redis-server"):
            self.redis = bench.add(Redis(bench))
            fill_tables(self.redis)
            self.own["postern, Redis"] = with_redis(bench, self.redis)
        self.mails = kinds(bench, self.own["postern"])

    def mail(self, name):
        return next(mail for mail in self.mails if mail.name == name)


def speed(world, report):
    peers, missing = start_peers(world.bench)
    servers = {**world.floors, **world.own, **peers}
    for reason in missing:
        report.add(f"- left out: {reason}")
    for connections in (8, 1, 32):
        rows = []
        for mail in world.mails:
            if connections != 8 and mail.name not in ("plain", "multipart", "outbound", "bounce"):
                continue
            results = take_turns(servers, mail, connections=connections)
            floor = results[FLOOR]
            for name, run in results.items():
                rows.append((mail.name, name, f"{run.rate:.0f}", f"{100 * run.rate / floor.rate:.0f} %",
                             f"{run.cpu:.3f}", f"{run.cpu / floor.cpu:.2f}", f"{run.p50:.2f}", f"{run.p99:.2f}",
                             f"{run.p99 / floor.p99:.1f}"))
            if connections == 8:
                report.plots.append(plot.bars(mail.name, "messages a second, 8 connections",
                                              [(name, run.rate) for name, run in results.items()]))
        report.table(f"{connections} connections",
                     ("mail", "filter", "msg/s", "of silent floor", "CPU ms/msg", "of floor", "p50 ms", "p99 ms",
                      "of floor"), rows)
    for peer in peers.values():
        peer.stop()


def growing(world, report):
    lines, _ = growth.rules(world.bench)
    report.curves("Rules, one message's facts", "rules", "microseconds", lines)
    report.curves("Networks", "rows", "CPU ms a message", growth.networks(world.bench, world.mail("plain")), False)
    if world.redis:
        report.curves("Policies", "rows", "CPU ms a message",
                      growth.policies(world.bench, world.redis, world.mail("pdf spam")), False)
    lines, memory = growth.sizes(world.bench)
    report.curves("Size of the message", "bytes", "CPU ms a message", lines)
    report.curves("Memory of daemon and workers", "bytes of the message", "MB", memory, False)
    report.curves("PDFs and pictures", "in a message", "CPU ms a message", growth.files(world.bench))
    rates, tails = growth.connections({FLOOR: world.floors[FLOOR], "postern": world.own["postern"]},
                                      world.mail("plain"))
    report.curves("Connections: rate, plain mail", "connections", "messages a second", rates, False)
    report.curves("Connections: p99, plain mail", "connections", "ms", tails)


def memory(world, report):
    daemon = world.bench.add(Postern(world.bench, name="memory", tables=TABLES))
    fresh = rss_bytes(daemon.pid)
    busy = resources.at_work(daemon, world.mails)
    idle = resources.per_idle_connection(daemon)
    points = resources.flatness(daemon, [world.mail(name) for name in ("plain", "multipart", "outbound", "bounce")])
    slope = resources.slope(points)
    report.table("Memory", ("what", "figure"),
                 [("daemon and workers after start", f"{fresh / 1e6:.1f} MB"),
                  ("daemon and workers after all kinds at 8 connections", f"{busy / 1e6:.1f} MB"),
                  ("one of 2,000 idle connections", f"{idle / 1024:.1f} KiB"),
                  (f"growth over {points[-1][0]:,} messages", f"{slope:.2f} bytes a message, "
                   f"{(points[-1][1] - points[0][1]) / 1e3:+.0f} kB between the first and the last sample")])
    report.plots.append(plot.curves("Memory over time", "messages", "MB",
                                    {"daemon and workers": [(x, y / 1e6) for x, y in points]}, False))
    daemon.stop()


def starting(world, report):
    starts = resources.start_times(world.bench)
    alone, busy, under, quiet = resources.reload_times(world.bench, world.mail("plain"))
    report.table("Start and reload", ("what", "median", "longest"),
                 [("ready with the default tables", f"{1000 * statistics.median(starts):.0f} ms",
                   f"{1000 * starts[-1]:.0f} ms"),
                  *((f"reload of 10,000 rules and 100,000 networks, {how}",
                     f"{1000 * statistics.median(times):.0f} ms", f"{1000 * times[-1]:.0f} ms")
                    for how, times in (("alone", alone), ("both processors busy", busy))),
                  ("slowest message of 3 s with a reload",
                   f"{statistics.median(run.longest for run in under):.1f} ms",
                   f"{max(run.longest for run in under):.1f} ms"),
                  ("slowest message of a run without one", f"{quiet.longest:.1f} ms", "")])


def writing(world, report):
    if not world.redis:
        report.add("", "- left out: the writer of tracking records: redis-server is not installed")
        return
    said = resources.writer(world.redis, int(os.environ.get("POSTERN_BENCH_WRITER", "60")))
    fill_tables(world.redis)
    report.add("", "## The writer of tracking records", "", "    " + said.replace("\n", "\n    "))


def floors(world, report):
    """What the inspector's work costs beside bare library calls."""
    rows = []
    for name in ("pdf scan", "pdf spam"):
        files = []
        for number, path in enumerate(world.mail(name).paths):
            file = world.bench.path(f"{name[4:]}-{number}.pdf")
            file.write_bytes(growth.leaf(path))
            files.append(str(file))
        done = subprocess.run([program("test/bench/pdf_bench"), "-s", *files], capture_output=True, text=True, check=True)
        rows.append((name, *re.findall(r"[\d.]+", done.stdout)))
    report.table("One PDF: bare Poppler and libjpeg-turbo beside the inspector's facts",
                 ("mail", "bare, CPU us", "inspector, CPU us", "ratio"), rows)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a stopped run ends its servers too
    options = argparse.ArgumentParser()
    options.add_argument("--parts", default=",".join(PARTS))
    options.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    chosen = options.parse_args()
    report = Report()
    report.add("# What was measured", "",
               f"By `make bench` on {resources.machine()}; medians of {ROUNDS} runs of {SECONDS:g} s that took turns. "
               "CPU is that of all processes of a filter, Redis and spamd included.")
    steps = dict(zip(PARTS, (speed, growing, memory, starting, writing, floors)))
    with temporary_bench() as bench:
        try:
            world = World(bench)
            for name in chosen.parts.split(","):
                steps[name](world, report)
        except (AssertionError, subprocess.CalledProcessError) as fault:
            bench.show_logs()
            sys.exit(f"{fault}: {getattr(fault, 'stderr', '')}")
    (chosen.output / "RESULTS.md").write_text("\n".join(report.text + ["", "![plots](results.svg)", ""]))
    (chosen.output / "results.svg").write_text(plot.page(report.plots))


if __name__ == "__main__":
    main()
