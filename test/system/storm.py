#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is lost and nothing comes twice, whatever happens to the daemon under load.

Every message is sent until Postfix takes it, and counted at the far end: each accepted one exactly once for each
recipient with its body byte for byte, each refused one refused with 4xx.  Reloads, upgrades, killed workers and a
killed Redis are not noticed at all.  POSTERN_STORM_MESSAGES, POSTERN_STORM_CONNECTIONS, POSTERN_STORM_ROUNDS and
POSTERN_STORM_SEED make it long, wide, rough and the same again.
"""
import grp
import os
import random
import shutil
import time
from types import SimpleNamespace

from lib.disk import SmallDisk
from lib.load import CountingSink, Load
from lib.postfix import Postfix
from lib.run import equal, main, need, program, true, wait_for
from lib.servers import Accounts, Postern, Redis
from lib.supervisor import Supervisor
from lib.weather import CALM, STORM, Weather

need("postfix", "redis-server")

MESSAGES = int(os.environ.get("POSTERN_STORM_MESSAGES", "200"))
CONNECTIONS = int(os.environ.get("POSTERN_STORM_CONNECTIONS", "12"))
ROUNDS = int(os.environ.get("POSTERN_STORM_ROUNDS", "2"))
SEED = int(os.environ.get("POSTERN_STORM_SEED") or random.randrange(1 << 30))


class Configured(Postern):
    """Only its settings and directories; the supervisor runs it."""

    def start(self):
        pass


def world(bench, listen):
    disk = bench.add(SmallDisk(bench, 16 + MESSAGES * 2048 // (1 << 20)))
    it = SimpleNamespace(small_disk=disk.path)
    it.redis = bench.add(Redis(bench, persistent=True))
    it.sink = bench.add(CountingSink())
    programs = bench.path("bin")
    programs.mkdir()
    for each in ("postern-milter", "postern-inspect"):
        shutil.copy2(program(each), programs)
    state = disk.path / "state"
    state.mkdir(mode=0o700)
    settings = Configured(bench, listen=listen, redis=it.redis.url, state_directory=str(state),
                          quarantine_address="{user}+quarantine@{domain}")
    it.daemon = bench.add(Supervisor([str(programs / "postern-milter"), "-f", "-c", str(settings.config)],
                                     str(disk.path / "log"), bench.path("notify")))
    bench.logs.append(it.daemon.log)
    it.milter = settings
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.sink.port, "example.net": it.sink.port},
                              accounts=bench.add(Accounts(bench, {"alice": "secret"})), milter=settings.address,
                              milter_connect_timeout="60s", milter_content_timeout="120s",
                              smtpd_client_message_rate_limit="0"))
    return it


def over_unix(bench):
    """over a unix socket"""
    place = bench.path("run")
    place.mkdir()
    os.chown(place, 0, grp.getgrnam("postfix").gr_gid)
    place.chmod(0o2750)
    return world(bench, f"unix:{place}/milter.sock")


def over_tcp(bench):
    """over TCP"""
    return world(bench, None)


def run(it, kinds):
    """Sends everything through the weather; gives the load when all has arrived and been counted."""
    weather = Weather(it, SEED, MESSAGES, kinds, ROUNDS)
    load = Load(it.mx, MESSAGES, CONNECTIONS, SEED, weather.progress)
    started = time.monotonic()
    load.run()
    taken = time.monotonic() - started
    weather.heal()
    it.mx.flush()
    wait_for(lambda: not it.mx.queued() or time.sleep(0.5), "an empty queue", 60 + MESSAGES / 20)
    refusals = {f"{stage} {code}": times for (stage, code), times in sorted(load.refusals.items())}
    print(f"  seed {SEED}: {len(load.letters)} messages over {CONNECTIONS} connections in {taken:.0f} s; "
          f"{dict(weather.counts)}; starts {it.daemon.starts}, handovers {len(it.daemon.former)}; "
          f"tries refused: {refusals or 'none'}", flush=True)
    wrong = load.verify(it.sink)
    true(not wrong, f"{len(wrong)} faults: {wrong[:5]}")
    equal(len(load.letters), MESSAGES, "messages sent")
    equal(weather.plan, [], "troubles left over")
    refused = it.mx.lines("milter", "onnection refused")
    true(not refused, f"{len(refused)} connections were refused: {refused[:2]}")
    return load


def calm(it):
    """reloads, upgrades, killed workers, a killed Redis: no try is refused"""
    it.sink.forget()
    load = run(it, CALM)
    # AUTH is between Postfix and the test's own authentication server, which has a busy machine to share.
    equal({stage: code for stage, code in load.refusals if stage != "AUTH"}, {}, "refusals")
    equal(it.daemon.starts, 1, "starts")
    wait_for(lambda: it.daemon.former, "an upgrade")  # the last may still be under way when all mail has arrived


def storm(it):
    """kills, restarts, a full disk and no memory besides: each message exactly once, refusals 4xx, no connection refused"""
    it.sink.forget()
    run(it, STORM)


if __name__ == "__main__":
    main([(over_tcp, [calm]), (over_unix, [calm, storm])])
