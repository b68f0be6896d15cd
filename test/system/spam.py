#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of spam: tags, quarantine, deletion and refusal, for one recipient and for several that differ."""
from types import SimpleNamespace

from lib.mail import generated, plain, refusal, send
from lib.postfix import Postfix
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern, Sink

need("postfix")

POLICY = """\
tagger@example.com       spam=tag surespam=tag
keeper@example.com       spam=quarantine surespam=quarantine
quiet@example.com        spam=delete surespam=delete
silent@example.com       spam=delete surespam=delete
strict@example.com       spam=reject surespam=reject
stern@example.com        spam=reject surespam=reject
relaxed@example.com      spam=deliver surespam=deliver
"""
RULES = "TEST_SURE 11 subject =~ /surely bought/ -- a rule of this test\nTEST_SPAM 6 subject =~ /perhaps bought/\n"


def world(bench, **settings):
    it = SimpleNamespace(mailbox=bench.add(Sink()), quarantine=bench.add(Sink()))
    tables = {"policy": POLICY, "test.rules": RULES}
    it.milter = bench.add(Postern(bench, tables=tables, **settings))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port,
                                            "quarantine.example.net": it.quarantine.port},
                              milter=it.milter.address))
    return it


def addressed(bench):
    return world(bench, quarantine_address="{user}={domain}@quarantine.example.net")


def in_hold(bench):
    return world(bench)


def monitored(bench):
    return world(bench, mode="monitor")


def mail(it, subject, *names, **how):
    """Sends spam to the named users; gives its bytes."""
    data = plain(subject, **how)
    send(it.mx, "bulk@example.org", [name + "@example.com" for name in names], data, claim="203.0.113.9")
    return data


def body_of(data):
    return data.partition(b"\r\n\r\n")[2]


def two_policies(it):
    """PDF image spam to two recipients: one tagged copy delivered, one quarantined, body bytes as sent"""
    data = generated("spam-2007", 7)
    send(it.mx, "bulk@example.org", ["tagger@example.com", "keeper@example.com"], data, claim="203.0.113.9")
    tagged = it.mailbox.to("tagger@example.com")[-1]
    kept = it.quarantine.to("keeper=example.com@quarantine.example.net")[-1]
    true("SPAM] " in tagged.field("Subject"), f"no tag in {tagged.field('Subject')}")
    equal(tagged.body, body_of(data), "body of the tagged copy")
    equal(kept.body, body_of(data), "body of the quarantined copy")
    equal(it.mailbox.has("keeper@example.com"), [], "copies that should be in quarantine")
    it.milter.verdict("nrcpt=2", "action=mixed")


def told_from_the_logs(it):
    """`postern log` tells a message's story for each recipient from the MTA's log and ours"""
    mail(it, "surely bought 3", "tagger", "keeper")
    it.mailbox.marked("tagger@example.com", "bought 3")
    line = it.milter.verdict("from=<bulk@example.org>", "to=<keeper@example.com> action=quarantine")[-1]
    queue_id = line.split("postern-milter: ")[1].split(":")[0]
    it.mx.wait_line(queue_id + ": removed")
    told = it.milter.command("log", "--file", str(it.mx.log), "--file", it.milter.log, "--brief", queue_id)
    equal(told.returncode, 0, "exit status")
    for words in (f"{queue_id}: from <bulk@example.org> at [203.0.113.9], to 2 recipients",
                  "Postern: surespam, score 11.0, rules TEST_SURE",
                  "<tagger@example.com>: delivered with a tagged Subject, by the policy of tagger@example.com\n"
                  "    the MTA: sent by 127.0.0.1",
                  "<keeper@example.com>: sent to quarantine, by the policy of keeper@example.com",
                  "<keeper=example.com@quarantine.example.net>: the MTA: sent"):
        true(words in told.stdout, f"{words} not in {told.stdout}")
    equal(it.milter.command("log", "--file", str(it.mx.log), "0123456789").returncode, 1, "exit status for another ID")
    equal(it.milter.command("log", "$(reboot)").returncode, 2, "exit status for what is no ID")


def tag_and_headers(it):
    """a tagged message has the tag before its Subject and a verdict header with one space"""
    mail(it, "perhaps bought", "tagger", body="tag me\r\n")
    got = it.mailbox.marked("tagger@example.com", "tag me")
    equal(got.field("Subject"), "[SPAM] perhaps bought", "Subject")
    verdicts = [line for line in got.head.split("\r\n") if line.startswith("X-Postern-")]
    true(verdicts, "no X-Postern header")
    true(all(": " in line and ":  " not in line for line in verdicts), f"spacing of {verdicts}")
    equal(len(got.fields("Subject")), 1, "number of Subjects")


def encoded_subject(it):
    """a Subject in encoded words keeps them after the tag"""
    mail(it, "=?utf-8?B?cGVyaGFwcyBib3VnaHQ=?=", "tagger", body="keep the words\r\n")
    got = it.mailbox.marked("tagger@example.com", "keep the words")
    equal(got.field("Subject"), "[SPAM] =?utf-8?B?cGVyaGFwcyBib3VnaHQ=?=", "Subject")


def delete_one_of_two(it):
    """one recipient's copy is deleted, the other's is delivered"""
    data = mail(it, "surely bought", "quiet", "relaxed")
    equal(it.mailbox.to("relaxed@example.com")[-1].body, body_of(data), "body")
    it.mx.wait_line("removed")
    equal(it.mailbox.has("quiet@example.com"), [], "copies that should be deleted")


def delete_for_all(it):
    """when all want it deleted the sender hears yes and nothing arrives"""
    mail(it, "surely bought 2", "quiet", "silent")
    it.mx.wait_line("milter-discard")
    equal(it.mailbox.has("silent@example.com"), [], "copies that should be deleted")


def reject_for_all(it):
    """when all want it refused the sender is refused at the end of the message, with a reason"""
    refused = refusal(it.mx, "bulk@example.org", ["strict@example.com", "stern@example.com"], plain("surely bought 3"),
                      claim="203.0.113.9")
    equal((refused.stage, refused.code), ("END", 550), "refusal")
    true(refused.text.startswith("5.7.1 "), f"reply {refused.text}")
    equal(it.mailbox.has("strict@example.com"), [], "copies that should be refused")


def reject_for_one(it):
    """when only one wants it refused, that one's copy is quarantined instead"""
    mail(it, "surely bought 4", "strict", "tagger")
    it.quarantine.to("strict=example.com@quarantine.example.net")
    it.mailbox.marked("tagger@example.com", "surely bought 4")


def many_recipients(it):
    """a message to 200 recipients: each gets what its policy says, nobody is lost"""
    names = [f"user{number}" for number in range(196)] + ["keeper", "quiet", "tagger", "relaxed"]
    mail(it, "surely bought by many", *names)

    def of(sink):
        return {to for each in sink.messages if "by many" in each.head for to in each.recipients}
    wait_for(lambda: len(of(it.mailbox)) >= 2 and len(of(it.quarantine)) >= 197, "everybody's copy", 60)
    equal(sorted(of(it.mailbox)), ["relaxed@example.com", "tagger@example.com"], "delivered to")
    equal(len(of(it.quarantine)), 197, "quarantined for")


def hold_for_all(it):
    """without a quarantine address the whole message is held, and can be released"""
    data = mail(it, "surely bought", "keeper")
    held = it.mx.held("keeper@example.com")[0]
    it.mx.wait_line("milter-hold")
    equal(it.mailbox.messages, [], "delivered although held")
    it.mx.release(held["queue_id"])
    equal(it.mailbox.to("keeper@example.com")[-1].body, body_of(data), "body")


def hold_for_one(it):
    """without a quarantine address a message for several is tagged when only one wants it held, and the log says so"""
    mail(it, "surely bought 2", "keeper", "tagger")
    for name in ("keeper@example.com", "tagger@example.com"):
        got = it.mailbox.marked(name, "bought 2")
        true(got.field("Subject").startswith("[SURESPAM] "), f"Subject {got.field('Subject')}")


def monitor_changes_nothing(it):
    """mode = monitor: judged and logged, delivered as it came"""
    data = mail(it, "surely bought", "keeper")
    got = it.mailbox.to("keeper@example.com")[-1]
    equal(got.field("Subject"), "surely bought", "Subject")
    equal(got.body, body_of(data), "body")
    true("X-Postern" not in got.head, "a header was added")
    it.milter.verdict("rules=TEST_SURE", "action=monitor")


def ordinary_mail(it):
    """the generator's ordinary messages arrive untouched"""
    kinds = ["clean", "newsletter", "scan", "invoice"]
    for number, kind in enumerate(kinds):
        data = generated(kind, 3)
        send(it.mx, "anna@example.org", ["keeper@example.com"], data, claim="203.0.113.9")
        got = it.mailbox.to("keeper@example.com", count=number + 1)[-1]
        equal(got.body, body_of(data), f"body of {kind}")
        true("SPAM]" not in got.field("Subject"), f"{kind} was tagged")


if __name__ == "__main__":
    main([
        (addressed, [two_policies, told_from_the_logs, tag_and_headers, encoded_subject, delete_one_of_two, delete_for_all, reject_for_all,
                     reject_for_one, many_recipients]),
        (in_hold, [hold_for_all, hold_for_one]),
        (world, [ordinary_mail]),
        (monitored, [monitor_changes_nothing]),
    ])
