# SPDX-License-Identifier: GPL-2.0-or-later
"""What an administrator would run instead: rspamd, spamass-milter with spamd, OpenDKIM.  From Debian's packages, and
skipped by name where one is not installed.  None of them may ask the DNS."""
import os
import pwd
import shutil

import measure  # noqa: F401  (puts the system tests' library in reach)
from lib.process import Process, free_port

SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Missing(Exception):
    """A program of a peer is not installed."""


def need(*programs):
    for name in programs:
        if shutil.which(name, path=SBIN) is None:
            raise Missing(f"{name} is not installed")
    return [shutil.which(name, path=SBIN) for name in programs]


class Rspamd(Process):
    """The proxy worker as a milter that scans by itself, Debian's rules, no Redis."""
    may_refuse = True  # spam gets a reply of its own

    def __init__(self, bench):
        [path] = need("rspamd")
        self.port = free_port()
        home = bench.path("rspamd")
        shutil.copytree("/etc/rspamd", home / "etc")
        owner = pwd.getpwnam("nobody")
        for each in ("db", "run", "log"):
            (home / each).mkdir()
            os.chown(home / each, owner.pw_uid, owner.pw_gid)
        os.chmod(bench.directory, 0o711)
        local = home / "etc/local.d"
        local.mkdir(exist_ok=True)
        files = {"worker-normal.inc": "count = 0;\n", "worker-controller.inc": "count = 0;\n",
                 "worker-proxy.inc": f'bind_socket = "127.0.0.1:{self.port}";\nmilter = yes;\ncount = 2;\n'
                                     'upstream "local" { default = yes; self_scan = yes; }\n',
                 "options.inc": f'dns {{ nameserver = ["127.0.0.1:{free_port()}"]; timeout = 0.01s; '
                                'retransmits = 1; }\nlocal_addrs = [];\n',
                 "logging.inc": 'type = "console";\nlevel = "error";\n'}
        for module in ("rbl", "fuzzy_check", "surbl", "dkim", "arc", "spf", "dmarc", "mx_check", "asn", "phishing"):
            files[module + ".conf"] = "enabled = false;\n"
        for name, text in files.items():
            (local / name).write_text(text)
        places = {"CONFDIR": home / "etc", "LOCAL_CONFDIR": home / "etc", "DBDIR": home / "db",
                  "RUNDIR": home / "run", "LOGDIR": home / "log"}
        super().__init__([path, "-f", "-u", "nobody", "-g", "nogroup", "-c", str(home / "etc/rspamd.conf"),
                          *(f"--var={key}={value}" for key, value in places.items())], str(bench.path("rspamd.log")))

    def start(self):
        super().start()
        self.wait_listening(self.port, 120)


class Spamd(Process):
    def __init__(self, bench):
        [path] = need("spamd")
        self.port = free_port()
        site = bench.path("spamassassin")
        shutil.copytree("/etc/spamassassin", site)
        (site / "v310.pre").open("a").write("loadplugin Mail::SpamAssassin::Plugin::PDFInfo\n"
                                            "loadplugin Mail::SpamAssassin::Plugin::VBounce\n")
        (site / "local.cf").write_text("use_bayes 0\nskip_rbl_checks 1\nuse_pyzor 0\nuse_razor2 0\n"
                                       "whitelist_bounce_relays mx.example.com\n")
        super().__init__([path, "-L", "-x", "-u", "nobody", f"--siteconfigpath={site}", "-m", "2", "-i", "127.0.0.1",
                          "-p", str(self.port), "-s", "stderr"], str(bench.path("spamd.log")))

    def start(self):
        super().start()
        self.wait_listening(self.port, 120)


class SpamassMilter(Process):
    """spamass-milter in front of a spamd of its own, with PDFInfo and VBounce; local checks only."""
    may_refuse = True

    def __init__(self, bench):
        [path] = need("spamass-milter")
        need("spamc")
        self.spamd = Spamd(bench)
        self.helpers = [self.spamd]
        self.port = free_port()
        self.bench = bench
        super().__init__([path, "-p", f"inet:{self.port}@127.0.0.1", "--", "-p", str(self.spamd.port), "-d",
                          "127.0.0.1"], str(bench.path("spamass-milter.log")))

    def start(self):
        self.bench.add(self.spamd)
        super().start()
        self.wait_listening(self.port)


class OpenDkim(Process):
    """OpenDKIM that verifies; mail without a signature has nothing to be looked up."""

    def __init__(self, bench):
        [path] = need("opendkim")
        self.port = free_port()
        config = bench.path("opendkim.conf")
        config.write_text("Mode v\nSyslog no\nAlwaysAddARHeader yes\nUMask 007\n")
        super().__init__([path, "-f", "-x", str(config), "-p", f"inet:{self.port}@127.0.0.1"],
                         str(bench.path("opendkim.log")))

    def start(self):
        super().start()
        self.wait_listening(self.port)


def start_peers(bench):
    """{name: running server}, and the reasons why others are not there."""
    running, missing = {}, []
    for name, kind in (("OpenDKIM", OpenDkim), ("rspamd", Rspamd), ("spamass-milter", SpamassMilter)):
        try:
            running[name] = bench.add(kind(bench))
        except (Missing, AssertionError, OSError, KeyError) as reason:
            missing.append(f"{name}: {str(reason)[:200]}")
    return running, missing
