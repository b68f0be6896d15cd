#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The quarantine of contrib/dovecot: {user}+quarantine@{domain} is a folder of the user's own mailbox."""
import pathlib
from types import SimpleNamespace

from lib.dovecot import Dovecot
from lib.mail import generated, plain, send
from lib.postfix import Postfix
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern

need("postfix")

SNIPPET = pathlib.Path(__file__).resolve().parents[2] / "contrib" / "dovecot" / "quarantine.conf"
ALICE = "alice@example.com"


def world(bench):
    it = SimpleNamespace(bench=bench)
    it.dovecot = bench.add(Dovecot(bench, SNIPPET))
    it.milter = bench.add(Postern(bench, quarantine_address="{user}+quarantine@{domain}", surespam_score=6.0))
    it.mx = bench.add(Postfix(bench, "mx", {}, milter=it.milter.address, relay_domains="example.com",
                              transport_maps=f"inline:{{ {{ example.com = lmtp:inet:[127.0.0.1]:{it.dovecot.port} }} }}",
                              recipient_delimiter="+"))
    return it


def messages(it, folder):
    """The subjects in one of alice's folders."""
    text = it.dovecot.doveadm("-f", "flow", "fetch", "-u", ALICE, "hdr.subject", "mailbox", folder, "all")
    return [line.partition("=")[2] for line in text.splitlines()]


def in_its_folder(it):
    """spam lies in the user's folder "quarantine", honest mail in the inbox"""
    send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 5), claim="203.0.113.9")
    send(it.mx, "anna@example.org", [ALICE], plain("an honest one"), claim="203.0.113.9")
    equal(wait_for(lambda: messages(it, "INBOX"), "mail in the inbox"), ["an honest one"], "inbox")
    equal(len(wait_for(lambda: messages(it, "quarantine"), "mail in the quarantine")), 1, "quarantined")
    shown = it.dovecot.doveadm("fetch", "-u", ALICE, "hdr.x-postern-verdict", "mailbox", "quarantine", "all")
    true("surespam; score=" in shown, shown)


def released(it):
    """moved to the inbox it is released, once"""
    before = messages(it, "quarantine")
    it.dovecot.doveadm("move", "-u", ALICE, "INBOX", "mailbox", "quarantine", "all")
    equal(messages(it, "quarantine"), [], "quarantine")
    equal(sorted(messages(it, "INBOX")), sorted(["an honest one", *before]), "inbox")


def expires(it):
    """the folder is looked after: its messages expire after thirty days"""
    settings = it.dovecot.doveadm("config")
    folder = settings.partition("mailbox quarantine {")[2].partition("}")[0]
    true("autoexpunge = 30 days" in folder and "auto = subscribe" in folder, settings)


if __name__ == "__main__":
    main([(world, [in_its_folder, released, expires])])
