# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make bench` measures with: the driver, processor time and memory of everything that took part, mail to send.

CPU is user and system time from /proc of the filter, of its children, and of whatever else it asks (Redis, spamd).
On a machine that is busy with other things rates say how the scheduler feels; ratios of runs that took turns and CPU
a message stay comparable.
"""
import dataclasses
import os
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
from lib.process import Process, children, free_port, listens  # noqa: E402
from lib.run import program, wait_for  # noqa: E402
from lib.servers import Postern  # noqa: E402
from samples import ORDINARY, padded  # noqa: E402

SECONDS = float(os.environ.get("POSTERN_BENCH_SECONDS", "1"))
ROUNDS = int(os.environ.get("POSTERN_BENCH_ROUNDS", "5"))
SAMPLES = 20
OWN = "user@example.com"  # the sender of the generator's outbound mail
TICK = os.sysconf("SC_CLK_TCK")
TABLES = {"domains": "example.com enforce\n", "networks": "198.51.100.0/24 allow\n",
          "policy": "* spam=tag surespam=tag forged-bounce=tag unverified-bounce=tag\n"}


class Floor(Process):
    """A libmilter filter that does nothing, in one of its manners."""

    def __init__(self, bench, manner):
        self.port = free_port()
        super().__init__([program("test/bench/bench-floor"), str(self.port), manner],
                         str(bench.path(f"floor-{manner}.log")))

    def start(self):
        super().start()
        wait_for(lambda: listens(self.port), "the floor")


def family(pid):
    """A process and everything below it."""
    found = [pid]
    for each in found:
        found += children(each)
    return found


def cpu_seconds(pid):
    total = 0
    for each in family(pid):
        try:
            with open(f"/proc/{each}/stat", encoding="ascii", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
        except OSError:
            pass
    return total / TICK


def rss_bytes(pid):
    total = 0
    for each in family(pid):
        try:
            with open(f"/proc/{each}/statm", encoding="ascii") as statm:
                total += int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            pass
    return total


@dataclasses.dataclass
class Run:
    """One run of the driver."""
    rate: float      # messages a second
    cpu: float       # milliseconds of processor time a message
    p50: float       # milliseconds, MAIL to the last answer
    p99: float
    longest: float
    messages: int


@dataclasses.dataclass
class Mail:
    """A kind of mail, and how it is sent."""
    name: str
    sender: str
    recipient: str
    paths: list
    options: tuple = ()


def drive(server, mail, connections=8, seconds=SECONDS, messages=None, per_connection=100):
    """One run of the driver.  A server's helpers (Redis, spamd) count with it."""
    everybody = [server, *getattr(server, "helpers", [])]
    before = sum(cpu_seconds(each.pid) for each in everybody)
    command = [program("test/bench/bench-driver"), "--port", str(server.port), "--connections", str(connections),
               "--seconds", str(seconds), "--from", mail.sender, "--to", mail.recipient, "--per-connection",
               str(per_connection), *mail.options]
    if messages:
        command += ["--messages", str(messages)]
    done = subprocess.run([*command, *mail.paths], capture_output=True, text=True)
    if done.returncode not in (0, 1) or not done.stdout:
        raise AssertionError(f"{command[:9]}: {done.stderr}")
    values = {key: float(value) for key, value in re.findall(r"([a-z0-9-]+)=([\d.]+)", done.stdout)}
    if values["refused"] and not getattr(server, "may_refuse", False):
        raise AssertionError(f"{server.log}: {values['refused']:.0f} messages were not accepted")
    spent = sum(cpu_seconds(each.pid) for each in everybody) - before
    return Run(values["per-second"], 1000 * spent / values["messages"], values["p50"] / 1000, values["p99"] / 1000,
               values["max"] / 1000, int(values["messages"]))


def median(runs):
    return Run(*(statistics.median(getattr(run, field.name) for run in runs) for field in dataclasses.fields(Run)))


def take_turns(servers, mail, rounds=ROUNDS, **options):
    """Each server in turn, several rounds; gives {name: median of its runs}."""
    runs = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            runs[name].append(drive(server, mail, **options))
    return {name: median(each) for name, each in runs.items()}


def generate(directory, kind, *options, count=SAMPLES):
    """Files of one kind; gives their paths."""
    directory.mkdir(exist_ok=True)
    subprocess.run([program("test/data/postern-testdata"), "--kind", kind, "--count", str(count), "--crlf", *options,
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


def kinds(bench, daemon):
    """The kinds of mail; bounces of mail that `daemon` stamped."""
    def of(kind, size=0):
        paths = generate(bench.path("mail-" + kind), kind)
        for path in map(pathlib.Path, paths):
            path.write_bytes(padded(path.read_bytes(), size))
        return paths
    outbound = of("outbound", ORDINARY)
    return [Mail("plain", "anna@example.org", "alice@example.com", of("clean", ORDINARY)),
            Mail("multipart", "news@example.org", "alice@example.com", of("newsletter", ORDINARY)),
            Mail("outbound", OWN, "partner@example.net", outbound, ("--auth", "user")),
            Mail("bounce", "", OWN, bounces(bench, daemon, outbound)),
            Mail("pdf scan", "anna@example.org", "alice@example.com", of("scan")),
            Mail("pdf spam", "bulk@example.org", "alice@example.com", of("spam-2007"))]


def fill_tables(redis):
    for table, name, value in (("domains", "example.com", "enforce"), ("networks", "198.51.100.0/24", "allow")):
        redis.cli("HSET", "postern:" + table, name, value)
    redis.cli("HSET", "postern:policy:*", "spam", "tag", "surespam", "tag", "forged-bounce", "tag",
              "unverified-bounce", "tag")


def with_redis(bench, redis, name="shared", **settings):
    """A daemon whose store is Redis, which counts with it."""
    daemon = bench.add(Postern(bench, name=name, redis=redis.url, **settings))
    daemon.helpers = [redis]
    return daemon
