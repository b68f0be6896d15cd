#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Postern behind Sendmail, attached as contrib/sendmail/postern.mc says: gate, stamps, bounces, PDF spam, quarantine."""
import pathlib
import re
import shutil
import tempfile
from types import SimpleNamespace

from lib.mail import Client, Refused, bounce, generated, plain, refusal, send
from lib.run import equal, main, need, true, wait_for
from lib.sendmail import Sendmail
from lib.servers import Postern, Sink

need("m4")

SNIPPET = pathlib.Path(__file__).resolve().parents[2] / "contrib" / "sendmail" / "postern.mc"
SOCKET = "unix:/run/postern/milter.sock"
NETWORKS = "127.0.0.2/32 allow note=the provider\n127.0.0.3/32 outbound note=an application server\n"
PROVIDER, APPLICATION, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.9"
ALICE = "alice@example.com"


def world(bench, **settings):
    it = SimpleNamespace(mailbox=bench.add(Sink()), far=bench.add(Sink()))
    run = tempfile.mkdtemp(prefix="postern-", dir="/run")  # no world-writable directory above it: Sendmail looks
    bench.stack.callback(shutil.rmtree, run)
    it.milter = Postern(bench, listen=f"unix:{run}/milter.sock", surespam_score=6.0, **settings)
    it.milter.table("networks", NETWORKS)
    it.milter.table("domains", "example.com enforce\n")
    bench.add(it.milter)
    snippet = SNIPPET.read_text()
    true(SOCKET in snippet, f"{SNIPPET} names another socket")
    it.mx = bench.add(Sendmail(bench, "mx", {"example.com": it.mailbox.port, "example.net": it.far.port},
                               host="mx.example.com", extra=snippet.replace(SOCKET, it.milter.listen)))
    return it


def held(bench):
    """quarantine is Sendmail's own"""
    return world(bench)


def redirected(bench):
    """quarantine is another recipient"""
    return world(bench, quarantine_address="{user}+quarantine@{domain}")


def gate(it):
    """an unlisted client is refused at MAIL with 550 5.7.1, its address and a reason; a listed one delivers"""
    refused = refusal(it.mx, "anna@example.org", [ALICE], plain("from a stranger"), source=STRANGER)
    equal((refused.stage, refused.code), ("MAIL", 550), "refusal")
    true("5.7.1" in refused.text and STRANGER in refused.text, refused.text)
    it.milter.verdict(f"client=[{STRANGER}]", "verdict=blocked", "action=reject")
    data = plain("from the provider")
    send(it.mx, "anna@example.org", [ALICE], data, source=PROVIDER)
    got = it.mailbox.marked(ALICE, "from the provider")
    equal(got.body, data.partition(b"\r\n\r\n")[2], "body")
    equal([got.fields("X-Postern-ID"), got.fields("X-Postern-Verdict")], [[], []], "fields of ours")
    it.milter.verdict(f"client=[{PROVIDER}]", "verdict=clean")
    true(not it.mailbox.messages[0].data.count(b"from a stranger"), "the refused mail was delivered")


def stamped(it, subject, recipient="carol@example.net"):
    """A message that went out, as the far end got it."""
    send(it.mx, ALICE, [recipient], plain(subject, sender=ALICE, to=recipient), source=APPLICATION)
    return it.far.marked(recipient, subject)


def stamp(it):
    """mail of an outbound network gets one stamp; mail that has it keeps it; one brought along from outside goes"""
    first = stamped(it, "out we go")
    stamps = first.fields("X-Postern-ID")
    equal(len(stamps), 1, "stamps")
    send(it.mx, ALICE, ["carol@example.net"], first.data.replace(b"out we go", b"once more"), source=APPLICATION)
    equal(it.far.marked("carol@example.net", "once more").fields("X-Postern-ID"), stamps, "stamps of the second round")
    send(it.mx, "anna@example.org", [ALICE], plain("harvested", headers=f"X-Postern-ID: {stamps[0]}\r\n"), source=PROVIDER)
    equal(it.mailbox.marked(ALICE, "harvested").fields("X-Postern-ID"), [], "stamps of incoming mail")


def true_bounce(it):
    """a report that quotes the stamp is delivered, with its verdict in the header"""
    original = stamped(it, "will bounce")
    send(it.mx, "", [ALICE], bounce(ALICE, original.head), source=PROVIDER)
    got = wait_for(lambda: [each for each in it.mailbox.has(ALICE) if b"will bounce" in each.data], "the report")[-1]
    true(got.field("X-Postern-Verdict").startswith("clean;"), got.head)
    it.milter.verdict("from=<>", "verdict=clean", "bounce=failure/stamp")


def forged_report():
    return bounce(ALICE, f"From: {ALICE}\r\nTo: nobody@example.org\r\nSubject: never sent\r\n"
                         "Message-ID: <never@example.org>", failed="nobody@example.org")


def pdf_spam(it, seed):
    send(it.mx, "bulk@example.org", [ALICE, "bob@example.com"], generated("spam-2007", seed), source=PROVIDER)


def scanned_document(it):
    """a scanned document arrives untouched"""
    data = generated("scan", 5)
    send(it.mx, "dora@example.org", [ALICE], data, source=PROVIDER)
    got = wait_for(lambda: [each for each in it.mailbox.has(ALICE) if each.sender == "dora@example.org"], "the scan")[-1]
    equal(got.body, data.partition(b"\r\n\r\n")[2], "body")


def queue(it):
    """What mailq shows of the quarantined mail."""
    return it.mx.run("sendmail", "-C", str(it.mx.config), "-bp", "-qQ").stdout


def quarantined(it, words):
    """The queue ID of the quarantined message of whose entry in mailq these words are a part, waited for."""
    def found():
        text = queue(it)
        return [entry for entry in re.split(r"\n(?=[0-9a-zA-Z]{12,})", text) if words in entry and "QUARANTINE" in entry]
    return re.match(r"\w+", wait_for(found, f"a quarantined message with {words}: {queue(it)}")[-1]).group()


def forged_bounce_held(it):
    """a forged bounce lies in the queue, and mailq shows why"""
    before = len(it.mailbox.messages)
    send(it.mx, "", [ALICE], forged_report(), source=PROVIDER)
    it.milter.verdict("from=<>", "verdict=forged-bounce", "action=quarantine", "bounce=failure/none")
    quarantined(it, "stamp")
    equal(len(it.mailbox.messages), before, "messages delivered")


def spam_held_and_released(it):
    """PDF spam lies in the queue, mailq shows why, and released it arrives once for each recipient"""
    pdf_spam(it, 5)
    it.milter.verdict("from=<bulk@example.org>", "verdict=surespam", "action=quarantine")
    name = quarantined(it, "bulk@example.org")
    true(not it.mailbox.has("bob@example.com"), "it was delivered too")
    it.mx.run("sendmail", "-C", str(it.mx.config), "-qQ", "-Q", f"-qI{name}")
    it.mx.run("sendmail", "-C", str(it.mx.config), f"-qI{name}")
    got = wait_for(lambda: it.mailbox.has("bob@example.com"), f"the released message: {queue(it)}")
    equal(sum(each.recipients.count("bob@example.com") for each in got), 1, "copies")
    true(got[0].field("X-Postern-Verdict").startswith("surespam;"), got[0].head)


def spam_redirected(it):
    """PDF spam and forged bounces go to the quarantine address of each recipient, and to nobody else"""
    pdf_spam(it, 6)
    for each in (ALICE, "bob@example.com"):
        it.mailbox.to(each.replace("@", "+quarantine@"))
    send(it.mx, "", [ALICE], forged_report(), source=PROVIDER)
    got = it.mailbox.marked(ALICE.replace("@", "+quarantine@"), "never sent")
    true(got.field("X-Postern-Verdict").startswith("forged-bounce;"), got.head)
    true(not it.mailbox.has(ALICE) and not it.mailbox.has("bob@example.com"), "it was delivered too")
    equal(queue(it).count("QUARANTINE"), 0, "quarantined messages")


def tagged(it):
    """a policy of tag: the Subject and the verdict say so"""
    it.milter.table("policy", f"{ALICE} surespam=tag\n")
    it.milter.command("policy", "list")
    wait_for(lambda: "surespam=tag" in it.milter.command("policy", "list").stdout, "the policy")
    def arrived():
        send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 7), source=PROVIDER)
        return [each for each in it.mailbox.has(ALICE) if "[SURESPAM]" in (each.field("Subject") or "")]
    wait_for(arrived, "a tagged message")


def milter_away(it):
    """without its daemon Sendmail answers 451, and nothing is lost"""
    it.milter.kill()
    try:
        with Client(it.mx, source=PROVIDER) as client:
            client.send("anna@example.org", [ALICE], plain("while away"))
        raise AssertionError("accepted without the daemon")
    except Refused as refused:
        equal(refused.code, 451, "answer")
    it.milter.start()
    send(it.mx, "anna@example.org", [ALICE], plain("back again"), source=PROVIDER)
    it.mailbox.marked(ALICE, "back again")
    equal([each for each in it.mailbox.messages if b"while away" in each.data], [], "delivered")


if __name__ == "__main__":
    main([(held, [gate, stamp, true_bounce, scanned_document, forged_bounce_held, spam_held_and_released, tagged,
                  milter_away]),
          (redirected, [spam_redirected])])
