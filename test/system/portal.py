#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""postern-portal over HTTP, with a real Redis, a real daemon, and Dovecot for names, passwords and the quarantine."""
import pathlib
import re
import socket
from types import SimpleNamespace

from lib.dovecot import Dovecot
from lib.milter import Milter
from lib.portal import Browser, Portal, certificate, need_portal
from lib.process import free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern, Redis

need("redis-server", "redis-cli")
need_portal()

SNIPPET = pathlib.Path(__file__).resolve().parents[2] / "contrib" / "dovecot" / "quarantine.conf"
ALICE, BOB, ROOT = "alice@example.com", "bob@example.com", "root@example.com"
SECRETS = {ALICE: "wonder land", BOB: "builder", ROOT: "of all"}
HOSTILE = """\
From: "<script>alert(1)</script>" <x@example.org>
To: alice@example.com
Subject: =?utf-8?q?=3Cimg_src=3Dx_onerror=3Dalert=282=29=3E?= {name}
Date: Thu, 26 Nov 2026 10:00:00 +0000
X-Postern-Verdict: surespam; score=12.5; rules=PDF_ONLY (a picture & <b>nothing</b> else)
Content-Type: text/html

<p>seen text</p><script>alert(3)</script><img src="http://192.0.2.1/track.gif">
P1 OK not the end
"""


def world(bench):
    """wizard, status and hostile requests"""
    it = SimpleNamespace(bench=bench)
    it.redis = bench.add(Redis(bench))
    it.redis.cli("HSET", "postern:networks", "192.0.2.0/24", "allow note=the <b>provider</b>", "198.51.100.0/24",
                 "deny until=2099-01-01T00:00:00Z")
    metrics = free_port()
    it.milter = bench.add(Postern(bench, "mx1", redis=it.redis.url, metrics_listen=f"inet:{metrics}@127.0.0.1"))
    it.portal = bench.add(Portal(bench, redis=it.redis.url, metrics_listen=f"inet:{metrics}@127.0.0.1"))
    it.browser = Browser(it.portal)
    wait_for(lambda: "mx1" in it.browser.get("/?address=192.0.2.7").words, "the node")
    return it


def signed_in_world(bench):
    """sign-in, policies, quarantine, administration"""
    it = SimpleNamespace(bench=bench)
    it.redis = bench.add(Redis(bench))
    it.dovecot = bench.add(Dovecot(bench, SNIPPET, passwords=SECRETS))
    it.milter = bench.add(Postern(bench, "mx1", redis=it.redis.url))
    it.portal = bench.add(Portal(bench, redis=it.redis.url, portal_imap=f"imap://127.0.0.1:{it.dovecot.imap_port}",
                                 portal_admins=ROOT))
    it.alice, it.root = Browser(it.portal), Browser(it.portal)
    equal(it.alice.sign_in(ALICE, SECRETS[ALICE]).status, 303, "alice signs in")
    equal(it.root.sign_in(ROOT, SECRETS[ROOT]).status, 303, "root signs in")
    for name in ("first", "second", "third"):
        it.dovecot.doveadm("save", "-u", ALICE, "-m", "quarantine", text=HOSTILE.format(name=name))
    return it


def subjects(it, folder):
    text = it.dovecot.doveadm("-f", "flow", "fetch", "-u", ALICE, "hdr.subject", "mailbox", folder, "all")
    return sorted(line.split()[-1] for line in text.splitlines())


def harmless(answer):
    """What every answer owes its reader."""
    policy = answer.headers["Content-Security-Policy"]
    true("default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy, policy)
    equal(answer.headers["X-Content-Type-Options"], "nosniff", "sniffing")
    for tag in re.findall(r"<[^>]*>", answer.body):
        bare = re.sub(r'"[^"]*"', '""', tag)
        true(not re.search(r"^<script|^<img|^<style|\son[a-z]+=|\sstyle=", bare, re.I) and '="javascript:' not in tag, tag)
    true("terminate" not in answer.body and ".cc:" not in answer.body, answer.body)
    return answer


def wizard(it):
    """an address passes or not, with the deciding network, its note and times, and each node's answer"""
    answer = harmless(it.browser.get("/?address=192.0.2.7"))
    for words in ("PASS 192.0.2.7", "192.0.2.0/24", "the <b>provider</b>", "mx1"):
        true(words in answer.words, (words, answer.words))
    answer = harmless(it.browser.get("/?address=198.51.100.9"))
    true("FAIL 198.51.100.9" in answer.words and "2099-01-01" in answer.words, answer.words)
    answer = harmless(it.browser.get("/?address=203.0.113.9"))
    true("FAIL 203.0.113.9" in answer.words and "Closest network" in answer.words, answer.words)
    equal(harmless(it.browser.get("/?address=%3Cscript%3E")).status, 400, "no address")
    true("127.0.0.1" in harmless(it.browser.get("/")).words, "the visitor's own address")


def edits_count(it):
    """an edit in Redis is what the wizard answers from then on"""
    it.redis.cli("HSET", "postern:networks", "203.0.113.0/24", "allow")
    wait_for(lambda: "PASS" in it.browser.get("/?address=203.0.113.9").words, "the edit")


def status(it):
    """nodes, generation, and a chart of what was judged"""
    true("Nothing is counted" not in it.browser.get("/status").words, "metrics are read")
    wait_for(lambda: "judged by the mail server" in it.browser.get("/status").words, "the first counts")
    milter = Milter(it.milter.port)
    milter.connect("192.0.2.1")
    milter.helo()
    milter.message()
    milter.quit()
    answer = wait_for(lambda: (page := it.browser.get("/status")) and 'class="clean" x=' in page.body and page, "a bar", 30)
    harmless(answer)
    true("1 of 1" in answer.words and "current" in answer.words and "Digest" not in answer.words, answer.words)


def hostile_targets(it):
    """paths, methods, forms and headers that are no honest browser's"""
    for path in ("/../../etc/passwd", "/%2e%2e/x", "//example.org/", "/%00", "/a%0d%0aSet-Cookie:%20x=1", "/?address=1&address=2",
                 "/%ff", "/?a=%"):
        answer = harmless(it.browser.get(path))
        equal(answer.status, 400, path)
        true("Set-Cookie" not in answer.headers, path)
    equal(harmless(it.browser.get("/nothing")).status, 404, "an unknown page")
    equal(harmless(it.browser.request("PUT", "/", "x")).status, 405, "PUT")
    equal(harmless(it.browser.request("POST", "/", "x=1")).status, 403, "a form without a token")
    equal(harmless(it.browser.request("POST", "/", "x", **{"Content-Type": "text/plain"})).status, 415, "no form")
    with socket.create_connection(("127.0.0.1", it.portal.port), 20) as peer:
        peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
        true(peer.recv(100).startswith(b"HTTP/1.1 413"), "a form too long")
    equal(harmless(it.browser.get("/quarantine")).status, 404, "nobody can sign in")
    true(it.browser.get("/", **{"X-Long": "x" * 100_000}).status in (413, 431), "a header too long")
    equal(it.browser.get("/?address=192.0.2.7", Cookie="__Host-postern=" + "x" * 5000).status, 200, "a strange cookie")


def slow_clients(it):
    """clients that never finish keep nobody waiting"""
    slow = [socket.create_connection(("127.0.0.1", it.portal.port)) for _ in range(100)]
    for each in slow:
        each.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
    equal(it.browser.get("/?address=192.0.2.7").status, 200, "beside slow clients")
    for each in slow:
        each.close()


def redis_away(it):
    """without Redis there is a clear page, and mail flows"""
    it.redis.stop()
    wait_for(lambda: it.browser.get("/").status == 503, "the page that says so")
    for path in ("/?address=192.0.2.7", "/status"):
        answer = harmless(it.browser.get(path))
        equal(answer.status, 503, path)
        true("Mail is not affected" in answer.words, answer.words)
    it.portal.kill()
    milter = Milter(it.milter.port)
    milter.connect("192.0.2.1")
    milter.helo()
    equal(milter.message(), b"a", "mail without portal and Redis")
    milter.quit()


def rates(bench):
    """rates, TLS, a unix socket"""
    it = SimpleNamespace(bench=bench)
    it.key, it.certificate = certificate(bench.directory)
    it.limited = bench.add(Portal(bench, "limited", portal_rate=1))
    it.tls = bench.add(Portal(bench, "tls", portal_certificate=it.certificate, portal_key=it.key))
    it.unix = bench.add(Portal(bench, "unix", listen=f"unix:{bench.path('http.sock')}", portal_rate=1))
    return it


def too_often(it):
    """who asks too often is told to wait; behind a proxy each client counts for himself"""
    browser = Browser(it.limited)
    answers = [browser.get("/?address=192.0.2.7") for _ in range(30)]
    true(answers[0].status == 200 and answers[-1].status == 429, [each.status for each in answers])
    true("Retry-After" in harmless(answers[-1]).headers, "when to come back")
    proxied = Browser(it.unix)
    first = [proxied.get("/", **{"X-Forwarded-For": "203.0.113.1, 192.0.2.1"}).status for _ in range(30)]
    true(first[0] == 200 and first[-1] == 429, first)
    equal(proxied.get("/", **{"X-Forwarded-For": "192.0.2.1, 203.0.113.1"}).status, 200, "another client")


def encrypted(it):
    """over TLS the answer says that it must stay so"""
    answer = harmless(Browser(it.tls, it.certificate).get("/"))
    equal(answer.status, 200, answer.words)
    true("max-age" in answer.headers["Strict-Transport-Security"], "HSTS")


def sessions(it):
    """a session is new at sign-in, its cookie is out of reach, and it ends at sign-out"""
    visitor = Browser(it.portal)
    visitor.cookies["__Host-postern"] = "a" * 64  # what an attacker planted
    equal(harmless(visitor.sign_in(ALICE, "wrong")).status, 403, "a wrong password")
    equal(visitor.cookies["__Host-postern"], "a" * 64, "the cookie before")
    answer = visitor.sign_in(ALICE, SECRETS[ALICE])
    true(visitor.cookies["__Host-postern"] != "a" * 64, "a new name for the session")
    cookie = answer.headers["Set-Cookie"]
    true(all(each in cookie for each in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/")), cookie)
    page = visitor.get("/quarantine")
    equal(page.status, 200, page.words)
    old = dict(visitor.cookies)
    visitor.follow(visitor.post("/logout", token=page.value("token")))
    visitor.cookies = old
    equal(visitor.get("/quarantine").headers["Location"], "/login?next=%2Fquarantine", "after sign-out")
    for user in (f"{ALICE}*{ROOT}", "alice@example.com\r\nX: y", "x" * 300, ""):
        equal(harmless(visitor.sign_in(user, "x")).status, 403, user)
    form = visitor.get("/login?next=https://example.org/")
    answer = visitor.post("/login", token=form.value("token"), next="//example.org", user=BOB, password=SECRETS[BOB])
    equal(answer.headers["Location"], "/quarantine", "no other site's page after signing in")


def forged_forms(it):
    """forms of other sites, old tokens and GET change nothing"""
    page = it.alice.get("/quarantine")
    message = {"uid": page.value("uid"), "validity": page.value("validity")}
    before = subjects(it, "quarantine")
    equal(it.alice.post("/quarantine/delete", **message).status, 403, "no token")
    equal(it.alice.post("/quarantine/delete", token="0" * 64, **message).status, 403, "a wrong token")
    equal(it.alice.post("/quarantine/delete", token=it.root.get("/policy").value("token"), **message).status, 403,
          "another's token")
    for header in ({"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        equal(it.alice.post("/quarantine/delete", header, token=page.value("token"), **message).status, 403, header)
    equal(it.alice.get(f"/quarantine/release?uid={message['uid']}&validity={message['validity']}").status, 405, "GET")
    equal(subjects(it, "quarantine"), before, "the quarantine")


def policy(it):
    """a user's wishes become his row, with his name in the audit trail"""
    page = harmless(it.alice.get("/policy"))
    true('value="tag" checked' in page.body, page.body)
    it.alice.follow(it.alice.post("/policy", token=page.value("token"), spam="quarantine", surespam="delete", bounce="deliver",
                                   archive="off"))
    fields = it.redis.cli("HGETALL", f"postern:policy:{ALICE}").split()
    row = dict(zip(fields[::2], fields[1::2]))
    equal(row.pop("archive", "off"), "off", "the archive, where there is one")
    equal(row, {"spam": "quarantine", "surespam": "delete", "forged-bounce": "deliver",
                                                 "unverified-bounce": "deliver"}, "the row")
    true(f"{ALICE} (portal)" in it.redis.cli("XREVRANGE", "postern:changes", "+", "-"), "the trail")
    true('value="delete" checked' in it.alice.get("/policy").body, "what is shown then")
    equal(it.alice.post("/policy", token=page.value("token"), spam="burn").status, 400, "an unknown wish")


def quarantine(it):
    """listed, shown as plain text, released to the inbox, deleted"""
    page = harmless(it.alice.get("/quarantine"))
    true("<img src=x onerror=alert(2)> third" in page.words and "Surely spam, with 12.5 points" in page.words, page.words)
    link = re.search(r'href="(/quarantine/message[^"]*)">[^<]*third', page.body)[1].replace("&amp;", "&")
    shown = harmless(it.alice.get(link))
    true("seen text" in shown.words and "P1 OK not the end" in shown.words and "alert(3)" not in shown.words, shown.words)
    form = {name: shown.value(name) for name in ("token", "uid", "validity")}
    true("Released" in it.alice.follow(it.alice.post("/quarantine/release", **form)).words, "what is said")
    equal((subjects(it, "quarantine"), subjects(it, "INBOX")), (["first", "second"], ["third"]), "released")
    equal(harmless(it.alice.post("/quarantine/release", **form)).status, 404, "released twice")
    page = it.alice.get("/quarantine")
    form = {name: page.value(name) for name in ("token", "uid", "validity")}
    equal(it.alice.post("/quarantine/delete", **{**form, "validity": "1"}).status, 404, "another mailbox's number")
    it.alice.follow(it.alice.post("/quarantine/delete", **form))
    equal((subjects(it, "quarantine"), subjects(it, "INBOX")), (["first"], ["third"]), "deleted")
    equal(it.root.get("/quarantine").status, 200, "an empty one")
    equal(it.root.get(link).status, 404, "another user's message")


def administration(it):
    """rows as text, the diff, the change in one step, the trail"""
    equal(harmless(it.alice.get("/admin")).status, 403, "no administrator")
    page = harmless(it.root.get("/admin?table=networks"))
    text = "192.0.2.0/24 allow note=<i>one</i>\n198.51.100.0/24 deny\n"
    diff = harmless(it.root.post("/admin/diff", token=page.value("token"), table="networks", text=text))
    true("+ 192.0.2.0/24 allow note=<i>one</i>" in diff.words and "2 rows would change" in diff.words, diff.words)
    equal(it.redis.cli("HLEN", "postern:networks"), "0", "before it is made")
    form = {"token": diff.value("token"), "table": "networks", "text": text, "seen": diff.value("seen")}
    equal(harmless(it.alice.post("/admin/apply", **{**form, "token": it.alice.get("/policy").value("token")})).status, 403,
          "no administrator")
    done = harmless(it.root.follow(it.root.post("/admin/apply", **form)))
    true(f"{ROOT} (portal)" in done.words, done.words)
    equal(it.redis.cli("HGET", "postern:networks", "198.51.100.0/24"), "deny", "the row")
    equal(harmless(it.root.post("/admin/apply", **{**form, "text": "192.0.2.0/24\n"})).status, 409, "changed meanwhile")
    bad = harmless(it.root.post("/admin/diff", token=form["token"], table="networks", text="192.0.2.0/24 alow\n"))
    true(bad.status == 400 and "line:1" in bad.words and "alow" in bad.body, bad.words)
    for table in ("rules", "policy", "domains", "pictures"):
        equal(harmless(it.root.get(f"/admin?table={table}")).status, 200, table)
    rows = "".join(f"192.0.2.{each} allow\n" for each in range(8))
    for text, status_expected in ((rows, 303), ("192.0.2.1 allow\n", 409)):
        diff = it.root.post("/admin/diff", token=form["token"], table="networks", text=text)
        form = {"token": diff.value("token"), "table": "networks", "text": text, "seen": diff.value("seen")}
        if text == rows:
            form["force"] = "yes"
        equal(it.root.post("/admin/apply", **form).status, status_expected, text)
    equal(it.root.post("/admin/apply", **form, force="yes").status, 303, "meant")


def guesses(it):
    """who guesses passwords is stopped, though the last guess is right"""
    guesser = Browser(it.portal)
    answers = [guesser.sign_in(BOB, f"guess {each}").status for each in range(12)]
    equal(answers[-1], 429, answers)
    equal(guesser.sign_in(BOB, SECRETS[BOB]).status, 429, "the right one, too late")


def imap_away(it):
    """without IMAP there is a clear page, and all else works"""
    it.dovecot.stop()
    answer = harmless(it.alice.get("/quarantine"))
    true(answer.status == 503 and "does not answer" in answer.words, answer.words)
    equal(it.alice.get("/policy").status, 200, "the policy")
    it.portal.stop()
    equal(it.portal.process.returncode, 0, "its status when it is told to end")


if __name__ == "__main__":
    main([(world, [wizard, edits_count, status, hostile_targets, slow_clients, redis_away]),
          (rates, [too_often, encrypted]),
          (signed_in_world, [sessions, forged_forms, policy, quarantine, administration, guesses, imap_away])])
