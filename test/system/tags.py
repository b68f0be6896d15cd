#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Envelope tags behind real Postfixes: ours, which knows its mailboxes, and one abroad whose next hop refuses some."""
import hashlib
import re
import time
from types import SimpleNamespace

from lib.mail import Client, bounce, plain, refusal, send
from lib.postfix import Postfix
from lib.process import free_port
from lib.run import equal, main, need, true, wait_for
from lib.servers import Accounts, Postern, Redis, Sink

need("postfix", "redis-server")

ALICE, BOB, OFF = "alice@example.com", "bob@example.com", "carol@untagged.example.com"
TAGGED = re.compile(r"^prvs=[0-9]{4}[0-9a-f]{6}=alice@example\.com$")
SHAPE = "prvs=[0-9][0-9][0-9][0-9][0-9a-f]+="
SPAM = "From: alice@example.com\r\nTo: victim@example.org\r\nSubject: buy\r\nMessage-ID: <never@spammer.example>"


def world(bench, **settings):
    """Ours, its filter, its mailboxes, and the other one."""
    it = SimpleNamespace(bench=bench, mailbox=bench.add(Sink()),
                         far=bench.add(Sink(refuse=lambda to: "550 5.1.1 no such user" if to.startswith("nobody")
                                            else None)))
    it.redis = bench.add(Redis(bench))
    it.redis.cli("HSET", "postern:domains", "example.com", "enforce tag=on", "untagged.example.com", "enforce")
    it.milter = bench.add(Postern(bench, redis=it.redis.url))
    ours = free_port()
    it.abroad = bench.add(Postfix(bench, "abroad", {"example.net": it.far.port, "example.com": ours},
                                  host="mx.example.net"))
    known = ", ".join(f"{{ {each} = x }}" for each in (ALICE, BOB, OFF))
    bench.path("tagged").write_text(f"/^{SHAPE}(.*)$/ $1\n")
    tagged = f"regexp:{bench.path('tagged')}"
    values = {name: value.replace("TAGGED", tagged) for name, value in settings.items()}
    values["relay_recipient_maps"] = f"inline:{{ {known} }} " + values.get("relay_recipient_maps", "")
    values["relay_domains"] = "example.com, untagged.example.com"
    it.mx = Postfix(bench, "mx", {"example.com": it.mailbox.port, "untagged.example.com": it.mailbox.port,
                                  "direct.example.net": it.far.port, "*": it.abroad.port},
                    accounts=bench.add(Accounts(bench, {"alice": "secret"})), milter=it.milter.address, **values)
    it.mx.port = ours
    it.mx.write_master()
    bench.add(it.mx)
    return it


def filtered(bench):
    """an MTA that takes tagged addresses and shows its own reports to the filter, which restores them"""
    return world(bench, relay_recipient_maps="TAGGED", internal_mail_filter_classes="bounce")


def rewriting(bench):
    """an MTA that restores tagged addresses itself, by an alias map"""
    return world(bench, virtual_alias_maps="TAGGED")


def submit(it, subject, recipient, sender=ALICE):
    send(it.mx, sender, [recipient], plain(subject, sender=ALICE, to=recipient), login=("alice", "secret"))


def tagged_sender(it, subject="a tag, please"):
    """The sender with which mail of alice's arrives abroad."""
    before = len(it.far.has("carol@example.net"))
    submit(it, subject, "carol@example.net")
    return it.far.to("carol@example.net", count=before + 1)[-1].sender


def made_by_hand(it, days, address=ALICE):
    """The tag that counts until `days` from now, made as the manual says it is made."""
    key, row = it.redis.cli("HGETALL", "postern:keys").splitlines()[:2]
    secret = bytes.fromhex(re.search("secret=([0-9a-f]+)", row).group(1))
    day = int(time.time()) // 86400 + days
    text = b"postern-tag\0" + f"{key[-1]}{day}".encode() + b"\0" + address.encode()
    mac = hashlib.blake2b(text, digest_size=16, key=secret).hexdigest()[:6]
    return f"prvs={key[-1]}{day % 1000:03}{mac}={address}"


def tag_goes_out(it):
    """submitted mail leaves with a tagged sender, and with the stamp of the sender as he is"""
    sender = tagged_sender(it)
    true(TAGGED.match(sender), f"sender {sender}")
    equal(sender, made_by_hand(it, 10), "sender")
    it.milter.verdict(f"from=<{ALICE}>", "direction=outbound", "(stamped, tagged)")


def tag_stays(it):
    """mail whose sender is tagged already keeps it, on a second pass and on the next day"""
    for sender in (tagged_sender(it), made_by_hand(it, 9)):
        submit(it, "again", "dave@example.net", sender=sender)
        got = it.far.to("dave@example.net")[-1]
        equal(got.sender, sender, "sender")
        it.far.messages.remove(got)


def others_stay(it):
    """the null sender, a domain without tag=on and a sender with another's tag are left alone"""
    for number, sender in enumerate(("", OFF, "prvs=1234567890=alice@example.com")):
        to = f"other{number}@example.net"
        submit(it, "left alone", to, sender=sender)
        equal(it.far.to(to)[-1].sender, sender, "sender")


def report_on(it, subject):
    def arrived():
        return [each for each in it.mailbox.messages if each.sender == "" and subject in each.data.decode()]
    got = wait_for(arrived, f"the report about {subject!r}", 30)
    equal([each.recipients for each in got], [[ALICE]], "recipients")
    return got[0]


def report_comes_back(it):
    """the other Postfix's report to the tagged sender is believed for the tag and reaches the mailbox"""
    submit(it, "sent abroad", "nobody@example.net")
    got = report_on(it, "sent abroad")
    true("MAILER-DAEMON@mx.example.net" in got.head, "not made by the other Postfix")
    it.milter.verdict("from=<>", f"to=<{ALICE}>", "verdict=clean", "bounce=failure/tag")


def report_that_quotes_nothing(it):
    """a report to a tagged address needs no other evidence"""
    data = bounce(ALICE, SPAM).replace(b"Undelivered", b"Nothing of ours")
    send(it.mx, "", [made_by_hand(it, 3).upper()], data, claim="203.0.113.25")
    got = wait_for(lambda: [each for each in it.mailbox.messages if b"Nothing of ours" in each.data], "the report")
    equal([each.recipients[0].lower() for each in got], [ALICE], "recipients")


def own_report(it):
    """our own report, to the tagged sender, reaches the mailbox"""
    submit(it, "refused here", "nobody@direct.example.net")
    true(it.mx.host in report_on(it, "refused here").head, "not made by ours")


def ordinary_mail(it):
    """ordinary mail to a tagged address reaches the mailbox, once, with its other recipients"""
    send(it.mx, "anna@example.org", [BOB, made_by_hand(it, 3), ALICE], plain("to the sender"), claim="203.0.113.9")
    wait_for(lambda: [each for each in it.mailbox.has(BOB) if "to the sender" in each.head], "the message")
    wait_for(lambda: not it.mx.queued(), "an empty queue")
    got = [each for each in it.mailbox.messages if "to the sender" in each.head]
    equal(sorted(to for each in got for to in each.recipients), [ALICE, BOB], "recipients")


def forged_tag(it):
    """a forged bounce to a forged tag is taken at RCPT and held at its end"""
    wrong = made_by_hand(it, 3)
    wrong = wrong[:9] + f"{int(wrong[9:15], 16) ^ 1:06x}" + wrong[15:]
    send(it.mx, "", [wrong], bounce(ALICE, SPAM).replace(b"Undelivered", b"Forged tag"), claim="203.0.113.25")
    it.milter.verdict("from=<>", f"to=<{wrong}>", "verdict=forged-bounce", "action=quarantine")
    wait_for(lambda: it.mx.queued() and it.mx.queued()[0]["queue_name"] == "hold", "the held bounce")
    true(not [each for each in it.mailbox.messages if b"Forged tag" in each.data], "it was delivered too")


def expired_tag(it):
    """an expired tag proves nothing, but the mailbox is found"""
    expired = made_by_hand(it, -1)
    send(it.mx, "", [expired], bounce(ALICE, SPAM).replace(b"Undelivered", b"Expired tag"), claim="203.0.113.25")
    it.milter.verdict("from=<>", f"to=<{ALICE}>", "verdict=forged-bounce", "bounce=failure/none")
    held = it.mx.held(ALICE)[-1]
    it.mx.release(held["queue_id"])
    wait_for(lambda: [each for each in it.mailbox.has(ALICE) if b"Expired tag" in each.data], "the released bounce")
    send(it.mx, "anna@example.org", [expired], plain("late answer"), claim="203.0.113.9")
    wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "late answer" in each.head], "the answer")


def callback_verification(it):
    """MAIL FROM:<> and RCPT of a wrongly tagged address gets the MTA's yes, and an unknown one the MTA's no"""
    with Client(it.mx, claim="203.0.113.9") as client:
        client.mail("")
        client.recipient("prvs=1234abcdef=alice@example.com")
        client.recipient(made_by_hand(it, -1))
        client.recipient(ALICE)
    equal(refusal(it.mx, "", ["nobody@example.com"], b"", claim="203.0.113.9").stage, "RCPT", "refused at")


def edit_counts_at_once(it):
    """tag=on taken out of the row and put back counts from the next message on"""
    try:
        it.redis.cli("HSET", "postern:domains", "example.com", "enforce")
        wait_for(lambda: tagged_sender(it) == ALICE, "a sender without tag", 5)
        it.redis.cli("HSET", "postern:domains", "example.com", "enforce tag=on")
        wait_for(lambda: TAGGED.match(tagged_sender(it)), "a tagged sender", 5)
    finally:
        it.redis.cli("HSET", "postern:domains", "example.com", "enforce tag=on")


def offline(it):
    """`postern scan` and `postern stamp` tag, restore and believe as the daemon does"""
    path = it.bench.path("offline.eml")
    path.write_bytes(plain("offline", sender=ALICE, to="x@example.net"))
    done = it.milter.command("stamp", "--from", ALICE, str(path))
    true(made_by_hand(it, 10) in done.stderr, done.stderr)
    path.write_bytes(bounce(ALICE, SPAM))
    for days, words in ((3, '"evidence":"tag"'), (-1, '"evidence":"none"')):
        tagged = made_by_hand(it, days)
        text = it.milter.command("scan", "--json", "--from", "", "--rcpt", tagged, str(path)).stdout
        true(words in text and f'"remove":["{tagged}"],"add":["{ALICE}"]' in text, text)


def keys_are_rotated(it):
    """tags of an old key are believed after a rotation"""
    old = tagged_sender(it)
    equal(it.milter.command("keys", "rotate").returncode, 0, "status")
    wait_for(lambda: tagged_sender(it)[:9] != old[:9], "a tag of the new key", 5)
    send(it.mx, "", [old], bounce(ALICE, SPAM).replace(b"Undelivered", b"Old key"), claim="203.0.113.25")
    wait_for(lambda: [each for each in it.mailbox.has(ALICE) if b"Old key" in each.data], "the report")


if __name__ == "__main__":
    main([(filtered, [tag_goes_out, tag_stays, others_stay, report_comes_back, report_that_quotes_nothing, own_report,
                      ordinary_mail, callback_verification, forged_tag, expired_tag, edit_counts_at_once, offline,
                      keys_are_rotated]),
          (rewriting, [tag_goes_out, report_comes_back, report_that_quotes_nothing, own_report, ordinary_mail,
                       callback_verification])])
