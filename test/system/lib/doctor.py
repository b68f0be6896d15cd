# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs `postern doctor` and looks for what it must find; a pretended postconf gives what a test wants Postfix to say."""
import json
import subprocess

from .run import equal, program, true

MASTER = ("smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd -o syslog_name=x\n"
          "cleanup unix n - n - 0 cleanup\n")
GOOD = {
    "mail_version": "3.7.11", "queue_directory": "/var/spool/postfix", "mail_owner": "postfix",
    "config_directory": "/etc/postfix", "milter_default_action": "tempfail", "milter_protocol": "6",
    "milter_mail_macros": "i {auth_type} {auth_authen}", "milter_connect_timeout": "30s",
    "milter_command_timeout": "30s", "milter_content_timeout": "300s", "receive_override_options": "",
    "compatibility_level": "3.6",
}


def pretend(it, master=MASTER, overrides="", **changes):
    """A directory with a postconf that gives these answers, put before PATH."""
    values = dict(GOOD, smtpd_milters=f"{{ {it.ours}, default_action=tempfail }}", non_smtpd_milters=it.ours)
    values.update(changes)
    place = it.bench.path("bin")
    place.mkdir(exist_ok=True)
    text = "".join(f"{name} = {value}\n" for name, value in values.items())
    script = place / "postconf"
    script.write_text(f"#!/bin/sh\ncase $1 in\n-M) cat <<'E'\n{master}E\n;;\n-P) cat <<'E'\n{overrides}E\n;;\n"
                      f"*) cat <<'E'\n{text}E\n;;\nesac\n")
    script.chmod(0o755)
    return {"PATH": f"{place}:/usr/bin:/bin"}


def doctor(it, environment, *arguments, config=None):
    """(exit status, findings) of one run."""
    done = subprocess.run([program("postern"), "--config", str(config or it.milter.config), "doctor", "--json",
                           *arguments], capture_output=True, text=True, timeout=60, env=environment)
    true(done.returncode in (0, 1), f"status {done.returncode}: {done.stderr}")
    report = json.loads(done.stdout)
    equal(report["ok"], done.returncode == 0, "ok")
    return done.returncode, report["findings"]


def finds(it, level, words, mend, environment, *arguments, config=None):
    """Wants a finding of this level whose text and mending lines hold these words."""
    status, findings = doctor(it, environment, *arguments, config=config)
    hits = [each for each in findings if each["level"] == level and words in each["text"]]
    true(hits, f"no {level} with {words!r} among {json.dumps(findings, indent=1)}")
    true(any(mend in line for line in hits[0]["mend"]), f"{mend!r} is not among {hits[0]['mend']}")
    equal(status, 1 if any(each["level"] == "fault" for each in findings) else 0, "exit status")
    equal([each["level"] for each in findings], sorted((each["level"] for each in findings),
                                                       key=["fault", "warning", "good"].index), "order")
    return hits[0]
