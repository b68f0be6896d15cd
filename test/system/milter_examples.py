#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of postern-milter(8) are tried, word for word but for the place of files and sockets: the commands, the
lines for Postfix' main.cf, and the log line."""
import grp
import os
import pathlib
import re
import shlex
import subprocess
from types import SimpleNamespace

from lib.mail import bounce, plain, send
from lib.postfix import Postfix
from lib.process import Process, listens
from lib.run import equal, main, need, program, true, wait_for
from lib.servers import Postern, Sink

need("postfix")
PAGE = (pathlib.Path(__file__).resolve().parents[2] / "man" / "postern-milter.8").read_text()


def blocks(section):
    """The literal blocks of a section or subsection, mdoc's escapes undone, as lists of lines."""
    text = re.split(r"^\.S[hs] ", PAGE.partition(section + "\n")[2], maxsplit=1, flags=re.M)[0]
    found = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.M | re.S)
    return [block.replace("\\e", "\\").strip().splitlines() for block in found]


def world(bench):
    it = SimpleNamespace(bench=bench, mailbox=bench.add(Sink()))
    socket = bench.path("run") / "milter.sock"
    socket.parent.mkdir()
    os.chown(socket.parent, 0, grp.getgrnam("postfix").gr_gid)
    socket.parent.chmod(0o2750)  # the socket gets Postfix's group from its directory
    it.milter = bench.add(Postern(bench, listen=f"unix:{socket}", bounce_grace="0s",
                                  tables={"domains": "example.com enforce\n"}))
    it.commands, it.main_cf = blocks(".Sh EXAMPLES")
    lines = dict(line.split(" = ", 1) for line in it.main_cf)
    equal(sorted(lines), ["non_smtpd_milters", "smtpd_milters"], "settings of the example")
    for name in lines:
        true("/run/postern/milter.sock" in lines[name], f"the socket in {lines[name]}")
        lines[name] = lines[name].replace("/run/postern/milter.sock", str(socket))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port}, **lines))
    return it


def commands(it):
    """the settings are checked, and a daemon serves at the address on its command line"""
    check, serve = (shlex.split(line) for line in it.commands)
    for words in (check, serve):
        equal(words[:3], ["postern-milter", "-c", "/etc/postern/postern.toml"], "how the command begins")
        words[0], words[2] = program("postern-milter"), str(it.milter.config)
    check[2] = str(it.bench.path("check.toml"))  # as its default: a daemon in the background logs to syslog
    pathlib.Path(check[2]).write_text(it.milter.config.read_text().replace('log = "stderr"', 'log = "syslog"'))
    done = subprocess.run(check, capture_output=True, text=True, timeout=30)
    equal(done.returncode, 0, f"{check}: {done.stdout}{done.stderr}")
    spec, port = serve[-1], it.milter.port  # a free one, which the unix socket leaves unused
    true(re.fullmatch(r"inet:\d+@127\.0\.0\.1", spec), f"address: {spec}")
    serve[-1] = f"inet:{port}@127.0.0.1"
    server = it.bench.add(Process(serve, str(it.bench.path("example.log"))))
    wait_for(lambda: listens(port), f"a daemon at {serve[-1]}")
    server.stop()


def for_postfix(it):
    """mail over SMTP and of sendmail(1) is judged, and tempfail answers once the daemon is gone"""
    send(it.mx, "anna@example.org", ["alice@example.com"], plain("by SMTP"))
    it.milter.verdict("client=[127.0.0.1]", "verdict=clean")
    it.mx.sendmail("anna@example.com", ["alice@example.com"], plain("by sendmail"))
    it.milter.verdict("client=[127.0.0.1]", "direction=outbound")


def log_line(it):
    """a forged bounce is told of in the pairs of the manual, in their order"""
    shown = " ".join(line.strip() for line in blocks(".Ss Log")[0])
    send(it.mx, "", ["a@example.com"], bounce("a@example.com", "Message-ID: <1@example.com>\r\nSubject: Not ours\r\n"))
    line = it.milter.verdict("from=<>", "to=<a@example.com>")[-1]
    true("verdict=forged-bounce" in line, line)
    keys = re.compile(r"[ ,]([a-z]+)=")
    equal(keys.findall(" " + line.partition(": ")[2].partition(": ")[2]), keys.findall(" " + shown.partition(": ")[2]),
          "pairs of the log line")
    true(re.search(r" \([^()]+\)$", line), f"a reason at the end: {line}")


if __name__ == "__main__":
    main([(world, [commands, for_postfix, log_line])])
