#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Round trips: mail that our Postfix stamped comes back as the reports that real mail systems write about it.

Another Postfix, an Exim and a Sendmail each take the mail, fail to pass it on (or do so), and send their own report
through our Postfix and its filter, in a domain whose bounces are judged.  Our own Postfix's reports go the same way.
"""
import re
from types import SimpleNamespace

from lib.exim import Exim
from lib.mail import Client, plain, send
from lib.postfix import Postfix
from lib.process import free_port
from lib.run import equal, main, need, true, wait_for
from lib.sendmail import Sendmail
from lib.servers import Accounts, Postern, Redis, Sink

need("postfix", "redis-server", "m4")

ALICE = "alice@example.com"
FORGED_ID = "1.k1.51400123456789abcdef.AAAAAAAAAAAAAAAAAAAAAA"
REFUSALS = {"nobody": "550 5.1.1 no such user here", "full": "451 4.2.2 mailbox full, come again"}


def refuse(recipient):
    return REFUSALS.get(recipient.partition("@")[0])


def world(bench, mta=None, **settings):
    """Ours with its filter, the far end, and between them what mta(bench, transports) makes, if anything."""
    it = SimpleNamespace(mailbox=bench.add(Sink()), far=bench.add(Sink(refuse=refuse)))
    redis = bench.add(Redis(bench))
    redis.cli("HSET", "postern:domains", "example.com", "enforce")
    it.milter = bench.add(Postern(bench, redis=redis.url))
    ours = free_port()
    relay = bench.add(mta(bench, {"example.net": it.far.port, "example.com": ours})) if mta else None
    it.mx = Postfix(bench, "mx", {"example.com": it.mailbox.port, "*": relay.port if relay else it.far.port},
                    accounts=bench.add(Accounts(bench, {"alice": "secret"})), milter=it.milter.address, **settings)
    it.mx.port = ours
    it.mx.write_master()
    bench.add(it.mx)
    it.reporter = relay or it.mx
    return it


QUICK_REPORTS = {"delay_warning_time": "1s", "bounce_size_limit": "20000"}


def ours(bench):
    """our own Postfix, which shows its reports to the filter"""
    return world(bench, internal_mail_filter_classes="bounce", **QUICK_REPORTS)


def postfix(bench):
    """another Postfix"""
    return world(bench, lambda at, to: Postfix(at, "relay", to, host="relay.example.net", **QUICK_REPORTS))


def exim(bench):
    """an Exim"""
    return world(bench, lambda at, to: Exim(at, "relay", to, host="relay.example.net"))


def sendmail(bench):
    """a Sendmail"""
    return world(bench, lambda at, to: Sendmail(at, "relay", to, host="relay.example.net"))


def submit(it, subject, recipient, body=None, ret="", notify=""):
    with Client(it.mx, login=("alice", "secret")) as client:
        client.send(ALICE, [recipient], plain(subject, sender=ALICE, to=recipient, body=body), ret, notify)


def report_on(it, subject, during=lambda: None):
    """The report that alice gets about her message of this subject, waited for."""
    def arrived():
        during()
        return [each for each in it.mailbox.has(ALICE) if each.sender == "" and subject in each.data.decode()]
    return wait_for(arrived, f"the report about {subject!r}", 30)[-1]


def check(it, got, kind):
    """The report is the relay's own, proved itself by the stamp that it quotes, and arrived as it was."""
    true(it.reporter.host in got.head, f"not made by {it.reporter.host}")
    line = it.milter.verdict("from=<>", f"to=<{ALICE}>", f"bounce={kind}/")[-1]
    true("verdict=clean" in line and f"bounce={kind}/stamp" in line, line)
    verdicts = got.fields("X-Postern-Verdict")
    equal(len(verdicts), 1, "verdicts in the header")
    true(verdicts[0].startswith("clean;") and f"bounce={kind}/stamp" in verdicts[0], verdicts[0])


def failure(it):
    """a recipient that the next hop refuses: the report arrives, proved by the stamp"""
    submit(it, "refused", "nobody@example.net")
    check(it, report_on(it, "refused"), "failure")


def delay(it):
    """a recipient that the next hop puts off: the warning arrives, proved by the stamp"""
    submit(it, "put off", "full@example.net")
    check(it, report_on(it, "put off", during=it.reporter.flush), "delay")


def success(it):
    """NOTIFY=SUCCESS: the report of the delivery arrives, proved by the stamp"""
    submit(it, "wanted a receipt", "carol@example.net", notify="NOTIFY=SUCCESS")
    it.far.to("carol@example.net")
    check(it, report_on(it, "wanted a receipt"), "success")


def headers_only(it):
    """a message too large to be sent back: the report with only its header arrives, proved by the stamp"""
    line = "A line of the message that is too large to be returned.\r\n"
    submit(it, "too large", "nobody@example.net", body=line * 800)
    got = report_on(it, "too large")
    true(line not in got.data.decode(), "the body came back too")
    check(it, got, "failure")


def returned_header(it):
    """RET=HDRS: the report with only the header arrives, proved by the stamp"""
    submit(it, "only the header", "nobody@example.net", body="Not to be returned\r\n", ret="RET=HDRS")
    got = report_on(it, "only the header")
    true("Not to be returned" not in got.data.decode(), "the body came back too")
    check(it, got, "failure")


def forged(it):
    """the same report about mail that was never sent (other stamp, Message-ID and recipient) is held"""
    submit(it, "the pattern", "nobody@example.net")
    data = report_on(it, "the pattern").data.replace(b"the pattern", b"the forgery")
    data = re.sub(rb"X-Postern-ID: [^\r\n]*", b"X-Postern-ID: " + FORGED_ID.encode(), data)
    data = re.sub(rb"<\d+@example\.org>", b"<never@spammer.example>", data)
    data = data.replace(b"nobody@example.net", b"victim@example.org")
    send(it.mx, "", [ALICE], data, claim="203.0.113.25")
    wait_for(lambda: it.mx.has_held(ALICE), "the held forgery")
    it.milter.verdict("client=[203.0.113.25]", "verdict=forged-bounce", "action=quarantine", "bounce=failure/none")
    true(not [each for each in it.mailbox.messages if b"the forgery" in each.data], "it was delivered too")


def own_reports(it):
    """our own failure, delay and success reports arrive: they begin here, so nobody judges them"""
    submit(it, "ours refused", "nobody@example.net")
    submit(it, "ours put off", "full@example.net")
    submit(it, "ours delivered", "carol@example.net", notify="NOTIFY=SUCCESS")
    for subject in ("ours refused", "ours put off", "ours delivered"):
        got = report_on(it, subject, during=it.mx.flush)
        true(it.mx.host in got.head, f"not made by {it.mx.host}")
        equal(got.fields("X-Postern-Verdict"), [], "verdicts in the header")
    equal(len(it.milter.verdict("from=<>", "verdict=clean", "direction=outbound", count=3)), 3, "reports seen")


EVERY = [failure, delay, success, returned_header, forged]

if __name__ == "__main__":
    main([(ours, [own_reports]), (postfix, EVERY + [headers_only]), (exim, EVERY + [headers_only]),
          (sendmail, EVERY)])
