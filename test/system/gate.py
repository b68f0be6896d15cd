#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The connection gate behind a real Postfix: who is let in, who is refused, with which words, and when."""
import datetime
import signal
import time
from types import SimpleNamespace

from lib.mail import Client, Refused, host_takes_ipv6, plain, refusal, send
from lib.postfix import Postfix
from lib.run import equal, main, need, true, wait_for
from lib.servers import Accounts, Postern, Sink

need("postfix")

NETWORKS = """\
198.51.100.0/24   allow  note=provider
198.51.100.128/25 deny   note=their dial-up pool
192.0.2.0/24      outbound
127.0.0.4         allow
2001:db8::/32     allow
"""


def iso(when):
    return datetime.datetime.fromtimestamp(when, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def world(bench, networks=NETWORKS, **settings):
    it = SimpleNamespace(mailbox=bench.add(Sink()), abroad=bench.add(Sink()))
    accounts = bench.add(Accounts(bench, {"alice": "secret"}))
    it.milter = bench.add(Postern(bench, tables={"networks": networks}, **settings))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port, "*": it.abroad.port}, accounts=accounts,
                              milter=it.milter.address, ipv6=host_takes_ipv6()))
    return it


def deliver(it, subject, **how):
    before = len(it.mailbox.has("alice@example.com"))
    send(it.mx, "anna@example.org", ["alice@example.com"], plain(subject), **how)
    return it.mailbox.to("alice@example.com", count=before + 1)[-1]


def blocked(it, subject, **how):
    refused = refusal(it.mx, "anna@example.org", ["alice@example.com"], plain(subject), **how)
    equal((refused.stage, refused.code), ("MAIL", 550), "refusal")
    return refused.text


def answer_to_mail(client, sender="anna@example.org"):
    """The code that MAIL is answered with."""
    try:
        client.mail(sender)
    except Refused as refused:
        return refused.code
    return 250


def unlisted_client(it):
    """an unlisted client is refused at MAIL with 550 5.7.1, its address and a reason"""
    equal(blocked(it, "unlisted", claim="203.0.113.9"),
          "5.7.1 203.0.113.9 is not in a network that may deliver here (postern)", "reply")
    it.milter.verdict("verdict=blocked", "client=[203.0.113.9]", "no listed network matches")
    it.mx.wait_line("milter-reject: MAIL from", "203.0.113.9", "is not in a network that may deliver here")


def listed_client(it):
    """a listed client delivers, body bytes untouched"""
    data = plain("listed")
    got = deliver(it, "listed", claim="198.51.100.7")
    equal(got.body, data.partition(b"\r\n\r\n")[2], "body")
    it.milter.verdict("client=[198.51.100.7]", "verdict=clean", "action=deliver")


def denied_inside(it):
    """a deny row inside an allowed network wins, and the log names it"""
    blocked(it, "denied", claim="198.51.100.200")
    it.milter.verdict("verdict=blocked", "client=[198.51.100.200]", "198.51.100.128/25", "their dial-up pool")


def authenticated_client(it):
    """an authenticated client passes from anywhere, and its mail is stamped"""
    send(it.mx, "alice@example.com", ["bob@example.net"], plain("auth"), claim="203.0.113.9",
         login=("alice", "secret"))
    true(it.abroad.to("bob@example.net")[-1].field("X-Postern-ID"), "no stamp")


def failed_login(it):
    """a failed AUTH opens nothing"""
    with Client(it.mx, claim="203.0.113.9") as client:
        try:
            client.expect("AUTH", 235, *client.smtp.docmd("AUTH PLAIN AGFsaWNlAHdyb25n"))
            raise AssertionError("a wrong password was accepted")
        except Refused as refused:
            equal(refused.code, 535, "answer to a wrong password")
        equal(answer_to_mail(client, "alice@example.com"), 550, "answer to MAIL without a login")


def outbound_network(it):
    """a client in an outbound network passes and its mail is stamped"""
    true(deliver(it, "outbound", claim="192.0.2.25").field("X-Postern-ID"), "no stamp")


def real_source_addresses(it):
    """source addresses of loopback: 127.0.0.1 always passes, others as the table says"""
    deliver(it, "the host itself", source="127.0.0.1")
    deliver(it, "a listed source", source="127.0.0.4")
    blocked(it, "an unlisted source", source="127.0.0.5")


def ipv6_clients(it):
    """IPv6: a listed prefix passes, another address is refused"""
    deliver(it, "listed IPv6", claim="2001:db8::25")
    true("2001:db9::1 is not in a network" in blocked(it, "unlisted IPv6", claim="2001:db9::1"), "reply")


def ipv6_loopback(it):
    """::1 passes, over a real IPv6 connection"""
    if it.mx.port6 is None:
        print("     (this host has no ::1)")
        return
    deliver(it, "over ::1", ipv6=True)


def local_submission(it):
    """sendmail(1) always passes, and its mail is stamped"""
    it.mx.sendmail("alice@example.com", ["carol@example.net"], plain("cron").replace(b"\r\n", b"\n"))
    true(it.abroad.to("carol@example.net")[-1].field("X-Postern-ID"), "no stamp")


def each_mail_is_judged(it):
    """on one refused connection every MAIL is refused again"""
    with Client(it.mx, claim="203.0.113.9") as client:
        for _ in range(3):
            equal(answer_to_mail(client), 550, "answer to MAIL")


def reload_of_tables(it):
    """SIGHUP applies an edited networks file and settings, and names what only a restart can change"""
    it.milter.table("networks", NETWORKS + "203.0.113.77 allow\n")
    it.milter.write_settings(gate_text="go away, {address}", gate_stage="connect", node="other")
    it.milter.signal(signal.SIGHUP)
    it.milter.wait_line("reloaded:")
    it.milter.wait_line("gate-stage can only be changed by a restart")
    it.milter.wait_line("node can only be changed by a restart")
    deliver(it, "listed by reload", claim="203.0.113.77")
    equal(blocked(it, "still unlisted", claim="203.0.113.9"), "5.7.1 go away, 203.0.113.9", "reply")


def bad_reload(it):
    """SIGHUP with a broken settings file keeps the old settings and names file and line"""
    it.milter.config.write_text(it.milter.config.read_text() + "gate = \"perhaps\"\n")
    it.milter.signal(signal.SIGHUP)
    line = it.milter.wait_line("the old settings stay in force", "gate")[-1]
    true("postern.toml:" in line, f"no file and line in {line}")
    blocked(it, "after a bad reload", claim="203.0.113.9")


def until_passes(it):
    """until= and from= take effect to the second, on connections that are open"""
    turn = int(time.time()) + 8  # the machine may be busy
    it.milter.table("networks", f"192.0.2.0/24 allow\n198.51.100.7 allow until={iso(turn)} note=ending\n"
                    f"198.51.100.8 allow from={iso(turn)} note=beginning\n")
    before = len(it.milter.lines("reloaded:"))
    it.milter.signal(signal.SIGHUP)
    it.milter.wait_line("reloaded:", count=before + 1)
    delivered = len(it.mailbox.messages)
    with Client(it.mx, claim="198.51.100.7") as ending, Client(it.mx, claim="198.51.100.8") as beginning:
        ending.send("anna@example.org", ["alice@example.com"], plain("before its end"))
        equal(answer_to_mail(beginning), 550, "answer before its time")
        true(time.time() < turn, "the machine is too busy for this scenario")
        time.sleep(turn + 0.2 - time.time())
        beginning.send("anna@example.org", ["alice@example.com"], plain("after its beginning"))
        equal(answer_to_mail(ending), 550, "answer after its end")
    wait_for(lambda: len(it.mailbox.messages) == delivered + 2, "both messages")


def enforcement_ends(it):
    """when the last allow row ends, and when one begins again, the log says so once each; the gate follows"""
    end = int(time.time()) + 6
    again = end + 10
    it.milter.table("networks", f"198.51.100.7 allow until={iso(end)}\n198.51.100.8 allow from={iso(again)}\n")
    before = len(it.milter.lines("reloaded:"))
    it.milter.signal(signal.SIGHUP)
    it.milter.wait_line("reloaded:", count=before + 1)
    over = it.milter.wait_line("networks: not enforced: no allow row is in force (2 rows)", "until= of the last")
    deliver(it, "nobody is locked out now", claim="203.0.113.9")
    begun = it.milter.wait_line("networks: enforced, 2 rows", "from= of an allow row has come")
    blocked(it, "the gate is shut again", claim="203.0.113.9")
    time.sleep(2.5)  # two more looks
    equal((len(over), len(it.milter.lines("until= of the last"))), (1, 1), "lines about the end")
    equal((len(begun), len(it.milter.lines("from= of an allow"))), (1, 1), "lines about the beginning")


def empty_world(bench):
    return world(bench, networks="203.0.113.0/24 deny\n192.0.2.0/24 outbound\n")


def no_allow_row(it):
    """a table without an allow row locks nobody out"""
    deliver(it, "nobody is locked out", claim="198.51.100.7")


def monitor_world(bench):
    return world(bench, gate="monitor")


def monitored_gate(it):
    """gate = monitor lets the unlisted in and logs what it would have done"""
    deliver(it, "monitored", claim="203.0.113.9")
    it.milter.verdict("verdict=blocked", "client=[203.0.113.9]", "action=monitor")


def connect_world(bench):
    return world(bench, gate_stage="connect")


def connect_stage(it):
    """gate-stage = connect refuses before EHLO; the listed get in"""
    try:
        Client(it.mx, source="127.0.0.5")
        raise AssertionError("an unlisted client got a greeting")
    except Exception as fault:  # noqa: BLE001: smtplib raises several kinds
        true("554" in str(fault), f"expected 554, got {fault!r}")
    it.milter.verdict("verdict=blocked", "client=[127.0.0.5]")
    deliver(it, "listed at connect", source="127.0.0.4")


if __name__ == "__main__":
    main([
        (world, [unlisted_client, listed_client, denied_inside, authenticated_client, failed_login, outbound_network,
                 real_source_addresses, ipv6_clients, ipv6_loopback, local_submission, each_mail_is_judged,
                 until_passes, enforcement_ends, reload_of_tables, bad_reload]),
        (empty_world, [no_allow_row]),
        (monitor_world, [monitored_gate]),
        (connect_world, [connect_stage]),
    ])
