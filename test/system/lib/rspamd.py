# SPDX-License-Identifier: GPL-2.0-or-later
"""An rspamd with Debian's configuration and a local.d of ours, on a loopback port."""
import grp
import json
import os
import pwd
import shutil
import urllib.request

from .debian import environment, unpacked
from .process import Process, free_port

# Compiling all top-level domains and patterns takes longer than the tests.
OPTIONS = 'url_tld = "%s";\ndisable_hyperscan = true;\nlocal_addrs = [];\n' \
          'dns { nameserver = ["127.0.0.1:%d"]; timeout = 0.1s; retransmits = 1; }\n'
WORKERS = {"worker-normal.inc": 'bind_socket = "127.0.0.1:%d";\ncount = 1;\n',
           "worker-controller.inc": "count = 0;\n", "worker-proxy.inc": "count = 0;\n"}
SUBJECTS = 'TEST_SUBJECT { type = "header"; header = "subject"; regexp = true; map = "%s"; score = 20.0; }\n'


class Rspamd(Process):
    def __init__(self, bench, name, settings, user="nobody"):
        tree = unpacked("rspamd")
        self.port = free_port()
        directory = bench.path(name)
        config = directory / "etc"
        shutil.copytree(tree / "etc/rspamd", config)
        owner = pwd.getpwnam(user)
        for each in ("db", "run", "log"):
            (directory / each).mkdir()
            os.chown(directory / each, owner.pw_uid, owner.pw_gid)
        (config / "local.d").mkdir(exist_ok=True)
        files = {each: text % self.port if "%d" in text else text for each, text in WORKERS.items()}
        files["options.inc"] = OPTIONS % (directory / "tlds", free_port())
        (directory / "tlds").write_text("com\nnet\norg\nexample\n")
        files["multimap.conf"] = SUBJECTS % (directory / "subjects")
        (directory / "subjects").write_text("/cheap watches/i\n")
        files["settings.conf"] = settings.read_text(encoding="utf-8")
        files["logging.inc"] = 'type = "console";\n'
        files["rbl.conf"] = files["fuzzy_check.conf"] = files["surbl.conf"] = "enabled = false;\n"
        for each, text in files.items():
            (config / "local.d" / each).write_text(text, encoding="utf-8")
        places = {"CONFDIR": config, "LOCAL_CONFDIR": config, "DBDIR": directory / "db", "RUNDIR": directory / "run",
                  "LOGDIR": directory / "log", "SHAREDIR": tree / "usr/share/rspamd",
                  "RULESDIR": tree / "usr/share/rspamd/rules", "PLUGINSDIR": tree / "usr/share/rspamd/plugins",
                  "LUALIBDIR": tree / "usr/share/rspamd/lualib", "WWWDIR": tree / "usr/share/rspamd/www"}
        variables = [f"--var={key}={value}" for key, value in places.items()]
        values = environment(tree)
        values["LD_LIBRARY_PATH"] = f"{tree}/usr/lib/rspamd:{values['LD_LIBRARY_PATH']}"
        super().__init__([str(tree / "usr/bin/rspamd"), "-f", "-u", user, "-g",
                          grp.getgrgid(owner.pw_gid).gr_name, "-c", str(config / "rspamd.conf"),
                          *variables], str(bench.path(name + ".log")), values)

    def start(self):
        super().start()
        self.wait_listening(self.port, 60)

    def scan(self, data):
        """What it says about a message: the reply's JSON."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/checkv2", data=data.replace(b"\r\n", b"\n"))
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)
