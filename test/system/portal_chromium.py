#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""postern-portal in Chromium, with axe-core; on request: POSTERN_CHROMIUM=1, or a directory for the pictures.

Needs chromium, node and npm, which contrib/install-packages installs; npm fetches puppeteer-core and axe-core into the build
tree.
"""
import email
import email.policy
import json
import os
import pathlib
import subprocess
import sys
from types import SimpleNamespace

import portal as scenarios
from lib.debian import install
from lib.dovecot import Dovecot
from lib.milter import Milter
from lib.portal import Browser, Portal, certificate
from lib.process import free_port
from lib.run import SKIPPED, build_tree, equal, main, program, true, wait_for
from lib.servers import Postern, Redis

ROOT = scenarios.ROOT
PAGES = ("/", "/?address=192.0.2.7", "/?address=203.0.113.9", "/?address=nonsense", "/status", "/policy", "/quarantine",
         "/feeds", "/admin", "/admin?table=rules", "/nothing")
MASTER = "postern-digest:master of all"
NAMES = ("Your parcel waits", "Re: invoice 4711", "Undelivered Mail Returned to Sender")


def modules():
    """puppeteer-core and axe-core, fetched once."""
    place = build_tree() / "test" / "system" / "packages" / "node"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "node_modules" / "axe-core").exists():
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "puppeteer-core@22", "axe-core@4"],
                              cwd=place, check=False, timeout=300)
        if done.returncode != 0:
            print("SKIP: npm cannot fetch puppeteer-core and axe-core")
            sys.exit(SKIPPED)
    return str(place / "node_modules")


def world(bench):
    it = SimpleNamespace(bench=bench, modules=modules())
    it.redis = bench.add(Redis(bench))
    it.redis.cli("HSET", "postern:networks", "192.0.2.0/24", "allow until=2099-01-01T00:00:00Z note=the provider in front of us",
                 "198.51.100.0/24", "deny note=a network that was hijacked", "127.0.0.0/8", "allow")
    it.dovecot = bench.add(Dovecot(bench, scenarios.SNIPPET, passwords=scenarios.SECRETS, master=MASTER))
    metrics = f"inet:{free_port()}@127.0.0.1"
    it.milter = bench.add(Postern(bench, "mx1", redis=it.redis.url, metrics_listen=metrics))
    bench.add(Postern(bench, "mx2", redis=it.redis.url))
    key, cert = certificate(bench.directory)
    port = free_port()
    master = bench.path("imap-master")
    master.write_text(MASTER + "\n")
    master.chmod(0o600)
    it.sent = bench.path("sent")
    sendmail = bench.path("sendmail")
    sendmail.write_text(f"#!/bin/sh\ncat >{it.sent}\n")
    sendmail.chmod(0o755)
    it.portal = bench.add(Portal(bench, port=port, redis=it.redis.url, portal_imap=f"imap://127.0.0.1:{it.dovecot.imap_port}",
                                 portal_imap_master=str(master), portal_url=f"https://127.0.0.1:{port}",
                                 digest_sendmail=str(sendmail),
                                 portal_admins=ROOT, metrics_listen=metrics, portal_certificate=cert, portal_key=key))
    browser = Browser(it.portal, cert)
    wait_for(lambda: "judged by the mail server" in browser.get("/status").words, "the first counts", 30)
    milter = Milter(it.milter.port)
    milter.connect("192.0.2.1")
    for count in range(40):
        milter.helo()
        milter.message(body=b"Hello\r\n" if count % 4 else b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n")
    milter.quit()
    wait_for(lambda: 'class="clean" x=' in browser.get("/status").body, "a bar", 30)
    for name in NAMES:
        it.dovecot.doveadm("save", "-u", ROOT, "-m", "quarantine", text=scenarios.HOSTILE.format(name=name))
    return it


def pictures(it):
    wanted = os.environ["POSTERN_CHROMIUM"]
    directory = pathlib.Path(wanted if wanted.startswith("/") else it.bench.path("pictures"))
    directory.mkdir(exist_ok=True)
    return directory


def three_clicks(it):
    """from a digest to a released mail in three clicks, which are counted"""
    done = subprocess.run([program("postern"), "--config", it.portal.config, "digest", ROOT], check=False, capture_output=True,
                          text=True, timeout=60)
    equal((done.returncode, done.stdout), (0, f"{ROOT}: {len(NAMES)} messages\n"), done.stderr)
    mail = email.message_from_bytes(it.sent.read_bytes(), policy=email.policy.default)
    page = it.bench.path("digest.html")
    page.write_text(mail.get_body(("html",)).get_content())
    script = pathlib.Path(__file__).resolve().parent / "lib" / "portal_clicks.js"
    done = subprocess.run(["node", script, it.modules, page, pictures(it), ROOT, scenarios.SECRETS[ROOT], NAMES[1]], check=False,
                          capture_output=True, text=True, timeout=300)
    equal(done.returncode, 0, done.stderr)
    equal(json.loads(done.stdout), {"clicked": ["Look at it", "Sign in", "Release to the inbox"],
                                    "said": "Released: the message is in your inbox."}, "what was clicked, and what came of it")
    inbox = it.dovecot.doveadm("-f", "flow", "fetch", "-u", ROOT, "hdr.subject", "mailbox", "INBOX", "all")
    true(NAMES[1] in inbox and NAMES[0] not in inbox, inbox)


def pages(it):
    """every page, wide and narrow, light and dark: nothing for axe-core to find, nothing wider than the screen"""
    directory = pictures(it)
    script = pathlib.Path(__file__).resolve().parent / "lib" / "portal_pages.js"
    done = subprocess.run(["node", script, it.modules, f"https://127.0.0.1:{it.portal.port}", directory, ROOT,
                           scenarios.SECRETS[ROOT], *PAGES], check=False, capture_output=True, text=True, timeout=600)
    equal(done.returncode, 0, done.stderr)
    found = json.loads(done.stdout)
    equal(found, [], "what was found")
    true(len(list(directory.glob("*.png"))) >= 4 * len(PAGES), "pictures")


if __name__ == "__main__":
    if not os.environ.get("POSTERN_CHROMIUM"):
        print("SKIP: POSTERN_CHROMIUM is not set")
        sys.exit(SKIPPED)
    install("browser", "chromium", "node", "npm")
    main([(world, [three_clicks, pages])])
