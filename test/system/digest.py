#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Digests by a real Postfix' sendmail(1), and feeds, of quarantines on a real Dovecot whose master user reads them."""
import email
import email.policy
import re
import subprocess
import urllib.parse
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import portal as scenarios
from lib.dovecot import Dovecot
from lib.portal import Browser, Portal, need_portal
from lib.postfix import Postfix
from lib.process import free_port
from lib.run import equal, main, need, program, true
from lib.servers import Postern, Redis, Sink

need("postfix", "redis-server", "redis-cli")
need_portal()

ALICE, BOB, SECRETS = scenarios.ALICE, scenarios.BOB, scenarios.SECRETS
MASTER = "postern-digest:master of all"
TOLD = "$PosternDigested"
ATOM = "{http://www.w3.org/2005/Atom}"
LATE = "Subject: late\r\nFrom: b@example.org\r\nX-Postern-Verdict: spam; score=5.5; rules=A, B\r\n\r\nx\r\n"
HEADER = """\
From: =?utf-8?q?=0D=0ABcc=3A_mallory=40example.org?= <x@example.org>
Subject: =?utf-8?q?=00=07=EF=BF=BE_http=3A//www.example.org/_]]=3E_&amp;?=
X-Postern-Verdict: forged-bounce; score=0.0; bounce=failure/none (nothing here was sent to it)

x
"""


def world(bench):
    it = SimpleNamespace(bench=bench)
    it.redis = bench.add(Redis(bench))
    it.dovecot = bench.add(Dovecot(bench, scenarios.SNIPPET, passwords=SECRETS, master=MASTER))
    it.sink = bench.add(Sink())
    it.milter = bench.add(Postern(bench, "mx1", redis=it.redis.url))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.sink.port}, milter=it.milter.address))
    it.key = bench.path("imap-master")
    it.key.write_text(MASTER + "\n")
    it.key.chmod(0o600)
    it.sendmail = script(it, "sendmail", f'exec sendmail -C {it.mx.config} "$@"')
    port = free_port()
    it.settings = {"redis": it.redis.url, "portal_imap": f"imap://127.0.0.1:{it.dovecot.imap_port}",
                   "portal_imap_master": str(it.key), "portal_url": f"http://127.0.0.1:{port}",
                   "digest_users": str(it.dovecot.directory / "users"), "digest_sendmail": it.sendmail}
    it.portal = bench.add(Portal(bench, port=port, **it.settings))
    it.alice = Browser(it.portal)
    equal(it.alice.sign_in(ALICE, SECRETS[ALICE]).status, 303, "alice signs in")
    return it


def script(it, name, text):
    path = it.bench.path(name)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def digest(it, *arguments, status=0, **changes):
    """Runs `postern digest`, perhaps with other settings; gives its output."""
    config = it.portal.config
    if changes:
        settings = {"state_directory": str(it.portal.home / "state"), "log": "stderr", **it.settings, **changes}
        config = it.bench.path("other.toml")
        config.write_text("".join(f"{key.replace('_', '-')} = \"{value}\"\n" for key, value in settings.items()))
    done = subprocess.run([program("postern"), "digest", "--config", str(config), *arguments], check=False, timeout=60,
                          capture_output=True, text=True)
    equal(done.returncode, status, f"status of digest: {done.stdout} {done.stderr}")
    return SimpleNamespace(out=done.stdout, err=done.stderr)


def save(it, user, text, folder="quarantine"):
    it.dovecot.doveadm("save", "-u", user, "-m", folder, text=text)


def untold(it, user):
    return len(it.dovecot.doveadm("search", "-u", user, "mailbox", "quarantine", "unkeyword", TOLD).split()) // 2


def mails(it, user, count):
    """The digests that a user has got, as many as they must be."""
    got = it.sink.to(user, count=count)
    equal(len(got), count, f"digests of {user}")
    return [email.message_from_bytes(each.data, policy=email.policy.default) for each in got]


def silent(it):
    """where nothing is new nobody gets mail"""
    save(it, ALICE, LATE, "INBOX")
    for arguments in ((), ("--dry-run",), (BOB,)):
        told = digest(it, *arguments)
        equal((told.out, told.err), ("", ""), "what it says")
    equal(it.sink.messages, [], "mail")


def told_once(it):
    """each user with new messages gets one mail that names them, each message once, whatever stands in it"""
    for name in ("first", "second"):
        save(it, ALICE, scenarios.HOSTILE.format(name=name))
    save(it, ALICE, HEADER)
    save(it, BOB, LATE)
    equal(digest(it, "--dry-run").out, f"{ALICE}: 3 messages to tell of\n{BOB}: 1 message to tell of\n", "a dry run")
    equal((untold(it, ALICE), it.sink.messages), (3, []), "after a dry run")
    equal(digest(it).out, f"{ALICE}: 3 messages\n{BOB}: 1 message\n", "what it says")
    it.mail = mails(it, ALICE, 1)[0]
    equal(len(mails(it, BOB, 1)), 1, "bob's")
    equal(untold(it, ALICE), 0, "untold")
    equal((digest(it).out, len(it.sink.messages)), ("", 2), "once more")
    save(it, ALICE, LATE)
    equal(digest(it, ALICE).out, f"{ALICE}: 1 message\n", "the next day")
    late = mails(it, ALICE, 2)[1].get_body(("plain",)).get_content()
    true("Probably spam, with 5.5 points (A, B)" in late and "second" not in late, late)


def what_it_says(it):
    """null sender, our own header, both texts with sender, subject, why and links; nothing of a message is markup"""
    taken = it.sink.has(ALICE)[0]
    equal((taken.sender, taken.recipients), ("", [ALICE]), "envelope")
    equal((it.mail["To"], it.mail["Auto-Submitted"], it.mail["Bcc"]), (ALICE, "auto-generated", None), "fields")
    equal(it.mail["Subject"], "3 new messages wait in your quarantine", "subject")
    true("[SPAM]" not in it.mail.as_string() and not it.mail["X-Postern-Verdict"], "its way through the milter")
    equal(it.mail.get_content_type(), "multipart/alternative", "type")
    plain, page = (it.mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for each in (plain, page):
        for words in ("x@example.org", "first", "second", "Surely spam, with 12.5 points: a picture", "PDF_ONLY", "Expires 20", "that was not sent from here"):
            true(words in re.sub(r"Expires: +", "Expires ", each), (words, each))
        true("http://www" not in each and "www.example.org" not in each, each)
    true("<img src=x onerror=alert(2)> second" in plain, plain)
    true("<img" not in page and "<script" not in page and "&lt;img src=x onerror=alert(2)&gt; second" in page, page)
    links = set(re.findall(r"https?://[^\s\"<>]+", plain + page.replace("&amp;", "&")))
    equal(len(links), 4, links)
    true(all(each.startswith(it.settings["portal_url"] + "/quarantine") for each in links), links)
    it.links = sorted(links)


def nothing_on_get(it):
    """who follows the links of a digest changes nothing, signed in or not"""
    def state():
        return it.dovecot.doveadm("-f", "flow", "fetch", "-u", ALICE, "uid flags", "mailbox", "quarantine", "all")
    before = state()
    for link in it.links:
        path = link[len(it.settings["portal_url"]):]
        equal(Browser(it.portal).get(path).status, 303, path)
        equal(it.alice.get(path).status, 200, path)
    equal(state(), before, "the quarantine")


def three_presses(it):
    """the link, signing in, and the button: then the message is in the inbox"""
    visitor = Browser(it.portal)
    link = next(each for each in it.links if "message" in each)
    form = visitor.follow(visitor.get(link[len(it.settings["portal_url"]):]))
    fields = {name: form.value(name) for name in ("token", "next")}
    shown = visitor.follow(visitor.post("/login", user=ALICE, password=SECRETS[ALICE], **fields))
    true("Release to the inbox" in shown.words, shown.words)
    done = visitor.post("/quarantine/release", **{name: shown.value(name) for name in ("token", "uid", "validity")})
    true("Released" in visitor.follow(done).words, "what is said")
    uid = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["uid"][0]
    equal(it.dovecot.doveadm("search", "-u", ALICE, "mailbox", "quarantine", "uid", uid), "", "where it was")
    for odd in ("/quarantine/message?uid=1&validity=2%0d%0aX:%20y", "/quarantine/message?uid=x&validity=1"):
        answer = Browser(it.portal).get("/login?next=" + urllib.parse.quote(odd))
        equal(answer.value("next"), "/quarantine", "another place after signing in")


def nothing_lost(it):
    """a digest that sendmail(1) refuses, or that is killed before it is noted, is told again"""
    save(it, BOB, LATE)
    told = digest(it, status=1, digest_sendmail="/bin/false")
    true("exit status 1" in told.err and told.out == "", (told.out, told.err))
    equal(untold(it, BOB), 1, "what was not sent is not noted")
    killer = script(it, "killer", f'{it.sendmail} "$@"; kill -9 $PPID')
    digest(it, BOB, status=-9, digest_sendmail=killer)
    mails(it, BOB, 2)
    equal(digest(it).out, f"{BOB}: 1 message\n", "told again")
    mails(it, BOB, 3)


def faults(it):
    """what is wrong is said, and others are served; nobody else may read the master's password"""
    save(it, BOB, LATE)
    told = digest(it, "nobody at all", "a@b@c", BOB, status=1)
    true(f"{BOB}: 1 message" in told.out and "a@b@c: expected a mail address" in told.err, (told.out, told.err))
    other = it.bench.path("other-master")
    other.write_text("postern-digest:wrong\n")
    other.chmod(0o600)
    told = digest(it, BOB, status=1, portal_imap_master=str(other))
    true("refuses master user postern-digest" in told.err and "wrong" not in told.err, told.err)
    other.chmod(0o644)
    true("has mode 0644" in digest(it, status=2, portal_imap_master=str(other)).err, "its mode")
    many = [f"user{each}@example.com" for each in range(9)]
    told = digest(it, *many, status=1, portal_imap_master=str(it.key), portal_imap="imap://127.0.0.1:1")
    equal(told.err.count("cannot be reached"), 5, "faults in a row")
    true("portal-url is not set" in digest(it, status=2, portal_url="").err, "no address")
    true("nowhere" in digest(it, "--users", "/nowhere", status=2).err, "no list")


def make(it):
    page = it.alice.get("/feeds")
    answer = scenarios.harmless(it.alice.post("/feeds/make", token=page.value("token")))
    return re.search(r"/feed/[0-9a-f]+", answer.body)[0]


def feed(it):
    """made by a form, read without a session, well formed whatever the messages hold; not changed: 304"""
    save(it, ALICE, HEADER)
    true('href="/feeds"' in it.alice.get("/quarantine").body, "the way there")
    true("You have no feed" in scenarios.harmless(it.alice.get("/feeds")).words, "before")
    equal(scenarios.harmless(it.alice.get("/feeds/make")).status, 405, "GET")
    equal(scenarios.harmless(it.alice.post("/feeds/make", token="0" * 64)).status, 403, "a forged form")
    it.feed = make(it)
    true("You have a feed" in it.alice.get("/feeds").words and it.feed not in it.alice.get("/feeds").body, "after")
    reader = Browser(it.portal)
    answer = reader.get(it.feed)
    equal((answer.status, answer.headers["Content-Type"], answer.headers["Set-Cookie"], answer.headers["Cache-Control"]),
          (200, "application/atom+xml; charset=utf-8", None, "private, max-age=60"), "answer")
    root = ElementTree.fromstring(answer.body)
    entries = root.findall(ATOM + "entry")
    equal(len(entries), len(it.dovecot.doveadm("search", "-u", ALICE, "mailbox", "quarantine", "all").split()) // 2, "entries")
    for each in (root, *entries):
        true(each.find(ATOM + "id").text.startswith("urn:uuid:") and re.fullmatch(r"20[-0-9]+T[:0-9]+Z", each.find(ATOM + "updated").text),
             "what each has")
    equal(len({each.find(ATOM + "id").text for each in entries}), len(entries), "ids")
    true("http[:]//www[.]example[.]org/ ]]> &amp;" in entries[0].find(ATOM + "title").text, entries[0].find(ATOM + "title").text)
    true("forged" in answer.body or "was not sent from here" in entries[0].find(ATOM + "summary").text, "why")
    true("&lt;img" in answer.body and "<img" not in answer.body, answer.body)
    for link in root.iter(ATOM + "link"):
        true(link.get("href").startswith(it.settings["portal_url"] + "/"), link.get("href"))
    tag = answer.headers["ETag"]
    same = reader.get(it.feed, **{"If-None-Match": f'"x", W/{tag}'})
    equal((same.status, same.body, same.headers["ETag"]), (304, "", tag), "not changed")
    save(it, ALICE, LATE)
    equal(reader.get(it.feed, **{"If-None-Match": tag}).status, 200, "changed")
    true("late" in reader.get(it.feed).body, "the new one")


def tokens(it):
    """what is kept does not tell a token; another one, a wrong one and a revoked one open nothing"""
    secret = it.feed[len("/feed/") + 32:]
    kept = it.redis.cli("HGETALL", "postern:feeds")
    true(ALICE in kept and secret not in kept, kept)
    true(secret not in it.portal.text(), "the portal's log")
    reader = Browser(it.portal)
    unknown = scenarios.harmless(reader.get("/feed/" + "0" * 96))
    for path in (it.feed[:-1] + ("0" if it.feed[-1] != "0" else "1"), "/feed/" + "0" * 32 + secret, "/feed/", it.feed + "/x"):
        answer = scenarios.harmless(reader.get(path))
        equal((answer.status, answer.body), (404, unknown.body), path)
    equal(scenarios.harmless(reader.request("POST", it.feed, "x=1")).status, 405, "a form")
    new = make(it)
    equal((reader.get(it.feed).status, reader.get(new).status), (404, 200), "a new address")
    done = it.alice.post("/feeds/revoke", token=it.alice.get("/feeds").value("token"))
    true("Revoked" in it.alice.follow(done).words, "what is said")
    equal(reader.get(new).status, 404, "revoked")
    equal(it.redis.cli("EXISTS", "postern:feeds"), "0", "what is kept")


def feed_limits(it):
    """who asks for a feed too often is told to wait; without IMAP there is a clear answer"""
    path = make(it)
    reader = Browser(it.portal)
    answers = [reader.get(path) for _ in range(12)]
    true(answers[0].status == 200 and answers[-1].status == 429 and answers[-1].headers["Retry-After"], answers[-1].status)
    it.dovecot.stop()
    it.redis.cli("DEL", "postern:feeds")
    equal(it.alice.get("/feeds").status, 200, "the page")
    bob_told = digest(it, BOB, status=1)
    true("IMAP server" in bob_told.err, bob_told.err)


if __name__ == "__main__":
    main([(world, [silent, told_once, what_it_says, nothing_on_get, three_presses, nothing_lost, faults, feed, tokens,
                   feed_limits])])
