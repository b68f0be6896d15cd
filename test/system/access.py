#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Postern asks of Redis: the rights of contrib/redis/users.acl, and the commands that each kind of mail costs."""
import os
import pathlib
import shutil
import signal
import subprocess
import time
from types import SimpleNamespace

from lib.mail import bounce, generated
from lib.milter import Milter
from lib.process import Process, free_port
from lib.run import Skip, equal, main, need, program, true, wait_for
from lib.servers import Postern, Redis

need("redis-server")

ALICE = "alice@example.com"
BOB = "bob@example.net"
TOP = pathlib.Path(os.environ.get("top_srcdir") or pathlib.Path(__file__).parents[2])


def message(it, data, sender="anna@example.org", recipients=(ALICE,), client="192.0.2.1", **macros):
    """Shows a whole message to the daemon; gives the connection, which knows what was to be edited."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields = head.decode("utf-8", "replace").replace("\r\n\t", "\n\t").replace("\r\n ", "\n ").split("\r\n")
    milter = Milter(it.milter.port)
    milter.connect(client)
    milter.message(sender, recipients, [tuple(each.split(": ", 1)) for each in fields if ": " in each], body, **macros)
    milter.quit()
    return milter


def plain(subject):
    return f"From: anna@example.org\r\nTo: {ALICE}\r\nSubject: {subject}\r\n\r\nHello\r\n".encode()


def stamped(it):
    """The head of a message that alice sent, with its stamp."""
    milter = message(it, plain("to abroad"), ALICE, [BOB], auth_authen="alice")
    stamp = [f"{name}: {value.strip()}" for _, name, value in milter.inserted() if name == "X-Postern-ID"]
    equal(len(stamp), 1, "stamps")
    return stamp[0] + "\r\nSubject: to abroad"


# Rights

def guarded(bench):
    """Redis with contrib/redis/users.acl, and one user more to look on"""
    it = SimpleNamespace()
    users = bench.path("users.acl")
    users.write_text((TOP / "contrib/redis/users.acl").read_text() + "user watch on >watch ~* &* +@all\n")
    it.redis = Redis(bench)
    it.redis.arguments += ["--aclfile", str(users)]
    bench.add(it.redis)
    place = f"127.0.0.1:{it.redis.port}"
    it.milter = Postern(bench, redis=f"redis://postern:change-me@{place}/1")
    it.admin = bench.path("admin.toml")
    it.admin.write_text(f'redis = "redis://postern-admin:change-me-too@{place}/1"\n')
    it.admin.chmod(0o640)
    return it


def watch(it, *command):
    return it.redis.cli("--user", "watch", "--pass", "watch", "--no-auth-warning", "-n", "1", *command)


def superfluous(it, user):
    """Commands that the user may use and nobody has used since RESETSTAT."""
    used = {line.split(":")[0].removeprefix("cmdstat_") for line in watch(it, "INFO", "commandstats").splitlines()}
    rights = [word for line in (TOP / "contrib/redis/users.acl").read_text().splitlines()
              if line.startswith(f"user {user} ") for word in line.replace("(", "").replace(")", "").split()]
    return {word[1:] for word in rights if word[0] == "+"} - used


def without_memory(it, act):
    """Does something while the server has no memory left."""
    watch(it, "CONFIG", "SET", "maxmemory", "1")
    try:
        act()
    finally:
        watch(it, "CONFIG", "SET", "maxmemory", "0")


def refusals(it):
    """What ACL refused, and to whom: the field after each of these names in ACL LOG."""
    words = watch(it, "ACL", "LOG").splitlines()
    return [tuple(words[at + 1] for at in range(start, min(start + 20, len(words)))
                  if words[at] in ("object", "username")) for start, each in enumerate(words) if each == "reason"]


def a_daemon_has_the_rights_that_it_needs(it):
    """all kinds of mail and records under the daemons' user: nothing is refused, and no right is left over"""
    watch(it, "HSET", "postern:policy:" + ALICE, "spam", "tag")
    watch(it, "CONFIG", "RESETSTAT")
    it.milter.start()
    watch(it, "HSET", "postern:domains", "example.com", "enforce")
    watch(it, "HSET", "postern:networks", "192.0.2.0/24", "allow")
    watch(it, "HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/")
    head = wait_for(lambda: stamped(it), "a stamp")
    wait_for(lambda: watch(it, "EXISTS", "postern:networks") == "1" and
             "blocked" in (message(it, plain("x"), client="198.51.100.1") and it.milter.text()), "the gate")
    message(it, plain("a magicword"))
    message(it, bounce(ALICE, head, failed=BOB), "")
    message(it, bounce(ALICE, "Subject: never sent\r\nMessage-ID: <x@example.org>"), "")
    for number in range(3):
        message(it, generated("spam-2007", number + 1), client=f"192.0.2.{number + 1}")
    wait_for(lambda: "verdict=forged-bounce" in it.milter.text(), "the verdicts")
    commands = (["status"], ["check", "192.0.2.1"], ["networks", "refused"], ["networks", "list"], ["policy", "list"],
                ["rules", "dump"], ["domains", "get", "example.com"], ["images", "list"], ["keys", "list"],
                ["track", head.partition(": ")[2].partition("\r")[0]], ["config", "check"], ["config", "show"])
    wait_for(lambda: it.milter.command("networks", "refused").stdout.count("198.51.100.0/24"), "the refusals", 40)
    for each in commands:
        done = it.milter.command(*each)
        true(done.returncode == 0, f"{each}: {done.returncode} {done.stdout}{done.stderr}")
        true("change-me" not in done.stdout + done.stderr, f"{each} shows the password")
    letter = it.milter.home / "letter.eml"
    letter.write_bytes(plain("on paper"))
    for each in (["stamp", "--from", ALICE, str(letter)], ["scan", str(letter)]):
        done = it.milter.command(*each)
        true(done.returncode == 0, f"{each}: {done.stdout}{done.stderr}")
    without_memory(it, lambda: true("gen" in it.milter.command("status").stdout, "no status without memory"))
    equal(refusals(it), [], "refused")
    # HDEL is for counts of pictures that are a day old.
    equal(superfluous(it, "postern"), {"hdel"}, "rights that nobody needs")
    true("change-me" not in it.milter.text(), "the log shows the password")


def a_daemon_may_not_edit(it):
    """the daemons' user cannot change a table, nor read what is not Postern's"""
    for each in (["policy", "set", ALICE, "spam=delete"], ["keys", "rotate"], ["images", "block", "00" * 16]):
        done = it.milter.command(*each)
        true(done.returncode != 0 and "NOPERM" in done.stderr and "postern-redis(5)" in done.stderr,
             f"{each}: {done.stdout}{done.stderr}")
    def as_daemon(*command):
        return it.redis.cli("--user", "postern", "--pass", "change-me", "--no-auth-warning", *command)
    for each in (["HSET", "postern:networks", "0.0.0.0/0", "allow"], ["DEL", "postern:keys"], ["GET", "other"],
                 ["FLUSHALL"], ["CONFIG", "GET", "*"], ["SET", "postern:generation", "9"]):
        true("NOPERM" in as_daemon(*each), each)
    watch(it, "ACL", "LOG", "RESET")


def an_administrator_has_the_rights_that_he_needs(it):
    """every subcommand under the administrators' user: nothing is refused, and no right is left over"""
    watch(it, "CONFIG", "RESETSTAT")
    # The daemon's own commands must not count.
    it.milter.signal(signal.SIGSTOP)
    files = {"networks": "192.0.2.0/24 allow\n203.0.113.0/24 allow note=two\n", "domains": "example.com enforce\n",
             "policy": f"{ALICE} spam=delete\n@example.com surespam=reject\n",
             "rules": "TEST_WORD 6 subject =~ /magicword/\n"}
    commands = [["status"], ["check", "192.0.2.1"], ["keys", "list"], ["keys", "rotate"], ["images", "list"],
                ["images", "block", "00" * 16], ["images", "allow", "00" * 16], ["images", "forget", "00" * 16],
                ["networks", "refused"], ["config", "check"], ["config", "show"]]
    for table, text in files.items():
        path = it.milter.home / f"{table}.txt"
        path.write_text(text)
        key, value = text.splitlines()[0].split(None, 1)
        commands += [[table, "load", str(path)], [table, "diff", str(path)], [table, "dump"], [table, "list"],
                     [table, "get", key], [table, "delete", key], [table, "set", key, *value.split()]]
    letter, scan = it.milter.home / "letter.eml", it.milter.home / "scan.eml"
    scan.write_bytes(generated("scan", 9))
    commands += [["changes"], ["track", "--from", ALICE, "<none@example.org>"], ["stamp", "--from", "carol@new.example.com", str(letter)],
                 ["scan", str(scan)]]

    def run(each):
        return subprocess.run([program("postern"), "--config", str(it.admin), *each], capture_output=True, text=True,
                              timeout=120)
    try:
        for each in commands:
            done = run(each)
            told = each[0] in ("status", "track", "scan") or each[1:2] == ["diff"]  # an answer, not a failure
            true(done.returncode in ((0, 1) if told else (0,)), f"{each}: {done.stdout}{done.stderr}")
            true("NOPERM" not in done.stdout + done.stderr, f"{each}: {done.stdout}{done.stderr}")
            true("change-me" not in done.stdout + done.stderr, f"{each} shows the password")
        equal(refusals(it), [], "refused")
        without_memory(it, lambda: run(["status"]))
        equal(superfluous(it, "postern-admin"), set(), "rights that nobody needs")
    finally:
        it.milter.signal(signal.SIGCONT)
        it.milter.stop()


# TLS

def over_tls(bench):
    """Redis over TLS, through stunnel as contrib/redis/stunnel.conf has it"""
    if not all(map(shutil.which, ("stunnel", "openssl"))):
        raise Skip("stunnel or openssl is not installed")
    it = SimpleNamespace(redis=Redis(bench))
    certificate, key = bench.path("redis.crt"), bench.path("redis.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out",
                    str(certificate)], check=True, capture_output=True, timeout=60)
    secure = free_port()
    it.redis.arguments += ["--tls-port", str(secure), "--tls-cert-file", str(certificate), "--tls-key-file", str(key),
                           "--tls-ca-cert-file", str(certificate), "--tls-auth-clients", "no",
                           "--requirepass", "swordfish"]
    bench.add(it.redis)
    socket = bench.path("tunnel.sock")
    text = (TOP / "contrib/redis/stunnel.conf").read_text()
    for old, new in (("/run/stunnel/postern-redis.sock", str(socket)), ("redis.example.com:6380", f"localhost:{secure}"),
                     ("/etc/ssl/certs/ca-certificates.crt", str(certificate)),
                     ("checkHost = redis.example.com", "checkHost = localhost")):
        true(old in text, f"{old} is not in the file")
        text = text.replace(old, new)
    config = bench.path("stunnel.conf")
    config.write_text("foreground = yes\npid =\n" + text.replace("[postern-redis]", "\n[postern-redis]"))
    bench.add(Process(["stunnel", str(config)], str(bench.path("stunnel.log"))))
    wait_for(socket.exists, "stunnel")
    it.milter = bench.add(Postern(bench, redis=f"unix://:swordfish@{socket}"))
    return it


def redis_over_tls(it):
    """edits arrive through the tunnel; rediss:// is refused with a word about it, and no password is shown"""
    def cli(*command):
        return it.redis.cli("-a", "swordfish", "--no-auth-warning", *command)
    cli("HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/")

    def applied():
        message(it, plain("a magicword"))
        return "rules=TEST_WORD" in it.milter.text()
    wait_for(applied, "the edit")
    it.milter.write_settings(redis=f"rediss://user:swordfish@127.0.0.1:{it.redis.port}")
    it.milter.stop()
    done = subprocess.run([program("postern-milter"), "-c", str(it.milter.config), "-f"], capture_output=True,
                          text=True, timeout=60)
    true(done.returncode != 0 and "redis: rediss://" in done.stderr and "contrib/redis/stunnel.conf" in done.stderr,
         done.stderr)
    it.milter.write_settings(redis="reddis://user:swordfish@127.0.0.1")
    checked = it.milter.command("config", "check")
    true(checked.returncode != 0 and "redis: expected" in checked.stdout + checked.stderr, checked.stdout)
    true("swordfish" not in done.stderr + checked.stdout + checked.stderr + it.milter.text(), "a password is shown")


# Commands for each kind of mail

def counted(bench):
    """A daemon that knows its tables, and a Redis that counts"""
    it = SimpleNamespace(redis=bench.add(Redis(bench)))
    it.redis.cli("HSET", "postern:rules", "TEST_WORD", "6 subject =~ /magicword/")
    it.redis.cli("HSET", "postern:domains", "example.com", "enforce")
    it.milter = bench.add(Postern(bench, redis=it.redis.url))
    wait_for(lambda: it.redis.cli("EXISTS", "postern:keys") == "1", "the first key")
    stamped(it)  # the first stamp of a domain is kept once
    wait_for(lambda: "since=" in it.redis.cli("HGET", "postern:domains", "example.com") or
             it.redis.cli("HGET", "postern:bounces:@since", "example.com"), "the domain's date")
    time.sleep(1.0)  # the notices of that, and the record of the node
    return it


def cost(it, act, records=0):
    """Calls of each command that the mail path may use, while `act` is done.  Pings and the node's row, which go on
    all the time, use PING, ROLE, MULTI, EXEC, DEL, HSET and EXPIRE; the HSETs of records are waited for."""
    def calls():
        stats = dict(line.split(":calls=") for line in it.redis.cli("INFO", "commandstats").splitlines()
                     if line.startswith("cmdstat_"))
        return {name.removeprefix("cmdstat_"): int(rest.split(",")[0]) for name, rest in stats.items()}
    before = calls()
    result = act()
    after = calls()
    names = ("hgetall", "hget", "eval", "get")
    got = {name: after.get(name, 0) - before.get(name, 0) for name in names}
    return {name: count for name, count in got.items() if count}, result


def each_kind_of_mail_costs_what_the_manual_says(it):
    """round trips: none for clean and outbound mail, one for policies that are not remembered, one for evidence, one
    for pictures"""
    def spends(what, wanted, act):
        got, result = cost(it, act)
        print(f"  {what}: {got or 'nothing'}", flush=True)
        equal(got, wanted, what)
        return result
    spends("clean mail to a new recipient", {}, lambda: message(it, plain("hello")))
    spends("spam to a new recipient", {"hgetall": 3}, lambda: message(it, plain("a magicword")))
    spends("spam to a known recipient", {}, lambda: message(it, plain("a magicword")))
    new = [f"user{number}@example.com" for number in range(10)]
    spends("spam to ten new recipients", {"hgetall": 10}, lambda: message(it, plain("a magicword"), recipients=new))
    head = spends("outbound mail", {}, lambda: stamped(it))
    spends("a bounce with our stamp", {}, lambda: message(it, bounce(ALICE, head, failed=BOB), ""))
    got, _ = cost(it, lambda: message(it, bounce(ALICE, "Message-ID: <x@example.org>\r\nSubject: never sent"), ""))
    print(f"  a forged bounce: {got}", flush=True)
    true(set(got) <= {"hget", "hgetall"} and got.get("hget", 0) > 0, got)
    got, _ = cost(it, lambda: message(it, generated("spam-2007", 7)))
    print(f"  a PDF whose picture matters: {got}", flush=True)
    equal(got.get("eval"), 1, "a PDF whose picture matters")
    true("TEST_WORD" in it.milter.text() and "bounce=failure/stamp" in it.milter.text() and
         "verdict=forged-bounce" in it.milter.text(), "the mail was not judged as it should be")


if __name__ == "__main__":
    main([(guarded, [a_daemon_has_the_rights_that_it_needs, a_daemon_may_not_edit,
                     an_administrator_has_the_rights_that_he_needs]),
          (over_tls, [redis_over_tls]),
          (counted, [each_kind_of_mail_costs_what_the_manual_says])])
