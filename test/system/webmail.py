#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The webmail of the live archive in a real browser: read and answered while the mail server is down.

Takes long and needs a browser, so it only runs with POSTERN_FULL=1.  POSTERN_SCREENSHOTS names a folder for pictures.
"""
import base64
import glob
import http.client
import os
import pathlib
import re
import smtplib
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from types import SimpleNamespace

from lib.browser import Browser
from lib.debian import install
from lib.livearchive import LiveArchive
from lib.mail import plain, send
from lib.postfix import Postfix
from lib.process import Process, free_port, listens
from lib.run import SKIPPED, equal, main, need, true, wait_for
from lib.servers import Postern, Sink
from lib.webmail import Webmail

if not os.environ.get("POSTERN_FULL"):
    print("SKIP: only runs with POSTERN_FULL=1")
    sys.exit(SKIPPED)
install("browser", "nginx", "chromium", "chromedriver", "php")
need("postfix", "nginx", "chromium", "chromedriver", "php")
if not pathlib.Path("/usr/share/roundcube").exists() or not glob.glob("/usr/sbin/php-fpm*"):
    print("SKIP: roundcube-core or php-fpm is not installed")
    sys.exit(SKIPPED)

ALICE, PASSWORD = "alice@example.com", "correct horse battery"
NGINX = """\
user www-data;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log;
events {{ }}
http {{
  include /etc/nginx/mime.types;
  client_body_temp_path {directory}/body;
  fastcgi_temp_path {directory}/fastcgi;
  proxy_temp_path {directory}/proxy;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  include {site};
}}
"""


def serve(bench, archive, port):
    """PHP and nginx with the files that the setup wrote."""
    directory = bench.path("web")
    directory.mkdir()
    pool = next((archive.root / "etc/php").rglob("postern-livearchive.conf"))
    (directory / "php.conf").write_text(f"[global]\nerror_log = {directory}/php.log\ndaemonize = no\ninclude = {pool}\n")
    (directory / "nginx.conf").write_text(
        NGINX.format(directory=directory, site=archive.root / "etc/nginx/conf.d/postern-livearchive.conf"))
    fpm = sorted(glob.glob("/usr/sbin/php-fpm*"))[-1]
    php = bench.add(Process([fpm, "-F", "-y", str(directory / "php.conf")], str(bench.path("php.out"))))
    web = bench.add(Process(["nginx", "-g", "daemon off;", "-c", str(directory / "nginx.conf")],
                            str(bench.path("nginx.out"))))
    bench.logs += [str(directory / "php.log"), str(directory / "nginx.log"),
                   *map(str, (archive.root / "var/log/postern-livearchive-webmail").rglob("*"))]
    web.wait_listening(port)
    return php, web


def world(bench):
    it = SimpleNamespace(bench=bench, primary_port=free_port(), web_port=free_port(), submission_port=free_port())
    it.primary = bench.add(Sink(port=it.primary_port))
    it.outside = bench.add(Sink())
    it.milter = bench.add(Postern(bench, archive_address="{user}={domain}@archive.example.net",
                                  tables={"policy": "@example.com archive=on\n"}))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.primary_port, "example.org": it.outside.port},
                              milter=it.milter.address))
    it.archive = bench.add(LiveArchive(bench, "--postfix", str(it.mx.config), "--web-port", str(it.web_port),
                                       "--submission-port", str(it.submission_port), by_socket=True))
    equal(it.archive.user("add", ALICE, password=PASSWORD).returncode, 0, "add")
    wait_for(lambda: listens(it.submission_port), "the webmail's way out")
    serve(bench, it.archive, it.web_port)
    it.url = f"https://127.0.0.1:{it.web_port}/"
    it.webmail = Webmail(bench.add(Browser(bench)), it.url, ALICE, PASSWORD)
    return it


def log_in_from(it, source):
    """Logs in without a browser, from another address."""
    context = ssl.create_default_context(cafile=str(it.archive.certificate))
    context.check_hostname = False
    web = http.client.HTTPSConnection("127.0.0.1", it.web_port, timeout=60, source_address=(source, 0), context=context)
    web.request("GET", "/")
    page = web.getresponse()
    cookie = page.getheader("Set-Cookie").split(";")[0]
    token = re.search(r'name="_token" value="([^"]+)"', page.read().decode()).group(1)
    form = urllib.parse.urlencode({"_task": "login", "_action": "login", "_token": token, "_user": ALICE, "_pass": PASSWORD})
    web.request("POST", "/?_task=login", form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
    answer = web.getresponse()
    true(answer.status == 302 and "_task=mail" in answer.getheader("Location"), f"{answer.status} {answer.read()[:300]}")
    for each in answer.headers.get_all("Set-Cookie"):
        true("secure" in each.lower() and "samesite=strict" in each.lower() and "httponly" in each.lower(), each)
    web.close()


def wrong_password(it):
    """a wrong password does not get in"""
    it.webmail.log_in("wrong horse battery")
    it.webmail.browser.shows("Login failed")


def read_while_down(it):
    """the primary is down: a message from outside is read in the browser"""
    it.primary.stop()
    it.data = plain("Outage", body="Can you read this during the outage?\r\n")
    send(it.mx, "anna@example.org", [ALICE], it.data, claim="203.0.113.9")
    it.mx.wait_line(f"to=<{ALICE}>", "status=deferred")
    it.webmail.log_in()
    it.webmail.read("Outage", "Can you read this during the outage?")


def answer_while_down(it):
    """the primary is down: an answer goes out under the reader's own name, and its copy is archived"""
    it.webmail.answer("Yes, from the archive.")
    answer = it.outside.marked("anna@example.org", "Yes, from the archive.", seconds=60)
    equal(answer.sender, ALICE, "envelope sender")
    true(ALICE in answer.field("From") and answer.field("X-Postern-ID"), answer.head)
    it.archive.holding(ALICE, PASSWORD, "Yes, from the archive.")


def back_again(it):
    """the primary is back: it has the message once, byte for byte"""
    it.primary = it.bench.add(Sink(port=it.primary_port))
    it.mx.flush()
    got = it.primary.marked(ALICE, "during the outage", seconds=60)
    equal(got.data[got.data.index(b"From:"):], it.data, "the original")
    equal(len(it.primary.has(ALICE)), 1, "originals")


def audited(it):
    """the audit has the reader's login and what was read through the webmail"""
    log_in_from(it, "127.0.0.21")
    told = it.milter.command("audit", "--file", str(it.archive.access_log), "--user", ALICE).stdout
    for words in ("refused", "login", "read", "INBOX", "smtp", "127.0.0.21"):
        true(words in told, f"{words} is not in {told}")


def nothing_on_the_disk(it):
    """no file outside of what lies in memory holds a word of what was read or written, not even packed"""
    words = (b"during the outage", b"from the archive.")
    for each in it.archive.root.rglob("*"):
        if not each.is_file() or "run" in each.relative_to(it.archive.root).parts:
            continue
        data = each.read_bytes()
        packed = [base64.b64decode(found[:len(found) // 4 * 4]) for found in re.findall(rb"[A-Za-z0-9+/]{40,}", data)]
        true(not [word for word in words if word in data or any(word in part for part in packed)], f"words in {each}")


def only_as_oneself(it):
    """the webmail's way out takes mail from nobody else, and from a reader only under the own name"""
    def tried(sender, login):
        with smtplib.SMTP("127.0.0.1", it.submission_port, timeout=60) as way_out:
            if login:
                way_out.login(ALICE, PASSWORD)
            way_out.ehlo_or_helo_if_needed()
            way_out.mail(sender)
            return way_out.rcpt("anna@example.org")[0]
    equal(tried(ALICE, True), 250, "the own name")
    equal(tried("bob@example.com", True), 553, "another's name")
    true(tried(ALICE, False) >= 500, "without a password")


def only_its_own_pages(it):
    """settings, sessions and other programs' files are not served"""
    context = ssl.create_default_context(cafile=str(it.archive.certificate))
    context.check_hostname = False
    for path in ("config/config.inc.php", "installer/", "plugins/postern_client/postern_client.php", ".htaccess",
                 "../config/config.inc.php", "program/lib/Roundcube/rcube.php", "temp/", "logs/"):
        try:
            with urllib.request.urlopen(it.url + path, timeout=30, context=context) as page:
                text = page.read().decode("utf-8", "replace")
                true("rcmloginuser" in text, f"{path}: {page.status} {text[:200]}")
        except urllib.error.HTTPError as fault:
            true(fault.code in (400, 403, 404), f"{path}: {fault.code}")


if __name__ == "__main__":
    main([(world, [wrong_password, read_while_down, answer_while_down, back_again, audited, nothing_on_the_disk,
                   only_as_oneself, only_its_own_pages])])
