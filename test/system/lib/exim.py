# SPDX-License-Identifier: GPL-2.0-or-later
"""An Exim with its own configuration, spool and log, on a loopback port."""
import os
import pwd
import subprocess

from .debian import pretended, unpacked
from .process import Process, free_port

# Debian's Exim runs as this user, who is here only inside its own processes.
USER, LIKE = "Debian-exim", "mail"

CONFIG = """\
primary_hostname = {host}
exim_path = {program}
keep_environment = ^LD_ : ^NSS_WRAPPER_
spool_directory = {spool}
log_file_path = {directory}/%slog
pid_file_path = {directory}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
dsn_advertise_hosts = *
rfc1413_query_timeout = 0s
smtp_accept_max_nonmail = 1000
acl_smtp_rcpt = all
delay_warning = 1s
bounce_return_size_limit = 20K
begin acl
all:
  accept
begin routers
{routers}
begin transports
smtp:
  driver = smtp
  hosts_try_fastopen =
  allow_localhost
begin retry
* * F,1h,1s
"""

ROUTER = """\
to{number}:
  driver = manualroute
  route_list = {pattern} 127.0.0.1::{port} byname
  transport = smtp
  self = send
"""


class Exim(Process):
    """`transports`: domain (or "*") -> port on 127.0.0.1 where its mail goes."""

    def __init__(self, bench, name, transports, host):
        tree = unpacked("libnss-wrapper", "exim4-daemon-light")
        self.host = host
        self.port = free_port()
        directory = bench.path(name)
        spool = directory / "spool"
        spool.mkdir(parents=True)
        user = pwd.getpwnam(LIKE)
        for each in (directory, spool):
            os.chown(each, user.pw_uid, user.pw_gid)
        routers = "".join(ROUTER.format(number=number, pattern=domain, port=port)
                          for number, (domain, port) in enumerate(transports.items()))
        self.config = directory / "exim.conf"
        self.program = str(tree / "usr/sbin/exim4")
        self.config.write_text(CONFIG.format(host=host, program=self.program, spool=spool, directory=directory,
                                             port=self.port, routers=routers))
        super().__init__([self.program, "-C", str(self.config), "-bdf"], str(bench.path(name + ".out")),
                         pretended(tree, directory, host, USER, LIKE))
        self.logs += [str(directory / each) for each in ("mainlog", "paniclog")]

    def start(self):
        super().start()
        self.wait_listening(self.port)

    def flush(self):
        """Tries every queued message now, due or not."""
        subprocess.run([self.program, "-C", str(self.config), "-qff"], env=self.environment, check=True, timeout=60,
                       capture_output=True)
