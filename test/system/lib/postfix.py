# SPDX-License-Identifier: GPL-2.0-or-later
"""A Postfix instance with its own configuration, queue, data directory, log and ports, on loopback addresses."""
import json
import os
import pathlib
import pwd
import re
import signal
import subprocess

from .process import alive, free_port, listens
from .run import wait_for

MASTER = """\
{inlets}
pickup    unix  n       -       n       2       1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
lmtp      unix  -       -       n       -       -       lmtp
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
showq     unix  n       -       n       -       -       showq
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""

SETTINGS = {
    "compatibility_level": "3.6",
    "command_directory": "/usr/sbin",
    "mydestination": "",
    "alias_maps": "",
    "alias_database": "",
    "local_recipient_maps": "",
    "mynetworks": "127.0.0.1/32",
    "smtpd_relay_restrictions": "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
    "smtp_host_lookup": "native",
    "disable_dns_lookups": "yes",
    "smtpd_peername_lookup": "no",
    "append_dot_mydomain": "no",
    "biff": "no",
    "inet_protocols": "all",
    "smtpd_authorized_xclient_hosts": "127.0.0.0/8",
    "smtpd_client_connection_count_limit": "0",
    "milter_default_action": "tempfail",
    "milter_connect_timeout": "5s",
    "queue_run_delay": "2s",
    "minimal_backoff_time": "2s",
    "maximal_backoff_time": "4s",
    "smtp_connect_timeout": "5s",
    "in_flow_delay": "0",
}


def daemon_directory():
    done = subprocess.run(["postconf", "-dh", "daemon_directory"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Postfix:
    """`transports`: domain (or "*") -> port on 127.0.0.1 where its mail goes.  `inlets`: extra smtpd addresses."""

    def __init__(self, bench, name, transports, milter=None, accounts=None, host=None, ipv6=False, **settings):
        self.directory = bench.path(name)
        self.host = host or f"{name}.example.com"
        self.port = free_port()
        self.port6 = free_port("::1") if ipv6 else None
        self.log = self.directory / "maillog"
        self.logs = [str(self.log)]
        self.config = self.directory / "etc"
        self.queue = self.directory / "queue"
        data = self.directory / "data"
        for each in (self.directory, self.config, self.queue, data):
            each.mkdir(mode=0o755)
        os.chown(data, pwd.getpwnam("postfix").pw_uid, 0)
        values = dict(SETTINGS, myhostname=self.host, queue_directory=self.queue, data_directory=data,
                      daemon_directory=daemon_directory(), maillog_file=self.log,
                      maillog_file_prefixes=self.directory, relay_domains=self.domains(transports),
                      transport_maps="inline:{" + ", ".join(self.routes(transports)) + "}",
                      inet_interfaces="127.0.0.1" + (", ::1" if ipv6 else ""))
        if milter:
            values.update(smtpd_milters=milter, non_smtpd_milters=milter)
        if accounts:
            values.update(smtpd_sasl_auth_enable="yes", smtpd_sasl_type="dovecot",
                          smtpd_sasl_path="unix:" + accounts.path)
        values.update(settings)
        (self.config / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in values.items()))
        self.write_master()

    @staticmethod
    def domains(transports):
        return ", ".join(domain for domain in transports if domain != "*")

    @staticmethod
    def routes(transports):
        return [f"{{ {domain} = smtp:[127.0.0.1]:{port} }}" for domain, port in transports.items()]

    def write_master(self):
        inlets = [f"127.0.0.1:{self.port} inet n - n - - smtpd"]
        if self.port6:
            inlets.append(f"[::1]:{self.port6} inet n - n - - smtpd")
        (self.config / "master.cf").write_text(MASTER.format(inlets="\n".join(inlets)))

    def run(self, *arguments, check=True, **options):
        return subprocess.run(arguments, check=check, capture_output=True, timeout=60, **options)

    def start(self):
        done = self.run("postfix", "-c", str(self.config), "start", check=False)
        if done.returncode != 0:
            raise AssertionError(f"postfix start: {done.stderr.decode()}")
        wait_for(lambda: listens(self.port), f"{self.host} on port {self.port}")

    def master_pid(self):
        try:
            return int((self.queue / "pid" / "master.pid").read_text().strip())
        except (OSError, ValueError):
            return None

    def stop(self):
        """Ends the master and its children by process ID."""
        pid = self.master_pid()
        if pid is None or not alive(pid):
            return
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not alive(pid), f"the end of {self.host}")

    def flush(self):
        self.run("postqueue", "-c", str(self.config), "-f")

    def queued(self):
        """The queue, as postqueue -j tells it."""
        done = self.run("postqueue", "-c", str(self.config), "-j", text=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def held(self, recipient=None, seconds=20.0):
        """The messages in the hold queue (for a recipient), waited for."""
        def found():
            return [each for each in self.queued() if each["queue_name"] == "hold" and
                    (recipient is None or recipient in [to["address"] for to in each["recipients"]])]
        return wait_for(found, f"a held message for {recipient}", seconds)

    def has_held(self, recipient):
        return [each for each in self.queued() if each["queue_name"] == "hold" and
                recipient in [to["address"] for to in each["recipients"]]]

    def release(self, queue_id):
        self.run("postsuper", "-c", str(self.config), "-H", queue_id)
        self.flush()

    def text_of(self, queue_id):
        """A queued message as postcat shows it, header and body."""
        return self.run("postcat", "-c", str(self.config), "-bhq", queue_id).stdout.decode("utf-8", "replace")

    def sendmail(self, sender, recipients, data):
        """Submits like a local program does."""
        self.run("sendmail", "-C", str(self.config), "-i", "-f", sender, *recipients, input=data)

    def lines(self, *words):
        if not self.log.exists():
            return []
        text = pathlib.Path(self.log).read_text(errors="replace")
        return [line for line in text.splitlines() if all(word in line for word in words)]

    def wait_line(self, *words, seconds=20.0):
        return wait_for(lambda: self.lines(*words), f"{words} in {self.log}", seconds)

    def queue_id_of(self, line):
        return re.search(r"\]: ([0-9A-F]+):", line).group(1)
