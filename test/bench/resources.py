# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory, the time that start and reload take, and the writer of tracking records under load."""
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

from measure import drive, rss_bytes
from lib.process import listens
from lib.run import program, wait_for
from lib.servers import Postern

MESSAGES = int(os.environ.get("POSTERN_BENCH_MESSAGES", "50000"))


def at_work(daemon, mails):
    """Bytes of daemon and workers after each kind at 8 connections."""
    for mail in mails:
        drive(daemon, mail)
    return rss_bytes(daemon.pid)


def per_idle_connection(daemon, count=2000):
    """Bytes that one idle connection costs."""
    before = rss_bytes(daemon.pid)
    driver = subprocess.Popen([program("test/bench/bench-driver"), "--port", str(daemon.port), "--connections",
                               str(count), "--idle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if "holding" not in driver.stdout.readline():
            raise AssertionError("the driver could not open its connections")
        time.sleep(0.5)
        return (rss_bytes(daemon.pid) - before) / count
    finally:
        driver.stdin.close()
        driver.wait(timeout=60)


def flatness(daemon, mails, samples=10):
    """(messages, bytes) while MESSAGES of the kinds in turn go through; the first sample is taken after a warm-up."""
    for mail in mails:
        drive(daemon, mail)
    points, sent = [], 0
    for _ in range(samples):
        for mail in mails:
            sent += drive(daemon, mail, seconds=600, messages=MESSAGES // samples // len(mails)).messages
        points.append((sent, rss_bytes(daemon.pid)))
    return points


def slope(points):
    """Bytes a message by least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def start_times(bench, rounds=5):
    """Seconds from exec until the milter port takes connections, default tables."""
    times = []
    for number in range(rounds):
        daemon = Postern(bench, name=f"start-{number}", tables={})
        begun = time.monotonic()
        super(Postern, daemon).start()
        wait = time.monotonic() + 20
        while not listens(daemon.port):
            if time.monotonic() > wait:
                raise AssertionError(daemon.text())
            time.sleep(0.001)
        times.append(time.monotonic() - begun)
        daemon.stop()
    return sorted(times)


def large_tables(rules=10_000, networks=100_000):
    lines = [f"GROWTH_{number} 0.1 subject =~ /offer number {number} of the day/i -- an offer\n"
             for number in range(rules)]
    rows = [f"{10 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.0/25 allow\n" for number in range(networks)]
    return {"large.rules": "".join(lines), "networks": "198.51.100.0/24 allow\n" + "".join(rows)}


def reload(daemon):
    """Seconds from SIGHUP until the log says "reloaded", of a table that has changed."""
    before = len(daemon.lines("reloaded:"))
    with (daemon.home / "tables/networks").open("a", encoding="ascii") as table:
        table.write(f"# {before}\n")
    begun = time.monotonic()
    daemon.signal(signal.SIGHUP)
    wait_for(lambda: len(daemon.lines("reloaded:")) > before, "the reload", 60)
    return time.monotonic() - begun


def reload_times(bench, mail, rounds=5):
    """Seconds that reloads of 10,000 rules and 100,000 networks take: alone, and while two connections keep both
    processors busy, with the longest that a message took meanwhile (ms), and the longest without reloads."""
    daemon = bench.add(Postern(bench, name="reload", tables=large_tables()))
    drive(daemon, mail, connections=2)
    quiet = drive(daemon, mail, connections=2)
    alone = [reload(daemon) for _ in range(rounds)]
    worst, busy = [], []
    for _ in range(rounds):
        runs = []
        load = threading.Thread(target=lambda into=runs: into.append(drive(daemon, mail, connections=2, seconds=3)))
        load.start()
        time.sleep(0.3)
        busy.append(reload(daemon))
        load.join()
        worst.append(runs[0])
    daemon.stop()
    return sorted(alone), sorted(busy), worst, quiet


def writer(redis, seconds):
    """What store_bench says of the writer at 5,000 records a second."""
    redis.cli("FLUSHALL")
    done = subprocess.run([program("test/bench/store_bench"), redis.url, "pace", "5000", str(seconds)],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def machine():
    """The processor, the kernel and the compiler, in a line."""
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*: (.+)", info)
    return f"{os.cpu_count()} x {model.group(1) if model else 'processor'}, Linux {os.uname().release}"
