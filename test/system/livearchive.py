#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live archive as contrib/livearchive sets it up: mail in reach while the mail server is down, and for how long."""
import base64
import imaplib
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

from lib.livearchive import ClearReader, LiveArchive, Reader
from lib.mail import plain, send
from lib.postfix import Postfix
from lib.process import free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern, Sink

need("postfix", "openssl")

PASSWORDS = {"alice@example.com": "correct horse battery", "bob@example.com": "staple of the day"}
STRANGERS = (("alice@example.com", "correct horse", "127.0.0.11"),
             ("eve@example.com", PASSWORDS["alice@example.com"], "127.0.0.12"),
             ("alice@example.com", PASSWORDS["bob@example.com"], "127.0.0.13"),
             ("bob@example.com", PASSWORDS["bob@example.com"], "127.0.0.14"))


def world(bench):
    it = SimpleNamespace(bench=bench, primary_port=free_port())
    it.archive = bench.add(LiveArchive(bench, "--no-webmail", starttls=True))
    for address, password in PASSWORDS.items():
        done = it.archive.user("add", address, password=password)
        equal(done.returncode, 0, done.stderr)
    it.primary = bench.add(Sink(port=it.primary_port))
    it.milter = bench.add(Postern(bench, archive_address="{user}={domain}@archive.example.net",
                                  tables={"policy": "@example.com archive=on\n"}))
    routes = (f"{{ example.com = smtp:[127.0.0.1]:{it.primary_port} }}, "
              f"{{ archive.example.net = lmtp:inet:[127.0.0.1]:{it.archive.lmtp_port} }}")
    it.mx = bench.add(Postfix(bench, "mx", {}, milter=it.milter.address, relay_domains="example.com",
                              transport_maps=f"inline:{{ {routes} }}"))
    return it


def mail(it, subject, *names):
    data = plain(subject, body=f"The secret word of {subject} is xyzzy.\r\n")
    send(it.mx, "anna@example.org", [name + "@example.com" for name in names], data, claim="203.0.113.9")
    return data


def content(data):
    return data[data.index(b"From:"):]


def archived(it, name, marker):
    address = name + "@example.com"
    return it.archive.holding(address, PASSWORDS[address], marker)


def primary_down(it):
    """the primary is down: its mail is read over IMAP and TLS; when it is back it gets it once, byte for byte"""
    it.primary.stop()
    data = mail(it, "outage one", "alice")
    equal(content(archived(it, "alice", "outage one")[0]), data, "the archive's copy")
    it.mx.wait_line("to=<alice@example.com>", "status=deferred")
    it.primary = it.bench.add(Sink(port=it.primary_port))
    it.mx.flush()
    equal(content(it.primary.marked("alice@example.com", "outage one", seconds=40).data), data, "the original")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    equal(len(it.primary.has("alice@example.com")), 1, "originals")
    equal(len(archived(it, "alice", "outage one")), 1, "copies")


def archive_down(it):
    """the archive is down: the primary has its mail at once, and the archive gets its copy later, once"""
    it.archive.stop()
    data = mail(it, "outage two", "alice", "bob")
    equal(content(it.primary.marked("bob@example.com", "outage two").data), data, "the original")
    it.mx.wait_line("to=<bob=example.com@archive.example.net>", "status=deferred")
    it.archive.start()
    it.mx.flush()
    for name in ("alice", "bob"):
        copies = wait_for(lambda name=name: archived(it, name, "outage two"), f"{name}'s copy")
        equal([content(each) for each in copies], [data], f"{name}'s copies")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    equal([each for each in archived(it, "bob", "outage") if b"outage one" in each], [], "alice's mail in bob's mailbox")


def encrypted(it):
    """no file of the archive holds a word of the messages"""
    archived(it, "alice", "xyzzy")
    files = [each for each in it.archive.root.rglob("*") if each.is_file() and "run" not in
             each.relative_to(it.archive.root).parts]
    stored = [each for each in files if each.is_relative_to(it.archive.store) and each.parent.name in ("cur", "new")]
    true(len(stored) >= 3, f"stored messages: {stored}")
    true(all(each.read_bytes().startswith(b"CRYPTED") for each in stored), "a message that is not encrypted")
    for each in files:
        found = [word for word in (b"xyzzy", b"outage", b"anna@example.org") if word in each.read_bytes()]
        equal(found, [], f"words in {each}")
    key = it.archive.etc / "keys/private.pem"
    equal(key.stat().st_mode & 0o077, 0, "others' rights on the key")
    true(not key.is_relative_to(it.archive.store), "the key lies with the mail")


def is_refused(it, address, password, source):
    try:
        it.archive.read(address, password, source=source)
    except imaplib.IMAP4.error as refused:
        true("AUTHENTICATIONFAILED" in str(refused), str(refused))
        return
    raise AssertionError(f"{address} got in with {password}")


def doors(it):
    """a wrong password, a stranger, somebody who was removed and a connection without TLS are refused"""
    equal(it.archive.user("remove", "bob@example.com").returncode, 0, "remove")
    time.sleep(1.5)  # Dovecot looks at its list of users once a second
    with ThreadPoolExecutor() as pool:  # each of them waits for its answer
        list(pool.map(lambda each: is_refused(it, *each), STRANGERS))
    with socket.create_connection(("127.0.0.1", it.archive.port), 10) as clear:
        clear.sendall(b"a1 LOGIN alice@example.com \"correct horse battery\"\r\n")
        try:
            said = clear.recv(4096)
        except ConnectionError:
            said = b""
        true(b"OK" not in said, f"without TLS: {said}")
    text = it.archive.config.read_text()
    equal(re.findall(r"inet_listener (\w+) \{\n\s+(?:address = \S+\n\s+)?port = (\d+)", text),
          [("imap", str(it.archive.starttls_port)), ("imaps", str(it.archive.port)), ("lmtp", str(it.archive.lmtp_port))], "ports")
    equal(it.archive.user("list").stdout, "alice@example.com\n", "users")


def starttls(it):
    """on the port with STARTTLS a password is refused before TLS, and does after it"""
    address, password = "alice@example.com", PASSWORDS["alice@example.com"]
    token = base64.b64encode(f"\0{address}\0{password}".encode()).decode()
    reader = ClearReader(it.archive, "127.0.0.15")
    true("LOGINDISABLED" in reader.capabilities and "AUTH=PLAIN" not in reader.capabilities, reader.capabilities)
    for said in (reader.xatom("LOGIN", address, f'"{password}"'), reader.xatom("AUTHENTICATE", "PLAIN", token)):
        true(said[0] == "NO" and b"PRIVACYREQUIRED" in said[1][0], f"without TLS: {said}")
    reader.starttls(it.archive.trust())
    true("LOGINDISABLED" not in reader.capabilities, f"with TLS: {reader.capabilities}")
    equal(reader.login(address, password)[0], "OK", "login with TLS")
    reader.logout()


def audited(it):
    """`postern audit` names each access: who, when, from where, which folder, read or only listed"""
    mail(it, "audited", "alice")
    archived(it, "alice", "audited")
    reader = Reader(it.archive, "127.0.0.2")
    reader.login("alice@example.com", PASSWORDS["alice@example.com"])
    reader.select("INBOX")
    uids = reader.uid("SEARCH", "ALL")[1][0].split()
    reader.uid("FETCH", uids[0], "(BODY.PEEK[HEADER.FIELDS (X-UNKNOWN)])")
    reader.uid("FETCH", uids[-1], "(BODY[])")
    reader.uid("STORE", uids[-1], "+FLAGS", "(\\Flagged)")
    reader.logout()

    def told(*more):
        done = it.milter.command("--json", "audit", "--file", str(it.archive.access_log), *more)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def mine():
        rows = [(each["action"], each["folder"], each["what"]) for each in told() if each["client"] == "127.0.0.2"]
        return len(rows) >= 5 and rows
    first, last = uids[0].decode(), uids[-1].decode()
    equal(wait_for(mine, "the audit"), [("login", "", "PLAIN"), ("open", "INBOX", ""), ("list", "INBOX", first),
                                        ("read", "INBOX", last), ("flag", "INBOX", f"{last} +FLAGS (\\Flagged)")],
          "accesses from 127.0.0.2")
    refused = [each for each in told() if each["action"] == "refused"]
    equal(sorted((each["user"], each["client"]) for each in refused),
          sorted((address, source) for address, _, source in STRANGERS), "refused")
    equal({each["user"] for each in told("--user", "bob@example.com")}, {"bob@example.com"}, "of one user")
    equal(told("--until", "7d"), [], "of last week")
    table = it.milter.command("audit", "--file", str(it.archive.access_log), "--since", "1h").stdout
    true(table.startswith("TIME") and "127.0.0.2" in table, table)


def day_eight(it):
    """after six days everything is there, after eight only what came since"""
    before = sorted(archived(it, "alice", "xyzzy"))
    it.archive.expire(6)
    equal(sorted(archived(it, "alice", "xyzzy")), before, "messages after six days")
    mail(it, "newer", "alice")
    archived(it, "alice", "newer")
    it.archive.expire(2)
    left = archived(it, "alice", "xyzzy")
    true(len(left) == 1 and b"word of newer" in left[0], f"messages after eight days: {left}")
    it.archive.expire(6)
    equal(it.archive.read("alice@example.com", PASSWORDS["alice@example.com"]), {}, "messages in the end")
    equal([each for each in it.archive.store.rglob("*") if each.parent.name in ("cur", "new")], [], "files")


def aging(bench):
    it = SimpleNamespace(archive=bench.add(LiveArchive(bench, "--no-webmail")))
    it.archive.clock()
    for address, password in PASSWORDS.items():
        it.archive.user("add", address, password=password)
    return it


def seven_days(it):
    """a reader's visit, and the timer for who never comes, take on day 8 what came on day 0, and leave what came on day 2"""
    alice, bob = PASSWORDS
    def visit():
        return it.archive.read(alice, PASSWORDS[alice])
    for day in (0, 2):
        it.archive.on_day(day)
        for address in PASSWORDS:
            it.archive.deliver(address, plain(f"of day {day}"))
        visit()
    it.archive.on_day(6)
    visit()
    it.archive.timer()
    for address in PASSWORDS:
        equal(len(it.archive.stored(address)), 2, f"messages for {address} on day 6")
    it.archive.on_day(8)
    equal(len(visit()), 2, "messages that are seen on day 8, before the visit ends")
    wait_for(lambda: len(it.archive.stored(alice)) == 1, "the end of the visit")
    equal(len(it.archive.stored(bob)), 2, f"messages for {bob}, who was not there")
    it.archive.timer()
    for address in PASSWORDS:
        left = it.archive.read(address, PASSWORDS[address]).values()
        equal([b"of day 2" in each for each in left], [True], f"messages for {address} on day 8")
    it.archive.on_day(10)
    visit()
    it.archive.timer()
    wait_for(lambda: not it.archive.stored(alice) and not it.archive.stored(bob), "empty mailboxes on day 10")


def set_up_again(it):
    """the setup can be run again and changes nothing; --dry-run shows every file and writes none"""
    def files(root):
        return {str(each): each.read_bytes() for each in sorted((root / "etc").rglob("*")) if each.is_file()}
    before = files(it.archive.root)
    again = it.archive.setup()
    true("wrote" not in again and "made" not in again, again)
    equal(files(it.archive.root), before, "files")
    other = it.bench.path("nowhere")
    shown = it.archive.setup("--root", str(other), "--dry-run")
    true(not other.exists(), "--dry-run wrote something")
    for path in before:
        moved = path.replace(str(it.archive.root), str(other))
        true(f"==> {moved} (" in shown, f"{moved} is not shown")


def users_are_checked(it):
    """livearchive-user refuses what is no address, short passwords, and who is there already"""
    for address in ("alice", "@example.com", "alice@", "a@b@example.com", "a:b@example.com", "../x@example.com",
                    "a b@example.com", "a/b@example.com"):
        done = it.archive.user("add", address, password="long enough it is")
        true(done.returncode == 2 and "no address" in done.stderr, f"{address}: {done}")
    true("at least 10" in it.archive.user("add", "carol@example.com", password="short").stderr, "short password")
    true("already" in it.archive.user("add", "Alice@example.com", password="long enough it is").stderr, "twice")
    equal(it.archive.user("password", "alice@example.com", password="another long one").returncode, 0, "new password")
    time.sleep(1.5)
    it.archive.read("alice@example.com", "another long one", source="127.0.0.5")


if __name__ == "__main__":
    main([(world, [primary_down, archive_down, encrypted, doors, starttls, audited, day_eight, set_up_again, users_are_checked]),
          (aging, [seven_days])])
