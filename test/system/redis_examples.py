#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands of postern-redis(5) are tried, word for word but for the port, and a daemon applies what they say."""
import pathlib
import re
import shlex
import subprocess
from types import SimpleNamespace

from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern, Redis

need("redis-server", "redis-cli")
PAGE = pathlib.Path(__file__).resolve().parents[2] / "man" / "postern-redis.5"


def world(bench):
    it = SimpleNamespace(redis=bench.add(Redis(bench)))
    it.milter = bench.add(Postern(bench, redis=it.redis.url, inspect_workers=1))
    examples = PAGE.read_text().partition(".Sh EXAMPLES\n")[2]
    it.blocks = [block.strip().splitlines() for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", examples, re.M | re.S)]
    equal(len(it.blocks), 3, "blocks of examples: to write, to look, to take back")
    return it


def run(it, line):
    """What one command says; it must be redis-cli, and no error."""
    words = shlex.split(line.replace("\\-", "-"))
    equal(words[0], "redis-cli", line)
    done = subprocess.run(["redis-cli", "-p", str(it.redis.port), *words[1:]], capture_output=True, text=True, timeout=30)
    true(done.returncode == 0 and "ERR" not in done.stdout and "WRONGTYPE" not in done.stdout, f"{line}: {done.stdout}{done.stderr}")
    return done.stdout


def row(it, table, key):
    done = it.milter.command(table, "get", key)
    return done.stdout.strip() if done.returncode == 0 else None


def examples(it):
    """what is written is understood by every table, what is looked at is there, what is taken back is gone"""
    for line in it.blocks[0]:
        true(int(run(it, line)) >= 1, f"{line} wrote nothing")
    wanted = {("policy", "alice@example.com"): "delete", ("policy", "@example.net"): "quarantine",
              ("networks", "192.0.2.0/24"): "allow note=the provider", ("networks", "198.51.100.0/24"): "deny",
              ("domains", "example.com"): "enforce", ("rules", "OFFER"): "limited offer"}
    for (table, key), text in wanted.items():
        true(text in (row(it, table, key) or ""), f"{table} {key}: {row(it, table, key)}")
    wait_for(lambda: it.milter.command("check", "203.0.113.9").returncode == 1, "the gate")
    equal(it.milter.command("check", "192.0.2.7").returncode, 0, "a listed client")
    equal(it.milter.command("config", "check").returncode, 0, "config check")
    equal(it.milter.lines("not understood"), [], "rows that are not understood")
    it.milter.command("policy", "set", "bob@example.com", "spam=tag")
    for line, text in zip(it.blocks[1], ("delete", "192.0.2.0/24", "postern:node:postern", "bob@example.com"), strict=True):
        wait_for(lambda: text in run(it, line), f"{text} in what {line} says")  # noqa: B023: called at once
    for line in it.blocks[2]:
        true(int(run(it, line)) >= 1, f"{line} took nothing")
    for table, key in wanted:
        equal(row(it, table, key), None, f"{table} {key}")


if __name__ == "__main__":
    main([(world, [examples])])
