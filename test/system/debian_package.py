#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages: built by contrib/build-deb with Debian's flags and tests, installed, upgraded and purged on a fresh
Debian 12 host with its own systemd.

Takes an hour on two cores, so it only runs with POSTERN_FULL=1, as root, where the package mirror can be reached.
lib/fresh_host.py tells what POSTERN_FRESH_HOST and POSTERN_TRANSCRIPT do.
"""
import os
import re
import shutil
import socket
import subprocess
from types import SimpleNamespace

from lib.fresh_host import FreshHost, enter_own_network, release_tree, wanted
from lib.mail import plain, send
from lib.run import equal, main, true, wait_for
from lib.servers import Sink

wanted()

CLIENT = "192.0.2.7"
UNITS = ("postern", "postern-portal")
PACKAGES = "/root/packages"
# Who an administrator's own files belong to is no business of a package.
LEFT = {"/etc/postern-fresh-host", "/etc/tmpfiles.d/postern.conf", "/var/spool/postfix/postern"}


def release_tarball(bench):
    """`make dist` of what is committed."""
    place = bench.path("release")
    place.mkdir()
    subprocess.run(["tar", "-x", "-C", str(place)], input=release_tree(), check=True)
    done = subprocess.run("autoreconf -i && ./configure -q && make -s dist", shell=True, cwd=place, capture_output=True,
                          text=True, check=False, timeout=900)
    if done.returncode != 0:
        raise AssertionError(f"make dist: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return next(place.glob("postern-*.tar.xz"))


def world(bench):
    it = SimpleNamespace(bench=bench, host=FreshHost(bench))
    it.host.make()
    (it.host.root / PACKAGES.lstrip("/")).mkdir(exist_ok=True)
    enter_own_network(CLIENT + "/32")
    bench.add(it.host)
    it.primary = bench.add(Sink())
    it.host.run("apt-get -q update", seconds=600)
    return it


def builds(it):
    """contrib/build-deb installs what it needs, builds with Debian's flags, and all tests that need no MTA pass"""
    tarball = release_tarball(it.bench)
    shutil.copy(tarball, it.host.root / "root")
    it.host.unpack_sources()
    said = it.host.run(f"DEB_BUILD_OPTIONS=parallel={os.cpu_count()} sh postern/contrib/build-deb {tarball.name} {PACKAGES}",
                       seconds=4 * 3600)
    counts = dict(re.findall(r"^# (\w+): +(\d+)$", said, re.M))
    true(int(counts["PASS"]) > 30 and counts["FAIL"] == counts["ERROR"] == "0", counts)
    for words in ("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-Wl,-z,now"):
        true(words in said, f"{words} is not in the build's log")
    print("   tests:", counts)


def lintian(it):
    """lintian has neither errors nor warnings"""
    it.host.run("DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install lintian", seconds=900)
    it.host.run(f"lintian --allow-root --info --display-info --fail-on error,warning {PACKAGES}/postern_*.changes", seconds=900)


def debs():
    """What is installed, as a shell spells it."""
    return f"{PACKAGES}/postern_*.deb {PACKAGES}/postern-portal_*.deb"


def running(it):
    for unit in UNITS:
        wait_for(lambda unit=unit: it.host.inside(f"systemctl is-active {unit}").stdout.strip() == "active", unit)
        equal(it.host.run(f"systemctl is-enabled {unit}").strip(), "enabled", unit)


def page(it, path):
    """What the portal answers on its socket."""
    with socket.socket(socket.AF_UNIX) as portal:
        portal.settimeout(30)
        portal.connect(str(it.host.at("/run/postern-portal/http.sock")))
        portal.sendall(f"GET {path} HTTP/1.0\r\nHost: portal.example.com\r\nX-Forwarded-For: {CLIENT}\r\n\r\n".encode())
        return b"".join(iter(lambda: portal.recv(65536), b"")).decode()


def mail(it, subject):
    """A message through Postfix and the milter, to the far end."""
    send(SimpleNamespace(port=25), "anna@example.org", ["alice@example.com"], plain(subject), source=CLIENT)
    it.primary.marked("alice@example.com", subject)
    wait_for(lambda: it.host.inside("journalctl -n 50 -t postern-milter | grep -c verdict=").stdout.strip() not in ("", "0"),
             "a line in the log")


def installs(it):
    """both packages install with users and units of their own that run at once; README.Debian's lines attach the milter"""
    it.host.run(f"DEBIAN_FRONTEND=noninteractive apt-get -q -y install {debs()}", seconds=900)
    running(it)
    for name, file in zip(UNITS, ("postern", "portal")):
        it.host.run(f"getent passwd {name}")
        equal(it.host.run(f"stat -c '%U:%G %a' /etc/postern/{file}.toml").strip(), f"root:{name} 640", f"{file}.toml")
    equal(it.host.inside("systemctl is-enabled postern-digest.timer").stdout.strip(), "disabled", "the digest's timer")
    true("PASS" in page(it, f"/?address={CLIENT}"), "the wizard's answer")
    readme = it.host.run("cat /usr/share/doc/postern/README.Debian")
    attach = re.search(r"chroot:\n\n(.*?)\n\n", readme, re.S).group(1)
    it.host.run(attach + "\npostconf -e 'relay_domains = example.com' 'smtp_host_lookup = native' "
                f"'transport_maps = inline:{{ {{ example.com = smtp:[127.0.0.1]:{it.primary.port} }} }}'\npostfix reload")
    wait_for(lambda: it.host.at("/var/spool/postfix/postern/milter.sock").exists(), "the milter's socket")
    mail(it, "installed")
    it.host.run("postern doctor; postern status; dpkg --verify postern postern-portal", check=False)
    it.host.run("sh /usr/share/doc/postern/examples/livearchive/setup --domain example.com --dry-run >/dev/null")
    said = it.host.run("systemd-analyze security --no-pager postern postern-portal | grep 'Overall exposure'")
    true(all(float(each) < 2.0 for each in re.findall(r"level for \S+: ([0-9.]+)", said)), said)


def upgrades(it):
    """an upgrade keeps the administrator's settings and runs the new program"""
    it.host.run("echo '# mine' >>/etc/postern/postern.toml")
    before = it.host.run("systemctl show -P MainPID postern postern-portal")
    it.host.run("""rm -rf next && mkdir next && for deb in %s; do
      dpkg-deb -R $deb next/tree && sed -i 's/^Version: .*/&+next/' next/tree/DEBIAN/control &&
      dpkg-deb --root-owner-group -b next/tree next && rm -r next/tree; done""" % debs())
    it.host.run("DEBIAN_FRONTEND=noninteractive apt-get -q -y install ./next/*.deb", seconds=600)
    equal(set(it.host.run("dpkg-query -W -f '${Version}\\n' postern postern-portal | sed 's/.*+//'").split()), {"next"}, "versions")
    running(it)
    true(it.host.run("systemctl show -P MainPID postern postern-portal").split() != before.split(), "nothing was restarted")
    true("# mine" in it.host.run("tail -n 1 /etc/postern/postern.toml"), "the setting is gone")
    equal(it.host.run("stat -c '%U:%G %a' /etc/postern/postern.toml").strip(), "root:postern 640", "postern.toml")
    mail(it, "upgraded")


def purges(it):
    """removed, the settings stay; purged, nothing does; installed again, it runs"""
    it.host.run("apt-get -q -y remove postern postern-portal")
    for unit in UNITS:
        true(it.host.inside(f"systemctl is-active {unit}").stdout.strip() != "active", f"{unit} still runs")
    it.host.run("grep -q '# mine' /etc/postern/postern.toml && ls -l /etc/postern")
    it.host.run(f"DEBIAN_FRONTEND=noninteractive apt-get -q -y install {debs()}", seconds=600)
    running(it)
    it.host.run("apt-get -q -y purge postern postern-portal && systemctl daemon-reload")
    found = it.host.run("find / -xdev -name '*postern*' ! -path '/root/*'").split()
    equal({each for each in found if not each.startswith("/var/spool/postfix/postern/")} - LEFT, set(), "what is left")


if __name__ == "__main__":
    main([(world, [builds, lintian, installs, upgrades, purges])])
