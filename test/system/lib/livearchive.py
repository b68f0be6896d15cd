# SPDX-License-Identifier: GPL-2.0-or-later
"""The live archive of contrib/livearchive: its own setup script and Dovecot's programs, in a directory of the test."""
import imaplib
import os
import pathlib
import pwd
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import time

from .process import Process, free_port
from .run import Skip, wait_for

SCRIPTS = pathlib.Path(__file__).resolve().parents[3] / "contrib" / "livearchive"
CLOCK = pathlib.Path(__file__).resolve().parent / "clock_ahead.c"
ACCOUNT = "mail"
DAY = 86400
# Another clock for Dovecot: the archive's own settings, and leave for its processes to know of the clock.
SHIFTED = """\
!include {config}
import_environment = TZ LD_PRELOAD POSTERN_CLOCK_AHEAD
"""


def missing(*programs):
    for each in programs:
        if shutil.which(each, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/lib/dovecot") is None:
            return each
    return None


class ClearReader(imaplib.IMAP4):
    """A mail program that begins without TLS, from an address of choice."""

    def __init__(self, archive, source):
        self.source = source
        super().__init__("127.0.0.1", archive.starttls_port, timeout=30)

    def _create_socket(self, timeout):
        return socket.create_connection((self.host, self.port), timeout, (self.source, 0))


class Reader(imaplib.IMAP4_SSL):
    """A mail program: IMAP over TLS, with the archive's certificate checked, from an address of choice."""

    def __init__(self, archive, source="127.0.0.1"):
        self.source = source
        super().__init__("127.0.0.1", archive.port, ssl_context=archive.trust(), timeout=30)

    def _create_socket(self, timeout):
        plain = socket.create_connection((self.host, self.port), timeout, (self.source, 0))
        return self.ssl_context.wrap_socket(plain)

    def messages(self, what="(BODY.PEEK[])"):
        """What FETCH says of each message of the inbox."""
        self.select("INBOX", readonly=True)
        uids = self.uid("SEARCH", "ALL")[1][0].split()
        return {uid.decode(): self.uid("FETCH", uid, what)[1][0][1] for uid in uids}


class LiveArchive(Process):
    """`by_socket`: copies come through the socket in Postfix' queue directory.  `starttls`: IMAP with STARTTLS too."""

    def __init__(self, bench, *options, name="archive", user=ACCOUNT, by_socket=False, starttls=False):
        absent = missing("dovecot", "doveadm", "imap-login", "lmtp", "openssl")
        if absent:
            raise Skip(f"{absent} is not installed")
        self.root = bench.path(name)
        self.root.mkdir()
        self.port = free_port()
        self.lmtp_port = None if by_socket else free_port()
        self.starttls_port = free_port() if starttls else None
        pwd.getpwnam(user)
        self.options = ["--domain", "example.com", "--archive-domain", "archive.example.net", "--root", str(self.root),
                        "--account", user, "--hostname", "archive.example.net", "--listen", "127.0.0.1",
                        "--imaps-port", str(self.port), *options]
        if self.lmtp_port:
            self.options += ["--lmtp", f"127.0.0.1:{self.lmtp_port}"]
        if self.starttls_port:
            self.options += ["--imap-port", str(self.starttls_port)]
        self.said = self.setup()
        self.etc = self.root / "etc/postern-livearchive"
        self.config = self.etc / "dovecot.conf"
        self.certificate = self.etc / "tls/certificate.pem"
        self.store = self.root / "var/lib/postern-livearchive/mail"
        self.access_log = self.root / "var/log/postern-livearchive/access.log"
        super().__init__(["dovecot", "-F", "-c", str(self.config)], str(bench.path(name + ".out")))
        self.logs += [str(self.access_log), str(self.access_log.parent / "dovecot.log")]

    def setup(self, *more):
        done = subprocess.run(["sh", str(SCRIPTS / "setup"), *self.options, *more], capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"setup: {done.stdout}{done.stderr}")
        return done.stdout

    def trust(self):
        """What a reader checks the archive's certificate with."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False  # it is asked by its address
        return context

    def user(self, *arguments, password=""):
        """Runs livearchive-user; gives the finished process."""
        return subprocess.run(["sh", str(self.root / "usr/local/sbin/livearchive-user"), "--etc", str(self.etc),
                               *arguments], input=password + "\n", capture_output=True, text=True, timeout=60, check=False)

    def start(self):
        super().start()
        self.wait_listening(self.port)
        if self.lmtp_port:
            self.wait_listening(self.lmtp_port)

    def read(self, address, password, source="127.0.0.1", what="(BODY.PEEK[])"):
        """All messages of a mailbox, as a mail program fetches them."""
        reader = Reader(self, source)
        try:
            reader.login(address, password)
            return reader.messages(what)
        finally:
            reader.logout()

    def holding(self, address, password, marker, seconds=20.0):
        """The messages of a mailbox that hold the marker, waited for."""
        def found():
            return [each for each in self.read(address, password).values() if marker.encode() in each]
        return wait_for(found, f"a message with {marker} for {address} in the archive", seconds)

    def on_day(self, day):
        """Restarts it with a clock that is that many days ahead."""
        self.stop()
        shifted = self.etc / "shifted.conf"
        shifted.write_text(SHIFTED.format(config=self.config))
        self.arguments = ["dovecot", "-F", "-c", str(shifted)]
        self.environment = dict(os.environ, LD_PRELOAD=self.clock(), POSTERN_CLOCK_AHEAD=str(day * DAY))
        self.day = day
        self.start()

    def clock(self):
        """What is preloaded for another clock."""
        library = self.root / "clock_ahead.so"
        if not library.exists():
            compiler = shutil.which("gcc") or shutil.which("cc")
            if compiler is None:
                raise Skip("no C compiler is installed")
            subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, CLOCK], check=True, timeout=120)
        return str(library)

    def deliver(self, address, data):
        """Hands a copy over as Postfix does.  The kernel's clock is nobody's to change, so the file gets its day by hand."""
        before = set(self.stored(address))
        user, _, domain = address.partition("@")
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as inlet:
            inlet.sendmail("anna@example.org", [f"{user}={domain}@archive.example.net"], data)
        when = time.time() + self.day * DAY
        for each in set(self.stored(address)) - before:
            os.utime(each, (when, when))

    def stored(self, address):
        """The files of a mailbox."""
        box = self.store / ("box." + address.replace("@", "="))
        return [each for each in box.rglob("*") if each.parent.name in ("cur", "new")]

    def timer(self):
        """Runs what the timer runs, by the clock of the archive."""
        unit = (self.root / "etc/systemd/system/postern-livearchive-expire.service").read_text()
        command = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).replace(str(self.config), self.arguments[-1])
        done = subprocess.run(command.split(), capture_output=True, text=True, timeout=60, check=False,
                              env=self.environment)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")

    def expire(self, days_later):
        """Restarts the host, as it were, that many days later, and runs the timer's program: the stored messages are
        older, and what is remembered of them in memory is gone."""
        self.stop()
        # By inode, as mailboxes that got a message together share its file.
        files = {each.stat().st_ino: each for each in self.store.rglob("*") if each.parent.name in ("cur", "new")}
        for each in files.values():
            when = each.stat().st_mtime - days_later * DAY
            os.utime(each, (when, when))
        for box in (self.root / "run/postern-livearchive-index").iterdir():
            shutil.rmtree(box)
        self.start()
        self.timer()
