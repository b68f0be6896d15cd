#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""postern report on the log of a daemon in monitor mode behind a real Postfix."""
import json
from types import SimpleNamespace

from lib.mail import bounce, generated, plain, send
from lib.postfix import Postfix
from lib.run import equal, main, need, true
from lib.servers import Postern, Sink

need("postfix")

ALICE, BOB = "alice@example.com", "bob@example.net"


def world(bench):
    it = SimpleNamespace(mailbox=bench.add(Sink()))
    it.milter = bench.add(Postern(bench, mode="monitor", inspect_workers=1, tables={
        "networks": "203.0.113.0/24 allow\n", "policy": "@example.net spam=reject surespam=reject\n",
        "domains": "example.com monitor\nexample.net enforce\n"}))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port, "example.net": it.mailbox.port},
                              milter=it.milter.address))
    return it


def report(it, *arguments):
    done = it.milter.command("report", "--file", it.milter.log, *arguments)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


def what_would_have_happened(it):
    """everything was delivered; the report says what enforcing would have done, by action, domain, rule and network"""
    send(it.mx, "anna@example.org", [ALICE], plain("clean"), claim="203.0.113.9")
    send(it.mx, "bulk@example.org", [ALICE, BOB], generated("spam-2007", 5), claim="203.0.113.9")
    quoted = "From: alice@example.com\r\nMessage-ID: <x@example.com>\r\nSubject: Hi"
    for recipient in (ALICE, BOB):
        send(it.mx, "", [recipient], bounce(recipient, quoted), claim="203.0.113.9")
    send(it.mx, "eve@example.org", [ALICE], plain("from nowhere"), claim="198.51.100.7")
    it.mailbox.to(ALICE, count=4)
    it.milter.verdict(count=6)
    found = json.loads(report(it, "--json"))
    equal((found["inbound"], found["outbound"]), (5, 0), "messages")
    equal(found["refused"], {"done": 0, "watched": 1}, "refusals")
    equal(found["networks"], {"198.51.100.0/24": 1}, "networks")
    equal(found["verdicts"]["clean"], {"done": 3, "watched": 0}, "clean")
    spam = "spam" if "spam" in found["verdicts"] else "surespam"
    equal(found["verdicts"][spam], {"done": 0, "watched": 1}, "spam")
    equal(found["verdicts"]["forged-bounce"], {"done": 0, "watched": 1}, "the bounce to the enforced domain")
    equal(found["held_back"], {"forged-bounce": 1}, "the bounce to the watched domain")
    equal(found["held_back_domains"], {"example.com": 1}, "its domain")
    equal(sum(each["watched"] for each in found["actions"].values()), 3, "recipients")
    equal(sum(each["done"] for each in found["actions"].values()), 0, "nothing was done")
    equal(found["domains"]["example.net"], {"messages": 2, "not_clean": 2}, "example.net")
    equal(found["rules"]["PDF_PICTURES_ONLY"], 1, "rules")
    text = report(it)
    for words in ("5 messages in, 0 out; 0 refusals at the gate, and 1 that would have been", "ONLY WATCHED",
                  "198.51.100.0/24", "PDF_PICTURES_ONLY"):
        true(words in text, f"{words!r} is not in\n{text}")


def nothing_to_tell(it):
    """a log without a verdict in the period: status 1; a bad time is named"""
    done = it.milter.command("report", "--file", str(it.milter.config))
    equal((done.returncode, done.stdout), (1, "no line tells a verdict\n"), "an empty report")
    done = it.milter.command("report", "--since", "yesterday")
    true(done.returncode == 2 and "--since: expected an age" in done.stderr, done.stderr)


if __name__ == "__main__":
    main([(world, [what_would_have_happened, nothing_to_tell])])
