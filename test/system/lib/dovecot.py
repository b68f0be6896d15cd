# SPDX-License-Identifier: GPL-2.0-or-later
"""A Dovecot that takes mail by LMTP and keeps it in Maildirs, with a snippet of contrib/dovecot; on demand with IMAP.

Its programs know each other by their places in /usr, so they run where the unpacked tree lies over /usr, in a mount
namespace of their own.
"""
import os
import pathlib
import pwd
import subprocess

from .debian import unpacked
from .process import Process, free_port
from .run import Skip

CONFIG = """\
base_dir = {directory}/base
state_dir = {directory}/state
log_path = {directory}/dovecot.log
protocols = {protocols}
listen = 127.0.0.1
ssl = no
default_login_user = nobody
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{directory}/mail/%u
lda_mailbox_autocreate = no
postmaster_address = postmaster@example.com
hostname = mx.example.com
passdb {{
  {passwords}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={directory}/mail/%u allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
# Wrong passwords cost no time here.
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
namespace inbox {{
  inbox = yes
}}
!include {snippet}
"""
MASTER = pathlib.Path(__file__).resolve().parents[3] / "contrib" / "dovecot" / "portal.conf"


class Dovecot(Process):
    def __init__(self, bench, snippet, user="mail", passwords=None, master=None):
        """With passwords, a dictionary from user to password, it serves IMAP too; `master` is NAME:PASSWORD."""
        tree = unpacked("dovecot-lmtpd", *(["dovecot-imapd"] if passwords else []))
        self.tree = tree
        self.directory = bench.path("dovecot")
        self.port = free_port()
        self.imap_port = free_port()
        self.passwords = passwords
        account = pwd.getpwnam(user)
        for each in (self.directory, self.directory / "mail"):
            each.mkdir()
            os.chown(each, account.pw_uid, account.pw_gid)
        self.config = self.directory / "dovecot.conf"
        known = "driver = static\n  args = nopassword=y"
        if passwords:
            users = self.directory / "users"
            users.write_text("".join(f"{name}:{{PLAIN}}{word}\n" for name, word in passwords.items()))
            known = f"driver = passwd-file\n  args = {users}"
        self.config.write_text(CONFIG.format(directory=self.directory, port=self.port, snippet=snippet, user=user,
                                             protocols="lmtp imap" if passwords else "lmtp", passwords=known,
                                             imap_port=self.imap_port,
                                             group=user, uid=account.pw_uid, gid=account.pw_gid))
        if master:
            masters = self.directory / "masters"
            masters.write_text(master.replace(":", ":{PLAIN}", 1) + "::::::allow_nets=127.0.0.1/32\n")
            text = MASTER.read_text().replace("/etc/dovecot/postern-master", str(masters))
            self.config.write_text(text + self.config.read_text())
        if subprocess.run(self.in_place("true"), check=False, capture_output=True).returncode != 0:
            raise Skip("no overlay can be mounted over /usr")
        super().__init__(self.in_place("dovecot", "-F", "-c", str(self.config)), str(bench.path("dovecot.out")))
        self.logs.append(str(self.directory / "dovecot.log"))

    def in_place(self, *command):
        return ["unshare", "-m", "sh", "-c", f"mount -t overlay overlay -o lowerdir={self.tree}/usr:/usr /usr && exec \"$@\"",
                "sh", *command]

    def start(self):
        super().start()
        self.wait_listening(self.port)
        if self.passwords:
            self.wait_listening(self.imap_port)

    def doveadm(self, *arguments, text=None):
        """What `doveadm` prints, given `text` to read."""
        done = subprocess.run(self.in_place("doveadm", "-c", str(self.config), *arguments), check=False,
                              input=text, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"doveadm {arguments}: {done.stderr}")
        return done.stdout
