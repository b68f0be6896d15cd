#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""postern doctor: each fault is named with the line that mends it, on a pretended postconf and on a real Postfix."""
import json
import os
import pwd
import grp
import subprocess
from types import SimpleNamespace

from lib.doctor import MASTER, doctor, finds, pretend
from lib.postfix import Postfix
from lib.run import equal, main, need, program, true
from lib.servers import Postern, Redis, Sink

need("postfix", "redis-server")

def world(bench):
    it = SimpleNamespace(bench=bench)
    place = bench.path("run")
    place.mkdir()
    os.chown(place, 0, grp.getgrnam("postfix").gr_gid)
    place.chmod(0o2750)
    it.path = f"{place}/milter.sock"
    it.place = place
    it.milter = bench.add(Postern(bench, listen=f"unix:{it.path}", inspect_workers=1))
    it.ours = f"unix:{it.path}"
    return it


def all_is_well(it):
    """a good installation: exit status 0, nothing but good findings besides the empty gate"""
    status, findings = doctor(it, pretend(it))
    equal(status, 0, "exit status")
    equal({each["text"] for each in findings if each["level"] != "good"},
          {"no network is listed, so the gate lets everybody in"}, "what is not good")
    equal({each["topic"] for each in findings}, {"settings", "tables", "state", "inspector", "socket", "Postfix"}, "topics")


def milter_is_missing(it):
    """no smtpd_milters, only another milter, a service of its own without, sendmail(1) left out"""
    finds(it, "fault", "smtp/inet does not ask Postern: smtpd_milters is empty",
          f"postconf -e 'smtpd_milters = {{ {it.ours}, default_action=tempfail }}'", pretend(it, smtpd_milters=""))
    finds(it, "fault", "without unix:",
          f"postconf -e 'smtpd_milters = {{ {it.ours}, default_action=tempfail }}, inet:127.0.0.1:11332'",
          pretend(it, smtpd_milters="inet:127.0.0.1:11332"))
    finds(it, "fault", "submission/inet does not ask Postern: smtpd_milters of that service is empty",
          "postconf -P 'submission/inet/smtpd_milters=", pretend(it, overrides="submission/inet/smtpd_milters = \n"))
    finds(it, "warning", "sendmail(1)", "postconf -e 'non_smtpd_milters = ", pretend(it, non_smtpd_milters=""))
    finds(it, "fault", "no_milters", "postconf -X receive_override_options",
          pretend(it, receive_override_options="no_milters"))


def chroot_hides_the_socket(it):
    """an smtpd in a chroot cannot reach a socket outside of it, and the way out is shown"""
    fault = finds(it, "fault", "runs in a chroot", "listen = \"unix:/var/spool/postfix/postern/milter.sock\"",
                  pretend(it, master=MASTER.replace("n - n - - smtpd", "n - y - - smtpd")))
    true(any("unix:/postern/milter.sock" in line for line in fault["mend"]), "not the address inside of the chroot")
    finds(it, "fault", "runs in a chroot", "listen =",
          pretend(it, master=MASTER.replace("n - n - - smtpd", "n - - - - smtpd"), compatibility_level="0"))
    inside = pretend(it, master=MASTER.replace("n - n - - smtpd", "n - y - - smtpd"),
                     queue_directory=str(it.bench.directory), smtpd_milters="unix:/run/milter.sock")
    equal(doctor(it, inside)[0], 0, "a socket below the queue directory")


def answers_when_away(it):
    """default_action, protocol, macros and time limits that go wrong"""
    finds(it, "warning", "comes in unjudged", "default_action=tempfail",
          pretend(it, smtpd_milters=f"{{ {it.ours}, default_action=accept }}"))
    finds(it, "warning", "is refused for good", "default_action=tempfail",
          pretend(it, smtpd_milters=it.ours, milter_default_action="reject"))
    finds(it, "fault", "milter_protocol is 2", "postconf -e 'milter_protocol = 6'", pretend(it, milter_protocol="2"))
    finds(it, "fault", "{auth_authen}", "postconf -X milter_mail_macros", pretend(it, milter_mail_macros="i"))
    finds(it, "warning", "milter_content_timeout is 10s", "postconf -e 'milter_content_timeout = 30s'",
          pretend(it, milter_content_timeout="10s"))
    finds(it, "warning", "command_timeout is 2",
          f"{{ {it.ours}, command_timeout=10s, default_action=tempfail }}, {{ inet:127.0.0.1:8891 }}",
          pretend(it, smtpd_milters="{ inet:127.0.0.1:8891 }, "
                                    f"{{ {it.ours}, command_timeout=2, default_action=tempfail }}"))


def socket_is_out_of_reach(it):
    """rights on the way to the socket, a daemon that is not there, somebody else's socket"""
    it.place.chmod(0o2700)
    finds(it, "fault", f"user postfix cannot pass {it.place} (mode 2700", f"chmod g+x {it.place}", pretend(it))
    it.place.chmod(0o2750)
    os.chmod(it.path, 0o700)
    finds(it, "fault", f"user postfix cannot use {it.path}", f"chmod g+rw {it.path}", pretend(it))
    os.chmod(it.path, 0o770)
    os.chown(it.path, 0, grp.getgrnam("mail").gr_gid)
    finds(it, "fault", "group mail", "usermod -aG mail postfix", pretend(it))
    os.chown(it.path, 0, pwd.getpwnam("postfix").pw_gid)
    it.milter.stop()
    finds(it, "fault", "postern-milter does not listen on unix:", "systemctl start postern", pretend(it))
    it.milter.start()
    with_sink = it.bench.path("sink.toml")
    sink = it.bench.add(Sink())
    with_sink.write_text(it.milter.config.read_text().replace(it.milter.listen, f"inet:{sink.port}@127.0.0.1"))
    finds(it, "fault", "does not answer as a milter", "ss -ltnp", pretend(it), config=with_sink)


def tables_and_keys(it):
    """a bad row is named with its line; signing keys that others can read"""
    it.milter.table("networks", "# comment\n192.0.2.0/24 allow\n192.0.2.300 allow\n")
    finds(it, "fault", "192.0.2.300", f"sed -i '3s/^/#/' {it.milter.home}/tables/networks", pretend(it))
    it.milter.table("networks", "192.0.2.0/24 allow\n")
    keys = it.milter.home / "state" / "keys"
    keys.chmod(0o644)
    finds(it, "fault", f"{keys} holds a secret", f"chmod 600 {keys}", pretend(it))
    keys.chmod(0o600)


def without_an_mta(it):
    """no postconf: said, and the rest is looked at"""
    status, findings = doctor(it, {"PATH": "/nonexistent"})
    equal(status, 0, "exit status")
    true(any("no postconf" in each["text"] for each in findings), "not said")


def inspector_is_broken(it):
    """an inspector that does not start, for want of memory, is a fault"""
    config = it.bench.path("broken.toml")
    config.write_text(it.milter.config.read_text())
    place = it.bench.path("copied")
    place.mkdir()
    for name in ("postern", "postern-inspect"):
        (place / name).write_bytes(open(program(name), "rb").read())
        (place / name).chmod(0o755)
    (place / "postern-inspect").write_text("#!/bin/sh\nexit 3\n")
    done = subprocess.run([str(place / "postern"), "--config", str(config), "doctor", "--json"], capture_output=True,
                          text=True, timeout=60, env=pretend(it))
    equal(done.returncode, 1, "exit status")
    true(any(each["topic"] == "inspector" and each["level"] == "fault" for each in json.loads(done.stdout)["findings"]),
         done.stdout)


def redis_world(bench):
    it = world(bench)
    it.redis = bench.add(Redis(bench))
    it.milter.stop()
    it.milter.write_settings(redis=it.redis.url)
    it.milter.start()
    return it


def redis_trouble(it):
    """Redis: no append-only file, one that evicts, a bad row, none at all"""
    finds(it, "warning", "no append-only file", "redis-cli CONFIG SET appendonly yes", pretend(it))
    it.redis.cli("CONFIG", "SET", "maxmemory", "100mb")
    it.redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    finds(it, "fault", "throws away tables and signing keys", "CONFIG SET maxmemory-policy noeviction", pretend(it))
    it.redis.cli("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
    finds(it, "warning", "throws away tracking records", "CONFIG SET maxmemory-policy noeviction", pretend(it))
    it.redis.cli("CONFIG", "SET", "maxmemory-policy", "noeviction")
    it.redis.cli("CONFIG", "SET", "appendonly", "yes")
    status, findings = doctor(it, pretend(it))
    equal(status, 0, "exit status")
    true(any(each["topic"] == "clock" and each["level"] == "good" for each in findings), "the clock")
    it.redis.cli("HSET", "postern:networks", "192.0.2.300", "allow")
    finds(it, "fault", "192.0.2.300", "postern networks delete '192.0.2.300'", pretend(it))
    it.redis.cli("HDEL", "postern:networks", "192.0.2.300")
    it.redis.stop()
    finds(it, "fault", "Redis cannot be asked", "systemctl start redis-server", pretend(it))


def real_world(bench):
    it = world(bench)
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": 9}, milter=it.ours))
    return it


def on_a_real_postfix(it):
    """a real Postfix: good as it is; each of three faults made by postconf, and mended by the line that is shown"""
    directory = str(it.mx.config)

    def look():
        return doctor(it, None, "--postfix", directory)

    def postconf(*arguments):
        subprocess.run(["postconf", "-c", directory, *arguments], check=True, timeout=30)

    status, findings = look()
    equal([each["text"] for each in findings if each["level"] == "fault"], [], "faults")
    equal(status, 0, "exit status")
    for breaking in ("smtpd_milters=", "receive_override_options=no_milters", "milter_protocol=3"):
        postconf("-e", breaking)
        status, findings = look()
        equal(status, 1, f"exit status after {breaking}")
        line = findings[0]["mend"][0]
        true(line.startswith("postconf "), f"not a postconf line: {line}")
        subprocess.run(line.replace("postconf ", f"postconf -c {directory} ", 1), shell=True, check=True, timeout=30)
        status, findings = look()
        equal([each["text"] for each in findings if each["level"] == "fault"], [], f"faults after {line}")


if __name__ == "__main__":
    main([
        (world, [all_is_well, milter_is_missing, chroot_hides_the_socket, answers_when_away, socket_is_out_of_reach,
                 tables_and_keys, without_an_mta, inspector_is_broken]),
        (redis_world, [redis_trouble]),
        (real_world, [on_a_real_postfix]),
    ])
