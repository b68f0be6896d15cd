# SPDX-License-Identifier: GPL-2.0-or-later
"""A Sendmail with its own configuration (made with m4 from Debian's sendmail-cf) and queue, on a loopback port."""
import subprocess

from .debian import pretended, unpacked
from .process import Process, free_port

# The relay mailer's host is a port of 127.0.0.1, so that the mailer table can say where each domain's mail goes.
# Sendmail keeps open connections by address alone, so it must keep none.
CONFIG = """\
define(`_CF_DIR_', `{tree}/usr/share/sendmail/cf/')
include(`{tree}/usr/share/sendmail/cf/m4/cf.m4')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `{host}')
define(`confSERVICE_SWITCH_FILE', `{directory}/switch')
define(`confDONT_PROBE_INTERFACES', `True')
define(`QUEUE_DIR', `{directory}/queue')
define(`confPID_FILE', `{directory}/pid')
define(`STATUS_FILE', `{directory}/statistics')
define(`ALIAS_FILE', `')
define(`confTO_IDENT', `0')
define(`confTO_QUEUEWARN', `1s')
define(`confTO_QUEUERETURN', `5d')
define(`confMIN_QUEUE_AGE', `0')
define(`confMCI_CACHE_SIZE', `0')
define(`confLOG_LEVEL', `14')
define(`confQUEUE_LA', `1000')
define(`confREFUSE_LA', `1000')
define(`confDEF_USER_ID', `mail:mail')
define(`confCW_FILE', `-o /nonexistent')
define(`confPRIVACY_FLAGS', `noetrn,novrfy')
define(`confDONT_BLAME_SENDMAIL', `MapInUnsafeDirPath')
define(`RELAY_MAILER_ARGS', `TCP [127.0.0.1] $h')
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}')
FEATURE(`no_default_msa')
FEATURE(`nocanonify')
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
FEATURE(`promiscuous_relay')
FEATURE(`mailertable', `hash {directory}/mailertable')
{extra}
MAILER(`smtp')
"""


class Sendmail(Process):
    """`transports`: domain -> port on 127.0.0.1 where its mail goes.  `extra`: more lines for its .mc file."""

    def __init__(self, bench, name, transports, host, extra=""):
        tree = unpacked("libnss-wrapper", "sendmail-bin")
        self.programs = tree / "usr/libexec/sendmail"
        self.host = host
        self.port = free_port()
        self.directory = bench.path(name)
        self.queue = self.directory / "queue"
        self.queue.mkdir(parents=True, mode=0o700)
        self.environment = pretended(tree, self.directory, host)
        (self.directory / "switch").write_text("hosts files\naliases files\n")
        text = CONFIG.format(tree=tree, host=host, directory=self.directory, port=self.port, extra=extra)
        (self.directory / "sendmail.mc").write_text(text)
        made = subprocess.run(["m4"], input=text, check=True, capture_output=True, text=True, timeout=60)
        self.config = self.directory / "sendmail.cf"
        self.config.write_text(made.stdout)
        self.run("makemap", "-C", str(self.config), "hash", str(self.directory / "mailertable"),
                 text="".join(f"{domain}\trelay:{port}\n" for domain, port in transports.items()))
        super().__init__([str(self.programs / "sendmail"), "-C", str(self.config), "-bD"],
                         str(bench.path(name + ".log")), self.environment)

    def run(self, program, *arguments, text=None):
        return subprocess.run([str(self.programs / program), *arguments], env=self.environment, check=True,
                              timeout=60, capture_output=True, text=True, input=text)

    def start(self):
        super().start()
        self.wait_listening(self.port)

    def flush(self):
        """Tries every queued message now."""
        self.run("sendmail", "-C", str(self.config), "-q")
