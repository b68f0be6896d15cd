#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stamps and bounces behind real Postfixes: ours, and one abroad whose next hop refuses a recipient."""
import json
import re
from types import SimpleNamespace

from lib.mail import Client, bounce, plain, send
from lib.milter import Milter
from lib.postfix import Postfix
from lib.process import free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Accounts, Postern, Redis, Sink

need("postfix", "redis-server")

STAMP = re.compile(r"^1\.[a-z0-9]{1,8}\.[0-9a-f]{20}\.[A-Za-z0-9_-]{22}$")
ALICE, BOB = "alice@example.com", "bob@example.com"
FORGED_ID = "1.k1." + "5140" + "0123456789abcdef" + ".AAAAAAAAAAAAAAAAAAAAAA"


def refuse_nobody(recipient):
    return "550 5.1.1 no such user here" if recipient.startswith("nobody") else None


def world(bench):
    it = SimpleNamespace(mailbox=bench.add(Sink()), far=bench.add(Sink(refuse=refuse_nobody)), late_port=free_port())
    accounts = bench.add(Accounts(bench, {"alice": "secret"}))
    it.bench = bench
    it.redis = bench.add(Redis(bench))
    it.redis.cli("HSET", "postern:domains", "example.com", "enforce")
    it.milter = bench.add(Postern(bench, redis=it.redis.url))
    # Each needs the other's port: the one abroad starts with a port of ours that is only used later.
    ours = free_port()
    it.abroad = bench.add(Postfix(bench, "abroad", {"example.net": it.far.port, "example.com": ours},
                                  host="mx.example.net"))
    it.mx = Postfix(bench, "mx", {"example.com": it.mailbox.port, "late.example.net": it.late_port,
                                  "*": it.abroad.port}, accounts=accounts, milter=it.milter.address)
    it.mx.port = ours
    it.mx.write_master()
    bench.add(it.mx)
    return it


def submit(it, subject, recipient, sender=ALICE, data=None):
    send(it.mx, sender, [recipient], data or plain(subject, sender=sender, to=recipient), login=("alice", "secret"))


def submission_is_stamped(it):
    """submitted mail gets exactly one stamp under the first Received, and its body is untouched"""
    data = plain("stamp me", sender=ALICE, to="carol@example.net", body="Line one\r\n.dot\r\n\r\n  odd  \r\n")
    submit(it, "", "carol@example.net", data=data)
    got = it.far.to("carol@example.net")[-1]
    stamps = got.fields("X-Postern-ID")
    equal(len(stamps), 1, "number of stamps")
    true(STAMP.match(stamps[0]), f"not a stamp: {stamps[0]}")
    equal(got.body, data.partition(b"\r\n\r\n")[2], "body")
    true("\r\nX-Postern-ID: 1." in got.head, "the header has not exactly one space")
    it.milter.wait_line("direction=outbound", "to=<carol@example.net>")


def stamp_is_kept(it):
    """mail that already carries our valid stamp keeps it and gets no second one"""
    submit(it, "first pass", "dave@example.net")
    first = it.far.to("dave@example.net")[-1]
    submit(it, "", "erin@example.net", data=first.data)
    equal(it.far.to("erin@example.net")[-1].fields("X-Postern-ID"), first.fields("X-Postern-ID"), "stamps")


def foreign_stamp_is_replaced(it):
    """a stamp that is not ours is removed from outbound mail"""
    data = plain("forged", sender=ALICE, to="frank@example.net",
                 headers=f"X-Postern-ID: {FORGED_ID}\r\nX-Postern-ID: second\r\n")
    submit(it, "", "frank@example.net", data=data)
    stamps = it.far.to("frank@example.net")[-1].fields("X-Postern-ID")
    equal(len(stamps), 1, f"number of stamps in {stamps}")
    true(STAMP.match(stamps[0]) and stamps[0] != FORGED_ID, f"not our stamp: {stamps[0]}")


def inbound_headers_are_removed(it):
    """X-Postern-* headers of an inbound message are removed, all of them"""
    data = plain("with our headers", headers=f"X-Postern-ID: {FORGED_ID}\r\nX-Postern-Verdict: clean\r\n"
                 "X-Other: stays\r\nx-postern-verdict: clean\r\n")
    send(it.mx, "anna@example.org", [ALICE], data, claim="203.0.113.9")
    got = wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "with our headers" in each.head],
                   "the message")[-1]
    true("anna@example.org" in got.head and FORGED_ID not in got.head, "the forged stamp stayed")
    equal(len(got.fields("X-Other")), 1, "other headers")
    true("clean" not in " ".join(got.fields("X-Postern-Verdict")), "a forged verdict stayed")


def requeued_mail(it):
    """postsuper -r sends mail through the filter again: still one stamp, the same"""
    submit(it, "late", "gina@late.example.net")
    queue_id = wait_for(lambda: [each for each in it.mx.queued() if each["queue_name"] == "deferred"],
                        "a deferred message")[0]["queue_id"]
    stamp = re.search(r"^X-Postern-ID: (.*)$", it.mx.text_of(queue_id), re.M).group(1)
    it.mx.run("postsuper", "-c", str(it.mx.config), "-r", queue_id)
    wait_for(lambda: [each for each in it.mx.queued() if each["queue_id"] != queue_id], "the requeued message")
    sink = it.bench.add(Sink(port=it.late_port))
    wait_for(lambda: it.mx.flush() or sink.has("gina@late.example.net"), "the late delivery", 40)
    equal(sink.messages[-1].fields("X-Postern-ID"), [stamp], "stamps")


def real_bounce(it, subject):
    """Mail to nobody abroad; gives the report that the other Postfix sent and ours delivered."""
    submit(it, subject, "nobody@example.net")

    def arrived():
        return [each for each in it.mailbox.has(ALICE) if each.sender == "" and subject in each.data.decode()]
    return wait_for(arrived, "the bounce")[-1]


def true_bounce(it):
    """a true bounce, made by another Postfix whose next hop refuses the recipient, arrives"""
    got = real_bounce(it, "true bounce")
    true("MAILER-DAEMON@mx.example.net" in got.head, "not made by the other Postfix")
    true(b"\r\nX-Postern-ID: 1." in got.data.partition(b"\r\n\r\n")[2], "the stamp in the original was removed")
    equal(got.fields("Subject"), ["Undelivered Mail Returned to Sender"], "Subject")
    it.milter.verdict("from=<>", f"to=<{ALICE}>", "verdict=clean", "bounce=failure/stamp")


def stamp_is_not_used_up(it):
    """the same report is believed again and again: delays, successes and other recipients repeat it"""
    data = real_bounce(it, "comes again").data
    for n in range(3):
        marker = f"again-{n}"
        send(it.mx, "", [ALICE], data.replace(b"Undelivered Mail Returned to Sender", marker.encode()),
             claim="203.0.113.25")
        it.mailbox.marked(ALICE, marker)


def second_node_keeps_the_stamp(it):
    """another node of the cluster leaves the stamp of the first one alone"""
    other = Postern(it.bench, "other", redis=it.redis.url)
    path = it.bench.path("twice.eml")
    path.write_bytes(plain("twice", sender=ALICE, to=BOB))
    once = it.milter.command("stamp", "--from", ALICE, str(path)).stdout
    path.write_text(once)
    twice = other.command("stamp", "--from", ALICE, str(path)).stdout
    equal(re.findall("X-Postern-ID: .*", twice), re.findall("X-Postern-ID: .*", once), "stamps")
    equal(len(re.findall("X-Postern-ID: .*", once)), 1, "number of stamps")


def key_of(port):
    """The key with which the daemon on a port stamps now."""
    milter = Milter(port)
    milter.connect()
    milter.message(ALICE, [BOB], auth_authen="alice")
    stamps = [value for _, name, value in milter.inserted() if name == "X-Postern-ID"]
    milter.quit()
    return stamps[0].strip().split(".")[1]


def keys_are_rotated(it):
    """the new key signs on every node, and what the old one signed is believed"""
    other = it.bench.add(Postern(it.bench, "rotating", redis=it.redis.url))
    data = real_bounce(it, "before the rotation").data
    before = key_of(it.milter.port)
    equal(key_of(other.port), before, "key of the other node")
    done = it.milter.command("keys", "rotate")
    equal(done.returncode, 0, done.stderr)
    new = done.stdout.split()[0]
    true(new != before, "no new key")
    for node in (it.milter, other):
        wait_for(lambda: key_of(node.port) == new, f"a stamp of {new}")
    send(it.mx, "", [ALICE], data.replace(b"Undelivered Mail Returned to Sender", b"old-key"), claim="203.0.113.25")
    it.mailbox.marked(ALICE, "old-key")


def calls(it, command):
    """How often Redis ran a command so far."""
    found = re.search(rf"cmdstat_{command}:calls=(\d+)", it.redis.cli("INFO", "commandstats"))
    return int(found.group(1)) if found else 0


def flood_asks_for_evidence_only(it):
    """a forged bounce with nothing to look up costs Redis no command, another those of one look-up"""
    head = "From: alice@example.com\r\nTo: x@example.org\r\nSubject: buy\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000"
    name = "\r\nMessage-ID: <flood@spammer.example>"
    milter = Milter(it.milter.port)
    milter.connect()

    def forge(original):
        text = bounce(ALICE, original, failed="x@example.org")
        fields, _, body = text.decode().partition("\r\n\r\n")
        pairs = [line.split(": ", 1) for line in fields.replace("\r\n\t", " ").split("\r\n")]
        milter.message("", [ALICE], headers=pairs, body=body.encode())
        verdicts = [value for _, field, value in milter.inserted() if field == "X-Postern-Verdict"]
        true(verdicts and "forged-bounce" in verdicts[0], f"verdict {verdicts}")
    forge(head)  # the policy is remembered from here on
    evidence, policies = calls(it, "hget"), calls(it, "hgetall")
    for _ in range(100):
        forge(head)
    equal(calls(it, "hget") - evidence, 0, "look-ups without evidence")
    for _ in range(20):
        forge(head + name)
    keys = len(it.redis.cli("HKEYS", "postern:keys").split())
    asked = calls(it, "hget") - evidence
    # One command for each day on which a key signed, and each key of that day: the keys are of today.
    true(20 <= asked <= 20 * keys, f"{asked} look-ups for 20 bounces with a Message-ID")
    equal(calls(it, "hgetall") - policies, 0, "policies read")
    milter.quit()


def replay(it, data, to, verdict="forged-bounce"):
    """Sends a report again; it must be held and not be delivered."""
    marker = f"replay-{len(it.mx.queued())}-{verdict}"
    data = data.replace(b"Undelivered Mail Returned to Sender", marker.encode())
    before = len(it.mx.has_held(to))
    send(it.mx, "", [to], data, claim="203.0.113.25")
    wait_for(lambda: len(it.mx.has_held(to)) > before, f"a held message for {to}")
    it.milter.verdict("from=<>", f"to=<{to}>", f"verdict={verdict}", "action=quarantine")
    true(not [each for each in it.mailbox.messages if marker.encode() in each.data], "it was delivered too")


def strangers(data):
    """The report with every other trace of the original changed: Message-ID and failed recipient."""
    return (data.replace(b"nobody@example.net", b"somebody@example.org")
            .replace(b"@example.org>\r\nMIME", b"@elsewhere.example>\r\nMIME"))


def replay_to_another(it):
    """the same bounce sent to another address is held"""
    data = real_bounce(it, "harvested").data
    replay(it, data.replace(ALICE.encode(), BOB.encode()), BOB)
    replay(it, data, BOB)


def another_stamp(it):
    """the bounce with another stamp is held"""
    data = strangers(real_bounce(it, "another stamp").data)
    replay(it, re.sub(rb"X-Postern-ID: [^\r\n]*", b"X-Postern-ID: " + FORGED_ID.encode(), data), ALICE)


def one_letter_of_the_stamp(it):
    """the bounce with one letter of the stamp changed is held"""
    data = strangers(real_bounce(it, "one letter").data)
    replay(it, re.sub(rb"(X-Postern-ID: [^\r\n]*)[^\r\n]", lambda found: found.group(1) + b"!", data), ALICE)


def no_stamp(it):
    """the bounce without a stamp is held"""
    data = strangers(real_bounce(it, "no stamp").data)
    replay(it, re.sub(rb"X-Postern-ID: [^\r\n]*\r\n", b"", data), ALICE)


def forged_bounce(it):
    """a bounce of mail that was never sent is held, and comes out of the hold queue whole"""
    data = bounce(ALICE, "From: alice@example.com\r\nTo: victim@example.org\r\nSubject: buy this\r\n"
                  "Message-ID: <never@spammer.example>", failed="victim@example.org")
    send(it.mx, "", [ALICE], data.replace(b"Undelivered", b"Forged undelivered"), claim="203.0.113.66")
    it.milter.verdict("verdict=forged-bounce", "client=[203.0.113.66]")
    held = wait_for(lambda: [each for each in it.mx.has_held(ALICE)
                             if "Forged undelivered" in it.mx.text_of(each["queue_id"])], "the held bounce")[0]
    it.mx.release(held["queue_id"])
    got = wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "Forged undelivered" in each.head],
                   "the released bounce")[-1]
    equal(got.body, data.partition(b"\r\n\r\n")[2], "body")


def callback_verification(it):
    """the null sender is never refused at RCPT"""
    with Client(it.mx, claim="203.0.113.9") as client:
        client.mail("")
        client.recipient(ALICE)


def vacation_reply(it):
    """a vacation reply with a null sender is no bounce and arrives"""
    data = plain("Out of office: your mail", headers="Auto-Submitted: auto-replied\r\n")
    send(it.mx, "", [ALICE], data, claim="203.0.113.9")
    wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "Out of office" in each.head], "the reply")


def domain_turned_off(it):
    """HSET postern:domains example.com monitor lets forged bounces in from the next message on"""
    it.redis.cli("HSET", "postern:domains", "example.com", "monitor")
    try:
        data = bounce(ALICE, "From: alice@example.com\r\nSubject: buy\r\nMessage-ID: <x@spammer.example>")
        data = data.replace(b"Undelivered", b"Monitored undelivered")

        def let_in():
            send(it.mx, "", [ALICE], data, claim="203.0.113.9")
            return it.milter.lines("from=<>", "verdict=clean", "bounce=monitor")
        wait_for(let_in, "a bounce in monitor mode", 3)
        wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "Monitored" in each.head], "the bounce")
    finally:
        it.redis.cli("HSET", "postern:domains", "example.com", "enforce")


def domain_row(it):
    """What `postern domains list` says of example.com."""
    lines = it.milter.command("domains", "list", "--json").stdout.splitlines()
    return next(row for row in map(json.loads, lines) if row["key"] == "example.com")


def outcomes_are_counted(it):
    """`postern domains list` has since when the domain stamps and what became of its bounces; a scan adds nothing"""
    before = wait_for(lambda: domain_row(it)["since"] and domain_row(it), "the time of the first stamp")
    submit(it, "counted", "nobody@example.net")
    forged = bounce(ALICE, "From: alice@example.com\r\nSubject: buy\r\nMessage-ID: <x@spammer.example>")
    send(it.mx, "", [ALICE], forged, claim="203.0.113.9")
    it.redis.cli("HSET", "postern:domains", "example.com", "monitor")
    wait_for(lambda: send(it.mx, "", [ALICE], forged, claim="203.0.113.9") or
             domain_row(it)["held-back"] > before["held-back"], "a bounce that was held back")
    equal(domain_row(it)["state"], "monitor", "state")
    it.redis.cli("HSET", "postern:domains", "example.com", "enforce")
    after = wait_for(lambda: domain_row(it)["verified"] > before["verified"] and
                     domain_row(it)["forged"] > before["forged"] and domain_row(it), "the counts")
    equal((after["since"], after["state"], after["tag"]), (before["since"], "enforce", False), "the rest of the row")
    path = it.bench.path("forged.eml")
    path.write_bytes(forged)
    wait_for(lambda: "forged-bounce" in it.milter.command("scan", "--from", "", "--rcpt", ALICE, str(path)).stdout,
             "the verdict of a scan")
    # A command writes what it counted before it ends.
    equal(domain_row(it), after, "the row after a scan")


if __name__ == "__main__":
    main([(world, [submission_is_stamped, stamp_is_kept, foreign_stamp_is_replaced, inbound_headers_are_removed,
                   requeued_mail, second_node_keeps_the_stamp, true_bounce, stamp_is_not_used_up, keys_are_rotated,
                   flood_asks_for_evidence_only, replay_to_another, another_stamp, one_letter_of_the_stamp, no_stamp,
                   forged_bounce, callback_verification, vacation_reply, domain_turned_off,
                   outcomes_are_counted])])
