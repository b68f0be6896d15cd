#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md's commands, taken from it word for word, on a fresh Debian 12 host: built, attached, and with a live archive.

Installs and builds everything anew, so it only runs with POSTERN_FULL=1, as root, where the package mirror can be reached.
lib/fresh_host.py tells what POSTERN_FRESH_HOST and POSTERN_TRANSCRIPT do.
"""
import imaplib
import pathlib
import re
import shutil
import ssl
from types import SimpleNamespace

from lib.browser import Browser
from lib.fresh_host import TOP, FreshHost, enter_own_network, readme_blocks, wanted
from lib.mail import Refused, plain, send
from lib.run import Skip, equal, main, true, wait_for
from lib.servers import Sink
from lib.webmail import Webmail

wanted()

ALICE, PASSWORD = "alice@example.com", "correct horse battery"
LISTED, UNLISTED = "192.0.2.7", "203.0.113.9"
POSTFIX = SimpleNamespace(port=25)
ATTACH = "Attach it to Postfix in five minutes"
ARCHIVE = "Mail in reach while the mail server is down"


def world(bench):
    it = SimpleNamespace(bench=bench, host=FreshHost(bench))
    it.host.make()
    enter_own_network(LISTED + "/32", UNLISTED + "/32")
    bench.add(it.host)
    it.primary, it.outside = bench.add(Sink()), bench.add(Sink())
    it.primary_port = it.primary.port
    # What is there before: a mail gateway in front of example.com's mail server.
    it.host.run("apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install postfix", seconds=900)
    it.host.run("postconf -e 'relay_domains = example.com' 'smtp_host_lookup = native' "
                f"'transport_maps = inline:{{ {{ example.com = smtp:[127.0.0.1]:{it.primary_port} }} }}' "
                f"'relayhost = [127.0.0.1]:{it.outside.port}' && systemctl restart postfix")
    it.sources = it.host.unpack_sources()
    return it


def type_in(it, commands, **how):
    """Commands as a user pastes them, in the folder of the sources; gives what is on the terminal then."""
    (it.host.root / "root/pasted.sh").write_text(commands + "\n", encoding="utf-8")
    return it.host.run("bash -ev /root/pasted.sh </dev/null", directory=it.sources, **how)


def journal(it, *words):
    text = it.host.inside("journalctl --no-pager -o short-iso -n 400").stdout
    return [line for line in text.splitlines() if all(word in line for word in words)]


def mail(it, subject, source=LISTED, to=ALICE):
    data = plain(subject, to=to, body=f"The word of {subject} is xyzzy.\r\n")
    send(POSTFIX, "anna@example.org", [to], data, source=source)
    return data


def content(data):
    return data[data.index(b"From:"):]


def quickstart(it):
    """`sh contrib/quickstart` installs, builds, and shows what README says that it shows"""
    said = type_in(it, "sh contrib/quickstart", seconds=7200)
    text = (TOP / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^What the first one shows:\n\n(.*?)\n\n", text, re.M | re.S).group(1)
    for line in shown.splitlines():
        pattern = r"\s+".join(re.escape(word).replace(r"\.\.\.", ".*") for word in line.split())
        true(re.search(pattern, said), f"{line.strip()} is not in {said[-3000:]}")


def attached(it):
    """README's lines attach it to Postfix; it then watches and refuses nobody"""
    type_in(it, readme_blocks(ATTACH)[0], seconds=600)
    for unit in ("postern", "postfix"):
        equal(it.host.run(f"systemctl is-active {unit}").strip(), "active", unit)
    for source in (LISTED, UNLISTED):
        data = mail(it, f"watched from {source}", source)
        equal(content(it.primary.marked(ALICE, f"watched from {source}").data), data, "the message")
    wait_for(lambda: journal(it, "postern-milter", "verdict=clean", f"[{LISTED}]"), "a line in the log")
    wait_for(lambda: journal(it, "postern-milter", "verdict=blocked", f"[{UNLISTED}]"), "a line in the log")


def enforced(it):
    """README's lines for the week after: the report counts both, and then who is in no listed network is refused"""
    said = type_in(it, readme_blocks(ATTACH)[1])
    true("PASS" in said and "1 that would have been" in said and "203.0.113.0/24" in said, said)

    def refused():
        try:
            mail(it, "refused", UNLISTED)
        except Refused as refusal:
            return refusal.code == 550 and UNLISTED in str(refusal)
    wait_for(refused, "a refusal")
    mail(it, "let through")
    it.primary.marked(ALICE, "let through")


def live_archive(it):
    """README's lines set the live archive up: --dry-run shows each file that is then written, and changes nothing"""
    dry, add = readme_blocks(ARCHIVE)[0].splitlines()
    listing = "find / -xdev -type f -newer /root/before | sort | grep -v ^/var/log/journal/"
    it.host.run("sleep 1.1; touch /root/before; sleep 0.1")
    shown = type_in(it, dry)
    changed = set(it.host.run(listing, check=False).split()) - {"/root/pasted.sh"}
    equal({each for each in changed if "livearchive" in each or each.startswith("/etc")}, set(), "files that --dry-run wrote")
    type_in(it, dry.replace(" --dry-run", ""), seconds=1800)
    written = it.host.run(r"find /etc /usr/local/sbin -type f -newer /root/before \( -path '*livearchive*' "
                          r"-o -path '*/fpm/pool.d/*' -o -path '/etc/nginx/conf.d/*' \) ! -name www.conf").split()
    true(len(written) > 10, written)
    for each in written:
        true(f"==> {each} " in shown, f"{each} was not shown")
    it.host.run(add, text=PASSWORD + "\n")
    equal(it.host.run("livearchive-user list").strip(), ALICE, "readers")
    # It says of itself what is next.
    said = type_in(it, dry.replace(" --dry-run", ""))
    true("wrote" not in said and "made" not in said, said)
    following = re.search(r"^Next, on the host with Postern.*?:\n(.*?)^\S", said, re.M | re.S).group(1)
    type_in(it, following)
    for unit in ("postern-livearchive.service", "postern-livearchive-expire.timer", "nginx", "postfix", "postern"):
        equal(it.host.run(f"systemctl is-active {unit}").strip(), "active", unit)
    it.host.run("systemctl start postern-livearchive-expire.service && systemctl is-enabled postern-livearchive.service "
                "postern-livearchive-expire.timer; systemctl is-enabled dovecot.service || true; ss -Hltnp")


def primary_down(it):
    """the primary is down: alice reads her mail over IMAP and TLS at once; when it is back it has it once"""
    it.primary.stop()
    it.data = mail(it, "Outage")
    # The certificate is the one that the setup made, and names this host.
    context = ssl.create_default_context(cadata=it.host.at("/etc/postern-livearchive/tls/certificate.pem").read_text())
    context.check_hostname = False
    with imaplib.IMAP4_SSL("127.0.0.1", 993, ssl_context=context, timeout=30) as reader:
        reader.login(ALICE, PASSWORD)

        def found():
            reader.select("INBOX", readonly=True)
            return reader.search(None, "SUBJECT", "Outage")[1][0].split()
        got = reader.fetch(wait_for(found, "the copy")[0], "(BODY.PEEK[])")[1][0][1]
    equal(content(got), it.data, "the archive's copy")
    wait_for(lambda: journal(it, "postfix/", f"to=<{ALICE}>", "status=deferred"), "the original in the queue")


def webmail(it):
    """the primary is down: the webmail shows the message, and an answer goes out under alice's own name"""
    if not shutil.which("chromedriver"):
        print("   (no chromedriver: nobody looks at the webmail)")
        return
    pages = Webmail(it.bench.add(Browser(it.bench)), "https://127.0.0.1/", ALICE, PASSWORD)
    pages.log_in()
    pages.read("Outage", "The word of Outage is xyzzy.")
    pages.answer("Yes, from the archive.")
    answer = it.outside.marked("anna@example.org", "Yes, from the archive.", seconds=60)
    equal(answer.sender, ALICE, "envelope sender")
    true(answer.field("X-Postern-ID"), answer.head)


def back_again(it):
    """the primary is back: it has the message once, byte for byte; the audit tells who read what"""
    it.primary = it.bench.add(Sink(port=it.primary_port))
    it.host.run("postqueue -f")
    equal(content(it.primary.marked(ALICE, "Outage", seconds=60).data), it.data, "the original")
    wait_for(lambda: "empty" in it.host.inside("postqueue -p").stdout, "an empty queue", 60)
    said = it.host.run("postern audit")
    true("login" in said and "read" in said and ALICE in said, said)


def eighth_day(it):
    """the timer's unit, shut in as it is, takes away what came eight days ago"""
    stored = "find /var/lib/postern-livearchive/mail -type f -path '*/Maildir/[cn]*/*'"
    true(len(it.host.run(stored).split()) >= 2, "the message and the answer")
    # As after a restart of the host, eight days later.
    it.host.run(f"systemctl stop postern-livearchive && {stored} -exec touch -d '8 days ago' {{}} + && "
                "rm -rf /run/postern-livearchive-index/* && systemctl start postern-livearchive")
    it.host.run("systemctl start postern-livearchive-expire.service")
    equal(it.host.run(stored), "", "what is left")


def units(it):
    """each unit is shut in: systemd's own figures"""
    said = it.host.run("systemd-analyze security --no-pager postern postern-livearchive postern-livearchive-expire "
                       "| grep 'Overall exposure'")
    figures = [float(each) for each in re.findall(r"level for \S+: ([0-9.]+)", said)]
    true(len(figures) == 3 and max(figures) < 4.0, said)


if __name__ == "__main__":
    main([(world, [quickstart, attached, enforced, live_archive, primary_down, webmail, back_again, eighth_day, units])])
