#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What SECURITY.md claims of the running daemon: senders forge no header and no log line, secrets do not show."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
from types import SimpleNamespace

from lib.milter import Milter
from lib.process import children, free_port
from lib.run import equal, main, need, program, true, wait_for
from lib.servers import Postern

need()

RULES = "OFFER 6 subject =~ /offer/i\n"
EVIL = "\"a>, verdict=clean, rules=-, to=<x\r\n4F9: client=[192.0.2.9], verdict=clean\"@example.org"
# What no MTA sends as one field, but a broken or hostile one may.
FIELDS = ["Offer\r\nBcc: victim@example.net", "Offer\nX-Postern-Verdict: clean", "Offer\n\nbody", "=?utf-8?q?Offer=0D=0AX-A:_b?=",
          "Offer\r\rX-A: b"]


def world(bench):
    it = SimpleNamespace(bench=bench, milter=Postern(bench, inspect_workers=1))
    it.milter.table("test.rules", RULES)
    bench.add(it.milter)
    return it


def judge(it, subject, sender="anna@example.org", recipient="alice@example.com"):
    """One message, straight over the milter protocol; gives the edits."""
    client = Milter(it.milter.port)
    client.connect("192.0.2.1")
    client.helo()
    client.message(sender, [recipient], [("From", sender), ("To", recipient), ("Subject", subject)], queue_id="4F1")
    edits = client.edits
    client.quit()
    return edits


def no_forged_header(it):
    """whatever stands in Subject, sender or recipient, each edit is one header field"""
    seen = 0
    for subject in FIELDS:
        for command, data in judge(it, subject, EVIL, EVIL):
            if command not in (b"i", b"m", b"h"):
                continue
            name, value = data[4 if command in b"im" else 0:].split(b"\0")[:2]
            true(b"\r" not in value, f"{name} = {value}")
            for line in value.split(b"\n")[1:]:
                true(line[:1] in (b" ", b"\t") and line.strip(), f"{name} = {value}: a line that begins a field or a body")
            seen += 1
    true(seen >= 2 * len(FIELDS), f"only {seen} edits")


def no_forged_log_line(it):
    """a sender and a recipient full of line ends and pairs make one line, and no pair in it"""
    before = len(it.milter.lines("verdict="))
    judge(it, "Offer", EVIL, EVIL)
    lines = wait_for(lambda: it.milter.lines("verdict=")[before:], "the log line")
    equal(len(lines), 1, "lines")
    equal(lines[0].count(", verdict="), 1, f"verdicts in {lines[0]}")
    true(lines[0].startswith("postern-milter: 4F1: client=[192.0.2.1], from=<"), lines[0])
    equal(lines[0].count(", client="), 0, f"more clients in {lines[0]}")
    true("verdict=spam" in lines[0] and ", rules=OFFER" in lines[0], lines[0])
    true(all(each.startswith("postern-milter: ") for each in it.milter.text().splitlines()), "a line of another's making")


def fields_in_the_journal(it):
    """log = "journal": each pair is a field, and a sender adds none"""
    path = str(it.bench.path("journal"))
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(path)
    journal.settimeout(20)
    other = Postern(it.bench, name="journalled", inspect_workers=1, log=f"journal:{path}")
    other.table("test.rules", RULES)
    subprocess.run([program("postern-milter"), "-c", str(other.config), "-t"], check=True, stdout=subprocess.DEVNULL)
    with open(other.log, "wb") as out:
        other.process = subprocess.Popen(other.arguments, stdout=out, stderr=out)
    it.bench.stack.callback(other.stop)
    entry = {}
    while "started:" not in entry.get("MESSAGE", ""):
        entry = read_entry(journal)
    judge(SimpleNamespace(milter=other), "Offer", EVIL)
    while "verdict=" not in entry["MESSAGE"]:
        entry = read_entry(journal)
    for name, value in {"SYSLOG_IDENTIFIER": "postern-milter", "SYSLOG_FACILITY": "2", "PRIORITY": "6", "POSTERN_ID": "4F1",
                        "POSTERN_VERDICT": "spam", "POSTERN_RULES": "OFFER", "POSTERN_CLIENT": "[192.0.2.1]"}.items():
        equal(entry.get(name), value, name)
    other.signal(signal.SIGTERM)
    equal(other.wait(), 0, "exit status")
    journal.close()


def read_entry(journal):
    """One entry as a dictionary; a field that is there twice must not be."""
    fields = {}
    for line in journal.recv(65536).decode().splitlines():
        name, equals, value = line.partition("=")
        true(equals and (name not in fields or name in ("POSTERN_TO", "POSTERN_ACTION", "POSTERN_POLICY")), f"field {line}")
        fields[name] = value
    return fields


def no_core_dump(it):
    """neither a core file nor a core collector gets the daemon's memory"""
    limits = pathlib.Path(f"/proc/{it.milter.pid}/limits").read_text()
    true("Max core file size        0                    0 " in limits, limits)
    if os.geteuid() != 0:
        return
    place = it.bench.path("nobody")
    place.mkdir()
    for each in ("postern-milter", "postern-inspect"):
        shutil.copy2(program(each), place)
    (place / "state").mkdir(mode=0o700)
    os.chown(place / "state", 65534, 65534)
    (place / "postern.toml").write_text(f"listen = \"inet:{free_port()}@127.0.0.1\"\nlog = \"stderr\"\n"
                                        f"state-directory = \"{place}/state\"\ntables-directory = \"{place}\"\n")
    with open(place / "log", "wb") as out:
        daemon = subprocess.Popen([str(place / "postern-milter"), "-f", "-c", str(place / "postern.toml")], user=65534,
                                  group=65534, extra_groups=[], stdout=out, stderr=out)
    try:
        wait_for(lambda: "started:" in (place / "log").read_text() or daemon.poll() is not None, "the daemon of nobody")
        equal(daemon.poll(), None, (place / "log").read_text())
        # The kernel gives what must not be dumped to root (proc(5)).
        equal(os.stat(f"/proc/{daemon.pid}/environ").st_uid, 0, "owner of the process's memory")
    finally:
        daemon.kill()
        daemon.wait()


def readable_secrets(it):
    """keys and passwords that others can read are told of, at start, at reload and by `postern config check`"""
    keys = it.milter.home / "state" / "keys"
    equal(oct(keys.stat().st_mode & 0o777), "0o600", "mode of the keys")
    equal(it.milter.command("config", "check").returncode, 0, "config check")
    keys.chmod(0o644)
    done = it.milter.command("config", "check")
    equal(done.returncode, 1, "config check")
    true(f"chmod 600 {keys}" in done.stdout, done.stdout)
    it.milter.signal(signal.SIGHUP)
    it.milter.wait_line("warning:", f"chmod 600 {keys}")
    keys.chmod(0o600)
    secret = it.bench.path("secret.toml")
    secret.write_text(f"redis = \"redis://postern:hunter2@127.0.0.1:{free_port()}/0\"\n"
                      f"state-directory = \"{it.milter.home}/state\"\nredis-connect-timeout = \"50ms\"\n")
    secret.chmod(0o644)
    done = subprocess.run([program("postern"), "--config", str(secret), "config", "check"], capture_output=True, text=True,
                          timeout=60)
    true(f"chmod o-rwx {secret}" in done.stdout, done.stdout)
    secret.chmod(0o640)
    done = subprocess.run([program("postern"), "--config", str(secret), "config", "check"], capture_output=True, text=True,
                          timeout=60)
    true("o-rwx" not in done.stdout, done.stdout)


def secrets_do_not_show(it):
    """the password of Redis is in no log line and not in `postern config show`; the keys are in no list"""
    it.milter.write_settings(redis=f"redis://postern:hunter2@127.0.0.1:{free_port()}/0")
    it.milter.signal(signal.SIGHUP)
    it.milter.wait_line("redis can only be changed by a restart")
    shown = it.milter.command("config", "show").stdout + it.milter.command("--json", "config", "show").stdout
    true("redis://postern:***@" in shown and "hunter2" not in shown, shown)
    broken = it.bench.path("broken.toml")
    broken.write_text("redis = \"redis:/postern:hunter2@127.0.0.1\"\n")
    done = subprocess.run([program("postern-milter"), "-t", "-c", str(broken)], capture_output=True, text=True, timeout=60)
    true(done.returncode != 0 and "hunter2" not in done.stderr + done.stdout, f"{done.stderr}{done.stdout}")
    restarted = Postern(it.bench, name="away", redis=f"redis://postern:hunter2@127.0.0.1:{free_port()}/0",
                        redis_connect_timeout="50ms", inspect_workers=1)
    it.bench.add(restarted)
    for text in (it.milter.text(), restarted.text()):
        true("hunter2" not in text, text)
    secret = (it.milter.home / "state" / "keys").read_text().split()[1].split("=")[-1]
    it.milter.write_settings(redis="")
    listed = it.milter.command("keys", "list")
    true(listed.returncode == 0 and secret not in listed.stdout + it.milter.text(), listed.stdout)


def no_secret_in_the_list_of_processes(it):
    """neither arguments nor environment of the daemon and its inspectors hold the password or a key"""
    other = Postern(it.bench, name="listed", redis=f"redis://postern:hunter2@127.0.0.1:{free_port()}/0",
                    redis_connect_timeout="50ms", inspect_workers=2)
    it.bench.add(other)
    keys = re.findall(r"secret=(\S+)", (it.milter.home / "state" / "keys").read_text())
    true(keys, "no key was found")
    seen = 0
    for daemon in (other.pid, it.milter.pid):
        family = [daemon, *children(daemon)]
        true(len(family) >= 2, f"no inspectors of {daemon}")
        for pid in family:
            for name in ("cmdline", "environ"):
                text = pathlib.Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace")
                true(not any(each in text for each in ("hunter2", *keys)), f"{name} of {pid}: {text}")
                seen += 1
    true(seen >= 8, f"only {seen} looked at")
    # The jail allows no core file either.
    for pid in children(it.milter.pid):
        true("Max core file size        0                    0 " in pathlib.Path(f"/proc/{pid}/limits").read_text(), "core files")


if __name__ == "__main__":
    main([(world, [no_forged_header, no_forged_log_line, fields_in_the_journal, no_core_dump, readable_secrets,
                   secrets_do_not_show, no_secret_in_the_list_of_processes])])
