#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""postern doctor beside Sendmail: configurations made by Debian's sendmail-cf, each fault mended by the line shown."""
import os
import pathlib
import shutil
import subprocess
import tempfile
from types import SimpleNamespace

from lib.doctor import doctor, finds
from lib.process import Process
from lib.run import equal, main, need, true
from lib.sendmail import Sendmail
from lib.servers import Postern

need("m4")

SNIPPET = pathlib.Path(__file__).resolve().parents[2] / "contrib" / "sendmail" / "postern.mc"
SOCKET = "unix:/run/postern/milter.sock"
OTHER = "INPUT_MAIL_FILTER(`other', `S=inet:11332@localhost, F=T')dnl\n"


def world(bench):
    it = SimpleNamespace(bench=bench)
    run = tempfile.mkdtemp(prefix="postern-", dir="/run")  # no world-writable directory above it
    bench.stack.callback(shutil.rmtree, run)
    it.milter = bench.add(Postern(bench, listen=f"unix:{run}/milter.sock", inspect_workers=1))
    it.ours = it.milter.listen
    it.mta = Sendmail(bench, "mta", {}, host="mx.example.com")
    it.source = it.mta.directory / "sendmail.mc"
    it.base = it.source.read_text()
    return it


def configure(it, extra, source=True):
    """sendmail.mc with these lines, and sendmail.cf made from it."""
    it.source.write_text(it.base.replace("MAILER(", extra + "MAILER("))
    make(it)
    if not source:
        it.source.unlink()


def make(it):
    made = subprocess.run(["m4", str(it.source)], check=True, capture_output=True, text=True, timeout=60)
    it.mta.config.write_text(made.stdout)


def snippet(it):
    text = SNIPPET.read_text()
    true(SOCKET in text, f"{SNIPPET} names another socket")
    return text.replace(SOCKET, it.ours)


def faults(it):
    status, findings = doctor(it, None, "--sendmail", str(it.mta.config))
    found = [each for each in findings if each["level"] == "fault"]
    equal(status, 1 if found else 0, "exit status")
    return found


def mend(it, found):
    """Does what doctor said: a line for sendmail.mc goes before the mailers, and the file is made from it again."""
    for line in found["mend"]:
        name, _, text = line.partition(": ")
        if name == str(it.source):
            old = it.source.read_text()
            word = text.partition("(")[0] + "(`" + text.partition("`")[2].partition("'")[0] + "'"
            kept = "".join(each for each in old.splitlines(True) if not each.startswith(word))
            it.source.write_text(kept.replace("MAILER(", text + "\nMAILER("))
        elif line == f"make -C {it.source.parent}":
            make(it)
        else:
            equal(line, "systemctl restart sendmail", "line")


def finds_and_mends(it, level, words, line):
    found = finds(it, level, words, line, None, "--sendmail", str(it.mta.config))
    equal(found["topic"], "Sendmail", "topic")
    mend(it, found)
    _, findings = doctor(it, None, "--sendmail", str(it.mta.config))
    equal([each["text"] for each in findings if each["topic"] == "Sendmail" and each["level"] != "good"], [],
          f"what is left after {found['mend']}")


def as_contrib_says(it):
    """contrib/sendmail/postern.mc: nothing to mend"""
    configure(it, snippet(it))
    status, findings = doctor(it, None, "--sendmail", str(it.mta.config))
    equal((status, [each for each in findings if each["topic"] == "Sendmail" and each["level"] != "good"]), (0, []), "faults")
    true(any(f"every daemon asks Postern at {it.ours}" in each["text"] for each in findings), findings)
    equal({each["topic"] for each in findings}, {"settings", "tables", "state", "inspector", "socket", "Sendmail"}, "topics")


def not_attached(it):
    """no filter at all; another one only; a source that was changed and not made; no source"""
    configure(it, "")
    finds_and_mends(it, "fault", f"names no filter at {it.ours}", f"{it.source}: INPUT_MAIL_FILTER(`postern', `S={it.ours}, F=T, T=")
    configure(it, OTHER)
    finds_and_mends(it, "fault", "names no filter at", f"{it.source}: INPUT_MAIL_FILTER(`postern'")
    true("O InputMailFilters=other,postern" in it.mta.config.read_text().replace(", ", ","), "the other filter is gone")
    configure(it, "")
    it.source.write_text(it.base.replace("MAILER(", snippet(it) + "MAILER("))
    finds_and_mends(it, "fault", "it was not made from that", f"make -C {it.source.parent}")
    configure(it, OTHER, source=False)
    found = finds(it, "fault", "names no filter at", f"{it.mta.config}: Xpostern, S={it.ours}, F=T", None, "--sendmail",
                  str(it.mta.config))
    text = it.mta.config.read_text()
    lines = [each.partition(": ")[2] for each in found["mend"] if each.startswith(f"{it.mta.config}: ")]
    lines += [each for each in found["mend"] if each.startswith("O ")]
    equal(len(lines), 2, f"lines among {found['mend']}")
    it.mta.config.write_text(text + "\n".join(lines) + "\n")
    equal(faults(it), [], "faults after the lines went to the end of sendmail.cf")


def not_asked(it):
    """a filter that is defined and not asked, by no daemon or not by one"""
    configure(it, snippet(it).replace("INPUT_MAIL_FILTER", "MAIL_FILTER"))
    finds_and_mends(it, "fault", "filter postern is defined, but InputMailFilters (empty) does not ask it",
                    f"{it.source}: define(`confINPUT_MAIL_FILTERS', `postern')dnl")
    configure(it, snippet(it) + "DAEMON_OPTIONS(`Name=MSA, Port=587, InputMailFilters=other')dnl\n" + OTHER)
    finds(it, "fault", "daemon MSA has a list of its own, without postern: \"other\"", "InputMailFilters=other;postern", None,
          "--sendmail", str(it.mta.config))
    configure(it, snippet(it) + "DAEMON_OPTIONS(`Name=MSA, Port=587, InputMailFilters=other;postern')dnl\n" + OTHER)
    equal(faults(it), [], "faults")


def what_it_does_when_away(it):
    """F=, T= and the macros"""
    configure(it, snippet(it).replace(", F=T", ""))
    finds_and_mends(it, "warning", "comes in unjudged (no F=)", f"S={it.ours}, F=T, T=C:60s;S:30s;R:60s;E:300s")
    configure(it, snippet(it).replace("F=T", "F=R"))
    finds_and_mends(it, "warning", "is refused for good (F=R)", "F=T")
    configure(it, snippet(it).replace("R:60s;E:5m", "R:2s;E:10s"))
    finds_and_mends(it, "warning", "a reply (T=R) is 2 s, expected 10 or more, the whole message (T=E) is 10 s", "R:10s;E:30s")
    configure(it, snippet(it).replace("{auth_authen}, ", ""))
    finds_and_mends(it, "fault", "without {auth_authen}", f"{it.source}: define(`confMILTER_MACROS_ENVFROM', `i, {{auth_type}}")


def socket_and_its_place(it):
    """the user that Sendmail becomes cannot use the socket; a socket below a directory where everybody may write"""
    configure(it, snippet(it) + "define(`confRUN_AS_USER', `mail:mail')dnl\n")
    path = it.ours.removeprefix("unix:")
    os.chmod(pathlib.Path(path).parent, 0o755)
    os.chmod(path, 0o700)
    found = finds(it, "fault", f"user mail cannot use {path}", f"chgrp mail {path}", None, "--sendmail", str(it.mta.config))
    for line in found["mend"]:
        subprocess.run(line, shell=True, check=True, timeout=30)
    equal(faults(it), [], "faults")
    configure(it, snippet(it))
    open_place = it.bench.path("open")
    open_place.mkdir()
    open_place.chmod(0o777)
    config = it.bench.path("open.toml")
    config.write_text(it.milter.config.read_text().replace(path, f"{open_place}/milter.sock"))
    it.mta.config.write_text(it.mta.config.read_text().replace(path, f"{open_place}/milter.sock"))
    finds(it, "fault", f"Sendmail uses no socket below {open_place}, where everybody may write", "listen =", None, "--sendmail",
          str(it.mta.config), config=config)


def as_sendmail_says(bench):
    it = SimpleNamespace(bench=bench)
    place = bench.path("open")
    place.mkdir()
    place.chmod(0o777)
    it.milter = bench.add(Postern(bench, listen=f"unix:{place}/milter.sock", inspect_workers=1))
    it.mta = Sendmail(bench, "mta", {}, host="mx.example.com", extra=f"INPUT_MAIL_FILTER(`postern', `S=unix:{place}/milter.sock')")
    bench.stack.callback(it.mta.stop)
    return it


def sendmail_refuses_that_socket(it):
    """what doctor says of such a place is what Sendmail does: it does not even start"""
    Process.start(it.mta)
    it.mta.wait()
    true("milter.sock unsafe: World writable directory" in it.mta.text(), it.mta.text())


def chosen_by_itself(it):
    """a file that is not there is a fault; --postfix and --sendmail do not go together"""
    found = finds(it, "fault", "No such file or directory", "postern doctor --sendmail", None, "--sendmail", "/nonexistent.cf")
    equal(found["topic"], "Sendmail", "topic")
    done = it.milter.command("doctor", "--sendmail", str(it.mta.config), "--postfix", "/etc/postfix")
    equal(done.returncode, 2, done.stderr)
    true("--postfix" in done.stderr, done.stderr)


if __name__ == "__main__":
    main([(world, [as_contrib_says, not_attached, not_asked, what_it_does_when_away, socket_and_its_place, chosen_by_itself]),
          (as_sendmail_says, [sendmail_refuses_that_socket])])
