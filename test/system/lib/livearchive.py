# SPDX-License-Identifier: GPL-2.0-or-later
"""The live archive of contrib/livearchive: its own setup script and Dovecot's programs, in a directory of the test."""
import imaplib
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess

from .process import Process, free_port
from .run import Skip, wait_for

SCRIPTS = pathlib.Path(__file__).resolve().parents[3] / "contrib" / "livearchive"
ACCOUNT = "mail"


def missing(*programs):
    for each in programs:
        if shutil.which(each, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/lib/dovecot") is None:
            return each
    return None


class Reader(imaplib.IMAP4_SSL):
    """A mail program: IMAP over TLS, with the archive's certificate checked, from an address of choice."""

    def __init__(self, archive, source="127.0.0.1"):
        self.source = source
        context = ssl.create_default_context(cafile=str(archive.certificate))
        context.check_hostname = False  # it is asked by its address
        super().__init__("127.0.0.1", archive.port, ssl_context=context, timeout=30)

    def _create_socket(self, timeout):
        plain = socket.create_connection((self.host, self.port), timeout, (self.source, 0))
        return self.ssl_context.wrap_socket(plain)

    def messages(self, what="(BODY.PEEK[])"):
        """What FETCH says of each message of the inbox."""
        self.select("INBOX", readonly=True)
        uids = self.uid("SEARCH", "ALL")[1][0].split()
        return {uid.decode(): self.uid("FETCH", uid, what)[1][0][1] for uid in uids}


class LiveArchive(Process):
    """`by_socket`: copies come through the socket in Postfix' queue directory."""

    def __init__(self, bench, *options, name="archive", user=ACCOUNT, by_socket=False):
        absent = missing("dovecot", "doveadm", "imap-login", "lmtp", "openssl")
        if absent:
            raise Skip(f"{absent} is not installed")
        self.root = bench.path(name)
        self.root.mkdir()
        self.port = free_port()
        self.lmtp_port = None if by_socket else free_port()
        pwd.getpwnam(user)
        self.options = ["--domain", "example.com", "--archive-domain", "archive.example.net", "--root", str(self.root),
                        "--account", user, "--hostname", "archive.example.net", "--listen", "127.0.0.1",
                        "--imaps-port", str(self.port), *options]
        if self.lmtp_port:
            self.options += ["--lmtp", f"127.0.0.1:{self.lmtp_port}"]
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

    def expire(self, days_later):
        """Restarts the host, as it were, that many days later, and runs the timer's program: the stored messages are
        older, and what is remembered of them in memory is gone."""
        self.stop()
        # By inode, as mailboxes that got a message together share its file.
        files = {each.stat().st_ino: each for each in self.store.rglob("*") if each.parent.name in ("cur", "new")}
        for each in files.values():
            when = each.stat().st_mtime - days_later * 86400
            os.utime(each, (when, when))
        for box in (self.root / "run/postern-livearchive-index").iterdir():
            shutil.rmtree(box)
        self.start()
        done = subprocess.run(["sh", str(self.etc / "expire"), str(self.config), "7"], capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"expire: {done.stdout}{done.stderr}")
