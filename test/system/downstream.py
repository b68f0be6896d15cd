#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SpamAssassin and rspamd behind Postern, with the snippets of contrib/: judged bounces are not scored or learned."""
import pathlib
from types import SimpleNamespace

from lib.mail import bounce, plain, send
from lib.postfix import Postfix
from lib.rspamd import Rspamd
from lib.run import equal, main, need, true
from lib.servers import Postern, Redis, Sink
from lib.spamassassin import SpamAssassin

need("postfix", "redis-server", "perl")

CONTRIB = pathlib.Path(__file__).resolve().parents[2] / "contrib"
ALICE = "alice@example.com"
SPAM = "Buy cheap watches! Viagra, no prescription needed.\r\n"
FORGED_VERDICT = b"X-Postern-Verdict: clean; score=0.0;\r\n\tbounce=failure/stamp\r\n"


def world(bench):
    """Postfix and Postern that mark forged bounces and deliver them, and the filter that comes after."""
    it = SimpleNamespace(mailbox=bench.add(Sink()))
    redis = bench.add(Redis(bench))
    redis.cli("HSET", "postern:domains", "example.com", "enforce")
    redis.cli("HSET", "postern:policy:*", "forged-bounce", "tag")
    it.milter = bench.add(Postern(bench, redis=redis.url))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port}, milter=it.milter.address))
    return it


def spamassassin(bench):
    """SpamAssassin"""
    it = world(bench)
    it.filter = SpamAssassin(bench, "spamassassin", CONTRIB / "spamassassin" / "postern.cf")
    return it


def rspamd(bench):
    """rspamd"""
    it = world(bench)
    it.filter = bench.add(Rspamd(bench, "rspamd", CONTRIB / "rspamd" / "settings.conf"))
    return it


def passed_on(it, data, to=ALICE, verdict=FORGED_VERDICT):
    """The message as it is after Postern, having come in with a verdict that its sender made up."""
    count = len(it.mailbox.has(to))
    send(it.mx, "", [to], verdict + data, claim="203.0.113.9")
    return it.mailbox.to(to, count=count + 1)[-1]


def forged(to=ALICE):
    head = "From: alice@example.com\r\nSubject: cheap watches\r\nMessage-ID: <never@spammer.example>"
    return bounce(to, head).replace(b"Subject: Und", b"Subject: cheap watches: und").replace(b"Hello", SPAM.encode())


def judged_forgery(it):
    """A forged bounce as it is after Postern."""
    got = passed_on(it, forged(), verdict=b"")
    true(got.fields("X-Postern-Verdict")[0].startswith("forged-bounce;"), got.head)
    return got.data


def spam():
    return plain("cheap watches", sender="offers@example.org", to=ALICE, body=SPAM)


def with_verdict(data, verdict):
    return b"X-Postern-Verdict: " + verdict + b"\r\n" + data


NOT_JUDGED = [b"spam; score=7.5;\r\n\trules=A,\r\n\tB;\r\n\tbounce=failure/none\r\n\t(words)",
              b"clean; score=0.0;\r\n\tbounce=failure/none\r\n\t(would be forged-bounce;)",
              b"clean; score=0.0;\r\n\tbounce=autoreply/none", b"surespam; score=12.0;\r\n\trules=A"]
JUDGED = [b"unverified-bounce; score=0.0;\r\n\tbounce=failure/none\r\n\t(nothing that could be verified)",
          b"clean; score=1.0;\r\n\trules=A,\r\n\tB;\r\n\tbounce=delay/message-id\r\n\t(words)",
          b"clean; score=0.0;\r\n\tbounce=success/stamp\r\n\t(words)"]


def scored_by_spamassassin(it):
    """spam is scored and learned, whatever verdict it brought along"""
    got = passed_on(it, spam())
    equal(got.fields("X-Postern-Verdict"), [], "verdicts in the header")
    before = it.filter.learned()
    status = it.filter.statuses([got.data])[0]
    true(status.startswith("Yes,") and "TEST_SUBJECT" in status and "autolearn=spam" in status, status)
    equal(it.filter.learned(), (before[0] + 1, before[1]), "learned as spam, as ham")


def ignored_by_spamassassin(it):
    """a forged bounce is neither scored nor learned from"""
    data = judged_forgery(it)
    before = it.filter.learned()
    status = it.filter.statuses([data])[0]
    true(status.startswith("No,") and "POSTERN_BOUNCE" in status and "TEST_" not in status, status)
    true("autolearn=spam" not in status and "autolearn=ham" not in status, status)
    equal(it.filter.learned(), before, "learned as spam, as ham")


def verdicts_for_spamassassin(it):
    """the verdicts of other judged reports count too, and those of mail that was not judged do not"""
    statuses = it.filter.statuses([with_verdict(spam(), each) for each in JUDGED + NOT_JUDGED])
    equal(["POSTERN_BOUNCE" in each for each in statuses], [True] * len(JUDGED) + [False] * len(NOT_JUDGED),
          "not scored")


def scored_by_rspamd(it):
    """spam is scored, whatever verdict it brought along"""
    answer = it.filter.scan(passed_on(it, spam()).data)
    equal(answer["action"], "reject", "action")
    true("TEST_SUBJECT" in answer["symbols"] and not answer["is_skipped"], str(answer))


def ignored_by_rspamd(it):
    """a forged bounce is neither scored nor learned from"""
    data = judged_forgery(it)
    answer = it.filter.scan(data)
    true(answer["is_skipped"], str(answer))
    equal((answer["action"], answer["symbols"]), ("no action", {}), "action and symbols")


def verdicts_for_rspamd(it):
    """the verdicts of other judged reports count too, and those of mail that was not judged do not"""
    for verdict in JUDGED:
        true(it.filter.scan(with_verdict(spam(), verdict))["is_skipped"], f"scored: {verdict}")
    for verdict in NOT_JUDGED:
        true(not it.filter.scan(with_verdict(spam(), verdict))["is_skipped"], f"not scored: {verdict}")


if __name__ == "__main__":
    main([(spamassassin, [scored_by_spamassassin, ignored_by_spamassassin, verdicts_for_spamassassin]),
          (rspamd, [scored_by_rspamd, ignored_by_rspamd, verdicts_for_rspamd])])
